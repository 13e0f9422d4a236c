"""What can go wrong with an object store, as one clear line. The library's own words are not repeated: a store's answer may
hold the name of a key or what was signed."""

from __future__ import annotations

import re
from typing import Final

from whosaw.core.errors import Where, WhosawError

from .address import STORES, ObjectAddress

__all__ = ["ObjectChangedError", "ObjectGoneError", "ObjectLockedAwayError", "missing_library", "told"]

_CODE: Final = re.compile(r"<Code>([A-Za-z0-9.]{1,60})</Code>")
_STATUS: Final = re.compile(r"status code: (\d{3})")
_HOST: Final = re.compile(r"https?://([^/\s?]+)")
_TRIES: Final = re.compile(r"after (\d+) retries")
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName"})
_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
_ARCHIVED: Final = frozenset({"InvalidObjectState", "BlobArchived"})
_NO_KEYS: Final = (
    "169.254.169.254",
    "169.254.170.2",
    "metadata.google.internal",
    "redential error",
    "token request",
)
_NO_ANSWER: Final = re.compile(r"HTTP error|[Cc]onnect|[Tt]imed? ?out")
_BUSY: Final = re.compile(r"5\d\d|429")
_RIGHTS: Final = {
    "s3": "It takes s3:ListBucket on the bucket, and s3:GetObject and s3:GetObjectVersion on its objects",
    "gs": "It takes storage.objects.list and storage.objects.get (role Storage Object Viewer)",
    "az": "It takes the role Storage Blob Data Reader on the container",
}
_WHERE_KEYS: Final = {
    "s3": "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run it where a role is given",
    "gs": "Set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`",
    "az": "Set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or a client, or run it where an identity is given",
}  # fmt: skip


class ObjectChangedError(Exception):
    """The object is no longer the one that was listed: its ETag is another."""


class ObjectGoneError(Exception):
    """There is no such object, or no such version of it."""


class ObjectLockedAwayError(Exception):
    """The object is in a storage class from which nothing can be read before it is restored."""


def missing_library() -> WhosawError:
    """What is said where the extra is not installed."""
    return WhosawError(
        "objects.not-installed",
        "logs in an object store need libraries that are not installed",
        hint="pip install 'whosaw[cloud]'",
    )


def no_credentials(address: ObjectAddress) -> WhosawError:
    """What is said where the cloud's own conventions give no credentials."""
    return WhosawError(
        "objects.no-credentials",
        f"there are no credentials for {STORES[address.scheme]}",
        hint=_WHERE_KEYS[address.scheme],
        where=Where(file=f"{address.scheme}://{address.bucket}"),
    )


def told(fault: Exception, address: ObjectAddress, *, anonymous: bool = False) -> Exception:
    """What to raise for an error of the library; `anonymous` where nothing was there to sign with."""
    kind, text = type(fault).__name__, str(fault)
    code, status = _first(_CODE, text), _first(_STATUS, text)
    bucket = Where(file=f"{address.scheme}://{address.bucket}")
    if code in _NO_BUCKET:
        return WhosawError(
            "objects.no-bucket",
            f"there is no such bucket in {STORES[address.scheme]}",
            hint="Check its name, and the account and endpoint that it belongs to",
            where=bucket,
        )
    if code in _ARCHIVED:
        return ObjectLockedAwayError(code)
    if kind == "PreconditionError" or status == "412":
        return ObjectChangedError(str(address))
    if isinstance(fault, FileNotFoundError) or code in ("NoSuchKey", "NoSuchVersion", "BlobNotFound"):
        return ObjectGoneError(str(address))
    if kind == "InvalidPathError":
        return WhosawError(
            "objects.key",
            "below this prefix is a key with an empty part, `.` or `..` between its slashes, which cannot be read",
            hint="Name prefixes that leave it out, or copy those objects under another key",
            where=Where(file=str(address)),
        )
    if code in _REGION or status == "301":
        return WhosawError(
            "objects.region",
            "the bucket is in another region",
            hint="Say which with AWS_REGION",
            where=bucket,
        )
    if any(each in text for each in _NO_KEYS) or (anonymous and status in ("401", "403")):
        return no_credentials(address)
    if kind in ("PermissionDeniedError", "UnauthenticatedError") or status in ("400", "401", "403"):
        return WhosawError(
            "objects.refused",
            f"the store refuses it ({code or status or 'no right'})",
            hint=_RIGHTS[address.scheme],
            where=Where(file=str(address)),
        )
    if not (_TRIES.search(text) or _NO_ANSWER.search(f"{kind} {text}") or _BUSY.match(status or "")):
        return WhosawError(
            "objects.failed",
            f"{STORES[address.scheme]} gives an answer that is not understood ({code or status or kind})",
            hint="Check that the endpoint is the store, and no page of a proxy",
            where=Where(file=str(address)),
        )
    return _away(text, address, code or status)


def _away(text: str, address: ObjectAddress, answer: str | None) -> WhosawError:
    """A store that cannot be reached, or answers with an error of its own after all tries."""
    tries, host = _first(_TRIES, text), _first(_HOST, text)
    said = f"answers {answer}" if answer else "does not answer"
    after = f" after {int(tries) + 1} tries" if tries else ""
    return WhosawError(
        "objects.away",
        f"{STORES[address.scheme]}{f' at {host}' if host else ''} {said}{after}; what was read before is kept",
        hint="Check the network, then run the same command again: it goes on where it stopped",
        where=Where(file=str(address)),
    )


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found is not None else None
