"""A FHIR R4 server of the hospital: where it is, how the display signs in, and how the site uses codes there."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from surveillance.settings.section import FilePath, Section

PARAMETERS = (
    "rr", "spo2", "sbp", "pulse", "acvpu", "temp", "air", "oxygen", "fio2", "news2", "scale_1", "scale_2", "panel",
)  # fmt: skip
"""What an Observation, or a part of one, may say about a patient's vital signs."""


class Questionnaire(Section):
    """Where a form keeps what the display shows of it: the ``linkId`` of an answer."""

    score: str | None = None
    risk_band: str | None = None
    exempt_reason: str | None = None


class Fhir(Section):
    """One FHIR server. Codes are written ``alias|code``, with an alias of ``systems``, or ``URL|code``."""

    base_url: str
    token_url: str | None = None
    client_id_env: str | None = None
    client_id_file: FilePath | None = None
    client_secret_env: str | None = None
    client_secret_file: FilePath | None = None
    client_auth: Literal["basic", "post"] = "basic"
    """Whether the client names itself in a header or in the form (RFC 6749, 2.3.1)."""
    scope: str = ""
    ca_file: FilePath | None = None
    page_size: int = Field(default=200, ge=1, le=10_000)
    retries: int = Field(default=3, ge=0, le=10)
    check_total: bool = True
    """Whether an answer with fewer resources than the server counts is refused."""
    includes: bool = True
    """Whether the server knows ``_include``."""
    heartbeat: tuple[str, ...] | None = None
    """Types whose newest change tells how old the data is; default: all that are read."""
    feeds: tuple[str, ...] = ()
    """The feeds to take; default: all that the pack and ``feeds`` of the source name."""
    systems: dict[str, str] = {}
    """alias → URL of a code system."""
    codes: dict[str, tuple[str, ...]] = {}
    """Parameter → the codes that mean it, in place of the built-in ones."""
    classes: tuple[str, ...] = ("IMP", "ACUTE", "NONAC", "SS", "OBSENC")
    """Classes of encounters that are spells in hospital."""
    ward_types: tuple[str, ...] = ("place|wa",)
    """Physical types of the locations that are wards."""
    ward_identifier: str | None = None
    patient_identifier: str | None = None
    spell_identifier: str | None = None
    hospital_number: str | None = None
    """Systems of identifiers; without one the resource's own id names it."""
    nhs_number: str = "https://fhir.nhs.uk/Id/nhs-number"
    dose_due_extension: str | None = None
    """URL of the extension of MedicationAdministration that says when the dose was due."""
    plan_codes: tuple[str, ...] = ()
    """Codes of the Tasks that say how often a patient is to be observed."""
    questionnaires: dict[str, Questionnaire] = {}

    @field_validator("base_url", "token_url")
    @classmethod
    def _is_safe(cls, url: str | None) -> str | None:
        return url if url is None else _safe(url).rstrip("/")

    @field_validator("codes")
    @classmethod
    def _are_known(cls, codes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name in codes:
            if name not in PARAMETERS:
                raise ValueError(f"unknown parameter '{name}'; known: {', '.join(PARAMETERS)}")
        return codes

    @model_validator(mode="after")
    def _signs_in_whole(self) -> Fhir:
        named = [bool(self.client_id_env), bool(self.client_id_file)]
        secret = [bool(self.client_secret_env), bool(self.client_secret_file)]
        if self.token_url is None and any(named + secret):
            raise ValueError("token_url: say where the client gets its token")
        if self.token_url is not None and (sum(named) != 1 or sum(secret) != 1):
            raise ValueError(
                "token_url: give one of client_id_env and client_id_file, "
                "and one of client_secret_env and client_secret_file"
            )
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables in which its secrets are kept."""
        return tuple(name for name in (self.client_id_env, self.client_secret_env) if name)


def _safe(url: str) -> str:
    """``url``, if it is https (or stays on this computer) and holds no password."""
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError("not a URL, as https://fhir.example.nhs.uk/r4") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL in the file holds no user and no password")
    if not parts.hostname or not port_is_number or parts.query or parts.fragment:
        raise ValueError("not a URL, as https://fhir.example.nhs.uk/r4")
    if parts.scheme != "https" and not (parts.scheme == "http" and _here(parts.hostname)):
        raise ValueError("a FHIR server is asked over https (http only on this computer)")
    return url


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
