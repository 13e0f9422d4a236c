"""A request as it is kept: the contact sealed, and who asked as keyed digests that say no more than whether it is the same one."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from whosaw.core.errors import WhosawError
from whosaw.packs.contacts import Contact
from whosaw.store.lookup.lookup_store import Asked

from .table import TableKeys

__all__ = ["Sealing", "network_of"]

_NONCE: Final = 12


class Sealing:
    """Seals and opens requests with the key of the service."""

    def __init__(self, keys: TableKeys) -> None:
        self._box = AESGCM(keys.secret("requests"))
        self._secret = keys.secret("who asks")

    def asked(self, contact: Contact, *, address: str, device: str, language: str, now: int) -> Asked:
        """A request that just came from an address, by a browser that carries `device` (empty: none)."""
        network = self._digest("network", network_of(address))
        return Asked(
            time=now,
            contact=self._seal(contact.key),
            key=self._digest("contact", contact.key),
            network=network,
            device=self._digest("device", device) if device else network,
            language=language,
        )

    def network(self, address: str) -> str:
        """The digest of the network of an address."""
        return self._digest("network", network_of(address))

    def contact(self, asked: Asked) -> Contact:
        """The contact of a request."""
        raw = base64.b64decode(asked.contact)
        try:
            told = self._box.decrypt(raw[:_NONCE], raw[_NONCE:], b"contact").decode().rstrip()
        except InvalidTag as fault:
            raise WhosawError(
                "lookup.key",
                "a request that was kept does not open with this key",
                hint="Serve it with the key that it came in under",
            ) from fault
        kind, _, text = told.partition(":")
        return Contact(kind=kind, text=text)

    def new_device(self) -> str:
        """A mark for a browser that has none."""
        mark = os.urandom(12).hex()
        return f"{mark}.{self._digest('mark', mark)}"

    def read_device(self, mark: str) -> str:
        """The mark of a browser where it was made here; else empty."""
        told, _, check = mark.partition(".")
        return told if told and hmac.compare_digest(check, self._digest("mark", told)) else ""

    def _seal(self, text: str) -> str:
        nonce = os.urandom(_NONCE)
        padded = text.encode().ljust(272)  # all as long as the longest contact, so that the size says nothing
        return base64.b64encode(nonce + self._box.encrypt(nonce, padded, b"contact")).decode()

    def _digest(self, what: str, text: str) -> str:
        return hmac.digest(self._secret, f"{what}\n{text}".encode(), "sha256")[:12].hex()


def network_of(address: str) -> str:
    """What one household or company has of the network: 24 bits of IPv4 (32 would let one rent a row of them), 48 of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "none"
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))
