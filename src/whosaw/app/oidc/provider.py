"""Talks with an OpenID provider: OpenID Connect Core 1.0 by code flow with PKCE (RFC 7636), and Back-Channel Logout 1.0. What it says counts
only under its own signature, for this client, this login and this moment. Needs the extra `sso`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra

__all__ = ["Ended", "Known", "Provider"]

_ALGORITHMS: Final = (
    "RS256",
    "PS256",
    "ES256",
    "EdDSA",
    "Ed25519",
)  # a signature of the provider's own; no shared secret, and never none
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_SECONDS: Final = 10.0
_MOST: Final = 1 << 20  # bytes of an answer
_LEEWAY: Final = 60  # seconds by which clocks may differ
_LOGOUT: Final = "http://schemas.openid.net/event/backchannel-logout"
_MISSING: Final = WhosawError(
    "sso.missing", "single sign-on needs libraries that are not installed", hint="pip install 'whosaw[sso]'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Who was logged out at the provider: a session of theirs, or all where `session` is empty."""

    subject: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a provider says of somebody, by claim: `texts` those that are one, `values` the texts of those that are one or a list of them,
    `true` the names of those that it says are so. `session` is empty where it named none."""

    subject: str
    session: str
    texts: Mapping[str, str]
    values: Mapping[str, frozenset[str]]
    true: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Provider:
    """A provider by its issuer, and what it knows whosaw by. What it publishes of itself is asked for once."""

    issuer: str
    client_id: str
    secret_file: Path | None
    scope: str = "openid profile email"
    _told: dict[str, str] = field(default_factory=dict, repr=False)
    _keys: object = field(default=None, repr=False)

    def about(self) -> Mapping[str, str]:
        """What it publishes of itself (OpenID Connect Discovery 1.0), which has to be of this issuer."""
        if not self._told:
            told = self._get(_safe(self.issuer).rstrip("/") + "/.well-known/openid-configuration")
            if told.get("issuer") != self.issuer:
                raise WhosawError(
                    "sso.provider",
                    f"{self.issuer} says that it is another issuer",
                    hint="Name it exactly as it names itself",
                )
            self._told = {each: _safe(str(told.get(each, ""))) for each in _ENDPOINTS}
        return self._told

    def begin(self, *, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to."""
        with self._session(back) as session:
            address, _ = session.create_authorization_url(
                self.about()["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        return str(address)

    def finish(self, code: str, *, back: str, nonce: str, verifier: str, now: datetime) -> Known:
        """What the provider says of who came back with this code."""
        faults = load_extra("authlib.common.errors", _MISSING)
        network = load_extra("requests", _MISSING)
        try:
            with self._session(back) as session:
                answer = session.fetch_token(
                    self.about()["token_endpoint"], code=code, code_verifier=verifier,
                    grant_type="authorization_code", allow_redirects=False, timeout=_SECONDS,
                )  # fmt: skip
        except (faults.AuthlibBaseError, network.RequestException, ValueError) as fault:
            raise _refused(f"the provider gave nothing for this login ({type(fault).__name__})") from fault
        kinds = load_extra("authlib.oidc.core", _MISSING)
        claims = self._signed(answer.get("id_token"))
        params = {"nonce": nonce, "client_id": self.client_id, "access_token": answer.get("access_token")}
        self._validated(
            kinds.CodeIDToken(claims.claims, claims.header, self._options("sub", "nonce"), params), now
        )
        said = claims.claims
        return Known(
            subject=str(said["sub"]),
            session=str(said.get("sid", "")),
            texts={name: value for name, value in said.items() if isinstance(value, str)},
            values={name: _values(value) for name, value in said.items()},
            true=frozenset(name for name, value in said.items() if value is True or value == "true"),
        )

    def ended(self, logout_token: str, *, now: datetime) -> Ended:
        """Whom a token of back-channel logout is about (section 2.6)."""
        told = self._signed(logout_token)
        kinds = load_extra("authlib.oauth2.claims", _MISSING)
        self._validated(kinds.JWTClaims(told.claims, told.header, self._options("iat", "jti")), now)
        claims = told.claims
        events, subject, session = claims.get("events"), claims.get("sub", ""), claims.get("sid", "")
        if (
            not isinstance(events, dict)
            or _LOGOUT not in events
            or "nonce" in claims
            or not (subject or session)
        ):
            raise _refused("this is no token of a logout")
        if abs(now.timestamp() - float(claims["iat"])) > 10 * _LEEWAY:
            raise _refused("this token of a logout is too old")
        return Ended(subject=str(subject), session=str(session))

    def _options(self, *needed: str) -> Any:
        return {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            **{each: {"essential": True} for each in needed},
        }

    def _validated(self, claims: Any, now: datetime) -> None:
        faults = load_extra("joserfc.errors", _MISSING)
        try:
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        except (faults.JoseError, TypeError, ValueError) as fault:
            raise _refused(f"what the provider said does not hold ({fault})") from fault

    def _signed(self, text: object) -> Any:
        """A token whose signature is one of the provider's; its keys are asked for anew where it names one that is not known."""
        jwt, jwk = load_extra("joserfc.jwt", _MISSING), load_extra("joserfc.jwk", _MISSING)
        faults = load_extra("joserfc.errors", _MISSING)
        jws = load_extra("joserfc.jws", _MISSING)
        if not isinstance(text, str) or len(text) > _MOST:
            raise _refused("the provider sent no token")
        registry = jws.JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
        for again in (False, True):
            if self._keys is None or again:
                self._keys = jwk.KeySet.import_key_set(self._get(self.about()["jwks_uri"]))
            try:
                return jwt.decode(text, key=self._keys, registry=registry)
            except faults.InvalidKeyIdError as fault:
                if again:
                    raise _refused("the provider's token is signed with none of its keys") from fault
            except (faults.JoseError, ValueError, TypeError) as fault:
                raise _refused(f"the provider's token does not hold ({type(fault).__name__})") from fault
        raise AssertionError("the second time it is returned or refused")

    def _session(self, back: str) -> Any:
        made = load_extra("authlib.integrations.requests_client", _MISSING)
        secret = None if self.secret_file is None else _secret(self.secret_file)
        return made.OAuth2Session(
            self.client_id,
            secret,
            scope=self.scope,
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="none" if secret is None else "client_secret_basic",
        )

    def _get(self, address: str) -> Any:
        network = load_extra("requests", _MISSING)
        try:
            with network.get(_safe(address), timeout=_SECONDS, allow_redirects=False, stream=True) as answer:
                data = answer.raw.read(_MOST + 1, decode_content=True)
                if answer.status_code != 200 or len(data) > _MOST:
                    raise _down(address, f"it answered {answer.status_code}")
            told = json.loads(data)
        except (network.RequestException, ValueError, OSError) as fault:
            raise _down(address, type(fault).__name__) from fault
        if not isinstance(told, dict):
            raise _down(address, "it answered no object")
        return told


def _values(said: object) -> frozenset[str]:
    if isinstance(said, str):
        return frozenset({said})
    return (
        frozenset(each for each in said if isinstance(each, str)) if isinstance(said, list) else frozenset()
    )


def _secret(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise WhosawError(
                "sso.open-secret", f"others may read the secret {path}", hint=f"Run `chmod 600 {path}`"
            )
        return path.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise WhosawError("sso.secret", f"the secret {path} cannot be read ({fault.strerror})") from fault


def _safe(address: str) -> str:
    """Through TLS, or on this machine itself."""
    parts = urlsplit(address)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and _here(parts.hostname))):
        return address
    raise WhosawError(
        "sso.address",
        f"{address!r} is no https address of a provider",
        hint="Name its issuer, such as https://login.example.org",
    )


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(why: str) -> WhosawError:
    return WhosawError("sso.refused", why, hint="Begin again from the page where one logs in")


def _down(address: str, why: str) -> WhosawError:
    return WhosawError(
        "sso.down",
        f"the provider cannot be asked ({urlsplit(address).netloc}: {why})",
        hint="Try again later, or log in with a password",
    )
