"""CHANGELOG.md from one note per change: `python -m tools.changelog --write | --check [--since REF]`.

A note is changelog.d/NAME.KIND.md, where KIND is one of `KINDS`. It says what happened before, what happens
now and who notices, in one to four sentences. A release moves its notes into changelog.d/VERSION/ beside a
file RELEASED that holds the date. With `--since`, a change under src/ needs a note that is new since then.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from tools.generated import ROOT, drift

__all__ = ["KINDS", "assemble", "faults_of", "missing_note"]

KINDS = ("added", "changed", "fixed", "removed", "security")
_NOTES = ROOT / "changelog.d"
_PAGE = ROOT / "CHANGELOG.md"
_NAME = re.compile(rf"[a-z0-9]+(-[a-z0-9]+)*\.({'|'.join(KINDS)})\.md\Z")
_VERSION = re.compile(r"\d+\.\d+\.\d+\Z")
_LONGEST = 600  # characters; longer notes tell of more than one change
_HEAD = """\
# Changes

<!-- Made by `python -m tools.changelog --write` from changelog.d/, one note per change. -->
"""


def faults_of(name: str, text: str) -> list[str]:
    """What is wrong with one note; empty when it is a good one."""
    found: list[str] = []
    body = " ".join(text.split())
    if not _NAME.match(name):
        found.append(f"{name}: the name must be like reading-zst.added.md, with one of {', '.join(KINDS)}")
    if not body or body[-1] not in ".)`":
        found.append(f"{name}: a note is whole sentences, with a full stop at the end")
    if len(body) > _LONGEST:
        found.append(f"{name}: {len(body)} characters; say it in {_LONGEST} or make it two changes")
    if re.search(r"\badditionally\b", body, re.IGNORECASE):
        found.append(f"{name}: 'additionally' says that this is two changes; write two notes")
    return found


def assemble(folder: Path) -> str:
    """The whole of CHANGELOG.md: what is not released yet, then each release, newest first."""
    parts = [_HEAD]
    releases = [path for path in folder.iterdir() if path.is_dir() and _VERSION.match(path.name)]
    releases.sort(key=lambda path: [int(part) for part in path.name.split(".")], reverse=True)
    for place in [folder, *releases]:
        title = "Not released yet" if place == folder else f"{place.name} ({_released(place)})"
        notes = sorted(place.glob("*.md"))
        if not notes:
            continue
        parts.append(f"\n## {title}\n")
        for kind in KINDS:
            of_kind = [note for note in notes if note.name.endswith(f".{kind}.md")]
            if of_kind:
                parts.append(f"\n### {kind.capitalize()}\n\n")
                parts += [f"- {' '.join(note.read_text(encoding='utf-8').split())}\n" for note in of_kind]
    return "".join(parts)


def _released(place: Path) -> str:
    return (place / "RELEASED").read_text(encoding="utf-8").strip()


def missing_note(changed: list[str], added: list[str]) -> str | None:
    """The fault when the product changed and no note came with it."""
    product = [name for name in changed if name.startswith("src/")]
    notes = [name for name in added if name.startswith("changelog.d/") and name.endswith(".md")]
    if not product or notes:
        return None
    return f"{len(product)} files under src/ changed and no note was added; write changelog.d/NAME.KIND.md"


def _names(since: str, *options: str) -> list[str]:
    command = ["git", "diff", "--name-only", *options, f"{since}...HEAD"]
    return subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.changelog")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", action="store_true", help="write CHANGELOG.md anew")
    way.add_argument(
        "--check", action="store_true", help="check the notes and compare CHANGELOG.md with them"
    )
    parser.add_argument(
        "--since", metavar="REF", help="also ask for a note if src/ changed since this revision"
    )
    options = parser.parse_args()
    found = [
        fault
        for note in sorted(_NOTES.rglob("*.md"))
        for fault in faults_of(note.name, note.read_text(encoding="utf-8"))
    ]
    if options.since and (
        fault := missing_note(_names(options.since), _names(options.since, "--diff-filter=A"))
    ):
        found.append(fault)
    if options.write and not found:
        _PAGE.write_text(assemble(_NOTES), encoding="utf-8")
    if options.check and not found and (found := drift({_PAGE: assemble(_NOTES)})):
        found.append("changelog: out of date. Run: python -m tools.changelog --write")
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
