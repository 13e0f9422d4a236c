"""Asks a time stamp authority (RFC 3161 over HTTP, section 3.4) and refuses an answer that would not hold later."""

from __future__ import annotations

import hashlib
import secrets
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from whosaw.core.errors import WhosawError

from .verify import read_stamp

__all__ = ["Authority", "request_of"]

_SECONDS = 30
_MOST_BYTES = 1 << 20
_SHA256 = bytes.fromhex(
    "300d06096086480165030402010500"
)  # AlgorithmIdentifier of RFC 5754, section 2, with its NULL


class Authority:
    """A time stamp authority by its address. It is sent a digest and a nonce, and nothing else."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise WhosawError(
                "evidence.tsa-address",
                f"{url!r} is no address of a time stamp authority",
                hint="Write it like https://tsa.example.org/",
            )
        self.url = url

    def ask(self, message: bytes) -> bytes:
        """Its answer for `message`, after it was checked to be over it and to be signed."""
        nonce = secrets.randbits(64)
        response = self._post(request_of(hashlib.sha256(message).digest(), nonce))
        try:
            stamp = read_stamp(response)
        except ValueError as fault:
            raise WhosawError(
                "evidence.tsa-refused", f"the time stamp of {self.url} is no use: {fault}"
            ) from fault
        if stamp.digest != hashlib.new(stamp.algorithm, message).digest() or stamp.nonce != nonce:
            raise WhosawError(
                "evidence.tsa-refused",
                f"{self.url} stamped something else than it was asked to",
                hint="Use another one",
            )
        return response

    def _post(self, body: bytes) -> bytes:
        sent = urllib.request.Request(  # noqa: S310  # the scheme was checked
            self.url, data=body, method="POST", headers={"Content-Type": "application/timestamp-query"}
        )
        try:
            with urllib.request.urlopen(sent, timeout=_SECONDS) as answer:  # noqa: S310  # as above
                data: bytes = answer.read(_MOST_BYTES + 1)
        except (OSError, urllib.error.URLError, ValueError) as fault:
            why = getattr(fault, "reason", None) or fault
            raise WhosawError(
                "evidence.tsa-silent",
                f"the time stamp authority {self.url} gave no answer ({why})",
                hint="Nothing was sealed; try again, or seal without --tsa",
            ) from fault
        if len(data) > _MOST_BYTES:
            raise WhosawError(
                "evidence.tsa-refused", f"the answer of {self.url} is too long for a time stamp"
            )
        return data


def request_of(digest: bytes, nonce: int) -> bytes:
    """A TimeStampReq (RFC 3161, section 2.4.1) in DER: version 1, this SHA-256, this nonce, and the certificate is asked for."""
    imprint = _der(0x30, _SHA256 + _der(0x04, digest))
    number = _der(0x02, nonce.to_bytes(nonce.bit_length() // 8 + 1))  # its first bit is the sign
    return _der(0x30, _der(0x02, b"\x01") + imprint + number + _der(0x01, b"\xff"))


def _der(tag: int, content: bytes) -> bytes:
    if len(content) > 127:
        raise ValueError("one byte does not hold the length")
    return bytes([tag, len(content)]) + content
