"""Counts the demo again from its text, with plain Python that shares no code with what made it."""

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

import pytest

from whosaw.replay.shop import make_demo

LINE = re.compile(
    r'^(\S+) - - \[([^\]]+)\] "(\S+) (\S+) HTTP/2\.0" (\d{3}) (\d+) "[^"]*" "[^"]*"'
    r" sub=(\S+) jti=(\S+) kid=(\S+)$"
)
PAGES = {
    "my-info": re.compile(r"^/my/info/edit$"),
    "my-addresses": re.compile(r"^/my/addresses$"),
    "my-address-edit": re.compile(r"^/my/addresses/\d+/edit$"),
    "my-orders": re.compile(r"^/my/orders$"),
    "support-customer": re.compile(r"^/support/customers/(\d+)$"),
}


class Recount:
    """What can be told from the files: a token that no login issued makes a request one of the breach."""

    def __init__(self, folder: Path) -> None:
        with (folder / "context" / "logins.csv").open(encoding="utf-8", newline="") as file:
            issued = {(row["subject"], row["token"]) for row in csv.DictReader(file)}
        self.files: dict[str, tuple[int, int, str]] = {}
        self.torn = self.attack = self.misses = 0
        self.views: Counter[str] = Counter()
        self.honest: Counter[str] = Counter()
        self.persons: dict[str, set[str]] = {page: set() for page in PAGES}
        self.honest_persons: set[str] = set()
        self.first_by_person: dict[str, datetime] = {}
        self.addresses: set[str] = set()
        self.tokens: set[str] = set()
        self.keys: set[str] = set()
        self.times: list[datetime] = []
        for path in (folder / "web").iterdir():
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            lines = raw.decode("ascii").split("\n")
            assert lines.pop() == ""
            self.files[path.name] = (len(lines), len(raw), hashlib.sha256(raw).hexdigest())
            for line in lines:
                self.line(line, issued)

    def line(self, text: str, issued: set[tuple[str, str]]) -> None:
        match = LINE.match(text)
        if match is None:
            self.torn += 1
            return
        address, time, _, target, status, _, sub, token, key = match.groups()
        forged = token != "-" and (sub, token) not in issued
        if forged:
            self.attack += 1
            self.misses += status == "404"
            self.addresses.add(address)
            self.tokens.add(token)
            self.keys.add(key)
        for page, pattern in PAGES.items():
            found = pattern.match(target)
            if found and status == "200":
                person = found[1] if found.groups() else sub
                self.view(page, person, datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z"), forged)

    def view(self, page: str, person: str, when: datetime, forged: bool) -> None:
        if not forged:
            self.honest[page] += 1
            self.honest_persons.add(person)
            return
        self.views[page] += 1
        self.persons[page].add(person)
        self.times.append(when)
        self.first_by_person[person] = min(when, self.first_by_person.get(person, when))

    @property
    def everybody(self) -> set[str]:
        return set().union(*self.persons.values())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recount, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("recount") / "demo"
    make_demo(folder, seed=7, scale=0.06)
    return Recount(folder), json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def test_the_files_hold_the_lines_the_truth_says(made: tuple[Recount, dict[str, Any]]) -> None:
    recount, truth = made
    stated = {
        file["name"]: (file["lines"], file["bytes"], file["sha256"]) for file in truth["lines"]["files"]
    }
    assert recount.files == stated
    assert sum(lines for lines, _, _ in recount.files.values()) == truth["lines"]["total"]
    assert recount.torn == truth["lines"]["torn"] == 3
    assert recount.attack == truth["lines"]["attack"] == truth["breach"]["requests"]


def test_views_and_persons_of_the_breach(made: tuple[Recount, dict[str, Any]]) -> None:
    recount, truth = made
    breach = truth["breach"]
    assert {page: recount.views[page] for page in PAGES} == breach["views_by_page"]
    assert {page: len(people) for page, people in recount.persons.items()} == breach["persons_by_page"]
    assert sum(recount.views.values()) == breach["views"]
    assert len(recount.everybody) == breach["persons"]
    listed = "".join(f"{number}\n" for number in sorted(recount.everybody, key=int))
    assert hashlib.sha256(listed.encode()).hexdigest() == breach["persons_sha256"]


def test_misses_tokens_addresses_and_key_of_the_breach(made: tuple[Recount, dict[str, Any]]) -> None:
    recount, truth = made
    breach = truth["breach"]
    assert recount.misses == breach["misses"] > 0
    assert len(recount.tokens) == breach["tokens"]
    assert len(recount.addresses) == breach["addresses"]
    assert recount.keys == {breach["key"]}


def test_times_of_the_breach(made: tuple[Recount, dict[str, Any]]) -> None:
    recount, truth = made
    ends = [
        time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for time in (min(recount.times), max(recount.times))
    ]
    assert ends == [truth["breach"]["first_view"], truth["breach"]["last_view"]]
    days = Counter(time.date().isoformat() for time in recount.first_by_person.values())
    assert dict(days) == truth["breach"]["new_persons_by_day"]


def test_honest_views_are_told_apart_from_the_breach(made: tuple[Recount, dict[str, Any]]) -> None:
    recount, truth = made
    assert {page: recount.honest[page] for page in PAGES} == truth["honest"]["views_by_page"]
    assert len(recount.honest_persons) == truth["honest"]["persons"]
