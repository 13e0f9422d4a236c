"""Pins every package that whosaw and its workshop install: `python -m tools.constraints --write | --check`.

`--write` resolves pyproject.toml afresh on the oldest Python it supports, so that every pin exists there,
and keeps names and versions only: no address, no hash of one registry's file. `--check` needs no network: it
holds constraints.txt against pyproject.toml.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.generated import ROOT

TARGET = ROOT / "constraints.txt"
PIN = re.compile(r"^[a-z0-9][a-z0-9-]*==[0-9][A-Za-z0-9.+!]*$")
HEADER = "# Made by `python -m tools.constraints --write` from pyproject.toml. Names and versions only.\n"
INSTALLER = "pip"  # dependency groups need pip 25.1, so the installer is pinned with the rest


def project_table() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def wanted(project: dict[str, Any]) -> list[Requirement]:
    """Every requirement that pyproject.toml states itself, those of extras included."""
    table = project["project"]
    groups = project["dependency-groups"]
    if not isinstance(table, dict) or not isinstance(groups, dict):
        raise SystemExit("pyproject.toml: [project] and [dependency-groups] must be tables")
    texts = [
        *table["dependencies"],
        *(text for extra in table["optional-dependencies"].values() for text in extra),
        *(text for group in groups.values() for text in group if isinstance(text, str)),
    ]
    return [Requirement(text) for text in texts]


def resolve() -> str:
    """The text of constraints.txt as a clean environment would install it today."""
    if sys.version_info[:2] != (3, 11):
        raise SystemExit(
            "constraints: resolve on Python 3.11, the oldest one supported, so that each pin exists there"
        )
    extras = sorted(project_table()["project"]["optional-dependencies"])
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder, "bin", "python"))
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--upgrade", INSTALLER], check=True)
        command = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--ignore-installed",
            "--report",
            "-",
        ]
        done = subprocess.run(
            [*command, f".[{','.join(extras)}]", "--group", "dev", INSTALLER],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    packages = (entry["metadata"] for entry in json.loads(done.stdout)["install"])
    pins = {str(canonicalize_name(package["name"])): package["version"] for package in packages}
    del pins["whosaw"]
    return HEADER + "".join(f"{name}=={pins[name]}\n" for name in sorted(pins))


def faults(text: str, requirements: list[Requirement]) -> list[str]:
    """What is wrong with the pins; empty when each requirement has one that satisfies it."""
    found: list[str] = []
    pins: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#") or not line:
            continue
        if not PIN.match(line):
            found.append(f"constraints.txt:{number}: not of the form name==version: {line}")
            continue
        name, version = line.split("==")
        if name in pins:
            found.append(f"constraints.txt:{number}: {name} is pinned twice")
        pins[name] = version
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        if name not in pins:
            found.append(f"constraints.txt: {name} is asked for in pyproject.toml and has no pin")
        elif not requirement.specifier.contains(pins[name], prereleases=True):
            found.append(f"constraints.txt: {name}=={pins[name]} does not satisfy {requirement}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.constraints")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", action="store_true", help="resolve afresh and write constraints.txt")
    way.add_argument("--check", action="store_true", help="hold constraints.txt against pyproject.toml")
    if parser.parse_args().write:
        TARGET.write_text(resolve(), encoding="utf-8")
        return 0
    found = faults(TARGET.read_text(encoding="utf-8"), wanted(project_table()))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
