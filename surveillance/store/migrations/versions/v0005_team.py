"""What teams say of their own wards, which is only added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NEVER_CHANGED = "what teams say is only added to"


def upgrade() -> None:
    """One table more, and what keeps its rows as they were written."""
    op.create_table(
        "team_entry",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ward", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("about", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(256), nullable=False),
        sa.Column("role", sa.String(128), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index("team_entry_by_ward", "team_entry", ["ward", "kind"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION team_entry_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{NEVER_CHANGED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER team_entry_unchanged BEFORE UPDATE OR DELETE ON team_entry "
            "FOR EACH ROW EXECUTE FUNCTION team_entry_is_only_added_to()"
        )
        op.execute(
            "CREATE TRIGGER team_entry_not_emptied BEFORE TRUNCATE ON team_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION team_entry_is_only_added_to()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER team_entry_no_{action.lower()} BEFORE {action} ON team_entry "
            f"BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END"
        )
