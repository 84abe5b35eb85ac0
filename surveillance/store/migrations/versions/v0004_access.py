"""Who signed in, which screens are paired, and the record of what was seen and changed, which is only added to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NEVER_CHANGED = "the audit record is only added to"


def upgrade() -> None:
    """Five tables more, and what keeps the audit record as it was written."""
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("who", sa.String(256), nullable=False),
        sa.Column("role", sa.String(128), nullable=False),
        sa.Column("via", sa.String(16), nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("place", sa.String(128), nullable=False),
        sa.Column("ward", sa.String(128), nullable=False),
        sa.Column("measure", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("rows", sa.Integer),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    op.create_index("audit_by_time", "audit", ["at"])
    op.create_table(
        "session",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("idle_at", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("place", sa.String(128), nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
    )
    op.create_index("session_by_subject", "session", ["subject"])
    op.create_table(
        "account",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("shown", sa.String(256), nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("grants", sa.Text, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "device",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("screen", sa.String(64), nullable=False),
        sa.Column("profile", sa.String(16), nullable=False),
        sa.Column("token", sa.String(64), nullable=False, unique=True),
        sa.Column("paired", sa.BigInteger, nullable=False),
        sa.Column("paired_by", sa.String(256), nullable=False),
        sa.Column("revoked", sa.BigInteger),
        sa.Column("revoked_by", sa.String(256), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pairing",
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("secret", sa.String(64), nullable=False, unique=True),
        sa.Column("screen", sa.String(64), nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("place", sa.String(128), nullable=False),
        sa.Column("device", sa.Integer),
    )
    _only_added_to(op.get_bind().dialect.name)


def _only_added_to(dialect: str) -> None:
    if dialect == "postgresql":
        # The table is named as the trigger knows it: a session's own search path could lead to another one.
        op.execute(f"""
            CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{NEVER_CHANGED}'; END $$
        """)
        op.execute(f"""
            CREATE FUNCTION audit_is_continued() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE last_number bigint; last_hash text;
            BEGIN
                EXECUTE format('SELECT t.number, t.hash FROM %I.%I t ORDER BY t.number DESC LIMIT 1',
                               TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO last_number, last_hash;
                IF NEW.number <> coalesce(last_number, 0) + 1
                   OR NEW."before" <> coalesce(last_hash, '{"0" * 64}') THEN
                    RAISE EXCEPTION '{NEVER_CHANGED}';
                END IF;
                RETURN NEW;
            END $$
        """)
        for name, when, each, function in (
            ("audit_unchanged", "UPDATE OR DELETE", "ROW", "audit_is_only_added_to"),
            ("audit_not_emptied", "TRUNCATE", "STATEMENT", "audit_is_only_added_to"),
            ("audit_continued", "INSERT", "ROW", "audit_is_continued"),
        ):
            op.execute(f"CREATE TRIGGER {name} BEFORE {when} ON audit FOR EACH {each} EXECUTE FUNCTION {function}()")
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END"
    for action in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER audit_no_{action.lower()} BEFORE {action} ON audit {refuse}")
    # INSERT OR REPLACE would take away a row with the same number or hash, and call no trigger for it.
    op.execute(f"""
        CREATE TRIGGER audit_continued BEFORE INSERT ON audit
        WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM audit)
          OR NEW."before" IS NOT coalesce((SELECT hash FROM audit ORDER BY number DESC LIMIT 1), '{"0" * 64}')
          OR EXISTS (SELECT 1 FROM audit WHERE hash = NEW.hash)
        {refuse}
    """)
