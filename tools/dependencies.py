"""docs/reference/dependencies.md from pyproject.toml, the installed packages and dependencies.toml:
`python -m tools.dependencies --write | --check`.

What a package is, who keeps it and whether compiled code comes with it is read from the package that is installed; a package that
dependencies.toml does not judge, or one that it judges and nothing needs, is a fault.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from tools.generated import ROOT, main, table

_PAGE = ROOT / "docs" / "reference" / "dependencies.md"
_JUDGED = Path(__file__).with_name("dependencies.toml")
_LINE = re.compile(
    r'^\s*"(?P<asked>[^"]+)",\s*#\s*(?P<why>.+)$|^\w+ = \["(?P<extra>[^"]+)"\]\s*#\s*(?P<reason>.+)$',
    re.MULTILINE,
)
_LICENCES = {"MIT License": "MIT", "BSD License": "BSD", "Apache Software License": "Apache-2.0"}
_HEAD = """\
# What whosaw needs

<!-- Made by `python -m tools.dependencies --write`. -->

Every package that whosaw asks for, why, who keeps it, and what of it reads what a stranger wrote. "Compiled" says whether the
package brings code that is not Python; where such code reads a stranger's file, the last column says what bounds it. The fonts of
PDFs are no package: they lie in whosaw, with their [licence, origin and digest](../decisions/0010-fonts-in-packages.md). The
custody journal goes through sqlite3 of the standard library, or to a PostgreSQL server by the extra `postgres`.

"""
_TAIL = """
## What it does without

- **SQLAlchemy**: the custody journal uses little SQL, and every command opens it. Its statements are written by `store/statements.py`
  for what SQLite and PostgreSQL share; what a server does otherwise stands in `store/postgres.py`, and the statements stay.
- **pydantic**: typer 0.29 loads it in every command. typer is taken again when it does not.
- **rfc3161-client**: a question to a time stamp authority is seventy bytes; answers were always read by the verifier's own code. The
  tests hold both against it.
- **Packages of fonts**: the fonts are carried.
"""


def _wanted() -> dict[str, tuple[Requirement, str, bool]]:
    """By name: what is asked for, why, and whether an extra asks for it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    why: dict[str, str] = {}
    for each in _LINE.finditer(text):  # what the workshop asks for again comes later, for a reason of its own
        why.setdefault(each["asked"] or each["extra"], each["why"] or each["reason"])
    extras = [each for some in project["optional-dependencies"].values() for each in some]
    told = [(each, False) for each in project["dependencies"]] + [(each, True) for each in extras]
    return {Requirement(text).name: (Requirement(text), why.get(text, ""), extra) for text, extra in told}


def _judged() -> dict[str, Any]:
    return tomllib.loads(_JUDGED.read_text(encoding="utf-8"))


def _said(package: Distribution, name: str) -> str:
    """The first that its metadata say under this name; nothing where they do not."""
    said: list[str] = package.metadata.get_all(name) or []
    return said[0] if said else ""


def _licence(package: Distribution) -> str:
    told = _said(package, "License-Expression")
    if told:
        return told
    marks = [each for each in package.metadata.get_all("Classifier") or [] if each.startswith("License ::")]
    name = marks[0].rpartition(" :: ")[2] if marks else (_said(package, "License").splitlines() or [""])[0]
    return _LICENCES.get(name, name)


def _keeper(package: Distribution) -> str:
    """Where it is kept: the address of its source, or the name that it gives."""
    links: dict[str, str] = dict(
        each.split(", ", 1) for each in package.metadata.get_all("Project-URL") or []
    )
    by_name = {name.lower(): link for name, link in links.items()}
    for name in ("source", "source code", "repository", "github", "homepage"):
        if name in by_name:
            return by_name[name].rstrip("/").removeprefix("https://")
    said = _said(package, "Author") or _said(package, "Author-email")
    return said.partition(" <")[0] or "not said"


def _compiled(package: Distribution) -> str:
    return "yes" if any(".so" in file.suffixes for file in package.files or ()) else "no"


def faults() -> list[str]:
    """Packages without a reason or a judgement, and judgements of nothing."""
    wanted, judged = _wanted(), _judged()["package"]
    found = [f"{name} has no reason beside it" for name, (_, why, _) in wanted.items() if not why]
    found += [f"dependencies.toml does not judge {name}" for name in wanted.keys() - judged.keys()]
    return found + [f"nothing asks for {name}" for name in judged.keys() - wanted.keys()]


def page() -> dict[Path, str]:
    told = _judged()
    rows = []
    for name, (_, why, extra) in _wanted().items():
        judged = told["package"][name]
        try:
            package = distribution(name)
            facts = [_keeper(package), _licence(package), judged["last"], _compiled(package)]
        except PackageNotFoundError:  # an extra that the workshop does not install
            facts = ["not installed here", "", judged["last"], ""]
        rows.append([f"`{name}`" + (" (extra)" if extra else ""), why, *facts, judged["reads"] or "nothing"])
    head = [
        "package",
        "why",
        "kept at",
        "licence",
        f"last release, as listed {told['asked']}",
        "compiled",
        "reads of strangers",
    ]
    return {_PAGE: _HEAD + table(head, rows) + _TAIL}


if __name__ == "__main__":
    sys.exit(main("dependencies", page, faults))
