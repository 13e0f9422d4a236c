"""Drafts from events that have no path: what was done (`view_account`), and to what (`Patient/4711`, `KE-0102-55`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa

from whosaw.store.sql import Session

from .draft import Draft, choose_subject
from .field_hints import Hints
from .judge import Place, judge_field

__all__ = ["ObjectCounts", "drafts_of_objects"]

_OBJECT = re.compile(r"(?:([A-Za-z][A-Za-z_]{1,63})/)?([^/\s{}*]*[0-9][^/\s{}*]*)")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MOST = 20_000  # kinds of objects and actions


@dataclass(slots=True)
class ObjectCounts:
    """Counts events without a path by the word before an id; where there is none, by the action and the name of the field that holds the
    id. Raw values are dropped at once."""

    seen: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (word, action, field) -> events

    @property
    def events(self) -> int:
        return sum(self.seen.values())

    def add(self, events: pa.Table, session: Session, named: str = "") -> None:
        """Count one table of canonical events; the order of tables does not matter. `named` is what its format calls the object."""
        if "object" not in events.column_names:
            return
        names = {"path": pa.string(), "action": pa.string(), "object": pa.string(), "ok": pa.bool_()}
        table = pa.table(
            {
                name: events[name] if name in events.column_names else pa.nulls(events.num_rows, kind)
                for name, kind in names.items()
            }
        )
        grouped = session.query(
            """
            SELECT coalesce(action, '') AS action, object, count(*) AS events FROM t
            WHERE path IS NULL AND object IS NOT NULL AND length(object) <= 200 AND ok IS NOT false GROUP BY ALL ORDER BY ALL
            """,
            t=table,
        )
        for row in grouped.to_pylist():
            found = _OBJECT.fullmatch(row["object"])
            if found is None or not (found[1] or row["action"]):
                continue
            key = (found[1], "", "") if found[1] else ("", row["action"], named)
            if key in self.seen or len(self.seen) < _MOST:
                self.seen[key] = self.seen.get(key, 0) + row["events"]


def drafts_of_objects(counts: ObjectCounts, hints: Hints) -> Iterator[Draft]:
    """A draft for each word, or action and field, that speaks of persons, with the id as the subject."""
    for (word, action, named), events in sorted(counts.seen.items()):
        words = (
            [word]
            if word
            else [*(each.lower() for each in _WORD.findall(action)), *([named] if named else [])]
        )
        subject, _, _ = choose_subject("/".join(["", *words, "{id}"]), (), hints, is_list=False)
        field_tells = bool(named) and judge_field(Place(names=(named,)), hints).subject
        if (subject.source != "path" and not field_tells) or "*" in action or _of_a_thing(action, hints):
            continue
        about = (
            f"an id behind {word!r}"
            if word
            else f"the field {named!r}"
            if named
            else f"the action {action!r}"
        )
        yield Draft(
            action=action,
            object=f"{word}/{{id}}" if word else "{id}",
            subject=replace(subject, source="object", name="id"),
            categories=hints.path_categories(words) or ("identity.number",),
            why=(
                f"logs: {events:,} event{'' if events == 1 else 's'}; what was shown is guessed from words",
                f"subject: {about} names a person",
            ),
            requests=events,
        )


def _of_a_thing(action: str, hints: Hints) -> bool:
    """Whether an action ends with a thing whose name holds a word for people: `AddRoleToInstanceProfile`."""
    words = tuple(each.lower() for each in _WORD.findall(action))
    owner = hints.owner_of(words)
    return (
        owner is not None
        and owner.row.role not in ("person", "other")
        and owner.end == len(words)
        and owner.end - owner.start > 1
    )
