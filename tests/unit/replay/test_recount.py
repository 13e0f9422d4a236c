"""Counts a replay again from its text, with plain Python that shares no code with what made it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay

LINE = re.compile(
    r'^(\S+) - - \[([^\]]+)\] "(\S+) (\S+) HTTP/2\.0" (\d{3}) (\d+) "[^"]*" "[^"]*"'
    r" sub=(\S+) jti=(\S+) kid=(\S+)$"
)
PAGES = {
    "my-info": re.compile(r"^/my/info/edit$"),
    "my-addresses": re.compile(r"^/my/addresses$"),
    "my-address-edit": re.compile(r"^/my/addresses/\d+/edit$"),
    "my-orders": re.compile(r"^/my/orders$"),
    "my-order": re.compile(r"^/my/orders/\d+$"),
}


class Recount:
    """What can be told from the files: a token that no login issued makes a request one of the breach."""

    def __init__(self, folder: Path) -> None:
        with (folder / "context" / "logins.csv").open(encoding="utf-8", newline="") as file:
            issued = {(row["subject"], row["token"]) for row in csv.DictReader(file)}
        self.files: dict[str, tuple[int, int, str]] = {}
        self.misses = 0
        self.views: Counter[str] = Counter()
        self.honest: Counter[str] = Counter()
        self.persons: dict[str, set[str]] = {page: set() for page in PAGES}
        self.first_by_person: dict[str, datetime] = {}
        self.addresses: set[str] = set()
        self.tokens: set[str] = set()
        self.times: list[datetime] = []
        self.attack: set[tuple[str, int]] = set()
        for path in (folder / "web").iterdir():
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            lines = raw.decode("ascii").split("\n")
            assert lines.pop() == ""
            self.files[path.name] = (len(lines), len(raw), hashlib.sha256(raw).hexdigest())
            for number, line in enumerate(lines, start=1):
                if self.line(line, issued):
                    self.attack.add((path.name, number))

    def line(self, text: str, issued: set[tuple[str, str]]) -> bool:
        match = LINE.match(text)
        assert match is not None, text
        address, time, _, target, status, _, sub, token, _ = match.groups()
        forged = token != "-" and (sub, token) not in issued
        when = datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z")
        if forged:
            self.misses += status == "404"
            self.addresses.add(address)
            self.tokens.add(token)
        for page, pattern in PAGES.items():
            if pattern.match(target) and status == "200":
                self.view(page, sub, when, forged)
        return forged

    def view(self, page: str, person: str, when: datetime, forged: bool) -> None:
        if not forged:
            self.honest[page] += 1
            return
        self.views[page] += 1
        self.persons[page].add(person)
        self.times.append(when)
        self.first_by_person[person] = min(when, self.first_by_person.get(person, when))

    @property
    def everybody(self) -> set[str]:
        return set().union(*self.persons.values())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recount, dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("recount") / "replay"
    shop, breach = load_replay(breach="forged-token")
    make_replay(folder, shop=shop, breach=breach, seed=7, scale=0.05)
    return Recount(folder), json.loads((folder / "truth.json").read_text(encoding="utf-8")), folder


def breach_of(truth: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(actor for actor in truth["actors"] if actor["kind"] == "breach")
    return found


def test_the_files_hold_the_lines_the_truth_says(made: tuple[Recount, dict[str, Any], Path]) -> None:
    recount, truth, _ = made
    files = [file for file in truth["lines"]["files"] if file["service"] == "web"]
    assert recount.files == {file["name"]: (file["lines"], file["bytes"], file["sha256"]) for file in files}
    assert sum(file["lines"] for file in truth["lines"]["files"]) == truth["lines"]["total"]
    assert len(recount.attack) == breach_of(truth)["requests"]


def test_the_table_of_lines_marks_those_of_the_breach(made: tuple[Recount, dict[str, Any], Path]) -> None:
    recount, _truth, folder = made
    rows = pq.read_table(folder / "truth" / "lines-web.parquet").to_pylist()
    assert {(row["file"], row["line"]) for row in rows if row["part"]} == recount.attack
    assert len(rows) == sum(lines for lines, _, _ in recount.files.values())


def test_views_and_accounts_of_the_breach(made: tuple[Recount, dict[str, Any], Path]) -> None:
    recount, truth, _ = made
    breach = breach_of(truth)
    assert {page: recount.views[page] for page in PAGES} == {
        page: breach["views_by_page"][page] for page in PAGES
    }
    assert {page: len(people) for page, people in recount.persons.items()} == {
        page: breach["accounts_by_page"][page] for page in PAGES
    }
    assert sum(recount.views.values()) == breach["views"]
    assert len(recount.everybody) == breach["accounts"]
    listed = "".join(f"{number}\n" for number in sorted(recount.everybody, key=int))
    assert hashlib.sha256(listed.encode()).hexdigest() == breach["accounts_sha256"]


def test_misses_tokens_and_addresses_of_the_breach(made: tuple[Recount, dict[str, Any], Path]) -> None:
    recount, truth, _ = made
    breach = breach_of(truth)
    assert recount.misses == breach["misses"] > 0
    assert len(recount.tokens) == breach["tokens"]
    assert len(recount.addresses) == breach["addresses"]


def test_times_of_the_breach(made: tuple[Recount, dict[str, Any], Path]) -> None:
    recount, truth, _ = made
    breach = breach_of(truth)
    ends = [
        time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for time in (min(recount.times), max(recount.times))
    ]
    assert ends == [breach["first_view"], breach["last_view"]]
    days = Counter(time.date().isoformat() for time in recount.first_by_person.values())
    assert dict(days) == breach["new_accounts_by_day"]


def test_honest_views_are_told_apart_from_the_breach(made: tuple[Recount, dict[str, Any], Path]) -> None:
    recount, truth, _ = made
    by_page = truth["honest"]["views_by_page"]
    assert {page: recount.honest[page] for page in PAGES} == {page: by_page[page] for page in PAGES}
