"""Where the display listens, and what stands between it and the browsers."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from surveillance.settings.access import networks
from surveillance.settings.section import Section


class Web(Section):
    """Where the display listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)
    replay: bool = False
    """Shows walls as they were to whoever may see them as they are; signed-in people always may."""
    origin: str | None = None
    """Where browsers find it, as https://wards.example.nhs.uk, if something (that brings TLS) stands before it."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of what stands before it; whose word on where a request came from is believed."""

    _sound = field_validator("proxies")(networks)

    @field_validator("origin")
    @classmethod
    def _is_an_origin(cls, origin: str | None) -> str | None:
        if origin is not None and not re.fullmatch(r"https?://[^/?#\s]+", origin):
            raise ValueError(f"'{origin}' is no origin like https://wards.example.nhs.uk")
        return origin
