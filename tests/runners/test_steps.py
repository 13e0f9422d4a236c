"""Steps of the ledger that executors make keep the files and findings of those that threads make, and tell nobody more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.chain.shop_log import NOW
from tests.chain.test_by_days import OLD, by_day, stored
from tests.runners import spark_cluster

from whosaw.app.building import step_tasks
from whosaw.app.findings import detection
from whosaw.app.runners import steps
from whosaw.app.runners.steps import StepExecutors
from whosaw.app.scan import ScanReport, scan
from whosaw.core.document import document


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with spark_cluster.local_session("local[2]", tmp_path_factory.mktemp("spark")) as found:
        yield found


@pytest.fixture(autouse=True)
def by_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "BY_DAYS", True)
    monkeypatch.setattr(step_tasks, "LEAST_ROWS", 0)  # the logs are small


def root_of(folder: Path, name: str) -> Path:
    root = folder / name
    root.mkdir()
    (root / "vault.key").write_bytes(bytes(range(32)))
    (root / "vault.key").chmod(0o600)
    return root


def scanned(root: Path, *logs: Path, **how: Any) -> ScanReport:
    paths = [str(each) for each in logs]
    how = {"map_path": OLD / "map.toml", "context": OLD / "context", **how}
    return scan(paths, root, now=NOW, **how)


def files(root: Path) -> dict[str, bytes]:
    found = root / "files"
    return {str(each.relative_to(found)): each.read_bytes() for each in found.rglob("*") if each.is_file()}


def told(report: ScanReport) -> dict[str, Any]:
    return {**document(report), "runner": ""}


def test_executors_make_the_files_of_threads(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first scan, and one of a day more."""
    sent: list[steps.StepTask] = []
    real = StepExecutors._drafted

    def drafted(self: StepExecutors, rows: Any, task: steps.StepTask) -> Any:
        sent.append(task)
        return real(self, rows, task)

    monkeypatch.setattr(StepExecutors, "_drafted", drafted)
    days = by_day(tmp_path / "logs")
    for logs in (days[:-1], days):
        reports = {}
        for name, how in {
            "one": {"threads": 1},
            "two": {"threads": 2},
            "far": {"runner": "local[2]"},
        }.items():
            root = tmp_path / name if (tmp_path / name).is_dir() else root_of(tmp_path, name)
            reports[name] = scanned(root, *logs, **how)
        of_one = files(tmp_path / "one")
        assert len(of_one) > 60
        assert files(tmp_path / "two") == of_one
        assert files(tmp_path / "far") == of_one
        assert told(reports["far"]) == told(reports["two"]) == told(reports["one"])
        assert stored(tmp_path / "far") == stored(tmp_path / "one")
    assert {each.step.partition(".")[0] for each in sent} >= {
        "view",
        "meet",
        "learn",
        "explain",
        "sign",
        "sum",
        "bound",
        "look",
        "flag",
        "mark",
    }
    assert not {each.step for each in sent} & {"visit"}, "numbers for life are given in one place"
