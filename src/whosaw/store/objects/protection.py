"""What an object store itself does to keep objects: versions, object lock, legal holds, and the lifecycle that deletes.

Only S3 is asked. What may not be asked, or is not offered, is "cannot tell", which is not "off".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from whosaw.core.extras import load_extra

from .address import ObjectAddress
from .faults import missing_library, told

__all__ = ["BucketRules", "ObjectLock", "Protection"]

_NO_LOCK: Final = "ObjectLockConfigurationNotFoundError"
_NO_LIFECYCLE: Final = "NoSuchLifecycleConfiguration"
_NO_KEYS: Final = "NoCredentialsError"
_UNASKED: Final = frozenset(
    {_NO_KEYS, "AccessDenied", "403", "NotImplemented", "MethodNotAllowed", "501", "405"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRules:
    """What is set for a whole bucket. `versioning` and `lock` are on, off, suspended or cannot-tell; a default of the lock is put on
    every object that is written. `lifecycle` is the JSON text of its rules; None where there is none. `unasked` names what could not be
    told."""

    versioning: str = "cannot-tell"
    lock: str = "cannot-tell"
    default_mode: str | None = None
    default_days: int | None = None
    lifecycle: str | None = None
    unasked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLock:
    """What keeps one version of an object from being deleted: until when, in which mode, and whether it is under the store's own legal
    hold."""

    mode: str | None
    until: datetime | None
    legal_hold: bool


class Protection:
    """Asks a bucket in S3. Raises `WhosawError` where the store cannot be reached."""

    def __init__(self, address: ObjectAddress) -> None:
        self._address = address
        self._client: Any = None
        self._errors: tuple[type[Exception], ...] = ()
        if address.scheme == "s3":
            session = load_extra("botocore.session", missing_library()).get_session()
            faults = load_extra("botocore.exceptions", missing_library())
            self._errors = (faults.ClientError, faults.BotoCoreError)
            self._client = session.create_client("s3")
        self._unasked: list[str] = []

    def rules(self) -> BucketRules:
        """What is set for the bucket."""
        if self._client is None:
            return BucketRules(unasked=("versioning", "lock", "lifecycle"))
        versioning = self._ask("versioning", self._client.get_bucket_versioning)
        lock = self._ask("lock", self._client.get_object_lock_configuration)
        lifecycle = self._ask("lifecycle", self._client.get_bucket_lifecycle_configuration)
        default = (
            ((lock or {}).get("ObjectLockConfiguration") or {}).get("Rule", {}).get("DefaultRetention", {})
        )
        years = default.get("Years")
        return BucketRules(
            versioning="cannot-tell" if versioning is None else _versioning(versioning.get("Status")),
            lock="cannot-tell" if lock is None else "on" if lock else "off",
            default_mode=default.get("Mode"),
            default_days=int(years) * 365 if years else default.get("Days"),
            lifecycle=json.dumps({"Rules": lifecycle["Rules"]}, default=_as_text) if lifecycle else None,
            unasked=tuple(self._unasked),
        )

    def lock_of(self, key: str, version: str | None) -> ObjectLock | None:
        """What keeps this version of an object; None where it cannot be told."""
        if self._client is None:
            return None
        named = {"VersionId": version} if version is not None else {}
        try:
            answer = self._client.head_object(Bucket=self._address.bucket, Key=key, **named)
        except self._errors as fault:
            if _code(fault) is None:
                raise told(fault, self._address) from None
            return None
        return ObjectLock(
            mode=answer.get("ObjectLockMode"),
            until=answer.get("ObjectLockRetainUntilDate"),
            legal_hold=answer.get("ObjectLockLegalHoldStatus") == "ON",
        )

    def _ask(self, what: str, question: Any) -> dict[str, Any] | None:
        """The answer; empty where the store says that there is none, None where it may not be asked."""
        try:
            answer: dict[str, Any] = question(Bucket=self._address.bucket)
        except self._errors as fault:
            code = _code(fault)
            if code in (_NO_LOCK, _NO_LIFECYCLE):
                return {}
            if code not in _UNASKED:
                raise told(fault, self._address) from None
            self._unasked.append(what)
            return None
        return answer


def _as_text(value: object) -> str:
    """A date that a rule names; JSON has nothing else that the library would make an object of."""
    assert isinstance(value, datetime)
    return value.isoformat()


def _versioning(status: str | None) -> str:
    return {"Enabled": "on", "Suspended": "suspended"}.get(status or "", "off")


def _code(fault: Exception) -> str | None:
    """The code of an error that the store answered with, or that nothing was there to sign with; None where there was no answer."""
    if type(fault).__name__ == _NO_KEYS:
        return _NO_KEYS
    response = getattr(fault, "response", None)
    return str(response.get("Error", {}).get("Code")) if isinstance(response, dict) else None
