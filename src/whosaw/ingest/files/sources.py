"""Which source each file belongs to, once its contents are known: by what the user says, by its name, and by its times.

A name such as `access-01.log` does not tell whether it is the second day of a log or the second of several hosts. The times
do: parts of one log follow one another, logs of several hosts run beside each other. So a series of numbered names in one
folder is one source where no two of its files overlap, their numbers go with their times, and no pause between two of them is
longer than a day and twice the longest of them. It is decided anew whenever something was read, and said.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.repositories.manifest import update_content

from .name_patterns import fits

__all__ = ["SourceRule", "keep_rules", "read_rules", "settle_sources"]

_NUMBERED = re.compile(r"(?P<stem>.*[^\d@/_-])[-_](?P<n>\d{1,4})(?P<extension>(?:\.[A-Za-z][A-Za-z0-9]*)*)\Z")
_OVERLAP = 5 * 60_000_000  # what a server may still write into the old file after the new one began
_DAY = 86_400_000_000
_SETTING = "sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRule:
    """Files whose name fits the pattern belong to the source. Where it is of `paths`, its stars stop at a slash."""

    source: str
    pattern: str
    paths: bool = False

    def fits(self, name: str) -> bool:
        if self.paths:
            return fits(name, (self.pattern,))
        return fnmatchcase(name, self.pattern) or (
            "/" not in self.pattern and fnmatchcase(name.rpartition("/")[2], self.pattern)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Files of one name without its rotation; `number` is None for the one without."""

    name: str
    number: int | None
    first: int | None
    last: int | None


def read_rules(texts: Sequence[str]) -> tuple[SourceRule, ...]:
    """What `--source NAME=PATTERN` says. Raises `WhosawError`."""
    rules = []
    for text in texts:
        name, equals, pattern = text.partition("=")
        if not (equals and name.strip() and pattern):
            raise WhosawError(
                "source.rule",
                f"{text!r} does not say which files are which source",
                hint="Write it like --source web='web/access-*.log'",
            )
        rules.append(SourceRule(source=name.strip(), pattern=pattern))
    return tuple(rules)


def keep_rules(journal: Journal, rules: Sequence[SourceRule]) -> None:
    """Keep the rules given now for later scans; without any, those given before stay."""
    if rules:
        with journal.transaction() as connection:
            said = json.dumps(
                [[rule.source, rule.pattern, *(["paths"] if rule.paths else [])] for rule in rules]
            )
            journal.set_setting(connection, _SETTING, said)


def settle_sources(journal: Journal) -> tuple[dict[int, str], tuple[str, ...]]:
    """Give each file its source; returns the sources by content, and what is to be said of them."""
    rules = [
        SourceRule(source=source, pattern=pattern, paths=bool(paths))
        for source, pattern, *paths in json.loads(journal.setting(_SETTING) or "[]")
    ]
    rows = contents_in_force(journal)
    named = {row.id: json.loads(row.place)["source"] for row in rows}
    ruled = {row.id: rule.source for row in rows for rule in reversed(rules) if rule.fits(row.name)}
    left = [row for row in rows if row.id not in ruled]
    series, notes = _series([(named[row.id], row.first, row.last) for row in left])
    sources = {row.id: ruled.get(row.id) or series.get(named[row.id], named[row.id]) for row in rows}
    changed = [row.id for row in rows if row.source != sources[row.id]]
    if changed:
        with journal.transaction() as connection:
            for content in changed:
                update_content(connection, content, {"source": sources[content]})
    return sources, notes


def _series(files: Sequence[tuple[str, int | None, int | None]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """By source name, the name of the series that it belongs to."""
    spans: dict[str, list[int]] = defaultdict(list)
    for name, first, last in files:
        spans[name] += [time for time in (first, last) if time is not None]
    groups: dict[str, list[_Part]] = defaultdict(list)
    for name, times in spans.items():
        found = _NUMBERED.match(name)
        groups[found["stem"] + found["extension"] if found else name].append(
            _Part(
                name=name,
                number=int(found["n"]) if found else None,
                first=min(times, default=None),
                last=max(times, default=None),
            )
        )
    series: dict[str, str] = {}
    notes: list[str] = []
    for whole, parts in sorted(groups.items()):
        if _follow(parts):
            series.update({part.name: whole for part in parts})
            notes.append(
                f"{len(parts)} files such as {min(part.name for part in parts)} follow one another in time: "
                f"one source, {whole}; --source NAME=PATTERN says otherwise"
            )
    return series, tuple(notes)


def _follow(parts: Sequence[_Part]) -> bool:
    """Whether these are parts of one log, one after the other."""
    spans = sorted(
        (
            (part.first, part.last, part.number)
            for part in parts
            if part.first is not None and part.last is not None
        ),
        key=lambda span: span[:2],
    )
    numbers = [number for _, _, number in spans if number is not None]
    if len(numbers) < 2 or numbers not in (sorted(numbers), sorted(numbers, reverse=True)):
        return False
    longest = max(_DAY, 2 * max(last - first for first, last, _ in spans))
    return all(-_OVERLAP <= after[0] - before[1] <= longest for before, after in pairwise(spans))
