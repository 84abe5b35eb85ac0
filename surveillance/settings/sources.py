"""A source, a pack of queries, and how much the display may use of a source."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from surveillance.errors import ConfigurationError
from surveillance.settings.fhir import Fhir
from surveillance.settings.files import Files
from surveillance.settings.quiet import QuietSpan, never_asked
from surveillance.settings.section import FilePath, Section


class Times(Section):
    """How a system stores moments; the connector binds its bounds in the same form.

    ``native``: the driver gives datetimes; ``text``: text in ``format``; ``epoch``: seconds since 1970.
    ``zone`` holds for values without an offset.
    """

    storage: Literal["native", "text", "epoch"] = "native"
    zone: str = "UTC"
    format: str = "%Y-%m-%d %H:%M:%S"


class Watermark(Section):
    """How the rows of a large feed are told that changed since they were read.

    ``column``: of the query: when the row changed, by the source's clock. ``key``: columns of the query that name a
    row; default the key of the table. ``gone``: a column of the query that says of a row that it no longer counts.
    ``overlap_s``: how much further back is asked, for what was written earlier than it could be seen.
    ``reconcile_min``: minutes between two whole readings.
    """

    column: str = Field(min_length=1)
    key: tuple[str, ...] = ()
    gone: str | None = None
    overlap_s: float = Field(default=300, ge=1)
    reconcile_min: int = Field(default=60, ge=1, le=24 * 60)


class FeedSource(Section):
    """One feed of one source: its query and how its words become ours."""

    sql: FilePath | None = None
    lookback_h: int | None = Field(default=None, ge=1)
    recent_h: int | None = Field(default=None, ge=1)
    watermark: Watermark | None = None
    mapping: dict[str, dict[str, str]] = {}
    """column → the source's word → our word."""

    @model_validator(mode="after")
    def _one_way(self) -> FeedSource:
        if self.watermark and self.recent_h:
            raise ValueError("give watermark or recent_h, not both")
        return self


class Pack(Section):
    """The queries for one system, as a folder with this manifest (``pack.toml``) and ``.sql`` files."""

    name: str
    title: str
    version: int = 1
    speaks: Literal["sql", "fhir"] = "sql"
    """A pack for FHIR servers has words and no queries."""
    times: Times = Times()
    heartbeat: FilePath | None = None
    """A query of one row and one column: the newest change that the system knows of."""
    not_wards: tuple[str, ...] = ()
    cannot_tell: dict[str, str] = {}
    """Feed → why this system does not give it, for people: the feed stays not connected."""
    feeds: dict[str, FeedSource]


class Budget(Section):
    """How much the display may use of a source; each is without a limit unless it is given."""

    queries_per_h: int | None = Field(default=None, ge=1)
    seconds_per_h: float | None = Field(default=None, gt=0)
    """Seconds for which queries are waited for."""
    rows_per_query: int | None = Field(default=None, ge=1)


class Source(Section):
    """One database of the hospital."""

    url_env: str | None = None
    url_file: FilePath | None = None
    pack: str | None = None
    interval_s: float = Field(default=60, gt=0)
    timeout_s: float = Field(default=20, gt=0)
    stale_after_s: float | None = Field(default=None, gt=0)
    """Age at which its figures are shown as stale; default twice the interval (but at least 60 s)."""
    times: Times | None = None
    budget: Budget = Budget()
    quiet_hours: tuple[QuietSpan, ...] = ()
    """Local times in which it is asked nothing."""
    feeds: dict[str, FeedSource] = {}
    files: Files | None = None
    fhir: Fhir | None = None

    @model_validator(mode="after")
    def _is_one_of_fhir_or_anything_else(self) -> Source:
        if self.fhir is not None and (self.url_env or self.url_file or self.files or self.times):
            raise ValueError("fhir: a FHIR server has no url_env, url_file, files or times")
        return self

    @model_validator(mode="after")
    def _is_one_of_files_or_a_database(self) -> Source:
        if self.files is None:
            return self
        if self.url_env or self.url_file or self.pack:
            raise ValueError("files: a source of files has no url_env, url_file or pack")
        if self.times is None or self.times.storage == "epoch":
            example = '{ storage = "text", zone = "Europe/London", format = "%d/%m/%Y %H:%M" }'
            raise ValueError(f"files: give times, as {example}")
        if self.files.complete == "stable" and self.files.stable_s >= self.timeout_s:
            raise ValueError("files.stable_s: less than timeout_s, for a first look waits so long for the second")
        return self

    @model_validator(mode="after")
    def _is_asked_at_all(self) -> Source:
        if self.quiet_hours and never_asked(self.quiet_hours):
            raise ValueError("quiet_hours: they leave no minute of the day, so the source would never be asked")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables in which its secrets are kept."""
        return (*((self.url_env,) if self.url_env else ()), *(self.fhir.variables if self.fhir else ()))

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """The files in which its secrets are kept."""
        named = (self.url_file, *((self.fhir.client_id_file, self.fhir.client_secret_file) if self.fhir else ()))
        return tuple(path for path in named if path)

    @property
    def promise_s(self) -> float:
        """Age of the data in seconds up to which it is current."""
        return self.stale_after_s or max(2 * self.interval_s, 60)


def source_url(name: str, source: Source, environment: dict[str, str] | None = None) -> str:
    """The URL of a source from where the settings say; it is never logged.

    Raises:
        ConfigurationError: naming the variable or file that is missing, never its content.
    """
    environ = os.environ if environment is None else environment
    if source.url_env:
        if not (url := environ.get(source.url_env)):
            raise ConfigurationError(f"source '{name}': the environment variable {source.url_env} is not set")
        return url
    if source.url_file:
        try:
            return source.url_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"source '{name}': {source.url_file}: {error.strerror}") from None
    raise ConfigurationError(f"source '{name}': give url_env or url_file")
