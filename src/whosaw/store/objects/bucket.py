"""One bucket: its objects in pages, bytes of one of them, and objects put and removed. Retries with back-off are the library's, on errors of the server,
throttling, and connections that break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from whosaw.core.extras import load_extra

from .address import ObjectAddress
from .faults import ObjectGoneError, missing_library, told

__all__ = ["Bucket", "ObjectFacts", "Patience"]

_PAGE: Final = 1_000  # what a store gives in one answer, at most
_PIECE: Final = 8 << 20  # bytes
_AGAIN_AFTER: Final = timedelta(minutes=10)  # then credentials are asked for again: a role's run out


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a request is tried again before it is given up."""

    retries: int = 8
    seconds: float = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFacts:
    """What a store says of an object. `modified` is microseconds since 1970 UTC; a listing does not say the version."""

    key: str
    size: int
    modified: int
    etag: str | None
    version: str | None = None


class Bucket:
    """A bucket, reached with the credentials that the cloud's own programs would take. Safe for threads."""

    def __init__(self, scheme: str, name: str, *, patience: Patience | None = None) -> None:
        self.address = ObjectAddress(scheme=scheme, bucket=name)
        self._obstore = load_extra("obstore", missing_library())
        faults = load_extra("obstore.exceptions", missing_library())
        self._errors: tuple[type[Exception], ...] = (faults.BaseError, OSError, ValueError)
        self._there: type[Exception] = faults.AlreadyExistsError
        self._anonymous = False
        patience = patience or Patience()
        how = {
            # who names an endpoint without TLS, as on a machine's own network, has said so
            "client_options": {"allow_http": True, "connect_timeout": "10s", "read_timeout": "30s", "timeout": "10m"},
            "retry_config": {
                "max_retries": patience.retries,
                "retry_timeout": timedelta(seconds=patience.seconds),
                "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=15), "base": 2},
            },
        }  # fmt: skip
        stores = load_extra("obstore.store", missing_library())
        try:
            self._store = self._opened(stores, name, how)
        except self._errors as fault:
            raise told(fault, self.address) from None

    def _opened(self, stores: Any, name: str, how: dict[str, Any]) -> Any:
        if self.address.scheme == "gs":
            return stores.GCSStore(name, **how)
        if self.address.scheme == "az":
            return stores.AzureStore(name, **how)
        session = load_extra("botocore.session", missing_library()).get_session()
        found = session.get_credentials()
        self._anonymous = found is None
        signing = {"skip_signature": True} if found is None else {"credential_provider": _Credentials(found)}
        region, endpoint = (
            session.get_config_variable("region"),
            session.get_scoped_config().get("endpoint_url"),
        )
        named = {"region": region, "endpoint": endpoint}
        return stores.S3Store(name, **{key: value for key, value in named.items() if value}, **signing, **how)

    @property
    def lists_from_any_key(self) -> bool:
        """Whether a listing can begin behind a key without reading what lies before it, and comes in the order of keys."""
        return self.address.scheme == "s3" and not self.address.bucket.endswith("--x-s3")  # directory buckets

    def pages(self, prefix: str, after: str | None = None) -> Iterator[list[ObjectFacts]]:
        """All objects below a prefix (whole parts of keys), behind a key, in the order of keys. Raises `WhosawError`."""
        stream = self._obstore.list(self._store, prefix or None, offset=after, chunk_size=_PAGE)
        while True:
            try:
                page = next(stream, None)
            except self._errors as fault:
                raise self._told(fault, prefix) from None
            if page is None:
                return
            yield [_facts(each) for each in page]

    def facts(self, key: str, version: str | None = None) -> ObjectFacts | None:
        """What there is to say of an object; None where it, or that version of it, is not there. Raises `WhosawError`."""
        try:
            named = {"version": version} if version is not None else {}
            meta = self._obstore.get(self._store, key, options={"head": True, **named}).meta
        except self._errors as fault:
            error = self._told(fault, key)
            if isinstance(error, ObjectGoneError):
                return None
            raise error from None
        return _facts(meta)

    def fetch(
        self, key: str, start: int, end: int, *, etag: str | None = None, version: str | None = None
    ) -> tuple[bytes, ObjectFacts]:
        """Bytes of an object, of that version of it, and only while it has that ETag. Raises `ObjectChangedError`,
        `ObjectGoneError`, `ObjectLockedAwayError` and `WhosawError`."""
        options: dict[str, Any] = {"if_match": etag, "version": version, "range": (start, end)}
        if end <= start:
            options = {**options, "head": True}
            del options["range"]
        try:
            answer = self._obstore.get(
                self._store,
                key,
                options={name: value for name, value in options.items() if value is not None},
            )
            data = b"" if end <= start else bytes(answer.bytes())
        except self._errors as fault:
            raise self._told(fault, key) from None
        return data, _facts(answer.meta)

    def whole(self, key: str) -> Iterator[bytes]:
        """All bytes of an object as it is when it is asked for, in pieces. Raises `ObjectGoneError` and `WhosawError`."""
        try:
            for piece in self._obstore.get(self._store, key).stream(min_chunk_size=_PIECE):
                yield bytes(piece)
        except self._errors as fault:
            raise self._told(fault, key) from None

    def put(self, key: str, data: bytes | memoryview | Path, *, new: bool) -> bool:
        """Write an object, whole or not at all. With `new` only where none has that key; False where one has. Raises `WhosawError`."""
        how = "create" if new else "overwrite"
        body = (
            data if isinstance(data, Path) else bytes(data)
        )  # what it cannot read at once it reads as parts
        try:
            self._obstore.put(self._store, key, body, mode=how, use_multipart=False)
        except self._there:
            return False
        except self._errors as fault:
            raise self._told(fault, key) from None
        return True

    def remove(self, keys: Sequence[str]) -> None:
        """Remove objects; one that is not there is none the worse. Raises `WhosawError`."""
        for start in range(0, len(keys), _PAGE):
            try:
                self._obstore.delete(self._store, list(keys[start : start + _PAGE]))
            except FileNotFoundError:  # stores that say so
                continue
            except self._errors as fault:
                raise self._told(fault, keys[start]) from None

    def _told(self, fault: Exception, key: str) -> Exception:
        address = ObjectAddress(scheme=self.address.scheme, bucket=self.address.bucket, key=key)
        return told(fault, address, anonymous=self._anonymous)


class _Credentials:
    """What the AWS library found, in the shape that obstore asks for. Held in memory alone, and shown to nobody."""

    def __init__(self, found: Any) -> None:
        self._found = found

    def __call__(self) -> dict[str, Any]:
        now = self._found.get_frozen_credentials()
        return {
            "access_key_id": now.access_key,
            "secret_access_key": now.secret_key,
            "token": now.token,
            "expires_at": datetime.now(UTC) + _AGAIN_AFTER,
        }


def _facts(meta: Any) -> ObjectFacts:
    return ObjectFacts(
        key=meta["path"],
        size=meta["size"],
        modified=int(meta["last_modified"].timestamp()) * 1_000_000 + meta["last_modified"].microsecond,
        etag=meta["e_tag"],
        version=meta["version"],
    )
