"""No request that a real server answered with a page escapes, however it was spelled.

`make test` sends a few spellings to four servers; `make test-wide` sends 10,000 to each of all, and writes down what came of it
in docs/performance/spellings/, from which docs/why/spelling-servers.md is made.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.servers.fuzz import Outcome, fuzz
from tests.servers.judge import COUNTED
from tests.servers.machine import Machine, missing
from tests.servers.machines import MACHINES

pytestmark = pytest.mark.slow

WIDE = bool(os.environ.get("WHOSAW_WIDE"))
FOUR = ("nginx, files", "Apache, files", "gunicorn, Flask", "Express 5")
COUNT = 10_000 if WIDE else 1_200
SEED = 20_251_127
ROWS = Path(__file__).resolve().parents[2] / "docs" / "performance" / "spellings"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that workers of another user can reach, too."""
    with TemporaryDirectory(prefix="whosaw-servers-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def there(machine: Machine) -> Machine:
    """The machine, where this computer has what it needs. CI and the wide run fail without, everybody else skips."""
    if gone := missing(machine):
        word = f"{', '.join(gone)} is missing: run `make servers` as root"
        if WIDE or os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    return machine


@pytest.mark.timeout(3600 if WIDE else 900)
@pytest.mark.parametrize("name", list(MACHINES) if WIDE else FOUR)
def test_no_served_spelling_escapes(name: str, folder: Path) -> None:
    machine = there(MACHINES[name])
    outcome = fuzz(machine, folder, seed=SEED, count=COUNT)
    if WIDE:
        write_row(machine, outcome)
    faults = outcome.faults()
    shown = "\n".join(f"{each.draft.line()[:200]!r} {each.pages}: {each.lines}" for each in faults[:20])
    assert not faults, f"{len(faults)} of {len(outcome.served)} served spellings escaped:\n{shown}"
    assert len(outcome.served) >= COUNT // 20, outcome.fates()
    _hold(outcome.read.views, len(outcome.served), len(outcome.served) - outcome.fates()["unlogged"], "views")
    _hold(outcome.read.accounts, len(outcome.accounts()), len(outcome.logged_accounts()), "accounts")


def _hold(bounds: tuple[int, int | None], most: int, least: int, unit: str) -> None:
    """What the server did lies within the bounds; what it did not log is not asked for."""
    lower, upper = bounds
    assert lower <= most, f"{lower} {unit} are said to be sure, the server answered with {most}"
    assert upper is None or upper >= least, (
        f"at most {upper} {unit} are said, the server answered with {least}"
    )


def write_row(machine: Machine, outcome: Outcome) -> None:
    """The measured figures of one server, for the page."""
    fates = outcome.fates()
    row = {
        "name": machine.name,
        "version": machine.says(),
        "seed": SEED,
        "sent": outcome.sent,
        "answered": outcome.answered,
        "served": len(outcome.served),
        "fates": {fate: fates[fate] for fate in (*COUNTED, "unlogged")},
        "escaped": len(outcome.faults()),
        "escaped_by_turn": dict(
            sorted(Counter(turn for each in outcome.faults() for turn in set(each.draft.turns)).items())
        ),
        "lines": outcome.read.lines,
        "rejects": outcome.read.rejects,
        "format": outcome.read.format,
        "views": _bounds(len(outcome.served), outcome.read.views),
        "accounts": _bounds(len(outcome.accounts()), outcome.read.accounts),
    }
    ROWS.mkdir(parents=True, exist_ok=True)
    name = "".join(letter if letter.isalnum() else "-" for letter in machine.name.lower())
    while "--" in name:
        name = name.replace("--", "-")
    text = json.dumps(row, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    with suppress(FileNotFoundError):
        (ROWS / f"{name}.json").unlink()
    (ROWS / f"{name}.json").write_text(text, encoding="utf-8")


def _bounds(answered: int, bounds: tuple[int, int | None]) -> dict[str, int | None]:
    return {"answered": answered, "lower": bounds[0], "upper": bounds[1]}
