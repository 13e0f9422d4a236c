"""A shop whose pages about people were read by each kind of viewer, and a browser or a program of one of these people."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from litestar.testing import TestClient
from tests.web.conftest import HOST, NOW

from whosaw.app.gating import tokens
from whosaw.app.gating.rights import Role
from whosaw.app.own.settings import set_own
from whosaw.app.scan import scan
from whosaw.store.workspace import journal_of

FRONT = "https://front.example"
ME, OTHER, ONLY_WALKED, NEVER = "4711", "4712", "4799", "9999"
MAP = """
[[route]]
id = "desk"
match = { method = "GET", path = "/desk/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name", "contact.phone"]

[[route]]
id = "list"
match = { method = "GET", path = "/list" }
subject = { from = "unknown" }
categories = ["identity.name"]
"""
START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def _line(at: datetime, path: str, address: str, user: str | None, session: str | None) -> str:
    told = {"time": at.isoformat(), "method": "GET", "path": path, "status": 200, "ip": address, "agent": "x"}
    told |= {"user": user} if user else {}
    told |= {"session": session} if session else {}
    return json.dumps(told)


def lines() -> list[str]:
    """Two own logins with three views each, staff, a job, somebody without a sign-in on record, and one who walks through everybody."""
    out = []
    for day, session in ((0, "one"), (3, "two")):
        out += [
            _line(START + timedelta(days=day, minutes=n), f"/desk/{ME}", "192.0.2.7", ME, session)
            for n in (1, 2, 3)
        ]
    out.append(_line(START + timedelta(days=1), f"/desk/{ME}", "192.0.2.10", "s-7", None))
    out.append(_line(START + timedelta(days=2), f"/desk/{ME}", "192.0.2.11", "parcels", None))
    out.append(_line(START + timedelta(days=4), f"/desk/{ME}", "192.0.2.66", ME, "stolen"))
    out.append(_line(START + timedelta(days=4, hours=1), "/list", "192.0.2.66", ME, "stolen"))
    out.append(_line(START + timedelta(days=5), f"/desk/{OTHER}", "192.0.2.10", "s-7", None))
    walk = (str(4700 + n) for n in range(100))
    out += [
        _line(START + timedelta(days=6, seconds=n), f"/desk/{person}", "203.0.113.9", None, None)
        for n, person in enumerate(walk)
    ]
    return sorted(out, key=lambda line: json.loads(line)["time"])


def make_shop(folder: Path) -> Path:
    """The scanned workspace."""
    (folder / "app.jsonl").write_text("".join(f"{line}\n" for line in lines()))
    (folder / "map.toml").write_text(MAP)
    (folder / "context").mkdir()
    (folder / "context" / "staff.csv").write_text("staff,role\ns-7,support desk\n")
    (folder / "context" / "services.csv").write_text("service,address\nparcels,192.0.2.11\n")
    (folder / "context" / "canaries.csv").write_text("id\n4750\n")
    logins = [
        f"{(START + timedelta(days=day)).isoformat()},{ME},{name}" for day, name in ((0, "one"), (3, "two"))
    ]
    (folder / "context" / "logins.csv").write_text("time,subject,session\n" + "\n".join(logins) + "\n")
    scan(
        [str(folder / "app.jsonl")],
        folder / "ws",
        now=NOW,
        map_path=folder / "map.toml",
        context=folder / "context",
    )
    return folder / "ws"


class Portal:
    """The organisation's front end, and what it asks for its people."""

    def __init__(self, root: Path, client: TestClient[Any]) -> None:
        self.root, self.client = root, client
        set_own(root, now=NOW, portals=[FRONT])
        with closing(journal_of(root)) as journal:
            self.token = tokens.make_token(journal, "front", [Role.PORTAL], by="a test", now=NOW)[1]

    def let_in(self, subject: str, **more: Any) -> str:
        """The token of a person."""
        headers = {"Authorization": f"Bearer {self.token}"}
        made = self.client.post("/api/v1/subjects", headers=headers, json={"subject": subject, **more})
        assert made.status_code == 201, made.text
        return str(made.json()["token"])

    def ask(self, token: str | None, path: str = "/me/views", method: str = "GET", **more: Any) -> Any:
        """Something with the token of a person, as a program asks it."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self.client.cookies.clear()
        return self.client.request(method, path, headers=headers, follow_redirects=False, **more)

    def enter(self, subject: str) -> TestClient[Any]:
        """The browser of a person who came from the front end."""
        browser: TestClient[Any] = TestClient(self.client.app, base_url=str(self.client.base_url))
        browser.blocking_portal = self.client.blocking_portal
        entered = browser.post(
            "/me/enter",
            data={"token": self.let_in(subject)},
            headers={"Origin": FRONT},
            follow_redirects=False,
        )
        assert (entered.status_code, entered.headers["location"]) == (303, "/me")
        return browser


__all__ = ["FRONT", "HOST", "ME", "NEVER", "ONLY_WALKED", "OTHER", "Portal", "make_shop"]
