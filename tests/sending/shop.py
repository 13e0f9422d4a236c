"""A small shop with a counted case, completed notices and an address book, and the commands of a telling."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from whosaw.app.cases.making import make_version
from whosaw.app.law.notices import plan_notices
from whosaw.app.scan import scan
from whosaw.app.sending.freeze import Frozen, freeze
from whosaw.app.sending.release import release
from whosaw.app.sending.send import Going, MailWay, MessageWay, SentRun, Way, send_notices
from whosaw.app.sending.status import Status, notice_status
from whosaw.report.draft_files import write_notices
from whosaw.sending.provider import Provider
from whosaw.sending.smtp import MailServer

NOW = datetime.fromisoformat("2026-11-25T12:00:00+00:00")
PEOPLE = 60
_MAP = """\
[[route]]
id = "my-info"
match = { method = "GET", path = "/customers/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.email"]

[[route]]
id = "addresses"
match = { method = "GET", path = "/customers/{id}/addresses" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.address"]
secondary = { at_most = 20, categories = ["identity.name", "contact.phone"] }
"""
_CASE = """\
case = "spring"
zone = "Africa/Nairobi"

[organisation]
name = "Duka"
roles = ["controller"]
established = ["KE"]

[people]
unplaced = "KE"
because = "the shop delivers inside Kenya alone"

[[event]]
kind = "aware"
at = 2026-11-24T09:00:00Z
said_by = "Duka"

[[answer]]
question = "access.unauthorised"
answer = true
by = "Duka"
because = "pages were read with a forged session"

[contact]
officer = "A. Example"
telephone = "+254 20 000 0000"
email = "privacy@duka.example.org"
page = "https://duka.example.org/leak"
department = { en = "Privacy office", sw = "Ofisi ya faragha" }

"""
_ABOUT = {
    "circumstances": (
        "A stranger opened pages of customers.",
        "Mtu asiyejulikana alifungua kurasa za wateja.",
    ),
    "intruder": ("It is not known who it was.", "Haijulikani alikuwa nani."),
    "measure-taken": ("The session was shut out.", "Kikao kilifungwa."),
    "redress": (
        "Whoever was harmed can ask the privacy office for help.",
        "Aliyeumia anaweza kuomba msaada.",
    ),
}


class TestClock:
    """A clock that goes on by as much as somebody sleeps."""

    __test__ = False

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.slept = 0.0

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.at += timedelta(seconds=seconds)


@dataclass
class Shop:
    """A copy of the shop, with the commands of a telling."""

    root: Path
    clock: TestClock = field(default_factory=TestClock)

    @property
    def workspace(self) -> Path:
        return self.root / "ws"

    def book(self, rows: list[dict[str, Any]], name: str = "people.csv") -> Path:
        names = list(dict.fromkeys(key for row in rows for key in row))
        with open(self.root / name, "w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, names)
            writer.writeheader()
            writer.writerows(rows)
        return self.root / name

    def usual_book(self) -> list[dict[str, Any]]:
        return [
            {"subject": str(at), "email": f"p{at}@mail{at % 3}.example.org", "language": "en"}
            for at in range(1, PEOPLE + 1)
        ]

    def freeze(self, rows: list[dict[str, Any]] | None = None, **asked: Any) -> Frozen:
        wanted = {
            "version": 1,
            "languages": ["en", "sw"],
            "channels": ["e-mail", "letter"],
            "minor_under": 14,
            **asked,
        }
        return freeze(
            self.root / "case.toml",
            workspace=self.workspace,
            texts=self.root / "notices",
            books=[self.book(self.usual_book() if rows is None else rows)],
            now=self.clock.now(),
            places=["ke"],
            **wanted,
        )

    def release(self, *waves: str) -> None:
        for wave in waves or ("staff", "1 %", "10 %", "rest"):
            release("spring", wave, workspace=self.workspace, reason="a test", now=self.clock.now())

    def send(self, port: int, **asked: Any) -> SentRun:
        told = {"connections": 3, **asked}
        server = MailServer(
            host="127.0.0.1",
            port=port,
            clear=told.pop("clear", True),
            seconds=told.pop("seconds", 60.0),
            context=told.pop("context", None),
        )
        return self._send(MailWay(server=server, sender="privacy@duka.example.org"), told)

    def send_messages(self, port: int, channel: str = "text-message", **asked: Any) -> SentRun:
        told = {"connections": 3, **asked}
        provider = Provider(
            host="127.0.0.1",
            port=port,
            clear=True,
            token=told.pop("token", None),
            seconds=told.pop("seconds", 60.0),
        )
        return self._send(MessageWay(provider=provider, channel=channel, sender="15880000"), told)

    def _send(self, way: Way, asked: dict[str, Any]) -> SentRun:
        return send_notices(
            "spring", way, Going(**asked), workspace=self.workspace, now=self.clock.now, clock=self.clock
        )

    def status(self) -> Status:
        return notice_status("spring", workspace=self.workspace)[-1]

    def counts(self) -> dict[str, int]:
        told = self.status()
        assert told.adds_up
        five = {
            each: getattr(told.told, each) for each in ("waiting", "sent", "failed", "excluded", "unknown")
        }
        assert sum(five.values()) == told.frozen_recipients
        return five


def _line(person: int, page: str, second: int) -> str:
    at = f"{second // 60:02}:{second % 60:02}"
    return f'192.0.2.77 - - [01/Oct/2026:10:{at} +0000] "GET /customers/{person}{page} HTTP/1.1" 200 7 "-" "okhttp"\n'


def make_shop(folder: Path) -> Path:
    """Version 1: sixty people by name and e-mail, the first three with addresses. Version 2: ten more, and the addresses of a fourth."""
    (folder / "map.toml").write_text(_MAP)
    (folder / "context").mkdir()
    (folder / "context" / "canaries.csv").write_text("person\n1\n")  # without a sign nothing is held
    log = folder / "access.log"
    log.write_text(
        "".join(_line(at, "", at) for at in range(1, PEOPLE + 1))
        + "".join(_line(at, "/addresses", 70 + at) for at in (1, 2, 3))
    )
    case = _CASE + "".join(
        f'[[statement]]\nabout = "{about}"\nsaid_by = "Duka"\ntext = {{ en = "{en}", sw = "{sw}" }}\n\n'
        for about, (en, sw) in _ABOUT.items()
    )
    for version in (1, 2):
        if version == 2:
            with open(log, "a") as handle:
                handle.writelines(_line(PEOPLE + at, "", 100 + at) for at in range(1, 11))
                handle.write(_line(4, "/addresses", 120))
        scan([str(log)], folder / "ws", now=NOW, map_path=folder / "map.toml", context=folder / "context")
        make_version(folder / "ws", "spring", indicators=["address=192.0.2.77"], now=NOW)
        case += f"[[scope]]\nversion = {version}\n\n"
    (folder / "case.toml").write_text(case)
    for version in (1, 2):
        _write_notices(folder, version, folder / ("notices" if version == 1 else "notices-2"))
    return folder


def make_another(
    folder: Path, version: int, *, seen: Sequence[int], addresses: Sequence[int], now: datetime
) -> None:
    """A further version, in which more people are seen, and the addresses of some. Its texts stand in `notices-N`."""
    with open(folder / "access.log", "a") as handle:
        handle.writelines(_line(at, "", 200 + version + second) for second, at in enumerate(seen))
        handle.writelines(
            _line(at, "/addresses", 300 + version + second) for second, at in enumerate(addresses)
        )
    scan(
        [str(folder / "access.log")],
        folder / "ws",
        now=now,
        map_path=folder / "map.toml",
        context=folder / "context",
    )
    make_version(folder / "ws", "spring", indicators=["address=192.0.2.77"], now=now)
    with open(folder / "case.toml", "a") as case:
        case.write(f"[[scope]]\nversion = {version}\n\n")
    _write_notices(folder, version, folder / f"notices-{version}")


def _write_notices(folder: Path, version: int, out: Path) -> None:
    plan = plan_notices(
        folder / "case.toml",
        workspace=folder / "ws",
        now=NOW,
        languages=["en", "sw"],
        places=["ke"],
        version=version,
    )
    assert all(draft.complete for draft in plan.drafts), [draft.missing for draft in plan.drafts]
    write_notices(plan.drafts, out, ["eml", "txt"])
