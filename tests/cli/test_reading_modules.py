"""A command that only reads loads what its answer needs: judged by the modules that a process holds at its end, not by the clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, shop_lines

HEAVY = ("sqlalchemy", "pydantic", "typst", "docx")
SHOWN = """\
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr))
from whosaw.cli.start import main
main()
"""


def run(folder: Path, *words: str) -> tuple[str, set[str]]:
    """What a command printed, and the packages of the modules that were loaded when it ended."""
    done = subprocess.run(
        [sys.executable, "-c", SHOWN, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, set(json.loads(done.stderr.splitlines()[-1]))


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reading")
    (folder / "access.log").write_text("".join(f"{line}\n" for line in shop_lines(600)))
    (folder / "map.toml").write_text(MAP)
    run(folder, "scan", "access.log", "--map", "map.toml")
    return folder


@pytest.fixture(scope="module")
def locator(scanned: Path) -> str:
    """Where a line of somebody stands."""
    return str(json.loads(run(scanned, "who", "p1", "--json")[0])["locators"][0])


@pytest.mark.parametrize("command", ["who", "what", "findings", "coverage", "line", "scope list", "lookups"])
def test_a_reading_command_loads_no_toolkit(scanned: Path, locator: str, command: str) -> None:
    words = {"who": ["p1"], "what": ["c1"], "line": [locator]}.get(command, [])
    text, loaded = run(scanned, *command.split(), *words)
    assert text.strip()
    assert "duckdb" in loaded or command in ("findings", "coverage", "scope list")
    assert not loaded & set(HEAVY)


def test_a_case_of_law_without_a_workspace_loads_no_engine() -> None:
    case = Path(__file__).parents[2] / "examples" / "kenya-shop" / "case.toml"
    text, loaded = run(case.parent, "duties", str(case))
    assert "Kenya" in text
    assert not loaded & {*HEAVY, "duckdb", "pyarrow", "numpy", "cryptography"}


def test_the_list_of_commands_loads_no_engine(scanned: Path) -> None:
    text, loaded = run(scanned, "--help")
    assert "who" in text
    assert not loaded & {*HEAVY, "duckdb", "pyarrow", "numpy", "cryptography"}


def test_no_command_loads_an_engine_before_it_is_called() -> None:
    """The help of every command stands on what this imports, and on rich, which lays it out."""
    asked = 'import json, sys, whosaw.cli.main; print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))'
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert not set(json.loads(done.stdout)) & {*HEAVY, "duckdb", "pyarrow", "numpy", "cryptography", "rich"}
