"""Addresses of logs in an object store: `s3://BUCKET/KEY`, `gs://BUCKET/KEY`, `az://CONTAINER/KEY`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from whosaw.core.errors import WhosawError

__all__ = ["STORES", "ObjectAddress", "is_object", "read_object"]

STORES: Final = {"s3": "S3", "gs": "Google Cloud Storage", "az": "Azure Blob Storage"}
_STARTS: Final = tuple(f"{scheme}://" for scheme in STORES)
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectAddress:
    """A key of a bucket, or a prefix of keys; `key` is empty for the bucket as a whole."""

    scheme: str
    bucket: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.key}"


def is_object(path: str) -> bool:
    """Whether this is an address in an object store and not a path."""
    return path.startswith(_STARTS)


def read_object(path: str) -> ObjectAddress:
    """Raises `WhosawError` for an address that cannot be one. It repeats nothing of it: somebody may have written a key there."""
    scheme, _, rest = path.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in STORES or not _BUCKET.match(bucket):
        raise WhosawError(
            "objects.address",
            f"an address in {STORES.get(scheme, 'an object store')} is written {scheme}://BUCKET/PREFIX/",
            hint="Keys, accounts and regions stand where the cloud's own programs look for them, never in the address",
        )
    return ObjectAddress(scheme=scheme, bucket=bucket, key=key)
