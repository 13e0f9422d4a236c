"""From a folder that nobody described to who saw somebody, in three commands, of kinds of logs that no page shows: every count is that
of what was written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.cli.conftest import call

START = datetime(2026, 10, 5, 8, tzinfo=UTC)
WHO = ("wanjiku", "otieno", "mutua", "achieng")
Line = tuple[str, str, str, bool]  # the line, who, whom, and whether it was done


def acts() -> Iterator[tuple[int, datetime, str, int, bool]]:
    for n in range(240):
        yield n, START + timedelta(minutes=11 * n), WHO[n * 7 % 4], 10_000 + n * 13 % 17, n % 9 != 4


def sacco() -> Iterator[Line]:
    yield "Tarehe na saa;Mtumiaji;Kifaa IP;Kitendo;Namba ya mwanachama;Matokeo;Tawi", "", "", False
    for n, at, who, whom, done in acts():
        deed = ("Angalia salio", "Badilisha simu", "Toa pesa")[n % 3]
        told = "Imefanikiwa" if done else "Imekataliwa"
        yield (
            f"{at:%d/%m/%Y %H:%M};{who};10.20.1.{WHO.index(who)};{deed};MB{whom};{told};Nakuru",
            who,
            f"MB{whom}",
            done,
        )


def monolog() -> Iterator[Line]:
    for _, at, who, whom, _ in acts():
        told = json.dumps({"staff": who, "customer_id": whom, "ip": f"192.0.2.{WHO.index(who)}"})
        yield f"[{at:%Y-%m-%d %H:%M:%S}] shop.INFO: Customer opened {told} []", who, str(whom), True


def pods() -> Iterator[Line]:
    for _, at, who, whom, done in acts():
        told = {
            "peer": f"192.0.2.{WHO.index(who)}",
            "who": who,
            "verb": "GET",
            "url": f"/customers/{whom}",
            "code": 200 if done else 403,
        }
        yield f"{at:%Y-%m-%dT%H:%M:%S}.000000001Z stdout F {json.dumps(told)}", who, str(whom), done


@pytest.mark.parametrize("lines", [sacco, monolog, pods])
def test_three_commands_tell_who_saw_somebody(
    lines: Callable[[], Iterator[Line]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    written = list(lines())
    (tmp_path / "logs" / "audit.log").write_text("".join(f"{line}\n" for line, *_ in written))
    person = written[7][2]
    truth = Counter(who for _, who, whom, done in written if whom == person and done)
    begun = call("init", "logs", "--tz", "Africa/Nairobi")
    assert begun.exit_code == 0, begun.stderr
    assert "open:" not in begun.stdout
    assert call("scan").exit_code == 0
    told = json.loads(call("who", person, "--json").stdout)
    assert (told["views"]["lower"], told["views"]["upper"]) == (truth.total(), truth.total())
    seen = sorted(sum(row["views"] for row in rows) for rows in _by_client(told["exposures"]))
    assert seen == sorted(truth.values())


def _by_client(exposures: list[dict[str, object]]) -> Iterator[list[dict[str, int]]]:
    known: dict[str, list[dict[str, int]]] = {}
    for each in exposures:
        known.setdefault(json.dumps(each["actor"], sort_keys=True), []).append(each)  # type: ignore[arg-type]
    yield from known.values()
