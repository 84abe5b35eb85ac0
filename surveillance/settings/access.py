"""Who may sign in, how, and as what; without any of it nobody can, and no patient's row is ever served."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Literal

from pydantic import Field, field_validator, model_validator

from surveillance.settings.section import FilePath, Section

RoleName = Literal["ward_staff", "matron", "pharmacist", "quality", "executive", "administrator"]


def networks(written: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks, each of which must be one."""
    for one in written:
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise ValueError(f"'{one}' is no address or network, as 10.1.2.3 or 10.1.2.0/24") from None
    return written


class Oidc(Section):
    """An OpenID Connect provider (Microsoft Entra ID, Keycloak, NHS CIS2), asked by authorisation code with PKCE."""

    issuer: str
    """Its address, under which /.well-known/openid-configuration stands."""
    client_id: str
    client_secret_env: str | None = None
    client_secret_file: FilePath | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "name"
    groups_claim: str = "groups"
    """The claim that lists a person's groups or roles; dots lead into objects, as realm_access.roles."""

    @model_validator(mode="after")
    def _https(self) -> Oidc:
        if not self.issuer.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError(f"issuer: '{self.issuer}' must begin with https://")
        if self.client_secret_env and self.client_secret_file:
            raise ValueError("give client_secret_env or client_secret_file, not both")
        return self


class TrustedHeader(Section):
    """A reverse proxy that signs people in and says who they are; believed from its own address alone."""

    peers: tuple[str, ...] = Field(min_length=1)
    """Addresses or networks of the proxy; a header from anywhere else is refused."""
    user: str = "X-Remote-User"
    name: str = "X-Remote-Name"
    groups: str = "X-Remote-Groups"
    separator: str = ","

    _sound = field_validator("peers")(networks)


class Grant(Section):
    """What the members of a group may be here. ``wards``, ``divisions``: their own; neither: every ward."""

    group: str
    role: RoleName
    wards: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()


class AccessSettings(Section):
    """The table ``[access]``."""

    oidc: Oidc | None = None
    trusted_header: TrustedHeader | None = None
    local_accounts: bool = False
    """Whether people may sign in with a name and a password kept here (``surveillance accounts``)."""
    grants: tuple[Grant, ...] = ()
    idle_s: int = Field(default=300, ge=30, le=3600)
    """Seconds without a key, a touch or a movement after which a desk hides its rows and the session ends."""
    longest_h: float = Field(default=12, gt=0, le=24)
    """Hours after which a session ends, however busy."""
    reason_lasts_min: int = Field(default=60, ge=1, le=720)
    """Minutes for which a reason given for another ward's patients holds."""
    sign_ins_per_min: int = Field(default=10, ge=1, le=600)
    """Attempts to sign in a minute from one address, and for one name."""
    unpaired_walls_allowed: bool = False
    """Whether whoever reaches the address sees the walls, without a paired screen and without signing in."""

    @property
    def identity(self) -> bool:
        """Whether anybody can sign in at all."""
        return self.oidc is not None or self.trusted_header is not None or self.local_accounts

    @model_validator(mode="after")
    def _groups_lead_somewhere(self) -> AccessSettings:
        if (self.oidc or self.trusted_header) and not self.grants:
            raise ValueError("grants: no group is given a role, so nobody who signs in could see anything")
        return self
