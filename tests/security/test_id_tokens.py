"""An ID token is believed only if the provider signed it, for us, for this attempt, and just now."""

from __future__ import annotations

import hmac
import json
import logging
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callbacks.sign_in.attempts import LASTS, MOST, Attempt, Attempts
from callbacks.sign_in.provider import PAUSE, Provider
from surveillance.errors import ProviderRefused, ProviderUnavailable
from surveillance.settings import Oidc
from tests.displays import NOON, answering
from tests.signed_in import Clock

BACK = "https://wards.example/sign-in/oidc/done"
ACCESS = "an access token"
SECRET = "s3cret that is long enough"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})
SHARED = OctKey.import_key(SECRET.encode(), {"kid": "one"})
LISTED = {
    "keys": [
        KEY.as_dict(private=False),
        CURVE.as_dict(private=False),
        {"kty": "OKP", "crv": "none"},
        {"kty": "RSA", "use": "enc"},
    ]
}


@dataclass
class Said:
    """What the provider of these tests answers, by path, and what it was asked."""

    address: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append((path, dict(request.headers), (await request.body()).decode()))
        found = self.answers.get(path, (404, b""))
        if isinstance(found, tuple):
            return Response(found[1], found[0])
        return Response(json.dumps(found), media_type="application/json")

    def how_often(self, path: str) -> int:
        return sum(asked == path for asked, *_ in self.asked)

    def about(self, **changes: Any) -> dict[str, Any]:
        usual = {"issuer": self.address, "jwks_uri": f"{self.address}/jwks"}
        usual |= {f"{name}_endpoint": f"{self.address}/{name}" for name in ("authorization", "token", "userinfo")}
        return {**usual, **changes}


@pytest.fixture
def said() -> Iterator[Said]:
    found = Said()

    async def answer(request: Request) -> Response:
        return await found(request)

    routes = [Route("/{path:path}", answer, methods=["GET", "POST"])]
    with answering(Starlette(routes=routes)) as found.address:
        found.answers = {"/.well-known/openid-configuration": found.about(), "/jwks": LISTED}
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(said: Said, clock: Clock) -> Provider:
    return Provider(Oidc(issuer=said.address, client_id="wards"), SECRET, clock)


@pytest.fixture
def attempt() -> Attempt:
    return Attempt("/", NOON + timedelta(minutes=10))


def claims(said: Said, attempt: Attempt, **changes: Any) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    usual = {"iss": said.address, "aud": "wards", "sub": "anna", "exp": now + 300, "iat": now, "nonce": attempt.nonce}
    found = {**usual, "name": "Anna", "groups": ["a"], **changes}
    return {name: value for name, value in found.items() if value is not None}


def token(content: dict[str, Any], key: Any = KEY, alg: str = "RS256", **header: Any) -> str:
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, content, key, registry=JWSRegistry(algorithms=[alg]))


def gives(said: Said, id_token: object, **others: Any) -> None:
    said.answers["/token"] = {"access_token": ACCESS, "token_type": "Bearer", "id_token": id_token, **others}


def test_a_token_as_it_must_be_is_believed(said: Said, provider: Provider, attempt: Attempt) -> None:
    gives(said, token(claims(said, attempt)))
    vouched = provider.vouched("the code", attempt, BACK)
    assert (vouched.claims["sub"], vouched.claims["groups"]) == ("anna", ["a"])
    gives(said, token(claims(said, attempt, aud=["wards"]), CURVE, "ES256", x5t="abc"))
    assert provider.vouched("the code", attempt, BACK).claims["sub"] == "anna"
    assert said.how_often("/userinfo") == 0, "everything was in the token"
    assert said.how_often("/jwks") == said.how_often("/.well-known/openid-configuration") == 1


def test_the_code_is_sent_with_its_proof_and_our_secret_in_the_head(
    said: Said, provider: Provider, attempt: Attempt
) -> None:
    gives(said, token(claims(said, attempt)))
    provider.vouched("the code", attempt, BACK)
    ((_, headers, body),) = [one for one in said.asked if one[0] == "/token"]
    assert "code=the+code" in body
    assert f"code_verifier={attempt.verifier}" in body
    assert "redirect_uri=https%3A%2F%2Fwards.example%2Fsign-in%2Foidc%2Fdone" in body
    assert headers["authorization"].startswith("Basic ")
    assert SECRET not in body
    address = provider.authorisation(attempt, BACK)
    assert attempt.verifier not in address
    assert "code_challenge_method=S256" in address
    assert f"state={attempt.state}" in address
    assert f"nonce={attempt.nonce}" in address


