"""An OpenID Connect provider, asked by authorisation code with PKCE; nothing that it says is believed unsigned.

Authlib makes the requests' content and checks the claims of an ID token, joserfc its signature.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from callbacks.sign_in.attempts import Attempt
from surveillance.access.claims import claim, plain
from surveillance.errors import ProviderRefused, ProviderUnavailable
from surveillance.settings import Oidc

TIMEOUT = httpx.Timeout(10, connect=5)
KEPT = timedelta(hours=1)
"""How long what a provider says of itself is believed before it is asked again."""
PAUSE = timedelta(seconds=5)
"""A provider that does not say what it is is asked again after so long: those who wait for it would hold up others."""
LEEWAY_S = 30
"""By how much the provider's clock may differ from ours."""
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures that only the provider can make; never one by a secret that we share with it, and never none."""
KEY_TYPES = ("RSA", "EC")
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OFFERED = ("userinfo_endpoint", "end_session_endpoint")
"""Addresses of a provider, and such as it may have."""
FORM = "application/x-www-form-urlencoded"
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the provider says of somebody. ``id_token``: names their sign-in at the provider when they leave it."""

    claims: Mapping[str, Any]
    id_token: str


class Provider:
    """One provider; any thread may ask. Each method may wait for it.

    Raises:
        ProviderUnavailable: it cannot be reached, or is none. Logged once until it answers again.
    """

    def __init__(self, rule: Oidc, secret: str, now: Callable[[], datetime]) -> None:
        self.rule = rule
        self.name = urlsplit(rule.issuer).hostname or rule.issuer
        self._secret = secret
        self._now = now
        self._lock = threading.Lock()
        self._about: tuple[datetime, dict[str, Any]] | None = None
        self._not_before: datetime | None = None
        self._silent = False

    def authorisation(self, attempt: Attempt, back: str) -> str:
        """Where a browser goes to sign in. ``back``: where it comes back to."""
        about = self.about()
        address: str = prepare_grant_uri(
            about["authorization_endpoint"],
            self.rule.client_id,
            "code",
            redirect_uri=back,
            scope=" ".join(dict.fromkeys(("openid", *self.rule.scopes))),
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return address

    def vouched(self, code: str, attempt: Attempt, back: str) -> Vouched:
        """Who came back with this code.

        Raises:
            ProviderRefused: the code is not one of this attempt, or the ID token is not to be believed.
        """
        token = self._token(code, attempt, back)
        id_token, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise ProviderRefused("it gave no ID token")
        claims = self._believed(id_token, attempt.nonce, access_token)
        return Vouched(self._completed(claims, access_token), id_token)

    def leaving(self, back: str, id_token: str = "") -> str:
        """Where a browser goes to sign out there as well; empty if the provider has no such place."""
        address = self.about().get("end_session_endpoint")
        if not isinstance(address, str):
            return ""
        asked = {"client_id": self.rule.client_id, "post_logout_redirect_uri": back}
        if id_token:
            asked["id_token_hint"] = id_token
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def about(self) -> dict[str, Any]:
        """What the provider says of itself: its addresses, and its keys under ``jwks``."""
        with self._lock:
            now = self._now()
            if self._about is None or now - self._about[0] > KEPT:
                if self._not_before and now < self._not_before:
                    raise ProviderUnavailable(f"the identity provider {self.name} did not answer a moment ago")
                self._not_before = now + PAUSE
                self._about = (now, self._discovered())
            return self._about[1]

    def _discovered(self) -> dict[str, Any]:
        address = f"{self.rule.issuer.rstrip('/')}/.well-known/openid-configuration"
        about = self._json("GET", address)
        if str(about.get("issuer", "")).rstrip("/") != self.rule.issuer.rstrip("/"):
            raise self._fails("it calls itself by another name than access.oidc.issuer")
        for name in (*NEEDED, *OFFERED):
            there = name in NEEDED or about.get(name) is not None
            if there and not _is_safe(about.get(name), self.rule.issuer):
                raise self._fails(f"its {name} is no address with https")
        return {**about, "jwks": self._json("GET", about["jwks_uri"])}

    def _token(self, code: str, attempt: Attempt, back: str) -> dict[str, Any]:
        about = self.about()
        body = prepare_token_request("authorization_code", code=code, redirect_uri=back, code_verifier=attempt.verifier)
        headers = {"Accept": "application/json", "Content-Type": FORM}
        client = ClientAuth(self.rule.client_id, self._secret, self._method(about))
        address, headers, body = client.prepare("POST", about["token_endpoint"], headers, body)
        token = self._json("POST", address, headers, body, also=(400, 401, 403))
        if "error" in token:
            raise ProviderRefused(f"it did not take the code: {plain(token['error'], 64) or 'no reason given'}")
        return token

    def _method(self, about: Mapping[str, Any]) -> str:
        known = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if not self._secret:
            return "none"
        basic = "client_secret_basic" in known or "client_secret_post" not in known
        return "client_secret_basic" if basic else "client_secret_post"

    def _believed(self, id_token: str, nonce: str, access_token: str) -> dict[str, Any]:
        """The claims of an ID token, once its signature, issuer, audience, times and nonce are as they must be."""
        about = self.about()
        options = {
            "iss": {"essential": True, "value": about["issuer"]},
            "aud": {"essential": True, "value": self.rule.client_id},
        }
        params = {"nonce": nonce, "client_id": self.rule.client_id, "access_token": access_token}
        try:
            try:
                token = _signed(id_token, about["jwks"])
            except (InvalidKeyIdError, BadSignatureError):  # it may have new keys since
                token = _signed(id_token, self._json("GET", about["jwks_uri"]))
            claims = CodeIDToken(token.claims, token.header, options, params)
            claims.validate(leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ProviderRefused(f"its ID token is not to be believed ({type(error).__name__})") from None
        return dict(claims)

    def _completed(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """With what the provider tells only when asked with the access token, if something is missing."""
        address = self.about().get("userinfo_endpoint")
        wanted = (self.rule.groups_claim, self.rule.name_claim)
        if not address or all(claim(claims, name) for name in wanted):
            return claims
        told = self._json("GET", address, {"Authorization": f"Bearer {access_token}", "Accept": "application/json"})
        if told.get("sub") != claims["sub"]:
            raise ProviderRefused("it speaks of somebody else than its ID token")
        return {**told, **claims}

    def _json(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        body: str = "",
        also: tuple[int, ...] = (),
    ) -> dict[str, Any]:
        try:
            answer = httpx.request(method, address, headers=headers, content=body or None, timeout=TIMEOUT)
            found = answer.json() if answer.status_code in (200, *also) else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            raise self._fails(type(error).__name__) from None
        if not isinstance(found, dict):
            raise self._fails(f"status {answer.status_code}")
        if self._silent:
            self._silent = False
            LOG.warning("the identity provider %s answers again", self.name)
        return found

    def _fails(self, how: str) -> ProviderUnavailable:
        # Nothing of what was sent or came back: that may be a code, a token or a secret.
        words = f"the identity provider {self.name} does not answer as one: {how}"
        if not self._silent:
            self._silent = True
            LOG.warning("%s", words)
        return ProviderUnavailable(words)


def _signed(id_token: str, jwks: Mapping[str, Any]) -> jwt.Token:
    keys = [key for key in jwks["keys"] if key.get("kty") in KEY_TYPES and key.get("use", "sig") == "sig"]
    registry = JWSRegistry(algorithms=list(SIGNED_BY), strict_check_header=False)
    return jwt.decode(id_token, KeySet.import_key_set({"keys": keys}), registry=registry)


def _is_safe(address: object, issuer: str) -> bool:
    """Whether an address keeps to TLS, as the issuer itself does (one on this computer need not)."""
    return isinstance(address, str) and (address.startswith("https://") or not issuer.startswith("https://"))
