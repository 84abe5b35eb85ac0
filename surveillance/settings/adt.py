"""Where ADT messages are heard, from whom, and how their fields become those of the census."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from surveillance.settings.section import FilePath, Section

THIS_COMPUTER = ("127.0.0.0/8", "::1/128")


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(value))
    except ValueError as error:
        raise ValueError(f"'{value}' is no address and no network: {error}") from None


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"'{name}' is no time zone, as Europe/London is one") from None
    return name


FieldPath = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{2}-[1-9][0-9]?(\.[1-9][0-9]?)?$")]
"""Segment, field and component, as ``PV1-3.1``; without a component the first."""


class AdtFields(Section):
    """Where in a message it stands. ``spell_key``, ``patient_key``: the same keys as the polled feeds have."""

    spell_key: FieldPath = "PV1-19"
    patient_key: FieldPath = "PID-3"
    prior_patient_key: FieldPath = "MRG-1"
    patient_key_type: str = ""
    """The identifier type (CX-5) of the repetition that is the key; empty: the first repetition."""
    ward: FieldPath = "PV1-3.1"
    bed: FieldPath | Literal[""] = "PV1-3.3"
    patient_class: FieldPath = "PV1-2"


class Adt(Section):
    """The table ``[adt]``: a listener for HL7 v2 ADT messages over MLLP."""

    source: str
    """The source whose feeds ``spell`` and ``ward_stay`` messages keep current between polls."""
    host: str = "127.0.0.1"
    port: int = Field(default=2575, ge=0, le=65535)
    allowed: tuple[Network, ...] = tuple(ip_network(one) for one in THIS_COMPUTER)
    tls_cert: FilePath | None = None
    tls_key: FilePath | None = None
    tls_client_ca: FilePath | None = None
    """Whoever connects must show a certificate that this authority signed."""
    zone: Annotated[str, AfterValidator(_zone)] = "Europe/London"
    charset: Literal["ascii", "latin-1", "utf-8"] = "utf-8"
    """Of messages that name none (MSH-18)."""
    processing_ids: tuple[str, ...] = ("P",)
    classes: dict[str, Literal["inpatient", "day case", "regular"]] = {
        "I": "inpatient",
        "B": "inpatient",
        "R": "regular",
    }
    other_classes: tuple[str, ...] = ("E", "O", "P", "C", "N", "U")
    """Patient classes that lie on no ward: such messages are acknowledged and not applied."""
    wards: dict[str, str] = {}
    """Point of care → ward, beside the wards' own codes."""
    fields: AdtFields = AdtFields()
    overlap_s: float = Field(default=120, ge=0)
    """So long after it was recorded an event may still be missing from a poll."""
    keep_h: float = Field(default=24, gt=0)
    quiet_after_min: float = Field(default=60, gt=0)
    max_connections: int = Field(default=16, ge=1)
    max_kb: int = Field(default=256, ge=1)
    idle_s: float = Field(default=3600, gt=0)
    """A connection on which nothing comes for so long is closed."""
    message_s: float = Field(default=30, gt=0)
    """A message that has begun must have ended so many seconds later."""

    @field_validator("allowed")
    @classmethod
    def _somebody(cls, networks: tuple[Network, ...]) -> tuple[Network, ...]:
        if not networks:
            raise ValueError("name at least one network from which messages may come")
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("MLLP asks nobody for a password: name the networks of the senders, not every address")
        return networks

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Adt:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("give tls_cert and tls_key, or neither")
        if self.tls_client_ca and not self.tls_cert:
            raise ValueError("tls_client_ca needs tls_cert and tls_key")
        return self

    @model_validator(mode="after")
    def _classes_differ(self) -> Adt:
        for name in self.other_classes:
            if name in self.classes:
                raise ValueError(f"other_classes: '{name}' stands in classes too")
        return self
