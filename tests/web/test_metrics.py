"""Whether the console is well, and its numbers: for those who run it, and of nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from litestar.testing import TestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from tests.web.conftest import HOST, NOW, PEOPLE, Browser, entries

from whosaw.app.backup import back_up
from whosaw.app.console.gate import Role
from whosaw.app.gating.tokens import make_token
from whosaw.store.workspace import journal_of
from whosaw.web.app import console_app


def token_of(root: Path, *roles: Role) -> dict[str, str]:
    """The header of a program with these roles."""
    with closing(journal_of(root)) as journal:
        _, secret = make_token(journal, "prometheus", roles, by="a test", now=NOW)
    return {"Authorization": f"Bearer {secret}"}


def numbers(text: str) -> dict[str, float]:
    """Every sample by its name and labels, as the parser of the format reads it."""
    return {
        f"{sample.name}{dict(sorted(sample.labels.items())) or ''}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_administrators_program_reads_numbers_that_name_nobody(
    root: Path, browser: Callable[..., Browser], tmp_path: Path
) -> None:
    somebody = browser(Role.INVESTIGATOR)
    assert somebody.get("/findings").status_code == 200
    assert somebody.get("/no-such-page").status_code == 404
    back_up(root, tmp_path / "b.tar", now=NOW)
    nobody = browser()
    told = nobody.client.get("/metrics", headers=token_of(root, Role.ADMINISTRATOR))
    assert told.status_code == 200
    assert told.headers["content-type"].startswith("application/openmetrics-text")
    found = numbers(told.text)
    assert found["whosaw_findings{'state': 'new'}"] == 1
    assert found["whosaw_accounts"] == len(PEOPLE)
    assert found["whosaw_logins"] == 1
    assert found["whosaw_last_backup_timestamp_seconds"] == NOW.timestamp()
    assert found["whosaw_last_scan_timestamp_seconds"] == NOW.timestamp()
    assert found["whosaw_journal_entries"] == len(entries(root))
    assert found["whosaw_request_seconds_count{'door': 'console', 'status': '4xx'}"] >= 1
    assert found["whosaw_disk_free_bytes"] > 0
    assert found["process_resident_memory_bytes"] > 0
    assert not re.search(r"192\.0\.2|the-investigator|/findings|incident 12", told.text)


def test_nobody_and_no_other_role_reads_them(root: Path, browser: Callable[..., Browser]) -> None:
    nobody = browser()
    assert nobody.client.get("/metrics", headers={"Authorization": "Bearer none"}).status_code == 401
    assert nobody.get("/metrics").status_code == 302
    for role in set(Role) - {Role.ADMINISTRATOR}:
        assert nobody.client.get("/metrics", headers=token_of(root, role)).status_code == 403
    assert len(entries(root, "refused")) == len(Role) - 1


def test_whether_it_is_well_says_nothing_else(root: Path) -> None:
    app = console_app(root, now=lambda: NOW, hosts=[HOST])
    with TestClient(app, base_url="http://10.0.0.7:8477") as asked:
        well = asked.get("/healthz")
        assert (well.status_code, well.text) == (200, "ok\n")
        assert asked.get("/login").status_code == 400  # another host name is answered nothing else
        (root / "whosaw-workspace.json").rename(root / "away")
        unwell = asked.get("/healthz")
        assert (unwell.status_code, unwell.text) == (503, "not well\n")
        (root / "away").rename(root / "whosaw-workspace.json")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(app.state.served.worker), "works", False)
            assert asked.get("/healthz").status_code == 503
    app.state.served.worker.join()
