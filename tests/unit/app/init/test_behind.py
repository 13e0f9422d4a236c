"""`init` and `formats try` say where addresses are an edge's, read what the edge tells of its clients, and say why prose gets no draft."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from whosaw.app.init.look import look, write_draft
from whosaw.app.project.file import load_project
from whosaw.app.reading.trying import try_file

DAY = date(2025, 3, 4)
START = datetime(2025, 3, 3, 9, tzinfo=UTC)


def line(number: int, address: str, forwarded: str) -> str:
    at = (START + timedelta(seconds=20 * number)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    tail = f' "{forwarded}"' if forwarded else ""
    return f'{address} - - [{at}] "GET /customers/{number % 90} HTTP/1.1" 200 512 "-" "Firefox/{number % 50}"{tail}\n'


def test_addresses_of_edges_and_proxies_and_a_log_of_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"203.0.{number % 9}.{number % 250}" for number in range(700)]
    logs = {
        "edge": [line(at, f"172.68.10.{at % 5}", own) for at, own in enumerate(people)],
        "bare": [line(at, f"172.68.10.{at % 5}", "") for at, own in enumerate(people)],
        "own": [line(at, "10.0.0.5", own) for at, own in enumerate(people)],
        "home": [line(at, own, "-") for at, own in enumerate(people)],
        "app": [f"[2025-03-03 09:{at % 60:02}:01] production.INFO: Customer {at} viewed by user 7\n#0 trace\n" for at in range(40)],
    }  # fmt: skip
    for name, lines in logs.items():
        path = tmp_path / "logs" / name / "access.log"
        path.parent.mkdir(parents=True)
        path.write_text("".join(lines))
    monkeypatch.chdir(tmp_path)
    found = look(["logs"], here=Path(), day=DAY, zone="UTC")
    groups = {str(each.source): each for each in found.groups}
    assert {name: each.proposal.format for name, each in groups.items()} == {
        "edge": "behind:cloudflare=x_forwarded_for:nginx-main", "bare": "combined", "own": "nginx-main", "home": "nginx-main", "app": None,
    }  # fmt: skip
    assert {name for name, each in groups.items() if each.shared is not None} == {"edge", "bare", "own"}
    written = write_draft(found, here=Path())
    assert any("its lines are sentences" in each for each in written.open)
    text = Path("whosaw.toml").read_text()
    assert "# 100% of the requests come from addresses of Cloudflare's edge" in text
    assert "10.0.0.5" not in text
    told = {str(each.source): each.format for each in load_project(Path("whosaw.toml")).logs}
    assert told["edge"] == "behind:cloudflare=x_forwarded_for:nginx-main"
    tried = try_file("logs/edge/access.log", day=DAY)
    assert "'behind:cloudflare=x_forwarded_for:nginx-main'" in tried.shared
    read = try_file("logs/edge/access.log", day=DAY, format_name=told["edge"])
    (address,) = (each for each in read.columns if each.name == "address")
    assert address.sources == ("x_forwarded_for behind cloudflare",)
    assert read.shared == ""
    assert "Log::info" in try_file("logs/app/access.log", day=DAY).no_draft
    assert try_file("logs/home/access.log", day=DAY).no_draft == ""
