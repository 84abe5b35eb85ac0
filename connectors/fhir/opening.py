"""A source's table ``fhir`` becomes a connector, or every fault of it is told with its key."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from connectors.fhir.client import Secrets
from connectors.fhir.codes import SYSTEMS
from connectors.fhir.connector import KINDS, FhirConnector
from surveillance.errors import ConfigurationError, nearest
from surveillance.settings import Pack, Source
from surveillance.settings.fhir import Fhir

NEEDS = {
    "flag": "feeds.flag.mapping.type: say which of your codes is which flag; without it no flag would count",
    "assessment": "feeds.assessment.mapping.type: say which form (its canonical URL) is which assessment",
    "obs_plan": "fhir.plan_codes: say by which codes a Task plans observations",
    "dose_event": "fhir.dose_due_extension: say where a MedicationAdministration keeps when it was due; FHIR has no "
    "place for it, and without it no dose could be late or missed",
}
"""Feed → what a site has to say before it can be told of a FHIR server."""


def open_fhir(name: str, source: Source, pack: Pack, where: str, environment: dict[str, str] | None) -> FhirConnector:
    """The connector for one FHIR server; nothing connects yet. ``where``: the file and the key of the source.

    Raises:
        ConfigurationError: a line for each fault, none with a secret.
    """
    fhir = source.fhir
    assert fhir is not None
    faults = [f"{where}.{line}" for line in (*_codes(fhir), *_feeds(fhir, pack))]
    try:
        ssl.create_default_context(cafile=fhir.ca_file)
    except OSError as error:  # ssl.SSLError is one
        faults.append(f"{where}.fhir.ca_file: {fhir.ca_file}: {type(error).__name__}")
    if faults:
        raise ConfigurationError("\n".join(faults))
    chosen = {feed: given for feed, given in pack.feeds.items() if not fhir.feeds or feed in fhir.feeds}
    secrets = None
    if fhir.token_url:
        secrets = Secrets(
            _secret(name, fhir.client_id_env, fhir.client_id_file, environment),
            _secret(name, fhir.client_secret_env, fhir.client_secret_file, environment),
        )
    return FhirConnector(
        fhir, pack.model_copy(update={"feeds": chosen}), secrets, source.timeout_s, source.budget.rows_per_query
    )


def _feeds(fhir: Fhir, pack: Pack) -> list[str]:
    faults = [
        f"fhir.feeds: unknown feed '{feed}'; {nearest(feed, pack.feeds)}"
        for feed in fhir.feeds
        if feed not in pack.feeds
    ]
    for feed, given in pack.feeds.items():
        if fhir.feeds and feed not in fhir.feeds:
            continue
        if feed not in KINDS:
            faults.append(f"feeds.{feed}: no FHIR resource that is read tells it; known: {', '.join(KINDS)}")
        elif given.sql is not None:
            faults.append(f"feeds.{feed}.sql: a FHIR server is not asked in SQL")
        if feed in ("flag", "assessment") and not given.mapping.get("type"):
            faults.append(NEEDS[feed])
    asked = [feed for feed in pack.feeds if not fhir.feeds or feed in fhir.feeds]
    if "obs_plan" in asked and not fhir.plan_codes:
        faults.append(NEEDS["obs_plan"])
    if "dose_event" in asked and not fhir.dose_due_extension:
        faults.append(NEEDS["dose_event"])
    if not asked:
        faults.append("fhir.feeds: no feeds")
    return faults


def _codes(fhir: Fhir) -> list[str]:
    """Codes whose alias nobody knows."""
    known = {**SYSTEMS, **fhir.systems}
    named = [(f"codes.{key}", words) for key, words in fhir.codes.items()]
    named += [("ward_types", fhir.ward_types), ("plan_codes", fhir.plan_codes)]
    return [
        f"fhir.{key}: '{word}': write alias|code or URL|code; {nearest(alias, known)}"
        for key, words in named
        for word in words
        if (alias := word.rpartition("|")[0]) not in known and ":" not in alias
    ]


def _secret(name: str, variable: str | None, file: Path | None, environment: dict[str, str] | None) -> str:
    environ = os.environ if environment is None else environment
    if variable:
        if not (found := environ.get(variable)):
            raise ConfigurationError(f"source '{name}': the environment variable {variable} is not set")
        return found
    assert file is not None
    try:
        found = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"source '{name}': {file}: {type(error).__name__}") from None
    if not found:
        raise ConfigurationError(f"source '{name}': {file}: it is empty")
    return found
