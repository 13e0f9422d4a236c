"""No test judges by the clock: waiting, and the time it may take, is in a few helpers that say how."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[2]
# where turns are counted, or a limit is set that only a hang reaches
HELPERS = {"tests/waiting.py", "tests/leftovers.py"}
CLOCKS = {
    "sleep",
    "monotonic",
    "perf_counter",
    "process_time",
    "time",
    "monotonic_ns",
    "perf_counter_ns",
    "time_ns",
}
_NAMED = re.compile(r"\b(?:time|timeout|deadline)\b")  # without one of these words there is nothing to see


def judged(text: str) -> Iterator[str]:
    """What reads a clock, sleeps, or sets a limit of its own: `line: what`."""
    if not _NAMED.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "time" and node.attr in CLOCKS:
                yield f"{node.lineno}: time.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield f"{node.lineno}: from time"
        elif isinstance(node, ast.Call):
            for word in node.keywords:
                number = isinstance(word.value, ast.Constant) and isinstance(word.value.value, int | float)
                if word.arg in ("timeout", "deadline") and number:
                    yield f"{node.lineno}: {word.arg}={ast.unparse(word.value)}"


@pytest.mark.parametrize(
    "text",
    ["import time\ntime.sleep(1)", "from time import sleep", "run(x, timeout=5)", "settings(deadline=200)"],
)
def test_what_judges_by_the_clock_is_seen(text: str) -> None:
    assert len(list(judged(text))) == 1


def test_no_test_judges_by_the_clock() -> None:
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name not in HELPERS:
            found += [f"{name}:{each}" for each in judged(path.read_text(encoding="utf-8"))]
    assert found == []


def test_examples_are_as_slow_as_the_machine() -> None:
    assert settings.default is not None
    assert settings.default.deadline is None
    assert settings.default.print_blob
    assert HealthCheck.too_slow in settings.default.suppress_health_check