def test_the_secret_is_sent_in_the_body_only_where_the_provider_takes_it_no_other_way(
    said: Said, provider: Provider, attempt: Attempt
) -> None:
    said.answers["/.well-known/openid-configuration"] = said.about(
        token_endpoint_auth_methods_supported=["client_secret_post"]
    )
    gives(said, token(claims(said, attempt)))
    provider.vouched("the code", attempt, BACK)
    ((_, headers, body),) = [one for one in said.asked if one[0] == "/token"]
    assert "authorization" not in headers
    assert "client_secret=s3cret+that+is+long+enough" in body


WRONG: dict[str, dict[str, Any]] = {
    "nonce of another attempt": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "for another client": {"aud": "others"},
    "for another client in our name": {"aud": ["others"], "azp": "wards"},
    "in another client's name": {"aud": ["wards", "others"], "azp": "others"},
    "for nobody": {"aud": None},
    "long over": {"exp": 1_700_000_000},
    "without end": {"exp": None},
    "end is a word": {"exp": "never"},
    "not yet": {"nbf": 9_999_999_999},
    "made in the future": {"iat": 9_999_999_999},
    "of nobody": {"sub": None},
    "of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_claims_that_are_not_as_they_must_be(
    said: Said, provider: Provider, attempt: Attempt, changes: dict[str, Any]
) -> None:
    gives(said, token(claims(said, attempt, **changes)))
    with pytest.raises(ProviderRefused, match="not to be believed"):
        provider.vouched("the code", attempt, BACK)


def test_clocks_may_differ_a_little(said: Said, provider: Provider, attempt: Attempt) -> None:
    now = int(time.time())
    gives(said, token(claims(said, attempt, exp=now - 10, iat=now + 10)))
    assert provider.vouched("the code", attempt, BACK)
    gives(said, token(claims(said, attempt, exp=now - 60)))
    with pytest.raises(ProviderRefused):
        provider.vouched("the code", attempt, BACK)


def encoded(header: dict[str, str]) -> str:
    return urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")


def forged(said: Said, attempt: Attempt) -> dict[str, object]:
    content = claims(said, attempt)
    good = token(content)
    head, body, signature = good.split(".")
    other = token(claims(said, attempt, sub="chief")).split(".")[1]
    hashed, none = (encoded({"alg": alg, "kid": "one"}) for alg in ("HS256", "none"))
    public = hmac.new(KEY.as_pem(private=False), f"{hashed}.{body}".encode(), "sha256").digest()
    by_public = urlsafe_b64encode(public).decode().rstrip("=")
    return {
        "another key of the same name": token(content, OTHER),
        "content of another": f"{head}.{other}.{signature}",
        "no signature": f"{head}.{body}.",
        "signed by nothing": f"{none}.{body}.",
        "signed by the secret that we share": token(content, SHARED, "HS256"),
        "signed by the public key as if it were a secret": f"{hashed}.{body}.{by_public}",
        "no token": "x",
        "two parts": f"{head}.{body}",
        "nothing": "",
        "a number": 7,
        "null": None,
    }


FORGED = (
    "another key of the same name",
    "content of another",
    "no signature",
    "signed by nothing",
    "signed by the secret that we share",
    "signed by the public key as if it were a secret",
    "no token",
    "two parts",
    "nothing",
    "a number",
    "null",
)


@pytest.mark.parametrize("how", FORGED)
def test_what_the_provider_did_not_sign(said: Said, provider: Provider, attempt: Attempt, how: str) -> None:
    gives(said, forged(said, attempt)[how])
    with pytest.raises(ProviderRefused):
        provider.vouched("the code", attempt, BACK)


def test_new_keys_are_fetched_when_a_token_names_one(said: Said, provider: Provider, attempt: Attempt) -> None:
    gives(said, token(claims(said, attempt)))
    provider.vouched("the code", attempt, BACK)
    new = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    gives(said, token(claims(said, attempt), new))
    with pytest.raises(ProviderRefused):
        provider.vouched("the code", attempt, BACK)
    said.answers["/jwks"] = {"keys": [new.as_dict(private=False)]}
    assert provider.vouched("the code", attempt, BACK)


