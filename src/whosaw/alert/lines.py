"""Alerts as lines of a file or of standard output."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .bodies import Body
from .message import Alert, SinkDownError

__all__ = ["LineSink"]

_TAIL = 1 << 20  # how far back an alert is looked for that was perhaps written before a run was killed


class LineSink:
    """Appends one line per alert to a file, flushed to disk, or writes it to an open descriptor.

    In a regular file a line is written exactly once: what a killed run left is looked for at the end of the file, and
    a line that was torn is cut off. What went into a pipe or a terminal cannot be looked at again.
    """

    def __init__(self, name: str, body: Body, *, path: Path | None = None, descriptor: int = 1) -> None:
        self.name = name
        self._body, self._path, self._given = body, path, descriptor

    def send(self, alert: Alert, *, perhaps_sent: bool) -> None:
        data = self._body(alert) + b"\n"
        try:
            descriptor = self._open()
            try:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    self._append(descriptor, data, perhaps_sent=perhaps_sent)
                else:
                    _write_all(descriptor, data)
            finally:
                if self._path is not None:
                    os.close(descriptor)
        except BrokenPipeError:
            raise SinkDownError("nobody reads it any more") from None
        except OSError as fault:
            raise SinkDownError(f"cannot be written ({fault.strerror})") from fault

    def _open(self) -> int:
        if self._path is None:
            return self._given
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def _append(self, descriptor: int, data: bytes, *, perhaps_sent: bool) -> None:
        readable = self._path or Path(f"/proc/self/fd/{descriptor}")
        if perhaps_sent and self._is_there(readable, descriptor, data):
            return
        _write_all(descriptor, data)
        os.fsync(descriptor)

    def _is_there(self, path: Path, descriptor: int, data: bytes) -> bool:
        size = os.fstat(descriptor).st_size
        with open(path, "rb") as handle:
            handle.seek(max(0, size - _TAIL))
            tail = handle.read()
        if tail and not tail.endswith(b"\n"):
            torn = tail[tail.rfind(b"\n") + 1 :]
            if data.startswith(torn):
                os.ftruncate(descriptor, size - len(torn))
            else:
                _write_all(descriptor, b"\n")  # somebody else's line: ours begins behind it
            return False
        return tail.startswith(data) or b"\n" + data in tail

    def close(self) -> None:
        """Nothing is held open."""


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
