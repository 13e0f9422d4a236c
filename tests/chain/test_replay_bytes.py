"""Fixed seed, fixed bytes: the same replay on every supported Python, and twice on this one.

`replay_digests.json` is written by `replay_digest.py`, which says what is digested and why. The suite runs on Python
3.11, 3.12 and 3.13, so that each of them is held to the same digests; where another one that can make replays is on
PATH, it is asked here too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.chain import replay_digest
from tests.wide import some

HERE = Path(__file__).parent
PINNED: dict[str, str] = json.loads((HERE / "replay_digests.json").read_text(encoding="utf-8"))
SOURCE = Path(sys.modules["whosaw.replay.make"].__file__ or "").parents[2]
VERSIONS = ("3.11", "3.12", "3.13")
ELSEWHERE = ["forged-token, rough", "own-login", "sql-dump"]


def test_every_shipped_breach_is_pinned() -> None:
    assert sorted(PINNED) == replay_digest.names()


@pytest.mark.parametrize("name", some(sorted(PINNED), of=2))
def test_a_replay_holds_what_it_always_held(name: str, tmp_path: Path) -> None:
    assert replay_digest.digest(name, tmp_path) == PINNED[name]


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        replay_digest.digest("forged-token, rough", tmp_path / place)
        found = [path for path in sorted((tmp_path / place).rglob("*")) if path.is_file()]
        files.append({path.relative_to(tmp_path / place): path.read_bytes() for path in found})
    assert files[0] == files[1]


def other_python(version: str) -> str:
    """A Python of that version that has what a replay needs, or skip."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        pytest.skip("it is the one that runs this")
    path = shutil.which(f"python{version}")
    if path is None:
        pytest.skip("is not on PATH")
    asked = subprocess.run(
        [path, "-c", f"import sys, numpy, pyarrow; print('{version}' == '%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.stdout.strip() != "True":
        pytest.skip("has no numpy or pyarrow")
    return path


@pytest.mark.parametrize("version", VERSIONS)
def test_another_python_makes_the_same(version: str) -> None:
    done = subprocess.run(
        [other_python(version), HERE / "replay_digest.py", *ELSEWHERE],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {name: PINNED[name] for name in ELSEWHERE}
