"""Holds the code of every step to its digest: `python -m tools.steps --write | --check`.

src/whosaw/data/steps.lock keeps, for each step and fact, the digest that its keys are made with. It changes with whatever the step
reaches (tools/reached.py) and with the libraries that decide its rows, and then its days are made again. Where a change gives the same
rows, write `same-answers = "REASON"` into its entry before `--write`: the old digest is kept, until the next change.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tools.generated import DATA, ROOT, main
from tools.reached import Sources
from whosaw.app.building.steps import family, shipped_steps
from whosaw.build.fact import Fact
from whosaw.build.step import Read, Step
from whosaw.store.kinds import KINDS

__all__ = ["entries", "lock", "source_of"]

_LOCK = DATA / "steps.lock"
_HEAD = '# Made by `python -m tools.steps --write`. By hand only: same-answers = "REASON", beside the source that it is given for.\n'
_PIN = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)


def source_of(
    maker: Step | Fact, sources: Sources, pins: Mapping[str, str], *others: Step | Fact
) -> tuple[str, list[str]]:
    """The digest of all that decides what a step or a fact makes, with the others of its family, and the libraries among it with their
    versions."""
    reached = sources.reached_by(*(each for one in (maker, *others) for each in _functions(one)))
    libraries = [f"{name} {pins[name]}" for name in sorted(reached.libraries)]
    shape = (
        _shape(maker) if not others else sorted({each for one in (maker, *others) for each in _columns(one)})
    )
    told = json.dumps([shape, reached.told(), libraries], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest(), libraries


def _functions(maker: Step | Fact) -> list[Callable[..., Any]]:
    functions: list[Callable[..., Any]] = [maker.run]
    functions += [
        each for each in (maker.items, getattr(maker, "join", None), getattr(maker, "window", None)) if each
    ]
    functions += [each.hours_of for each in maker.reads if isinstance(each, Read) and each.hours_of]
    functions += [maker.in_order_of] if isinstance(maker, Step) and maker.in_order_of else []
    return functions


def _shape(maker: Step | Fact) -> list[str]:
    """What it reads and keeps, and the columns and orders of these. Of a family what each reads and keeps is in the key of each."""
    kinds = maker.keeps if isinstance(maker, Step) else ()
    return [
        repr([each if isinstance(each, str) else replace(each, hours_of=None) for each in maker.reads]),
        repr(kinds),
        repr(maker.facts),
        *_columns(maker),
    ]


def _columns(maker: Step | Fact) -> list[str]:
    kinds = maker.keeps if isinstance(maker, Step) else ()
    reads = [each if isinstance(each, str) else each.kind for each in maker.reads]
    names = dict.fromkeys(family(each) for each in (*reads, *kinds))
    known = [KINDS[each] for each in names if each in KINDS]
    return [f"{each.name} {each.columns} {each.order}" for each in known]


def entries(
    makers: Sequence[Step | Fact],
    before: Mapping[str, Mapping[str, Any]],
    sources: Sources,
    pins: Mapping[str, str],
) -> dict[str, dict[str, Any]]:
    """The entries as they should be, from those there are: one for each family of steps."""
    families: dict[str, list[Step | Fact]] = {}
    for maker in makers:
        families.setdefault(family(maker.name), []).append(maker)
    found = {}
    for name, (maker, *others) in families.items():
        source, libraries = source_of(maker, sources, pins, *others)
        known = before.get(name, {})
        entry: dict[str, Any] = {"digest": source, "source": source, "libraries": libraries}
        reason = str(known.get("same-answers", "")).strip()
        # a reason is for one change: the source that it was given for, or, before it was written, the one of now
        if reason and known.get("answers-for", source) == source:
            entry.update({"digest": known["digest"], "same-answers": reason, "answers-for": source})
        found[name] = entry
    return found


def lock(told: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of steps.lock."""
    blocks = [
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in told[name].items())
        for name in sorted(told)
    ]
    return "\n".join([_HEAD, *blocks])


def _pages() -> dict[Path, str]:
    before = tomllib.loads(_LOCK.read_text(encoding="utf-8")) if _LOCK.is_file() else {}
    pins = dict(_PIN.findall((ROOT / "constraints.txt").read_text(encoding="utf-8")))
    return {_LOCK: lock(entries(shipped_steps(), before, Sources(ROOT / "src", "whosaw"), pins))}


if __name__ == "__main__":
    sys.exit(main("steps", _pages))
