"""What charts over time are made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """One table more."""
    op.create_table(
        "chart_point",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("measure", sa.String(128), nullable=False),
        sa.Column("ward", sa.String(128), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("numerator", sa.Float),
        sa.Column("denominator", sa.Float),
        sa.Column("watched", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.UniqueConstraint("measure", "ward", "start", name="chart_point_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("chart_point_by_start", "chart_point", ["measure", "start"])
