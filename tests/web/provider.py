"""An OpenID provider on loopback, under a test's control: discovery, authorization, tokens and keys, signed with another library than the
one that reads them. It keeps to the rules by itself: a code is good once, for its client, its address and its verifier."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

CLIENT, SECRET = "whosaw", "a secret of nobody"


def same(claims: dict[str, Any]) -> dict[str, Any]:
    return claims


@dataclass
class Provider:
    """`user`: the claims of whoever is at the browser. `twist` changes what is signed, `sign` how."""

    issuer: str = ""
    user: dict[str, Any] = field(
        default_factory=lambda: {"sub": "248", "preferred_username": "kim", "groups": ["dpo"]}
    )
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    key_id: str = "one"
    twist: Callable[[dict[str, Any]], dict[str, Any]] = same
    sign: Callable[[Provider, dict[str, Any]], str] = field(default=lambda self, claims: self.signed(claims))
    about: Callable[[dict[str, Any]], dict[str, Any]] = same
    codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": self.key_id})

    def jwks(self) -> dict[str, Any]:
        told = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**told, "kid": self.key_id, "use": "sig", "alg": "ES256"}]}

    def discovery(self) -> dict[str, Any]:
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        return self.about(
            {"issuer": self.issuer, **{name: self.issuer + path for name, path in paths.items()}}
        )

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes back to: the user said yes."""
        self.asked.append(asked)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert {"openid"} <= set(asked["scope"].split())
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked, self.user
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked, user = self.codes.pop(form.get("code", ""), (None, {}))
        client = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        made = (
            base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
            .rstrip(b"=")
            .decode()
        )
        if asked is None or authorization != f"Basic {client}":
            return 401, {"error": "invalid_client"}
        if made != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "sid": "s1",
            **user,
        }
        return 200, {
            "access_token": "of no use",
            "token_type": "Bearer",
            "id_token": self.sign(self, self.twist(claims)),
        }

    def logout_token(self, **changes: Any) -> str:
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": secrets.token_hex(8), "sub": self.user["sub"], "sid": "s1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, **changes,
        }  # fmt: skip
        return self.sign(self, {name: value for name, value in claims.items() if value is not None})


@contextmanager
def provider() -> Iterator[Provider]:
    """One for as long as the block lasts."""
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", made.authorize(dict(parse_qsl(parts.query))))
                self.end_headers()
                return
            answers = {"/.well-known/openid-configuration": made.discovery, "/jwks": made.jwks}
            self._say(200, answers[parts.path]())

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._say(*made.token(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, told: dict[str, Any]) -> None:
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing is logged here."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
