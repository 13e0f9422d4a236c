"""A command that only reads loads what its answer needs: judged by the modules that a process holds at its end, not by the clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.chain.shop_log import MAP, shop_lines
from tests.wide import some

HEAVY = {"sqlalchemy", "pydantic", "typst", "docx", "pandas"}
ENGINES = {"duckdb", "pyarrow", "numpy", "cryptography"}
# what they bring is loaded by whoever writes files of rows, or reads them without the engine
FILES = {"pyarrow.parquet", "pyarrow.dataset", "pyarrow.fs"}
# what only a scan that has something to find, to send or to read rules from needs
FINDING = {
    "whosaw.app.findings.by_days", "whosaw.app.building.steps", "whosaw.build.round", "whosaw.app.runners.steps", "whosaw.app.asking.questions",
    "whosaw.alert", "whosaw.evidence.verify", "cryptography.x509", "yaml", "ssl",
}  # fmt: skip
NAMED = {
    "app.gating", "app.gating.door", "app.gating.rights", "core.client", "core.custody", "core.errors", "core.version", "report.pictures",
    "report.pictures.kinds",
}  # fmt: skip
SHOWN = """\
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from whosaw.cli.start import main
main()
"""


def run(folder: Path, *words: str) -> tuple[str, set[str]]:
    """What a command printed, and the modules that were loaded when it ended."""
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
    """Where a line of somebody stands who was seen eight times; p1 may be one who was only asked for in vain."""
    return str(json.loads(run(scanned, "who", "68", "--json")[0])["locators"][0])


@pytest.mark.parametrize(
    "command", some(["who", "what", "findings", "coverage", "line", "scope list", "lookups"], of=2)
)
def test_a_reading_command_loads_no_toolkit(scanned: Path, locator: str, command: str) -> None:
    words = {"who": ["p1"], "what": ["c1"], "line": [locator]}.get(command, [])
    text, loaded = run(scanned, *command.split(), *words)
    assert text.strip()
    assert "duckdb" in loaded or command in ("findings", "coverage", "scope list")
    assert not loaded & HEAVY
    if command in ("who", "what", "findings"):
        assert not loaded & FILES
    if command == "findings":  # told from the journal alone
        assert not loaded & {"whosaw.store.ledger", "whosaw.core.scope_version", "pyarrow.compute"}
        assert "whosaw.app.project.file" not in loaded, "there is no project to be read"
    assert "whosaw.app.gating.tokens" not in loaded, "nobody comes with a token"


def test_a_scan_of_nothing_new_loads_neither_steps_nor_files_of_rows(scanned: Path) -> None:
    text, loaded = run(scanned, "scan", "access.log", "--map", "map.toml")
    assert "finding" in text.lower()
    assert not loaded & (HEAVY | FILES | FINDING)


def test_a_case_of_law_without_a_workspace_loads_no_engine() -> None:
    case = Path(__file__).parents[2] / "examples" / "kenya-shop" / "case.toml"
    text, loaded = run(case.parent, "duties", str(case))
    assert "Kenya" in text
    assert not loaded & (HEAVY | ENGINES)


def test_the_list_of_commands_loads_no_engine(scanned: Path) -> None:
    text, loaded = run(scanned, "--help")
    assert "who" in text
    assert not loaded & (HEAVY | ENGINES)


def test_no_command_loads_an_engine_before_it_is_called() -> None:
    """The help of every command stands on what this imports, and on rich, which lays it out. Of whosaw itself it is the command line and
    a few small modules: each class of records that one makes costs every command a thousandth of a second."""
    asked = "import json, sys, whosaw.cli.main; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert not loaded & (HEAVY | ENGINES | {"rich"})
    own = {name for name in loaded if name.startswith("whosaw.") and not name.startswith("whosaw.cli")}
    assert {
        name.removeprefix("whosaw.") for name in own if not name.removeprefix("whosaw.").isalpha()
    } == NAMED


def test_a_command_does_without_pandas_and_a_program_does_not() -> None:
    """pyarrow loads it, where it is installed, with the first array that it makes of a list; the notebook is asked for frames."""
    for begin, there in (("from whosaw.cli.start import main; main()", False), ("", True)):
        asked = (
            "import atexit, sys\n"
            "def told():\n    import pyarrow as pa\n    pa.array([1])\n    print('pandas' in sys.modules)\n"
            f"atexit.register(told)\n{begin}"
        )
        done = subprocess.run(
            [sys.executable, "-c", asked, "--version"], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == str(there)
