"""`make test` tests what users install."""

from __future__ import annotations

import os
import sys
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import whosaw


@pytest.mark.skipif(not os.environ.get("WHOSAW_INSTALLED"), reason="only `make test` installs the wheel")
def test_the_wheel_is_tested_and_not_the_source() -> None:
    assert Path(whosaw.__file__).resolve().is_relative_to(Path(sys.prefix).resolve())
    assert distribution("whosaw").read_text("direct_url.json") is None or "editable" not in str(
        distribution("whosaw").read_text("direct_url.json")
    )


def test_no_tool_of_the_workshop_is_a_dependency_of_the_product() -> None:
    asked = " ".join(requires("whosaw") or [])
    for name in ("pytest", "hypothesis", "ruff", "mypy", "mkdocs", "types-", "import-linter"):
        assert name not in asked


def test_a_library_of_an_extra_is_installed_with_that_extra_alone() -> None:
    found: dict[str, set[str]] = {}
    for requirement in map(Requirement, requires("whosaw") or []):
        found.setdefault(requirement.name.lower(), set()).add(str(requirement.marker))
    assert {name: found[name] for name in ("apprise", "confluent-kafka", "pysigma")} == {
        "apprise": {'extra == "alerts"'},
        "confluent-kafka": {'extra == "kafka"'},
        "pysigma": {'extra == "sigma"'},
    }
