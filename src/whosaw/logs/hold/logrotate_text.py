"""Reads logrotate configurations: stanzas with the options in force for each.

Source: logrotate(8), "CONFIGURATION FILE" and "CONFIGURATION FILE DIRECTIVES", and the defaults in `readAllConfigPaths` of its
config.c: no frequency means by size from 1 MiB on, and `rotate` is 0.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

__all__ = ["Options", "Reading", "Stanza", "read_logrotate"]

_SCRIPTS = frozenset({"prerotate", "postrotate", "firstaction", "lastaction", "preremove", "checkaction"})
_FREQUENCIES = frozenset({"hourly", "daily", "weekly", "monthly", "yearly"})
# what changes neither which files are removed nor when
_WITHOUT_EFFECT = frozenset(
    [
        "su",
        "missingok",
        "nomissingok",
        "ignoreduplicates",
        "create",
        "nocreate",
        "createolddir",
        "nocreateolddir",
        "copy",
        "nocopy",
        "copytruncate",
        "nocopytruncate",
        "renamecopy",
        "norenamecopy",
        "shredcycles",
        "allowhardlink",
        "noallowhardlink",
        "compress",
        "nocompress",
        "compresscmd",
        "uncompresscmd",
        "compressext",
        "compressoptions",
        "delaycompress",
        "nodelaycompress",
        "extension",
        "addextension",
        "dateext",
        "nodateext",
        "dateformat",
        "dateyesterday",
        "datehourago",
        "mailfirst",
        "maillast",
        "sharedscripts",
        "nosharedscripts",
    ]
)
_TABOO = [
    ",v",
    ".bak",
    ".cfsaved",
    ".disabled",
    ".dpkg-bak",
    ".dpkg-del",
    ".dpkg-dist",
    ".dpkg-new",
    ".dpkg-old",
    ".dpkg-tmp",
    ".new",
    ".old",
    ".orig",
    ".rhn-cfg-tmp-*",
    ".rpmnew",
    ".rpmorig",
    ".rpmsave",
    ".swp",
    ".ucf-dist",
    ".ucf-new",
    ".ucf-old",
    "~",
]
_SIZE = re.compile(r"(\d+)([kMG]?)\Z")
_UNIT = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MOST_INCLUDES = 32  # deep; files that include one another end here


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options in force. `frequency` is one of the five or `size`; sizes are bytes, ages days. `rotate` -1: never by number."""

    frequency: str = "size"
    weekday: int = 0
    size: int = 1 << 20
    rotate: int = 0
    start: int = 1
    maxage: int | None = None
    minage: int | None = None
    minsize: int | None = None
    maxsize: int | None = None
    olddir: str | None = None
    notifempty: bool = False
    mail: bool = False
    shred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stanza:
    """A block with the patterns of its logs, as written. `place` is file:line."""

    place: str
    patterns: tuple[str, ...]
    options: Options


@dataclass(slots=True)
class Reading:
    """What was read so far, and what was not understood."""

    stanzas: list[Stanza] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    options: Options = field(default_factory=Options)
    taboo: list[str] = field(default_factory=lambda: list(_TABOO))


def read_logrotate(path: Path, text: str, reading: Reading | None = None, *, depth: int = 0) -> Reading:
    """The stanzas of a file and of all it includes, in order. What is not understood becomes a note, never silence."""
    reading = reading or Reading()
    reading.files.append(str(path))
    lines = iter(enumerate(text.splitlines(), start=1))
    header: list[str] = []
    began = 0
    for number, raw in lines:
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        word, value = _split(line)
        if not header and word == "include" and "{" not in line:
            _include(path, number, value, reading, depth)
        elif not header and word in ("tabooext", "taboopat"):
            _taboo(word, value, reading)
        elif header or "{" in line or line[0] in "/\"'~*":
            began = began or number
            before, brace, after = line.partition("{")
            header.append(before)
            if brace:
                place = f"{path}:{began}"
                options = _block(place, after, lines, reading)
                reading.stanzas.append(
                    Stanza(place=place, patterns=_patterns(header, place, reading), options=options)
                )
                header, began = [], 0
        else:
            reading.options = _directive(reading.options, word, value, f"{path}:{number}", reading.notes)
    if header:
        reading.notes.append(f"{path}:{began}: names logs without a block; nothing is known of them")
    return reading


def _patterns(header: list[str], place: str, reading: Reading) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(" ".join(header)))
    except ValueError as fault:
        reading.notes.append(f"{place}: the names of its logs cannot be read ({fault})")
        return ()


