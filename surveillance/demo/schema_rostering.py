"""The rostering system: duties with a history of assignments, times as Europe/London text without an offset."""

from __future__ import annotations

from sqlalchemy import Column, Double, Integer, MetaData, String, Table

from surveillance.demo.storage import LocalText, OffsetText, RowKey, unquoted

METADATA = MetaData()


def _moment(name: str, *, index: bool = False) -> Column[int]:
    return Column(name, LocalText, index=index)


def _key(name: str) -> Column[int]:
    return Column(name, RowKey, primary_key=True, autoincrement=False)


Table(
    "RosterDuty",
    METADATA,
    _key("DutyId"),
    Column("Unit", String(8)),
    _moment("DutyStart", index=True),
    _moment("DutyEnd"),
    Column("GradeType", String(20)),
    Column("BreakMinutes", Integer),
    Column("Supernumerary", String(1)),
    _moment("PublishedAt"),
)
Table(
    "DutyAssignment",
    METADATA,
    _key("AssignmentId"),
    Column("DutyId", RowKey, index=True),
    Column("VersionNo", Integer),
    _moment("ChangedAt"),
    Column("Status", String(12)),
    Column("FilledBy", String(12)),
    Column("WorkedUnit", String(8)),
)
Table(
    "AcuityCensus",
    METADATA,
    _key("CensusId"),
    Column("Unit", String(8)),
    _moment("CensusAt"),
    Column("Period", String(1)),
    Column("RequiredHours", Double),
    Column("AvailableHours", Double),
    Column("Judgement", String(24)),
    Column("RedFlags", String(80)),
)
Table(
    "InterfaceLog",
    METADATA,
    _key("LogId"),
    Column("LastMessageAt", OffsetText),
    Column("LastMessageNo", RowKey),
)
"""The interface engine writes an offset: a bare local time would be an hour out when autumn repeats one."""

unquoted(METADATA)
