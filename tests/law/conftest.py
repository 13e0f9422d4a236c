"""The law and the two examples, loaded once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from whosaw.app.law.duties import duties, penalty
from whosaw.core.document import object_of
from whosaw.law import Law, load_law

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOW = datetime.fromisoformat("2026-11-24T00:00:00+00:00")


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law()


def _documents(name: str, now: datetime) -> dict[str, Any]:
    case, none = EXAMPLES / name / "case.toml", Path("no-workspace")
    return {
        "duties": object_of(duties(case, workspace=none, now=now)),
        "penalty": object_of(penalty(case, workspace=none, now=now)),
    }


@pytest.fixture(scope="session")
def coupang() -> dict[str, Any]:
    return _documents("coupang", NOW)


@pytest.fixture(scope="session")
def kenya_shop() -> dict[str, Any]:
    return _documents("kenya-shop", datetime.fromisoformat("2026-03-09T17:00:00+03:00"))
