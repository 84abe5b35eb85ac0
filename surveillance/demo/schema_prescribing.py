"""Electronic prescribing: lower-case tables, an action log behind every prescription, times as epoch seconds."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table

from surveillance.demo.storage import EpochSeconds, RowKey, unquoted

METADATA = MetaData()


def _moment(name: str, *, index: bool = False) -> Column[int]:
    return Column(name, EpochSeconds, index=index)


def _key(name: str) -> Column[int]:
    return Column(name, RowKey, primary_key=True, autoincrement=False)


Table(
    "product",
    METADATA,
    _key("product_id"),
    Column("product_code", String(20), unique=True),
    Column("label", String(80)),
)
Table(
    "rx_item",
    METADATA,
    _key("rx_id"),
    Column("visit_no", String(12), index=True),
    Column("product_code", String(20)),
    Column("route", String(16)),
    Column("freq_type", String(8)),
    _moment("created_at"),
    _moment("valid_from"),
    _moment("valid_to"),
    Column("verify_exempt", Integer),
)
Table(
    "rx_action",
    METADATA,
    _key("action_id"),
    Column("rx_id", RowKey, index=True),
    Column("action", String(12)),
    _moment("acted_at"),
    Column("acted_by_role", String(24)),
)
Table(
    "administration",
    METADATA,
    _key("admin_id"),
    Column("rx_id", RowKey, index=True),
    _moment("due_at", index=True),
    Column("outcome", String(1)),
    _moment("given_at"),
    Column("reason_cd", String(6)),
    Column("reason_note", String(60)),
    _moment("charted_at"),
    _moment("struck_at"),
    _moment("made_at"),
)
Table(
    "reconciliation",
    METADATA,
    _key("rec_id"),
    Column("visit_no", String(12), index=True),
    _moment("started_at"),
    _moment("finished_at"),
    _moment("withdrawn_at"),
    Column("by_role", String(24)),
    Column("n_sources", Integer),
)
Table("interface_state", METADATA, _key("state_id"), _moment("last_message_at"), Column("last_message_no", RowKey))

unquoted(METADATA)
