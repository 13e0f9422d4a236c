"""From the paths of retention settings to their rules: which format a file has shows in its content."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .index_lifecycle import read_index_lifecycle
from .journald import read_journald
from .logrotate import LogrotateRule
from .logrotate_text import Reading, read_logrotate
from .retention import Rule
from .s3_lifecycle import read_s3_lifecycle

__all__ = ["SettingsRead", "read_settings"]

_JOURNAL = re.compile(r"^\s*\[Journal\]", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRead:
    """All rules, the files they came from, and everything that was not understood."""

    rules: tuple[Rule, ...]
    files: tuple[str, ...]
    notes: tuple[str, ...]


def read_settings(paths: Sequence[Path]) -> SettingsRead:
    """Read settings files, and folders of them. Later logrotate files go on with the options of earlier ones.

    A file that cannot be read or understood becomes a note: not knowing a rule is not the same as there being none.
    """
    rules: list[Rule] = []
    files: list[str] = []
    notes: list[str] = []
    rotation = Reading()
    for path in _files(paths):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as fault:
            notes.append(f"{path}: cannot be read ({fault.strerror}); its rules are not known")
            continue
        if text.lstrip().startswith("{"):
            found, said = _of_json(path, text)
            rules += found
            notes += said
            files.append(str(path))
        elif "journald" in str(path) or _JOURNAL.search(text):
            settings, said = read_journald(str(path), text)
            rules += settings
            notes += said
            files.append(str(path))
        elif str(path) not in rotation.files:  # else it was included already
            read_logrotate(path, text, rotation)
    rules += [LogrotateRule(stanza=stanza) for stanza in rotation.stanzas]
    return SettingsRead(rules=tuple(rules), files=(*files, *rotation.files), notes=(*notes, *rotation.notes))


def _files(paths: Sequence[Path]) -> list[Path]:
    return [
        file
        for path in paths
        for file in (sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path])
    ]


def _of_json(path: Path, text: str) -> tuple[list[Rule], list[str]]:
    try:
        document: Any = json.loads(text)
        if isinstance(document, dict) and isinstance(document.get("Rules"), list):
            buckets, notes = read_s3_lifecycle(str(path), document)
            return [*buckets], notes
        if isinstance(document, dict) and ("policy" in text):
            indices, notes = read_index_lifecycle(str(path), document)
            return [*indices], notes
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        return [], [f"{path}: cannot be understood ({fault}); its rules are not known"]
    return [], [f"{path}: neither a lifecycle of a bucket nor of an index; its rules are not known"]
