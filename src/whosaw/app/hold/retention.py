"""From the retention settings of a machine to the held files that they would delete, and when."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.core.instants import from_micros
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.source_name import read_name
from whosaw.logs.hold import HeldFile, Hold, Target, Verdict, read_settings
from whosaw.logs.hold.results import RuleStrikes, rule_strikes, soonest_first

from .look import relatives

__all__ = ["default_settings", "given_settings", "retention_of", "settings_of"]

_LOGROTATE = Path("/etc/logrotate.conf")
_JOURNALD = (Path("/etc/systemd/journald.conf"), Path("/etc/systemd/journald.conf.d"))
_JOURNALS = ("/var/log/journal/", "/run/log/journal/")
_NUMBERED = re.compile(r"\.(\d{1,3})(?:\.[A-Za-z]\w*)*\Z")
_DAY = 86_400_000_000
_LEAST_SPAN = _DAY // 24  # a growth that was measured over less says nothing of a day


def given_settings(paths: Sequence[Path]) -> tuple[str, ...]:
    """The absolute paths of settings that a person named. One that is not there is refused."""
    for path in paths:
        if not path.exists():
            raise WhosawError(
                "hold.no-settings",
                f"there is no settings file {path}",
                hint="Name a logrotate, journald or lifecycle file, or a folder of them, with --settings",
            )
    return tuple(str(path.absolute()) for path in paths)


def default_settings(files: Sequence[HeldFile]) -> tuple[str, ...]:
    """The settings of this machine that may concern held files."""
    found = [_LOGROTATE] if _LOGROTATE.is_file() else []
    if any(each.name.startswith(_JOURNALS) for each in files):
        found += [path for path in _JOURNALD if path.exists()]
    return tuple(str(path) for path in found)


def settings_of(hold: Hold, given: Sequence[str] | None) -> tuple[str, ...]:
    """The settings to look at: those named now, or else at the start of the hold, or else those of this machine."""
    return tuple(given) if given else hold.settings or default_settings(hold.files)


def retention_of(
    hold: Hold,
    verdicts: Sequence[Verdict],
    contents: Mapping[str, Content],
    paths: Sequence[str],
    *,
    now: datetime,
) -> tuple[list[RuleStrikes], list[str]]:
    """Every rule with the held files it would delete, soonest first; and what was not understood."""
    read = read_settings([Path(path) for path in paths])
    targets = _targets(hold, verdicts, contents)
    told = [rule_strikes(rule, targets, now=now, at=from_micros(hold.at)) for rule in read.rules]
    return soonest_first(told), list(read.notes)


def _targets(hold: Hold, verdicts: Sequence[Verdict], contents: Mapping[str, Content]) -> list[Target]:
    """One for each file on disk that holds what is held, wherever it stands now."""
    growth = _growth(hold.files)
    files: dict[Path, HeldFile] = {}
    for verdict in verdicts:
        content = contents.get(verdict.name_now or verdict.file.name)
        if verdict.outcome in ("same", "grown", "moved") and content is not None and content.path is not None:
            files.setdefault(content.path, verdict.file)
    return [_target(hold, path, held, growth.get(held.source)) for path, held in sorted(files.items())]


def _target(hold: Hold, file: Path, held: HeldFile, growth: float | None) -> Target:
    path = str(file)
    live = file.parent / read_name(file.name).source
    status = file.stat() if file.exists() else None
    roots = [root.rstrip("/") + "/" for root in hold.roots if path.startswith(root.rstrip("/") + "/")]
    return Target(
        name=held.name,
        path=path,
        live=str(live),
        generation=_generation(file, live),
        number=_number(file),
        size=status.st_size if status else held.on_disk,
        modified=from_micros(status.st_mtime_ns // 1000 if status else held.modified),
        live_size=live.stat().st_size if live.is_file() else None,
        growth=growth,
        keys=tuple(path.removeprefix(root) for root in roots) or (file.name,),
    )


def _number(file: Path) -> int | None:
    """The number that a rotation by numbers gave it."""
    (rank,) = read_name(file.name).ranks
    found = _NUMBERED.search(file.name)
    return (
        -rank[3]
        if found is not None and not rank[1] and rank[3]
        else 0
        if found and found[1] == "0"
        else None
    )


def _generation(file: Path, live: Path) -> int:
    """How many rotations a log has been through, by the rotated ones beside it that are newer."""
    if file == live:
        return 0
    ranked = sorted(
        (name for name in relatives(file) if name != str(live)),
        key=lambda name: (read_name(os.path.basename(name)).ranks, name),
    )
    return len(ranked) - ranked.index(str(file)) if str(file) in ranked else 1


def _growth(files: Sequence[HeldFile]) -> dict[str, float]:
    """Unpacked bytes a day of each source, over the time from its first to its last held event."""
    of: defaultdict[str, list[HeldFile]] = defaultdict(list)
    for held in files:
        if held.first is not None and held.last is not None:
            of[held.source].append(held)
    out: dict[str, float] = {}
    for source, same in of.items():
        first = min(each.first for each in same if each.first is not None)
        last = max(each.last for each in same if each.last is not None)
        if last - first >= _LEAST_SPAN:
            out[source] = sum(each.size for each in same) * _DAY / (last - first)
    return out
