"""The same questions to whosaw and its peers on the same log in one run: `python -m bench.peers`.

`bench/contenders/questions.py` says what is asked and `line_up.py` by which command each answers. Each answer
is a whole process, in turns, so that ratios hold on a machine of any speed. A plain count in Python judges
every answer; one that differs is told with its number. Writes docs/performance/peers.json, from which
`python -m tools.performance --write` makes the table and the plot. Exit 1 when an answer differed, failed or
came too late.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.contenders.install import install, python_of
from bench.contenders.line_up import Contender, ledger_of, line_up, scan_command
from bench.contenders.questions import QUESTIONS, Answer, answer, count_plainly
from bench.make_log import write_log
from bench.measure import Failed, Late, Run, run
from bench.run import ROOT, machine

__all__ = ["Limits", "compare"]

RESULTS = ROOT / "docs" / "performance" / "peers.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often each runs, how long one run may take, and how long it takes to be run only once (seconds)."""

    repeats: int = 3
    run: float = 180.0
    once: float = 20.0


@dataclass(slots=True, kw_only=True)
class _Asked:
    """What became of one question to one contender so far."""

    outcome: str = ""  # agrees, differs, own, cannot, late, failed; empty before the first run
    why: str = ""
    answer: Answer | None = None
    runs: list[Run] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"outcome": self.outcome, "why": self.why}
        if self.answer:
            told["answer"] = self.answer.as_json()
        return {**told, **_spread(self.runs)} if self.runs else told


def _spread(runs: Sequence[Run], before: Sequence[Run] = ()) -> dict[str, Any]:
    """Times in the order of turns, their spread, and the most memory; with `before`, of both in a turn together."""
    pairs = list(zip(runs, before, strict=False))  # whoever fell short once is not asked in later turns
    seconds = [each.seconds + first.seconds for each, first in pairs] or [each.seconds for each in runs]
    return {
        "seconds": {
            "each": seconds,
            "max": max(seconds),
            "median": statistics.median(seconds),
            "min": min(seconds),
        },
        "peak_bytes": max(each.peak_bytes for each in [*runs, *before]),
        "runs": len(seconds),
    }


def _ask(
    contender: Contender,
    question: str,
    log: Path,
    folder: Path,
    wanted: Answer,
    asked: _Asked,
    limits: Limits,
) -> None:
    """One run of one question, entered into `asked`."""
    own = folder / contender.name
    if not contender.ledger:
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
    command = contender.command(log, question, folder if contender.ledger else own)
    if command is None:
        asked.outcome = "cannot"
        return
    try:
        done = run(command, env=contender.env, limit=limits.run)
    except Late:
        asked.outcome, asked.why = "late", f"not done after {limits.run:g} seconds"
        return
    except Failed as fault:
        asked.outcome, asked.why = "failed", _last_words(fault).replace(f"{folder}/", "")
        return
    try:
        found = answer(contender.read(done.output))
    except (KeyError, TypeError, ValueError):
        asked.outcome, asked.why = "failed", "what it printed holds no answer"
        return
    asked.runs.append(done)
    if asked.answer is not None and found != asked.answer:
        asked.outcome, asked.why = "differs", "two runs gave two answers"
        return
    asked.answer = found
    if question in contender.own:
        asked.outcome = "own"
    else:
        asked.outcome = "agrees" if found == wanted else "differs"


def _last_words(fault: Failed) -> str:
    """How a command ended, without the command itself, which holds the paths of this machine."""
    code, _, said = str(fault).rpartition(" ended with ")[2].partition(":")
    return (
        f"ended with {code}: {said.strip().splitlines()[-1][:200]}" if said.strip() else f"ended with {code}"
    )


def compare(
    log: Path,
    folder: Path,
    contenders: Sequence[Contender],
    limits: Limits,
    tell: Callable[[str], object] = print,
) -> dict[str, Any]:
    """Ask everyone everything, in turns. Returns what the results file holds about it.

    `contenders` begins with whosaw, whose ledger is made anew in each turn.
    """
    wanted = count_plainly(log)
    present = [contender for contender in contenders if not contender.absent]
    asked = {(contender.name, question): _Asked() for contender in present for question in QUESTIONS}
    readings: list[Run] = []
    for turn in range(limits.repeats):
        shutil.rmtree(ledger_of(folder), ignore_errors=True)
        readings.append(run(scan_command(log, ledger_of(folder)), limit=limits.run))
        tell(f"turn {turn + 1}: whosaw read the log in {readings[-1].seconds:.2f} s")
        for question in QUESTIONS:
            for contender in present:
                state = asked[contender.name, question]
                slow = state.runs and state.runs[0].seconds > limits.once
                if slow or state.outcome in ("cannot", "differs", "late", "failed"):
                    continue
                _ask(contender, question, log, folder, wanted[question], state, limits)
                took = f"{state.runs[-1].seconds:.2f} s" if state.runs else state.why
                tell(f"turn {turn + 1}: {question}: {contender.name} {state.outcome} {took}")
    return {
        "answers": {question: wanted[question].as_json() for question in QUESTIONS},
        "contenders": [_told(contender, asked, readings) for contender in contenders],
        "questions": [{"name": name, "says": says} for name, says in QUESTIONS.items()],
        "reading": _spread(readings),
    }


def _told(
    contender: Contender, asked: dict[tuple[str, str], _Asked], readings: Sequence[Run]
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "absent": contender.absent,
        "how": contender.how,
        "label": contender.label,
        "name": contender.name,
        "version": contender.version,
    }
    if contender.absent:
        return told
    states = {question: asked[contender.name, question] for question in QUESTIONS}
    told["questions"] = {question: state.as_json() for question, state in states.items()}
    if contender.ledger:
        told["with_reading"] = {
            question: _spread(state.runs, readings) for question, state in states.items() if state.runs
        }
    return told


def _warm(log: Path) -> None:
    """Read the log once, so that each contender finds it in memory and the disk plays no part."""
    with log.open("rb") as file:
        while file.read(1 << 24):
            pass


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.peers")
    parser.add_argument("--lines", type=int, default=2_000_000, help="lines of the log")
    parser.add_argument("--repeats", type=int, default=Limits().repeats, help="runs of each that is not slow")
    parser.add_argument("--limit", type=float, default=Limits().run, help="seconds that one run may take")
    parser.add_argument("--no-install", action="store_true", help="take who is there, install nobody")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".build" / "bench", help="where the log and the ledger go"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    peers = ROOT / ".build" / "peers"
    if not options.no_install:
        install(peers)
    contenders = line_up(python_of(peers))
    for contender in contenders:
        if contender.absent:
            print(f"skipped: {contender.absent}", file=sys.stderr)
    log = options.folder / f"shop-{options.lines}.log"
    write_log(log, options.lines)
    _warm(log)
    limits = Limits(repeats=options.repeats, run=options.limit)
    told = compare(log, options.folder / "peers", contenders, limits)
    document = {
        **told,
        "log": {"bytes": log.stat().st_size, "lines": options.lines},
        "machine": machine(),
        "measured": datetime.now(UTC).date().isoformat(),
    }
    options.results.parent.mkdir(parents=True, exist_ok=True)
    draft = options.results.with_name(options.results.name + ".draft")
    draft.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    draft.replace(options.results)
    outcomes = [each["outcome"] for one in told["contenders"] for each in one.get("questions", {}).values()]
    return 1 if {"differs", "late", "failed"} & set(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
