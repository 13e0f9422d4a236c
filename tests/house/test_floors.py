"""The lists that import-linter cannot make itself."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = [text for extra in PROJECT["project"]["optional-dependencies"].values() for text in extra]
IMPORT_NAMES = {  # where a package is not named as it is imported
    "argon2-cffi": "argon2",
    "backports.zstd": "backports",
    "beautifulsoup4": "bs4",
    "confluent-kafka": "confluent_kafka",
    "flufl.bounce": "flufl",
    "prometheus-client": "prometheus_client",
    "pysigma": "sigma",
    "python-docx": "docx",
    "pyyaml": "yaml",
}


def _contract(name: str) -> dict[str, object]:
    return next(each for each in PROJECT["tool"]["importlinter"]["contracts"] if name in each["name"])


def test_core_may_import_none_of_the_dependencies() -> None:
    names = {re.match(r"[\w.-]+", text)[0] for text in [*PROJECT["project"]["dependencies"], *EXTRAS]}  # type: ignore[index]
    wanted = sorted(IMPORT_NAMES.get(name, name) for name in names)
    assert sorted(_contract("standard library")["forbidden_modules"]) == wanted  # type: ignore[call-overload]


def test_every_floor_but_store_is_kept_from_duckdb() -> None:
    floors = {path.name for path in (ROOT / "src" / "whosaw").iterdir() if (path / "__init__.py").is_file()}
    assert sorted(_contract("DuckDB")["source_modules"]) == sorted(  # type: ignore[call-overload]
        f"whosaw.{name}" for name in floors - {"store"}
    )


def _through_their_package(graph: grimp.ImportGraph) -> list[str]:
    """Circles that import-linter does not see, as it compares what lies beside each other in one package: a package takes names
    from a module inside it, and a module inside it takes names from the package."""
    found = []
    for module in sorted(graph.modules):
        parts = module.split(".")
        for package in (".".join(parts[:end]) for end in range(1, len(parts))):
            gives = any(
                each.startswith(f"{package}.") for each in graph.find_modules_directly_imported_by(package)
            )
            if gives and graph.direct_import_exists(importer=module, imported=package):
                found.append(f"{module} imports {package}, which it lies in")
    return found


def test_no_circle_goes_through_the_package_itself() -> None:
    assert _through_their_package(grimp.build_graph("whosaw")) == []


def test_a_circle_through_the_package_itself_is_found() -> None:
    graph = grimp.ImportGraph()
    for module in ("a", "a.b", "a.b.c", "a.b.d"):
        graph.add_module(module)
    graph.add_import(importer="a.b", imported="a.b.c")
    graph.add_import(importer="a.b.d", imported="a")  # that package takes nothing from inside
    assert _through_their_package(graph) == []
    graph.add_import(importer="a.b.d", imported="a.b")
    assert _through_their_package(graph) == ["a.b.d imports a.b, which it lies in"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "src" / "whosaw" / "core").glob("*.py")), ids=lambda path: path.name
)
def test_core_imports_the_standard_library_and_itself(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("whosaw.core"), name


def test_every_dependency_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    groups = [
        text for group in PROJECT["dependency-groups"].values() for text in group if isinstance(text, str)
    ]
    for requirement in [*PROJECT["project"]["dependencies"], *EXTRAS, *groups]:
        assert re.search(rf'"{re.escape(requirement)}"[],]\s+# \S', text), requirement


def test_what_the_workshop_tries_of_an_extra_is_what_the_extra_installs() -> None:
    tried = {Requirement(text).name: text for text in PROJECT["dependency-groups"]["test"]}
    for requirement in EXTRAS:
        assert tried.get(Requirement(requirement).name, requirement) == requirement


def test_only_the_reader_of_items_knows_toml() -> None:
    """Whatever a person writes as TOML comes with lines, limits and one kind of fault; nobody reads it another way."""
    source = ROOT / "src" / "whosaw"
    found = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "toml" in (text := path.read_text(encoding="utf-8"))  # as each name of theirs has it
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
        )
        if name.partition(".")[0] in {"tomllib", "tomli", "toml", "tomlkit", "rtoml"}
    }
    assert found == {"packs/toml_file.py"}
