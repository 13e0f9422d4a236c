"""Goes through the drafts of a map: what waits, and one decision after another, each kept in the file at once."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from whosaw.core.errors import FaultsError, Where, WhosawError
from whosaw.mapping.data_map import load_map
from whosaw.mapping.drafts.review import Waiting, accepted, edited, rejected, waiting_in
from whosaw.store.files import write_atomically

__all__ = ["Decision", "MapReview", "WaitingRoute", "decide_on_map", "told_route", "waiting_drafts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision on one draft: `what` is accept, reject or edit; an edit sets `name` to `value`, which is TOML."""

    what: str
    id: str
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRoute:
    """A draft that waits; `confidence` is that of its least sure field."""

    id: str
    confidence: str
    categories: tuple[str, ...]
    match: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapReview:
    """What was decided just now, and what waits."""

    file: str
    accepted: tuple[str, ...]
    rejected: tuple[str, ...]
    edited: tuple[str, ...]
    waiting: tuple[WaitingRoute, ...]


def waiting_drafts(map_file: Path) -> tuple[Waiting, ...]:
    """The drafts of a map that nobody has decided on. Raises `WhosawError` where the map cannot be read."""
    return waiting_in(_text(map_file))


def decide_on_map(map_file: Path, decisions: Sequence[Decision]) -> MapReview:
    """Take decisions in order and write the map once. Where one cannot be taken, nothing is written."""
    text = before = _text(map_file)
    for each in decisions:
        try:
            if each.what == "edit":
                text = edited(text, each.id, each.name, each.value)
            else:
                text = accepted(text, each.id) if each.what == "accept" else rejected(text, each.id)
        except WhosawError as fault:
            raise WhosawError(
                fault.code, fault.message, hint=fault.hint, where=Where(file=str(map_file), item=each.id)
            ) from fault
    if text != before:
        _check(text, map_file)
        write_atomically(map_file, text.encode(), mode=map_file.stat().st_mode & 0o777)
    done = {
        what: tuple(each.id for each in decisions if each.what == what)
        for what in ("accept", "reject", "edit")
    }
    return MapReview(
        file=str(map_file), accepted=done["accept"], rejected=done["reject"], edited=done["edit"],
        waiting=tuple(told_route(each) for each in waiting_in(text)),
    )  # fmt: skip


def _text(map_file: Path) -> str:
    try:
        return map_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise WhosawError(
            "review.unreadable", "cannot be read as text", where=Where(file=str(map_file))
        ) from fault


def _check(text: str, map_file: Path) -> None:
    """Refuse what would not load; a map of which every draft was rejected may be empty."""
    if "[[route]]" not in text:
        return
    with tempfile.TemporaryDirectory(prefix="whosaw-review-") as folder:
        tried = Path(folder) / map_file.name
        tried.write_text(text, encoding="utf-8")
        try:
            load_map(tried)
        except FaultsError as broken:
            first = broken.faults[0]
            raise WhosawError(
                first.code,
                f"the map would be faulty: {first.message}",
                hint=first.hint,
                where=Where(file=str(map_file), item=first.where.item),
            ) from broken


def told_route(each: Waiting) -> WaitingRoute:
    """A draft as people are told of it."""
    match = each.values.get("match", {})
    subject = each.values.get("subject", {})
    method = match.get("method", "")
    place = match.get("path") or " ".join(str(match[name]) for name in ("action", "object") if name in match)
    return WaitingRoute(
        id=each.id, confidence=each.confidence, categories=tuple(map(str, each.values.get("categories", ()))),
        match=f"{' '.join(method) if isinstance(method, list) else method} {place}".strip(),
        subject=" ".join(str(subject[name]) for name in ("from", "name") if name in subject), why=str(each.values.get("why", "")),
    )  # fmt: skip
