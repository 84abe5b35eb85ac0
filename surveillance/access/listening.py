"""A program that the network can reach shows walls only to those it knows, unless told otherwise in as many words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address

from surveillance.errors import ConfigurationError
from surveillance.settings import Oidc, Settings


def listening_faults(settings: Settings, host: str, environment: Mapping[str, str] | None = None) -> list[str]:
    """Why the program must not listen at ``host`` as it is configured: one line each, in plain words."""
    faults, access = [], settings.access
    if access.oidc:
        try:
            client_secret(access.oidc, environment)
        except ConfigurationError as error:
            faults.append(str(error))
    if is_loopback(host):
        return faults
    if not access.identity and not access.unpaired_walls_allowed:
        faults.append(
            f"web.host: whoever reaches {host} would see the walls, and nobody can sign in. Say in [access] how people "
            "sign in, or that unpaired_walls_allowed = true, or listen on 127.0.0.1 alone"
        )
    if access.identity and not (settings.web.origin or "").startswith("https://"):
        faults.append(
            f"web.origin: people sign in at {host}, and without TLS their passwords and sessions could be read on the "
            "way. Put a proxy that brings TLS before the program and say its address, as "
            "origin = 'https://wards.example.nhs.uk', or listen on 127.0.0.1 alone"
        )
    return faults


def is_loopback(host: str) -> bool:
    """Whether only programs on this computer can reach an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def client_secret(oidc: Oidc, environment: Mapping[str, str] | None = None) -> str:
    """The secret by which the provider knows us; empty for a client that has none. It is never logged.

    Raises:
        ConfigurationError: naming the variable or file that is missing, never its content.
    """
    environ = os.environ if environment is None else environment
    if oidc.client_secret_env:
        if not (secret := environ.get(oidc.client_secret_env)):
            raise ConfigurationError(
                f"access.oidc.client_secret_env: the environment variable {oidc.client_secret_env} is not set"
            )
        return secret
    if oidc.client_secret_file:
        try:
            secret = oidc.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            said = error.strerror if isinstance(error, OSError) else "is no text"
            raise ConfigurationError(f"access.oidc.client_secret_file: {oidc.client_secret_file}: {said}") from None
        if not secret:
            raise ConfigurationError(f"access.oidc.client_secret_file: {oidc.client_secret_file} is empty")
        return secret
    return ""