def test_what_the_token_lacks_is_asked_for(said: Said, provider: Provider, attempt: Attempt) -> None:
    gives(said, token(claims(said, attempt, groups=None)))
    said.answers["/userinfo"] = {"sub": "anna", "groups": ["b"], "name": "Somebody", "iss": "x"}
    found = provider.vouched("the code", attempt, BACK).claims
    assert (found["groups"], found["name"], found["iss"]) == (["b"], "Anna", said.address), "the token goes first"
    assert [one[1]["authorization"] for one in said.asked if one[0] == "/userinfo"] == [f"Bearer {ACCESS}"]
    said.answers["/userinfo"] = {"sub": "chief", "groups": ["b"]}
    with pytest.raises(ProviderRefused, match="somebody else"):
        provider.vouched("the code", attempt, BACK)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", (500, b"secret stack")),
        ("/.well-known/openid-configuration", (200, b"<html>log in to the guest network</html>")),
        ("/.well-known/openid-configuration", ["a"]),
        ("/.well-known/openid-configuration", {"issuer": "https://evil.example"}),
        ("/.well-known/openid-configuration", {}),
        ("/jwks", (503, b"")),
        ("/token", (502, b"bad gateway")),
        ("/token", (200, b"access_token=x")),
        ("/token", (302, b"")),
    ],
)
def test_a_provider_that_answers_as_none_is_away(
    said: Said, provider: Provider, attempt: Attempt, caplog: pytest.LogCaptureFixture, path: str, answer: Any
) -> None:
    gives(said, token(claims(said, attempt)))
    said.answers[path] = answer
    with caplog.at_level(logging.WARNING), pytest.raises(ProviderUnavailable):
        provider.vouched("the code", attempt, BACK)
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    for hidden in ("secret", "the code", SECRET, attempt.verifier, ACCESS):
        assert hidden not in caplog.text


@pytest.mark.parametrize("error", ["invalid_grant", "<script>alert(1)</script>\x00" * 50, 7, None, ["x"]])
def test_a_refusal_says_why_in_one_short_line(said: Said, provider: Provider, attempt: Attempt, error: object) -> None:
    said.answers["/token"] = {"error": error}
    with pytest.raises(ProviderRefused) as refused:
        provider.vouched("the code", attempt, BACK)
    assert len(str(refused.value)) < 120
    assert str(refused.value).isprintable()


def test_a_provider_that_is_away_is_not_asked_by_everybody_who_waits(
    said: Said, provider: Provider, attempt: Attempt, clock: Clock
) -> None:
    said.answers["/.well-known/openid-configuration"] = (503, b"")
    for _ in range(5):
        with pytest.raises(ProviderUnavailable):
            provider.authorisation(attempt, BACK)
    assert said.how_often("/.well-known/openid-configuration") == 1
    clock.now += PAUSE
    said.answers["/.well-known/openid-configuration"] = said.about()
    assert provider.authorisation(attempt, BACK)


def test_a_provider_with_tls_leads_nowhere_without(said: Said, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    safe = {name: str(value).replace("http://", "https://") for name, value in said.about().items()}
    rule = Oidc(issuer=safe["issuer"], client_id="wards")
    for name in (None, "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        asked = Provider(rule, SECRET, clock)
        about = {**safe, **({name: "http://127.0.0.1/x"} if name else {})}
        monkeypatch.setattr(asked, "_json", lambda _method, _address, about=about: about)
        if name is None:
            assert asked.about()["issuer"] == rule.issuer
            continue
        with pytest.raises(ProviderUnavailable, match=name):
            asked.about()


def test_leaving_names_us_and_the_sign_in(said: Said, provider: Provider, clock: Clock) -> None:
    assert provider.leaving("https://wards.example/signed-out", "T") == ""
    there = f"{said.address}/end?x=1"
    said.answers["/.well-known/openid-configuration"] = said.about(end_session_endpoint=there)
    again = Provider(provider.rule, SECRET, clock)
    asked = "client_id=wards&post_logout_redirect_uri=https%3A%2F%2Fwards.example%2Fsigned-out"
    assert again.leaving("https://wards.example/signed-out") == f"{there}&{asked}"
    assert again.leaving("https://wards.example/signed-out", "T") == f"{there}&{asked}&id_token_hint=T"


# ------------------------------------------------------------------------------------------------------------- attempts
def test_an_attempt_is_ended_once_by_its_browser_with_its_state_in_time(clock: Clock) -> None:
    attempts = Attempts(clock)
    one, two = attempts.begin("/a"), attempts.begin("/b")
    assert len({one.browser, one.state, one.nonce, one.verifier, two.browser, two.state}) == 6
    assert attempts.end(one.browser, two.state) is None
    assert attempts.end(one.browser, one.state) is None, "the wrong answer ended it"
    assert attempts.end("", "") is None
    assert attempts.end(two.browser, two.state) == two
    assert attempts.end(two.browser, two.state) is None
    late = attempts.begin("/")
    clock.now += LASTS
    assert attempts.end(late.browser, late.state) is None
    assert attempts.end(attempts.begin("/").browser, "st\u00e4te") is None


def test_whoever_begins_without_end_fills_no_memory(clock: Clock) -> None:
    attempts = Attempts(clock)
    first = attempts.begin("/")
    rest = [attempts.begin("/") for _ in range(MOST)]
    assert attempts.end(first.browser, first.state) is None
    assert attempts.end(rest[0].browser, rest[0].state)
