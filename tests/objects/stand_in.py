"""Loopback stand-ins for the two other clouds: as much of their protocols as it takes to list a prefix and read an object.

Google Cloud Storage by its XML API (as object_store speaks it), Azure by the Blob service's REST API.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_WHEN = "Sat, 28 Nov 2026 10:00:00 GMT"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: Mapping[str, bytes] = {}
    asked: list[str]
    busy: list[int]  # answers that are still to be given instead of what was asked for

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def do_HEAD(self) -> None:  # the standard library's name
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(self.path)
        if self.busy:
            self._send(self.busy.pop(), b"<Error><Code>SlowDown</Code></Error>", {})
            return
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if bucket == "devstoreaccount1":
            bucket, _, key = key.partition("/")
        if query.get("comp") == "list":
            self._send(
                200, _azure_list(self.objects, query.get("prefix", "")), {"Content-Type": "application/xml"}
            )
        elif "list-type" in query:
            self._send(
                200, _google_list(self.objects, query.get("prefix", "")), {"Content-Type": "application/xml"}
            )
        elif key in self.objects:
            self._object(self.objects[key])
        else:
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>", {})

    def _object(self, body: bytes) -> None:
        etag = _etag(body)
        wanted = self.headers.get("If-Match")
        if wanted is not None and wanted.strip('"') != etag.strip('"'):
            self._send(412, b"", {})
            return
        told = {
            "ETag": etag, "Last-Modified": _WHEN, "x-goog-generation": "17", "x-ms-version-id": "2026-11-28T10:00:00Z",
            "x-ms-blob-type": "BlockBlob", "Accept-Ranges": "bytes",
        }  # fmt: skip
        span = self.headers.get("Range") or self.headers.get("x-ms-range")
        if span is None:
            self._send(200, body, told)
            return
        first, _, last = span.removeprefix("bytes=").partition("-")
        part = body[int(first) : int(last) + 1]
        told["Content-Range"] = f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"
        self._send(206, part, told)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _google_list(objects: Mapping[str, bytes], prefix: str) -> bytes:
    told = "".join(
        f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-28T10:00:00.000Z</LastModified>"
        f"<ETag>{escape(_etag(body))}</ETag><Size>{len(body)}</Size></Contents>"
        for key, body in sorted(objects.items())
        if key.startswith(prefix)
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{told}</ListBucketResult>".encode()


def _azure_list(objects: Mapping[str, bytes], prefix: str) -> bytes:
    told = "".join(
        f"<Blob><Name>{escape(key)}</Name><Properties><Last-Modified>{_WHEN}</Last-Modified>"
        f"<Etag>{escape(_etag(body))}</Etag><Content-Length>{len(body)}</Content-Length>"
        "<Content-Type>text/plain</Content-Type></Properties></Blob>"
        for key, body in sorted(objects.items())
        if key.startswith(prefix)
    )
    return f"<EnumerationResults><Blobs>{told}</Blobs><NextMarker/></EnumerationResults>".encode()


@contextmanager
def serving(objects: Mapping[str, bytes], busy: Sequence[int] = ()) -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was asked, while the block runs. First it answers with each status of `busy`."""
    asked: list[str] = []
    handler = type("Handler", (_Handler,), {"objects": objects, "asked": asked, "busy": [*busy]})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
