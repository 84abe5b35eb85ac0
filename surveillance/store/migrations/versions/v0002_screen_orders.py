"""What the screens are told to do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One table more."""
    op.create_table(
        "screen_order",
        sa.Column("screen", sa.String(64), primary_key=True),
        sa.Column("action", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
