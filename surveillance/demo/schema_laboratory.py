"""The laboratory system: capitalised tables, results as text, times as text with an offset."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table

from surveillance.demo.storage import OffsetText, RowKey, unquoted

METADATA = MetaData()


def _moment(name: str) -> Column[int]:
    return Column(name, OffsetText)


def _key(name: str) -> Column[int]:
    return Column(name, RowKey, primary_key=True, autoincrement=False)


Table(
    "Specimen",
    METADATA,
    _key("SpecimenId"),
    Column("PatientNo", String(12), index=True),
    _moment("RequestedAt"),
    _moment("CollectedAt"),
    _moment("ReceivedAt"),
)
Table(
    "TestResult",
    METADATA,
    _key("ResultId"),
    Column("SpecimenId", RowKey, index=True),
    Column("TestCode", String(12)),
    Column("ResultText", String(16)),
    Column("Units", String(12)),
    Column("RefLow", Integer),
    Column("RefHigh", Integer),
    _moment("AuthorisedAt"),
    Column("AkiStage", Integer),
)
Table(
    "MicroTest",
    METADATA,
    _key("MicroId"),
    Column("PatientNo", String(12), index=True),
    Column("Investigation", String(12)),
    _moment("RequestedAt"),
    _moment("CollectedAt"),
    _moment("ReceivedAt"),
    _moment("AuthorisedAt"),
    _moment("CancelledAt"),
    Column("Outcome", String(20)),
)
Table("LinkStatus", METADATA, _key("LinkId"), _moment("LastMessageAt"), Column("LastMessageNo", RowKey))

unquoted(METADATA)
