"""The electronic patient record: upper-case tables, coded columns, times as UTC text ending in Z."""

from __future__ import annotations

from sqlalchemy import Column, Double, Integer, MetaData, String, Table

from surveillance.demo.storage import RowKey, UtcText, unquoted

METADATA = MetaData()


def _moment(name: str) -> Column[int]:
    return Column(name, UtcText)


def _visit() -> Column[str]:
    return Column("VISIT_NO", String(12), index=True)


def _key(name: str) -> Column[int]:
    return Column(name, RowKey, primary_key=True, autoincrement=False)


Table(
    "PAT_MASTER",
    METADATA,
    _key("PAT_ID"),
    Column("PAT_NO", String(12), unique=True),
    Column("SEX_CD", String(1)),
    Column("BIRTH_DT", String(10)),
    Column("TEST_FLG", String(1)),
    Column("MERGED_TO_NO", String(12)),
    _moment("MERGED_DTM"),
    _moment("CREATED_DTM"),
)
Table(
    "PAT_IDENT",
    METADATA,
    _key("IDENT_ID"),
    Column("PAT_NO", String(12), unique=True),
    Column("FAM_NM", String(60)),
    Column("GIVEN_NM", String(60)),
    Column("HOSP_NO", String(12)),
    Column("NHS_NO", String(10)),
    _moment("ENTERED_DTM"),
)
Table(
    "ENCNTR",
    METADATA,
    _key("ENC_ID"),
    Column("VISIT_NO", String(12), unique=True),
    Column("PAT_NO", String(12), index=True),
    Column("ENC_TYP", String(3)),
    _moment("ADM_DTM"),
    Column("ADM_METH", String(3)),
    _moment("DIS_DTM"),
    Column("DIS_METH", String(2)),
    Column("AGE_D", Integer),
    Column("OBST_FLG", String(1)),
)
Table(
    "BED_STAY",
    METADATA,
    _key("STAY_ID"),
    _visit(),
    Column("UNIT_CD", String(8)),
    Column("BED_CD", String(12)),
    _moment("BEG_DTM"),
    _moment("END_DTM"),
)
Table("BED_LEAVE", METADATA, _key("LEAVE_ID"), Column("STAY_ID", RowKey), _moment("OUT_DTM"), _moment("BACK_DTM"))
Table(
    "ED_VISIT",
    METADATA,
    _key("ED_ID"),
    Column("PAT_NO", String(12)),
    _visit(),
    _moment("ARR_DTM"),
    _moment("TRIAGE_DTM"),
    _moment("DTA_DTM"),
)
Table(
    "FORM_ENTRY",
    METADATA,
    _key("FORM_ID"),
    _visit(),
    Column("FORM_CD", String(24)),
    Column("TOOL_TXT", String(24)),
    _moment("PERFORMED_DTM"),
    _moment("ENTERED_DTM"),
    _moment("SIGNED_DTM"),
    _moment("ERROR_DTM"),
    Column("SCORE_NBR", Integer),
    Column("BAND_TXT", String(24)),
    Column("EXEMPT_TXT", String(40)),
    Column("AUTHOR_ROLE", String(24)),
)
Table(
    "CLIN_EVENT",
    METADATA,
    _key("EVT_ID"),
    _visit(),
    Column("EVT_CD", String(12)),
    _moment("EVT_DTM"),
    _moment("ENTERED_DTM"),
)
Table(
    "OBS_CHART",
    METADATA,
    _key("OBS_ID"),
    _visit(),
    Column("OBS_DTM", UtcText, index=True),
    _moment("ENTERED_DTM"),
    Column("RESP", Integer),
    Column("SATS", Integer),
    Column("SATS_SCALE", Integer),
    Column("O2_DEV", String(12)),
    Column("BP_SYS", Integer),
    Column("BP_DIA", Integer),
    Column("HR", Integer),
    Column("ACVPU", String(1)),
    Column("TEMP_C", Double),
    Column("EWS_TOTAL", Integer),
    Column("ALL_TAKEN", String(1)),
)
Table(
    "OBS_FREQ",
    METADATA,
    _key("FREQ_ID"),
    _visit(),
    Column("FREQ_MIN", Integer),
    _moment("SET_DTM"),
    Column("SET_ROLE", String(24)),
    Column("REASON_TXT", String(40)),
    _moment("ENDED_DTM"),
)
Table(
    "ALERT",
    METADATA,
    _key("ALERT_ID"),
    _visit(),
    Column("ALERT_CD", String(16)),
    _moment("OPENED_DTM"),
    _moment("CLOSED_DTM"),
    Column("OPENED_ROLE", String(24)),
)
Table(
    "DSCH_PLAN_HX",
    METADATA,
    _key("HX_ID"),
    _visit(),
    _moment("CHANGED_DTM"),
    Column("EDD_DT", String(10)),
    Column("GOLD_DT", String(10)),
    Column("CTR_CD", String(8)),
    _moment("READY_DTM"),
    Column("CERTAINTY_CD", String(8)),
)
Table(
    "RESTR_CARE",
    METADATA,
    _key("RC_ID"),
    _visit(),
    Column("KIND_TXT", String(24)),
    _moment("BEG_DTM"),
    _moment("END_DTM"),
    Column("LEGAL_CD", String(8)),
    _moment("AUTH_END_DTM"),
)
Table("RESTR_REVIEW", METADATA, _key("RR_ID"), Column("RC_ID", RowKey, index=True), _moment("REVIEW_DTM"))
Table(
    "SKIN_WOUND",
    METADATA,
    _key("WOUND_ID"),
    _visit(),
    Column("KIND_CD", String(8)),
    Column("CAT_CD", String(4)),
    Column("SITE_TXT", String(24)),
    Column("DEVICE_FLG", String(1)),
    _moment("FIRST_SEEN_DTM"),
    _moment("ENTERED_DTM"),
    Column("POA_FLG", String(1)),
    _moment("HEALED_DTM"),
    _moment("VALIDATED_DTM"),
)
Table("MSG_STATUS", METADATA, _key("STATUS_ID"), _moment("LAST_MSG_DTM"), Column("LAST_MSG_NO", RowKey))

unquoted(METADATA)
