"""The examples of the page, and uses that are right and wrong, as mypy sees them in an installed whosaw."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.wide import WIDE
from tools.console import ROOT, blocks

PAGE = ROOT / "docs" / "howto" / "notebook.md"
USES = """\
from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_type

import whosaw
from whosaw.core.counts import Count
from whosaw.notebook import Ledger, Rows, Scope, What, Who

ledger = whosaw.open("whosaw-data", key_file=None)
assert_type(ledger, Ledger)
assert_type(whosaw.__version__, str)
assert_type(ledger.who("4711"), Who)
assert_type(ledger.who("4711").views, Count)
assert_type(ledger.who("4711").views.upper, int | None)
assert_type(ledger.what("192.0.2.7", persons=3), What)
assert_type(ledger.what("192.0.2.7").first, datetime | None)
assert_type(ledger.findings(), Rows)
assert_type(ledger.views("f-01"), Rows)
assert_type(ledger.scope(), Scope)
assert_type(ledger.scope("shop", 1).by("day"), Rows)
assert_type(ledger.scope("shop").people(reveal=True, reason="why"), Rows)
assert_type(ledger.new_scope("shop", findings=["f-01"], indicators=("ip=192.0.2.7",), every=True), Scope)
assert_type(ledger.coverage(hours=True).document, Mapping[str, Any])

# each of these is an error, and mypy says so: else it would call the comment unused
ledger.who(4711)  # type: ignore[arg-type]
ledger.who("4711", True)  # type: ignore[call-arg]
ledger.scope(version="1")  # type: ignore[arg-type]
ledger.findings().polars()  # type: ignore[attr-defined]
whosaw.close()  # type: ignore[attr-defined]
ledger.who("4711").views = ledger.what("192.0.2.7").views  # type: ignore[misc]
"""


@pytest.mark.slow
def test_examples_and_uses_pass_mypy_as_strict_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "uses.py").write_text(USES, encoding="utf-8")
    for block in blocks(PAGE.read_text(encoding="utf-8")):
        if block.language == "python":
            (tmp_path / block.mark.removeprefix("file: ")).write_text(block.text, encoding="utf-8")
    files = sorted(path.name for path in tmp_path.glob("*.py"))
    assert len(files) > 5
    # the wide tests see what is installed, from outside; otherwise what `make check` has seen of the tree need not be seen again
    alone = ["--strict", "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *(alone if WIDE else []), *(str(tmp_path / each) for each in files)],
        cwd=tmp_path if WIDE else ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout == f"Success: no issues found in {len(files)} source files\n"
