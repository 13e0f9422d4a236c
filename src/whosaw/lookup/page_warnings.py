"""What a look-up page reports, and what it is told, across the gap to the workspace: three files with a keyed check of each line.

`warnings.jsonl`, and `serves.json` with the version that it serves, are written by the page and read by `whosaw lookup warnings`; `brake.json` is written by `whosaw lookup brake` and read by the page.
Neither side opens anything else of the other.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros, parse_instant

from .limits import PageWarning

__all__ = [
    "BRAKE",
    "SERVES",
    "Reported",
    "WarningFile",
    "brake_text",
    "brake_told",
    "serves_text",
    "serves_told",
]

_HOUR: Final = 3_600_000_000
_WARNINGS: Final = "warnings.jsonl"
BRAKE: Final = "brake.json"
SERVES: Final = "serves"  # with .json behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A warning as it stands in the file: its number from 1, and how many waited for their answer then."""

    number: int
    kind: str
    at: datetime
    many: int
    waiting: int
    case: str
    version: int


class WarningFile:
    """The warnings of one page, in the folder that it keeps. Each line carries a keyed check of itself and of the one before, so that none is
    changed or lost in between."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._path, self._secret = folder / _WARNINGS, secret
        self._last: dict[str, int] = {}

    def report(
        self, warnings: Sequence[PageWarning], *, case: str, version: int, waiting: Callable[[], int]
    ) -> list[Reported]:
        """Put warnings down, on disk when this returns. One kind is reported once an hour at most. Returns those that were. `waiting` counts who
        waits for an answer, which costs ever more while it is most wanted to be quick."""
        fresh = [each for each in warnings if each.at - self._last.get(each.kind, -_HOUR) >= _HOUR]
        if not fresh:
            return []
        number, check = self._end()
        many = waiting()
        told: list[Reported] = []
        lines = b""
        for each in fresh:
            number += 1
            self._last[each.kind] = each.at
            told.append(
                Reported(
                    number=number, kind=each.kind, at=from_micros(each.at), many=each.many, waiting=many, case=case, version=version
                )
            )  # fmt: skip
            body = {
                "number": number, "kind": each.kind, "at": format_instant(from_micros(each.at)), "many": each.many,
                "waiting": many, "case": case, "version": version,
            }  # fmt: skip
            check = self._check(check, body)
            lines += canonical_json({**body, "check": check}) + b"\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as handle:
            handle.write(lines)
            handle.flush()
            os.fsync(handle.fileno())
        return told

    def read(self) -> list[Reported]:
        """All of them. Raises `WhosawError` where a line is not what the page wrote."""
        found: list[Reported] = []
        check = ""
        for at, raw in enumerate(self._lines(), start=1):
            told = _read(raw)
            given = told.pop("check", "")
            check = self._check(check, told)
            if not hmac.compare_digest(str(given), check) or told.get("number") != at:
                raise WhosawError(
                    "lookup.warnings",
                    f"{self._path}, line {at}: is not what the look-up page wrote",
                    hint="Another table's key, or somebody changed the file: look at the machine of the page",
                )
            found.append(Reported(**{**told, "at": parse_instant(str(told["at"]))}))
        return found

    def _end(self) -> tuple[int, str]:
        lines = self._lines()
        last = _read(lines[-1]) if lines else {}
        return len(lines), str(last.get("check", ""))

    def _lines(self) -> list[bytes]:
        try:
            return self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as fault:
            raise WhosawError(
                "lookup.warnings",
                f"{self._path} cannot be read ({fault.strerror})",
                hint="Name the folder that the page keeps",
            ) from fault

    def _check(self, before: str, body: dict[str, Any]) -> str:
        return hmac.digest(self._secret, before.encode() + b"\n" + canonical_json(body), "sha256").hex()


def _read(raw: bytes) -> dict[str, Any]:
    try:
        told = json.loads(raw)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def brake_text(secret: bytes, *, until: datetime | None, at: datetime) -> bytes:
    """What is written for the page: nothing is answered before `until`, or, with None, the brake is off."""
    body = {"at": format_instant(at), "until": None if until is None else format_instant(until)}
    return canonical_json(
        {**body, "check": hmac.digest(secret, b"brake\n" + canonical_json(body), "sha256").hex()}
    )


def brake_told(folder: Path, secret: bytes) -> tuple[datetime, datetime | None] | None:
    """When the brake was last told anything, and until when it holds; None where it never was, or not by whoever has the key."""
    try:
        told = _read((folder / BRAKE).read_bytes())
    except OSError:
        return None
    given = str(told.pop("check", ""))
    if not hmac.compare_digest(given, hmac.digest(secret, b"brake\n" + canonical_json(told), "sha256").hex()):
        return None
    until = told.get("until")
    return parse_instant(str(told["at"])), None if until is None else parse_instant(str(until))


def serves_text(secret: bytes, *, case: str, version: int, at: datetime) -> bytes:
    """What a page says of itself when it begins: which version of which case it serves."""
    body = {"at": format_instant(at), "case": case, "version": version}
    return canonical_json(
        {**body, "check": hmac.digest(secret, b"serves\n" + canonical_json(body), "sha256").hex()}
    )


def serves_told(folder: Path, secret: bytes) -> tuple[str, int] | None:
    """The case and the version that a page serves; None where it never said so, or not under this key."""
    try:
        told = _read((folder / f"{SERVES}.json").read_bytes())
    except OSError:
        return None
    given = str(told.pop("check", ""))
    if not hmac.compare_digest(
        given, hmac.digest(secret, b"serves\n" + canonical_json(told), "sha256").hex()
    ):
        return None
    return str(told["case"]), int(told["version"])
