"""`init` proposes twins where two groups of files log the same requests, as comments alone; where two only have busy pages it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from whosaw.app.init.look import look, write_draft
from whosaw.app.init.twin_groups import TwinGroups
from whosaw.app.project.file import load_project

START = datetime(2025, 3, 3, 9, tzinfo=UTC)


def line(second: float, address: str, path: str, tail: str = "") -> str:
    at = (START + timedelta(seconds=second)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{address} - - [{at}] "GET {path} HTTP/1.1" 200 512 "-" "Firefox/136.0"{tail}\n'


def drafted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, **logs: list[str]
) -> tuple[tuple[TwinGroups, ...], str]:
    for name, lines in logs.items():
        path = folder / "logs" / name / "access.log"
        path.parent.mkdir(parents=True)
        path.write_text("".join(lines))
    monkeypatch.chdir(folder)
    found = look(["logs"], here=Path(), day=date(2025, 3, 4))
    write_draft(found, here=Path())
    project = load_project(Path("whosaw.toml"))
    assert all(each.twins is None for each in project.logs)  # never switched on by itself
    return found.twins, Path("whosaw.toml").read_text()


def requests(seed: int = 1) -> list[tuple[float, str, str]]:
    """100 requests of 20 clients on 40 pages, each some seconds after the one before."""
    dice = Random(seed)
    return [
        (7 * n + dice.randrange(5), f"192.0.2.{dice.randrange(20)}", f"/customers/{dice.randrange(40)}")
        for n in range(100)
    ]


def test_a_request_id_in_both_joins_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edge = [line(at, who, page, f" rid=r{n}") for n, (at, who, page) in enumerate(requests())]
    app = [
        line(at + 1, "198.51.100.1", page, f" sub=u{n} rid=r{n}")
        for n, (at, _, page) in enumerate(requests())
        if n % 10
    ]
    (twins,), text = drafted(tmp_path, monkeypatch, edge=edge, app=app)
    assert (twins.sources, twins.by, twins.shared, twins.lines) == (("edge", "app"), "request_id", 90, 90)
    assert '# twins = { with = "app", by = "request_id", within = "2s" }' in text.splitlines()
    assert text.index('source = "edge"') < text.index("# twins")


def test_a_proxy_that_hands_on_no_id_is_said_and_not_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application sees the proxy's address alone: pages and times meet, and nothing says which line is which."""
    edge = [line(at, who, page) for at, who, page in requests()]
    app = [line(at + 1, "198.51.100.1", page) for at, _, page in requests()]
    (twins,), text = drafted(tmp_path, monkeypatch, edge=edge, app=app)
    assert (twins.sources, twins.by, twins.within) == (("edge", "app"), None, None)
    assert (twins.shared, twins.lines) == (100, 100)
    assert "# twins =" not in text
    assert "hand a request id on, and log it in both" in text


def test_the_client_in_both_joins_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [line(at, who, page) for at, who, page in requests()]
    (twins,), text = drafted(tmp_path, monkeypatch, edge=both, app=both)
    assert (twins.by, twins.shared) == ("client-path-time", 100)
    assert 'by = "client-path-time"' in text


def test_two_services_with_a_busy_page_are_no_twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = [line(n, f"192.0.2.{n % 50}", "/") for n in range(300)]
    blog = [line(n + 0.5, f"203.0.113.{n % 50}", "/") for n in range(300)]
    twins, text = drafted(tmp_path, monkeypatch, shop=shop, blog=blog)
    assert twins == ()
    assert "twins" not in text
