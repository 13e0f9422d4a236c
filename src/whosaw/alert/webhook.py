"""Alerts posted to an HTTP address, signed as Standard Webhooks has it (https://www.standardwebhooks.com).

The signature covers the id, the time of sending and the body, so that nobody who saw one message can send it again
later or under another id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime
from http.client import HTTPException
from typing import IO

from whosaw.core.errors import WhosawError
from whosaw.core.version import __version__

from .bodies import Body
from .message import Alert, SinkDownError

__all__ = ["WebhookSink", "read_secret", "sign"]

TIMEOUT = 10.0
_LEAST_SECRET = 24  # bytes; what the specification asks for


def read_secret(text: str) -> bytes:
    """The key in `whsec_` and base64, or any other text of at least 24 bytes. Raises `WhosawError`."""
    secret = text.strip().encode()
    if secret.startswith(b"whsec_"):
        try:
            secret = base64.b64decode(secret.removeprefix(b"whsec_"), validate=True)
        except binascii.Error as fault:
            raise WhosawError(
                "alert.secret", "the webhook secret is no base64 after whsec_", hint="Copy it once more"
            ) from fault
    if len(secret) < _LEAST_SECRET:
        raise WhosawError(
            "alert.secret", f"the webhook secret has fewer than {_LEAST_SECRET} bytes", hint="Make one with `openssl rand -base64 32`"
        )  # fmt: skip
    return secret


def sign(secret: bytes, key: str, seconds: int, body: bytes) -> str:
    """The signature header of one message sent at that second (since 1970 UTC)."""
    signed = f"{key}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A finding goes where a person said, and nowhere else."""

    def redirect_request(
        self,
        req: urllib.request.Request,  # noqa: ARG002  # the base class's shape
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: object,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None


class WebhookSink:
    """Posts each alert; any answer from 200 to 299 is a receipt. `clock` gives the time of sending."""

    def __init__(
        self, name: str, body: Body, *, url: str, secret: bytes, clock: Callable[[], datetime]
    ) -> None:
        self.name = name
        self._body, self._url, self._secret, self._clock = body, url, secret, clock
        self._opener = urllib.request.build_opener(_NoRedirect)

    def send(self, alert: Alert, *, perhaps_sent: bool) -> None:  # noqa: ARG002  # the receiver goes by the id
        body = self._body(alert)
        seconds = int(self._clock().timestamp())
        headers = {
            "content-type": "application/json",
            "idempotency-key": alert.key,
            "user-agent": f"whosaw/{__version__}",
            "webhook-id": alert.key,
            "webhook-signature": sign(self._secret, alert.key, seconds, body),
            "webhook-timestamp": str(seconds),
        }
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310  # http(s) alone gets here
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                answer.read(1024)
        except urllib.error.HTTPError as fault:
            with fault:
                raise SinkDownError(f"answered {fault.code}") from None
        except urllib.error.URLError as fault:
            raise SinkDownError(f"cannot be reached ({_reason(fault.reason)})") from None
        except (OSError, HTTPException) as fault:
            raise SinkDownError(f"cannot be reached ({_reason(fault)})") from None

    def close(self) -> None:
        self._opener.close()


def _reason(fault: object) -> str:
    return getattr(fault, "strerror", None) or type(fault).__name__
