"""What comes with an extra is imported where it is asked for, and where it is missing one line says what to install."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[3]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
RULE = "title: A page\nlogsource: {category: webserver}\ndetection: {s: {sc-status: 200}, condition: s}\n"
SCAN = ("scan", "access.log", "--map", "map.toml")


def without(module: str, *args: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in which `module` cannot be imported."""
    code = f"import sys; sys.modules[{module!r}] = None; from whosaw.cli.start import main; main()"
    own = {name: value for name, value in os.environ.items() if not name.startswith("WHOSAW_")}
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        capture_output=True, text=True, check=False, timeout=HANG, env=own,
    )  # fmt: skip


@pytest.fixture
def rules(fresh: Path) -> Path:
    """A folder with a log, a map and one rule; it is the current one."""
    (fresh / "rules").mkdir()
    (fresh / "rules" / "page.yml").write_text(RULE)
    return fresh


@pytest.mark.parametrize(
    ("extra", "module", "args"),
    [
        ("sigma", "sigma", (*SCAN, "--sigma", "rules")),
        ("alerts", "apprise", ("watch", "access.log", "--once", "--to", "apprise:json://example.org")),
        ("kafka", "confluent_kafka", ("watch", "kafka://127.0.0.1:9/topic", "--once")),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    extra: str, module: str, args: tuple[str, ...], rules: Path
) -> None:
    assert extra in EXTRAS
    told = without(module, *args)
    assert told.returncode == 2
    assert told.stdout == ""
    assert re.fullmatch(r"whosaw: .* not installed\. .*\n", told.stderr), told.stderr
    assert f"pip install 'whosaw[{extra}]'" in told.stderr


def test_without_pysigma_all_that_needs_no_rules_works(rules: Path) -> None:
    done = without("sigma", *SCAN)
    assert done.returncode == 0, done.stderr
    assert "60 events" in done.stdout
    assert without("sigma", "findings").returncode == 0


def test_rules_in_force_are_not_passed_over_in_silence(rules: Path) -> None:
    assert without("apprise", *SCAN, "--sigma", "rules").returncode == 0
    told = without("sigma", *SCAN)
    assert (told.returncode, told.stdout) == (2, "")
    assert "pip install 'whosaw[sigma]'" in told.stderr
    assert "--no-sigma" in told.stderr
    done = without("sigma", *SCAN, "--no-sigma")
    assert done.returncode == 0, done.stderr
    assert without("sigma", *SCAN).returncode == 0


def test_each_extra_is_named_where_its_error_and_its_page_say_what_to_install() -> None:
    for folder, files in (("src/whosaw", "*.py"), ("docs/howto", "*.md")):
        texts = [path.read_text(encoding="utf-8") for path in (ROOT / folder).rglob(files)]
        several = [name for text in texts for name in re.findall(r"pip install 'whosaw\[([^]]*)\]'", text)]
        named = {name for names in several for name in names.split(",")}
        assert named == set(EXTRAS), folder
