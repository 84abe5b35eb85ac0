"""ADT messages that no poll has confirmed yet: rows of patients, for the poller's role alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """One table more."""
    op.create_table(
        "adt_message",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("control_id", sa.String(256), nullable=False),
        sa.Column("event", sa.String(8), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
