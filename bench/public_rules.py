"""Runs public Sigma rules and writes docs/performance/sigma.json: `python -m bench.public_rules SIGMA`, SIGMA being a copy of the
repository SigmaHQ/sigma. It counts what runs, what does not and why, and holds counts on a made-up log against pySigma's SQLite backend.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import PythonRegexEngine
from sigma.rule import SigmaDetection, SigmaRule

from bench.sigma_log import LAYOUTS, Layout, events_for, matched_by_sqlite, matched_by_whosaw
from whosaw.actors.sigma.load_pack import load_pack
from whosaw.actors.sigma.pack import CompiledRule, RulePack
from whosaw.actors.sigma.rule_file import read_texts

__all__ = ["FOLDERS", "RESULTS", "Compared", "compared", "reasons_of", "rules_by_layout"]

RESULTS: Final = Path(__file__).resolve().parent.parent / "docs" / "performance" / "sigma.json"
FOLDERS: Final = ("web", "application", "cloud", "identity")
EACH: Final = 40  # events for each rule
SEEDS: Final = ("1", "2", "3")
_FIELD = re.compile(r"events of the log source (\S+) have no field (.*)")
_ABSENT = re.compile(r"no log that whosaw reads is of the log source (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One rule on one shared log: events that both matched, and that only one did. `fault` is what SQLite cannot do."""

    file: str
    both: int
    whosaw: int
    sqlite: int
    fault: str = ""

    @property
    def equal(self) -> bool:
        return not (self.fault or self.whosaw or self.sqlite)


def rules_by_layout(pack: RulePack, texts: Mapping[str, str]) -> Iterator[tuple[Layout, list[CompiledRule]]]:
    """The rules that each shared log is made for: those all of whose fields its records can hold."""
    for layout in LAYOUTS:
        rules = [rule for rule in pack.rules if rule.source == layout.source]
        held = [rule for rule in rules if set(_fields(_parsed(texts[rule.text.file]))) <= layout.fields]
        if held:
            yield layout, held


def compared(
    pack: RulePack,
    texts: Mapping[str, str],
    layout: Layout,
    rules: Sequence[CompiledRule],
    *,
    seed: str,
    each: int,
    empty: bool = True,
) -> list[Compared]:
    """Each rule over one shared log, by whosaw and by SQLite."""
    events = events_for(
        [_parsed(texts[rule.text.file]) for rule in rules], layout, seed=seed, each=each, empty=empty
    )
    ours = matched_by_whosaw(pack, layout, events)
    theirs = matched_by_sqlite([texts[rule.text.file] for rule in rules], layout, events)
    found = []
    for rule, their in zip(rules, theirs, strict=True):
        our = ours[rule.number]
        if isinstance(their, str):
            found.append(Compared(file=rule.text.file, both=0, whosaw=len(our), sqlite=0, fault=their))
        else:
            found.append(
                Compared(
                    file=rule.text.file,
                    both=len(our & their),
                    whosaw=len(our - their),
                    sqlite=len(their - our),
                )
            )
    return found


def reasons_of(pack: RulePack) -> list[dict[str, object]]:
    """Why rules do not run, most rules first: log sources by name, fields by their log source."""
    counts: Counter[str] = Counter()
    fields: dict[str, set[str]] = {}
    for each in pack.not_run:
        if (field := _FIELD.fullmatch(each.what)) is not None:
            counts[f"the log source {field[1]} has no such field"] += 1
            fields.setdefault(f"the log source {field[1]} has no such field", set()).add(field[2])
        elif (absent := _ABSENT.fullmatch(each.what)) is not None:
            counts[f"no such log is read: {absent[1]}"] += 1
        else:
            counts[each.what] += 1
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [{"why": why, "rules": n, "fields": sorted(fields.get(why, ()))} for why, n in ranked]


def _parsed(text: str) -> SigmaRule:
    return SigmaRule.from_yaml(text, policy=SigmaPolicy(regex_engine=PythonRegexEngine()))


def _fields(rule: SigmaRule) -> Iterator[str]:
    parts: list[object] = list(rule.detection.detections.values())
    while parts:
        part = parts.pop()
        if isinstance(part, SigmaDetection):
            parts += part.detection_items
        elif field := getattr(part, "field", None):
            yield field


def _measured(sigma: Path) -> dict[str, object]:
    folders = []
    texts: dict[str, str] = {}
    for name in FOLDERS:
        read = {f"{name}/{file}": text for file, text in read_texts(sigma / "rules" / name).items()}
        pack = load_pack(read)
        folders.append(
            {
                "folder": f"rules/{name}",
                "rules": len(pack.rules) + len(pack.not_run),
                "run": len(pack.rules),
                "not_run": len(pack.not_run),
            }
        )
        texts |= {file: text for file, text in read.items() if isinstance(text, str)}
    pack = load_pack(texts)
    rows: dict[str, list[Compared]] = {}
    events = 0
    for layout, rules in rules_by_layout(pack, texts):
        for seed in SEEDS:
            events += EACH * len(rules)
            for row in compared(pack, texts, layout, rules, seed=seed, each=EACH):
                rows.setdefault(row.file, []).append(row)
    commit = subprocess.run(
        ["git", "-C", sigma, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "repository": "SigmaHQ/sigma",
        "commit": commit.stdout.strip(),
        "folders": folders,
        "reasons": reasons_of(pack),
        "compared": len(rows),
        "events": events,
        "with_hits": sum(any(one.both for one in each) for each in rows.values()),
        "equal": sum(all(one.equal for one in each) for each in rows.values()),
        "differences": [asdict(one) for each in rows.values() for one in each if not one.equal],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="bench.public_rules", description=__doc__)
    parser.add_argument("sigma", type=Path)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    measured = _measured(given.sigma)
    given.results.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