def _block(place: str, first: str, lines: Iterator[tuple[int, str]], reading: Reading) -> Options:
    """The options of a block whose `{` was read; `first` is the rest of that line."""
    options, script = reading.options, False
    file = place.rpartition(":")[0]
    rest: Iterator[tuple[int, str]] = iter([(int(place.rpartition(":")[2]), first)])
    for source in (rest, lines):
        for number, raw in source:
            line = raw.strip()
            if script:
                script = line != "endscript"
                continue
            if not line or line.startswith("#"):
                continue
            closes = line.startswith("}") or (line.endswith("}") and "{" not in line)
            line = line.strip("} \t") if closes else line
            if line:
                word, value = _split(line)
                if word in _SCRIPTS:
                    script = True
                else:
                    options = _directive(options, word, value, f"{file}:{number}", reading.notes)
            if closes:
                return options
    reading.notes.append(f"{place}: the block is never closed")
    return options


def _split(line: str) -> tuple[str, str]:
    """A directive and its value: separated by whitespace, an optional `=`, or both."""
    found = re.match(r"([A-Za-z]+)\s*=?\s*(.*)\Z", line)
    return (found[1], found[2].strip()) if found else (line, "")


def _directive(options: Options, word: str, value: str, place: str, notes: list[str]) -> Options:
    if word in _FREQUENCIES:
        weekday = _weekday(value) if word == "weekly" and value else 0
        if weekday is None:
            notes.append(f"{place}: weekday {value!r} is not understood; Sunday is taken")
        return replace(options, frequency=word, weekday=weekday or 0)
    make = _MAKERS.get(word)
    if make is None:
        if word not in _WITHOUT_EFFECT:
            notes.append(f"{place}: directive {word!r} is not known; what it changes cannot be told")
        return options
    try:
        return make(options, value)
    except ValueError:
        notes.append(f"{place}: the value {value!r} of {word} is not understood")
        return options


def _weekday(value: str) -> int | None:
    if value.isdigit():
        return int(value) if int(value) <= 7 else None
    return _WEEKDAYS.index(value[:3].lower()) if value[:3].lower() in _WEEKDAYS else None


def _bytes(value: str) -> int:
    found = _SIZE.match(value)
    if found is None:
        raise ValueError(value)
    return int(found[1]) * _UNIT[found[2]]


_MAKERS: dict[str, Callable[[Options, str], Options]] = {
    "rotate": lambda options, value: replace(options, rotate=int(value)),
    "start": lambda options, value: replace(options, start=int(value)),
    "maxage": lambda options, value: replace(options, maxage=int(value)),
    "minage": lambda options, value: replace(options, minage=int(value)),
    "size": lambda options, value: replace(options, frequency="size", size=_bytes(value)),
    "minsize": lambda options, value: replace(options, minsize=_bytes(value)),
    "maxsize": lambda options, value: replace(options, maxsize=_bytes(value)),
    "olddir": lambda options, value: replace(options, olddir=value),
    "noolddir": lambda options, _: replace(options, olddir=None),
    "ifempty": lambda options, _: replace(options, notifempty=False),
    "notifempty": lambda options, _: replace(options, notifempty=True),
    "mail": lambda options, _: replace(options, mail=True),
    "nomail": lambda options, _: replace(options, mail=False),
    "shred": lambda options, _: replace(options, shred=True),
    "noshred": lambda options, _: replace(options, shred=False),
}


def _taboo(word: str, value: str, reading: Reading) -> None:
    adds = value.startswith("+")
    names = re.split(r"[,\s]+", value.removeprefix("+").strip())
    patterns = [each if word == "taboopat" else f"*{each.removeprefix('*')}" for each in names if each]
    reading.taboo = [*reading.taboo, *patterns] if adds else patterns


def _include(path: Path, number: int, value: str, reading: Reading, depth: int) -> None:
    place = f"{path}:{number}"
    target = Path(value.strip("\"'")).expanduser()
    beside = path.parent / target.name
    if target.is_absolute() and target != beside and beside.exists():
        # the configuration is a copy from another machine: what lies beside it is meant, not what this machine has there
        reading.notes.append(f"{place}: {beside} was read for {target}")
        target = beside
    if depth >= _MOST_INCLUDES:
        reading.notes.append(f"{place}: {target} is included too deep and was not read")
        return
    files = sorted(target.iterdir()) if target.is_dir() else [target]
    for file in files:
        if target.is_dir() and (not file.is_file() or _is_taboo(file.name, reading.taboo)):
            continue
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError as fault:
            reading.notes.append(
                f"{place}: {file} cannot be read ({fault.strerror}); its rules are not known"
            )
            continue
        read_logrotate(file, text, reading, depth=depth + 1)


def _is_taboo(name: str, taboo: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, each if each.startswith("*") else f"*{each}") for each in taboo)
