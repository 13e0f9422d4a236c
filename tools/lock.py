"""Holds every shipped item to its id: `python -m tools.lock --write | --check`.

src/whosaw/data/lock.json keeps, for each item, the digest of what it says. An id is for life: an item that
goes away is named in src/whosaw/data/retired.toml with a reason and a successor, and its id never comes back.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from tools.generated import DATA, main

__all__ = ["digest", "items", "lock", "violations"]

_LOCK = DATA / "lock.json"
_RETIRED = DATA / "retired.toml"


def _plain(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be in an item")


def digest(data: dict[str, Any]) -> str:
    """What an item says, whatever its layout and comments: a reformatted file keeps its digest."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def items(folder: Path) -> dict[str, str]:
    """Digest of each item under `folder` by id: its path without the suffix.

    A file of categories holds several items, each under its own key.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*/**/*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        name = path.relative_to(folder).with_suffix("").as_posix()
        if name.startswith("categories/"):
            found.update({f"categories/{entry['key']}": digest(entry) for entry in data["category"]})
        else:
            found[name] = digest(data)
    return found


def violations(now: dict[str, str], locked: dict[str, str], retired: dict[str, dict[str, Any]]) -> list[str]:
    """Every broken promise about ids; empty when the items may be locked."""
    found = [
        f"{id_} is gone. Bring it back, or name it in retired.toml with a reason and a successor"
        for id_ in sorted(locked.keys() - now.keys() - retired.keys())
    ]
    found += [
        f"{id_} was retired and is back: ids are never reused" for id_ in sorted(now.keys() & retired.keys())
    ]
    for id_, entry in sorted(retired.items()):
        if not str(entry.get("reason", "")).strip():
            found.append(f"{id_} is retired without a reason")
        successor = entry.get("successor")
        if successor is None or (successor != "none" and successor not in now):
            found.append(f'{id_} is retired: its successor must be an item that exists, or "none"')
    return found


def lock(now: dict[str, str]) -> str:
    """The text of lock.json."""
    return json.dumps(now, indent=2, sort_keys=True) + "\n"


def _locked() -> dict[str, str]:
    return dict(json.loads(_LOCK.read_text(encoding="utf-8"))) if _LOCK.is_file() else {}


def _retired() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_RETIRED.read_text(encoding="utf-8")) if _RETIRED.is_file() else {}


if __name__ == "__main__":
    sys.exit(
        main(
            "lock", lambda: {_LOCK: lock(items(DATA))}, lambda: violations(items(DATA), _locked(), _retired())
        )
    )
