"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Forwards only: an older program refuses a newer store."""
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(128), nullable=False),
        sa.Column("measure", sa.String(128), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.UniqueConstraint("kind", "unit", "measure", name="series_once"),
    )
    op.create_table(
        "reading",
        sa.Column("series_id", sa.Integer, primary_key=True),
        sa.Column("from_as_at", sa.BigInteger, primary_key=True),
        sa.Column("state", sa.String(32)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("as_at", sa.BigInteger),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("numerator", sa.Float),
        sa.Column("denominator", sa.Float),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("wards", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot",
        sa.Column("first_as_at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("last_as_at", sa.BigInteger, nullable=False),
        sa.Column("polls", sa.Integer, nullable=False),
        sa.Column("after_gap", sa.Boolean, nullable=False),
        sa.Column("quality", sa.Text, nullable=False),
        sa.Column("off_wards", sa.Text, nullable=False),
    )
    current = op.create_table(
        "current",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("as_at", sa.BigInteger),
        sa.Column("snapshot", sa.Text),
    )
    op.create_table(
        "worklist",
        sa.Column("ward", sa.String(128), primary_key=True),
        sa.Column("measure", sa.String(128), primary_key=True),
        sa.Column("rows", sa.Text, nullable=False),
    )
    op.create_table(
        "poll",
        sa.Column("source", sa.String(128), primary_key=True),
        sa.Column("feed", sa.String(128), primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
    )
    op.create_table(
        "accepted",
        sa.Column("feed", sa.String(128), primary_key=True),
        sa.Column("rows", sa.Integer, nullable=False),
    )
    op.create_table(
        "thinning",
        sa.Column("grain", sa.String(16), primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(current, [{"id": 1, "revision": 0, "as_at": None, "snapshot": None}])
