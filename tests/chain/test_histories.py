"""Any history of scans ends equal to one scan of all: lines in any portions and any order, some twice, chunks of any size, and
logins that come late."""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.chain.shop_log import KEY, NOW
from tests.wide import WIDE

from whosaw.app.scan import scan
from whosaw.store.canonical import LedgerDigest, ledger_digest
from whosaw.store.workspace import journal_of

START = datetime(2025, 5, 1, tzinfo=UTC)
MAP = """
[[route]]
id = "info"
match = { path = "/my/{id}" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]

[[route]]
id = "orders"
match = { path = "/my/{id}/orders" }
subject = { from = "path", name = "id" }
categories = ["commerce.orders"]
"""


@dataclass(frozen=True)
class World:
    """Lines in order of time, and the rows of the login service."""

    lines: tuple[str, ...]
    logins: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class History:
    """How a world is read: which portion each line comes in, which of them come once more in the last one, how many logins are known at
    each scan, and where files are cut."""

    portions: tuple[int, ...]
    again: frozenset[int]
    known: tuple[int, ...]
    chunk_bytes: int


def world(
    people: int, days: int, thief: int, seed: int, *, thief_since: timedelta = timedelta(hours=12)
) -> World:
    """Customers who come with a token of their own, behind one carrier or at home; a dead link and a failed login now and then; and a
    thief who reads with forged tokens from one address."""
    chance = random.Random(seed)
    rows: list[tuple[datetime, str, str, str, int, str]] = []  # when, address, agent, path, status, token
    logins = []
    for person in range(people):
        address = "198.51.100.1" if chance.random() < 0.7 else f"203.0.113.{person % 200}"
        for day in range(days):
            if chance.random() < 0.3:
                continue
            at = START + timedelta(days=day, seconds=chance.randrange(20 * 3_600))
            token = f"t{person}-{day}"
            logins.append((at.isoformat(), str(1000 + person), token))
            for turn, path in enumerate((f"/my/{1000 + person}", "/cart", f"/my/{1000 + person}/orders")):
                rows.append((at + timedelta(seconds=1 + 40 * turn), address, "app/1", path, 200, token))
            if chance.random() < 0.2:
                rows.append((at + timedelta(minutes=3), address, "app/1", f"/my/{9000 + person}", 404, token))
            if chance.random() < 0.2:
                rows.append((at + timedelta(minutes=4), address, "app/1", "/login", 401, "-"))
    for turn in range(thief):
        at = START + thief_since + timedelta(seconds=97 * turn)
        rows.append((at, "192.0.2.7", "curl/8", f"/my/{1000 + turn % people}", 200, f"forged{turn}"))
    rows.sort()
    lines = tuple(
        f'{address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {status} {number} "-" "{agent}" jti={token}'
        for number, (at, address, agent, path, status, token) in enumerate(rows)
    )
    return World(lines=lines, logins=tuple(sorted(logins)))


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, History]:
    made = world(
        draw(st.integers(1, 40)),
        draw(st.integers(1, 4)),
        draw(st.sampled_from((0, 3, 30))),
        draw(st.integers(0, 999)),
    )
    count = len(made.lines)
    parts = draw(st.integers(1, 3))
    chance = random.Random(draw(st.integers(0, 999)))
    runs = draw(st.booleans())  # whole stretches of the log, or lines at random
    portions = [chance.randrange(parts) for _ in range(count)]
    if runs:
        order = chance.sample(range(parts), parts)
        portions = [order[at * parts // count] for at in range(count)]
    again = frozenset(at for at in range(count) if chance.random() < draw(st.sampled_from((0.0, 0.1))))
    known = sorted(chance.randrange(len(made.logins) + 1) for _ in range(parts))
    return made, History(
        portions=tuple(portions), again=again, known=(*known[1:], len(made.logins)),
        chunk_bytes=draw(st.sampled_from((4_096, 1 << 20))),
    )  # fmt: skip


Part = tuple[Sequence[str], Sequence[tuple[str, str, str]]]


def digest_after(folder: Path, name: str, scans: Sequence[Sequence[Part]], chunk_bytes: int) -> LedgerDigest:
    """What the ledger says after these scans, each of one file or several, with the logins known by the last of these."""
    root, context = folder / name, folder / f"{name}-context"
    root.mkdir()
    context.mkdir()
    (root / "vault.key").write_bytes(KEY)
    (root / "vault.key").chmod(0o600)
    (folder / "map.toml").write_text(MAP)
    for number, parts in enumerate(scans):
        with (context / "logins.csv").open("w", newline="") as out:
            csv.writer(out).writerows([("time", "subject", "token"), *parts[-1][1]])
        logs = []
        for at, (lines, _) in enumerate(parts):
            logs.append(folder / f"{name}-{number}-{at}.log")
            logs[-1].write_text("".join(f"{line}\n" for line in lines))
        scan(
            [str(log) for log in logs],
            root,
            now=NOW,
            map_path=folder / "map.toml",
            context=context,
            chunk_bytes=chunk_bytes,
        )
    journal = journal_of(root)
    try:
        return ledger_digest(root, journal)
    finally:
        journal.close()


def portions_of(made: World, history: History) -> list[Part]:
    """The lines and the logins of each scan; a portion without lines is none."""
    last = max(history.portions)
    chance = random.Random(len(made.logins))
    logins = chance.sample(made.logins, len(made.logins))
    scans: list[Part] = []
    for part, known in enumerate(history.known):
        lines = [
            line
            for at, line in enumerate(made.lines)
            if history.portions[at] == part or (part == last and at in history.again)
        ]
        if lines:
            scans.append((lines, logins[:known] if part != last else logins))
    return scans


@settings(max_examples=8 if WIDE else 3, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(histories())
def test_any_history_of_scans_ends_equal_to_one_scan_of_all(case: tuple[World, History]) -> None:
    made, history = case
    if not made.lines:
        return
    with tempfile.TemporaryDirectory(prefix="whosaw-history-") as folder:
        parts = portions_of(made, history)
        whole = digest_after(Path(folder), "whole", [parts], 1 << 20)
        cut = digest_after(Path(folder), "cut", [[part] for part in parts], history.chunk_bytes)
    assert cut == whole


def test_the_worlds_of_histories_hold_findings_and_everything_that_a_ledger_keeps() -> None:
    made = world(40, 3, 30, 1)
    with tempfile.TemporaryDirectory(prefix="whosaw-history-") as folder:
        whole = digest_after(Path(folder), "whole", [[(made.lines, made.logins)]], 1 << 20)
    rows = {each.table: each.rows for each in whole.tables}
    assert (
        min(rows[table] for table in ("views", "exposures", "clients", "activity", "hours", "findings")) > 0
    )
