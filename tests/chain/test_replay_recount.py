"""Counts replays again from their text, with plain Python that shares no code with what made them.

Only two things are taken from the replay's own papers: whose a line is (the lists of lines below truth/), and which
members there are (context/subjects.csv), since a list or a range names its first and last one only.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.wide import some

BREACHES = ("forged-token", "own-login", "sql-dump", "bulk-export", "partner-after-contract")
KST = timezone(timedelta(hours=9))

CLF = re.compile(r'^(\S+) - (\S+) \[([^\]]+)\] "(\S+) (\S+) HTTP/[\d.]+" (\d{3}) \d+ "[^"]*" "[^"]*"(.*)$')
TAIL = re.compile(r"^ sub=(\S+) jti=(\S+) kid=(\S+)$")
ALB = re.compile(
    r'^h2 (\S+) \S+ (\S+):\d+ \S+ \S+ \S+ \S+ (\d{3}) \d{3} \d+ \d+ "(\S+) https://[^/]+(\S+) HTTP/\S+" '
)
AUDIT = re.compile(r"^AUDIT: (SESSION,.*)$", re.DOTALL)

ADDRESS = ["identity.name", "contact.phone", "contact.address"]
EXPORT = ["identity.name", "contact.email", "contact.phone", "contact.address"]
CATEGORIES = {
    "my-info": ["identity.name", "contact.email"],
    "my-addresses": ADDRESS,
    "my-address-edit": [*ADDRESS, "access.entrance-code"],
    "my-orders": ["commerce.orders"],
    "my-order": ["commerce.orders"],
    "member-profile": ["identity.name", "contact.email", "contact.phone"],
    "partner-orders": [*ADDRESS, "commerce.orders"],
    "support-customer": ["identity.name", "contact.phone", "commerce.orders"],
    "export-customers": EXPORT,
    "db-order": ["commerce.orders"],
    "db-member": ["identity.name", "contact.email", "contact.phone"],
    "db-range": EXPORT,
    "db-copy": EXPORT,
    "db-nightly": ["contact.email"],
}
PAGES = {
    "my-info": r"/my/info/edit",
    "my-addresses": r"/my/addresses",
    "my-address-edit": r"/my/addresses/\d+/edit",
    "my-orders": r"/my/orders",
    "my-order": r"/my/orders/\d+",
    "member-profile": r"/api/members/(?P<member>\d+)/profile",
    "partner-orders": r"/partner/orders\?page=(?P<page>\d+)&size=(?P<size>\d+)",
    "support-customer": r"/support/customers/(?P<member>\d+)",
    "export-customers": r"/admin/export/customers\?from=(?P<first>\d+)&to=(?P<last>\d+)",
    "db-order": r"SELECT id, total, placed_at FROM orders WHERE member_id = (?P<member>\d+)",
    "db-member": r"SELECT name, email, phone FROM members WHERE id = (?P<member>\d+)",
    "db-range": r"SELECT \* FROM members WHERE id BETWEEN (?P<first>\d+) AND (?P<last>\d+)",
    "db-copy": r"(?P<all>COPY members TO STDOUT)",
    "db-nightly": r"SELECT id, email FROM members WHERE id >= (?P<first>\d+) AND id <= (?P<last>\d+) ORDER BY id",
}
PATTERNS = {page: re.compile(pattern) for page, pattern in PAGES.items()}


@dataclass(frozen=True)
class Request:
    """One line, whatever its format. `second` is since 1970; `rows` only a database states."""

    second: int
    address: str
    principal: str
    target: str
    ok: bool
    missed: bool
    rows: int | None = None


def read_clf(line: str) -> Request | None:
    match = CLF.match(line)
    if match is None:
        return None
    address, user, time, _, target, status, rest = match.groups()
    if rest:
        tail = TAIL.match(rest)
        assert tail is not None, line
        user = tail[1]
    second = int(datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z").timestamp())
    return Request(second, address, user, target, status == "200", status == "404")


def read_json(line: str) -> Request | None:
    said = json.loads(line)
    second = int(datetime.fromisoformat(said["time"]).timestamp())
    status, principal = said["status"], said.get("sub", "-")
    return Request(second, said["remote_addr"], principal, said["request_uri"], status == 200, status == 404)


def read_alb(line: str) -> Request | None:
    match = ALB.match(line)
    assert match is not None, line
    time, address, status, _, target = match.groups()
    second = int(datetime.fromisoformat(time).timestamp())
    return Request(second, address.strip("[]"), "-", target, status == "200", status == "404")


def read_csvlog(line: str) -> Request | None:
    (columns,) = csv.reader([line])
    assert len(columns) == 26  # PostgreSQL 17
    second = int(datetime.fromisoformat(columns[0].replace(" UTC", "+00:00")).timestamp())
    address = columns[4].rpartition(":")[0]
    audit = AUDIT.match(columns[13])
    if audit is None:
        return Request(second, address, columns[1], columns[19], ok=False, missed=False)
    (said,) = csv.reader([audit[1]])
    statement, rows = said[7], int(said[9])
    if said[4] == "COPY":  # pgaudit states 0 for it whatever came back
        return Request(second, address, columns[1], statement, ok=True, missed=False)
    return Request(second, address, columns[1], statement, ok=True, missed=rows == 0, rows=rows)


READERS = {
    "combined-kv": read_clf,
    "combined": read_clf,
    "jsonl": read_json,
    "alb": read_alb,
    "postgresql-csvlog": read_csvlog,
}


@dataclass
class Seen:
    """What one party saw; those without a party are the honest."""

    requests: int = 0
    misses: int = 0
    views: Counter[str] = field(default_factory=Counter)
    accounts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    addresses: set[str] = field(default_factory=set)
    view_seconds: list[int] = field(default_factory=list)
    first: dict[int, int] = field(default_factory=dict)
    exposures: dict[tuple[int, str], list[int]] = field(default_factory=dict)

    def everybody(self) -> set[int]:
        return set().union(*self.accounts.values())


class Recount:
    """All parties of one replay, counted from its text."""

    def __init__(self, folder: Path) -> None:
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        with (folder / "context" / "subjects.csv").open(encoding="utf-8", newline="") as file:
            self.members = sorted(int(row["subject"]) for row in csv.DictReader(file))
        self.known = set(self.members)
        self.files: dict[tuple[str, str], tuple[int, int, str]] = {}
        self.unread = 0
        self.seen: dict[str | None, Seen] = defaultdict(Seen)
        for service, said in self.truth["services"].items():
            rows = pq.read_table(folder / "truth" / f"lines-{service}.parquet").to_pylist()
            marks = {(row["file"], row["line"]): row for row in rows}
            for path in sorted((folder / said["folder"]).glob("*")):
                self.file(service, path, READERS[said["format"]], marks)
            assert not marks  # no line is listed that is not there

    def file(self, service: str, path: Path, reader: Any, marks: dict[tuple[str, int], Any]) -> None:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = raw.decode("utf-8").split("\n")
        assert lines.pop() == ""
        self.files[service, path.name] = (len(lines), len(raw), hashlib.sha256(raw).hexdigest())
        for number, line in enumerate(lines, start=1):
            mark = marks.pop((path.name, number))  # KeyError: a line that is not listed
            request = reader(line)
            if request is None:
                assert mark["part"] is None, line
                self.unread += 1
                continue
            assert request.second == mark["time_ms"] // 1000, line
            self.request(request, self.seen[mark["part"]], shown=mark["views"])

    def request(self, request: Request, seen: Seen, *, shown: bool) -> None:
        seen.requests += 1
        seen.misses += request.missed
        seen.addresses.add(request.address)
        page, match = next(
            (
                (page, match)
                for page, pattern in PATTERNS.items()
                if (match := pattern.fullmatch(request.target))
            ),
            (None, None),
        )
        assert shown == (
            page is not None and request.ok and not (request.missed and "member" in match.groupdict())
        )
        if not shown or page is None or match is None:
            return
        subjects = list(self.subjects(match, request))
        if request.rows is not None:
            assert request.rows == len(subjects)
        if subjects:
            seen.views[page] += 1
            seen.view_seconds.append(request.second)
        for member in subjects:
            seen.accounts[page].add(member)
            seen.first[member] = min(request.second, seen.first.get(member, request.second))
            for category in CATEGORIES[page]:
                at = seen.exposures.setdefault((member, category), [0, request.second, request.second])
                at[0] += 1
                at[1], at[2] = min(at[1], request.second), max(at[2], request.second)

    def subjects(self, match: re.Match[str], request: Request) -> Iterator[int]:
        places = match.groupdict()
        if "first" in places:
            yield from (each for each in self.members if int(places["first"]) <= each <= int(places["last"]))
        elif "page" in places:
            start = int(places["page"]) * int(places["size"])
            yield from self.members[start : start + int(places["size"])]
        elif "all" in places:
            yield from self.members
        else:
            named = places.get("member", request.principal)
            assert named.isdecimal(), named
            if int(named) in self.known:
                yield int(named)


def text_of(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module", params=some(BREACHES, of=2))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recount]:
    folder = tmp_path_factory.mktemp("recount") / "replay"
    whosaw = Path(sys.executable).with_name("whosaw")
    command = [whosaw, "replay", "make", folder, "--breach", request.param]
    subprocess.run([*command, "--scale", "0.01", "--seed", "7", "--json"], check=True, capture_output=True)
    return folder, Recount(folder)


def test_the_files_hold_the_lines_the_truth_says(made: tuple[Path, Recount]) -> None:
    _, recount = made
    stated = {
        (file["service"], file["name"]): (file["lines"], file["bytes"], file["sha256"])
        for file in recount.truth["lines"]["files"]
    }
    assert recount.files == stated
    assert recount.unread == 0
    assert sum(lines for lines, _, _ in recount.files.values()) == recount.truth["lines"]["total"]
    attack = sum(seen.requests for party, seen in recount.seen.items() if party is not None)
    assert attack == recount.truth["lines"]["attack"]
    assert recount.truth["customers"] == len(recount.members)


def test_every_service_and_format_is_counted(made: tuple[Path, Recount]) -> None:
    _, recount = made
    assert {service for service, _ in recount.files} == {"web", "api", "edge", "office", "db"}
    assert {said["format"] for said in recount.truth["services"].values()} == READERS.keys()


def test_views_and_accounts_of_every_party(made: tuple[Path, Recount]) -> None:
    _, recount = made
    actors = {actor["id"]: actor for actor in recount.truth["actors"]}
    assert actors.keys() == {party for party in recount.seen if party is not None}
    assert any(actor["kind"] == "breach" and actor["views"] for actor in actors.values())
    for party, actor in actors.items():
        seen = recount.seen[party]
        assert dict(seen.views) == {page: count for page, count in actor["views_by_page"].items() if count}
        assert sum(seen.views.values()) == actor["views"]
        by_page = {page: len(people) for page, people in seen.accounts.items()}
        assert by_page == {page: count for page, count in actor["accounts_by_page"].items() if count}
        everybody = seen.everybody()
        assert len(everybody) == actor["accounts"]
        listed = "".join(f"{number}\n" for number in sorted(everybody))
        assert hashlib.sha256(listed.encode()).hexdigest() == actor["accounts_sha256"]
        by_category = Counter(category for _, category in seen.exposures)
        assert dict(by_category) == {name: count for name, count in actor["categories"].items() if count}
        assert actor["persons"] == actor["accounts"] + actor["others_in_address_books"]


def test_requests_misses_addresses_and_times_of_every_party(made: tuple[Path, Recount]) -> None:
    _, recount = made
    for actor in recount.truth["actors"]:
        seen = recount.seen[actor["id"]]
        assert seen.requests == actor["requests"]
        assert seen.misses == actor["misses"]
        assert len(seen.addresses) == actor["addresses"]
        ends = [text_of(min(seen.view_seconds)), text_of(max(seen.view_seconds))]
        assert ends == [actor["first_view"], actor["last_view"]]
        days = Counter(
            datetime.fromtimestamp(second, KST).date().isoformat() for second in seen.first.values()
        )
        assert dict(days) == actor["new_accounts_by_day"]


def test_truth_parquet_row_by_row(made: tuple[Path, Recount]) -> None:
    folder, recount = made
    stated = {
        (row["actor"], row["person"], row["category"]): [
            row["views"],
            int(row["first"].timestamp()),
            int(row["last"].timestamp()),
        ]
        for row in pq.read_table(folder / "truth.parquet").to_pylist()
    }
    counted = {
        (party, member, category): at
        for party, seen in recount.seen.items()
        if party is not None
        for (member, category), at in seen.exposures.items()
    }
    assert counted == stated


def test_honest_views_are_told_apart(made: tuple[Path, Recount]) -> None:
    _, recount = made
    honest, seen = recount.truth["honest"], recount.seen[None]
    assert dict(seen.views) == {page: count for page, count in honest["views_by_page"].items() if count}
    assert sum(seen.views.values()) == honest["views"]
    assert len(seen.everybody()) == honest["accounts"]
