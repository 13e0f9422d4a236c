"""A layout that nobody described is drafted from its values, whatever its fields are called."""

from __future__ import annotations

import csv
import io
import json
import os
import random
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.drafts.propose import FormatDraft, propose
from whosaw.ingest.format_cases import case_faults
from whosaw.ingest.format_item import FormatItem, load_format
from whosaw.ingest.parser import Piece

WIDE = bool(os.environ.get("WHOSAW_WIDE"))
DAY = date(2025, 11, 25)
ROLES = ("time", "address", "method", "path", "status", "principal")
NOISE = ("level", "took", "service", "trace")
USERS = {
    "words": [f"{first}.{last}" for first in ("ann", "ben", "cho", "dee") for last in ("kim", "otieno", "sato")],
    "codes": [f"E-{number}" for number in range(2040, 2052)],
    "mails": [f"user{number}@example.org" for number in range(12)],
}  # fmt: skip
TIMES = {
    "iso": lambda n: f"2025-11-24T{n // 60:02}:{n % 60:02}:07.125Z",
    "offset": lambda n: f"2025-11-24T{n // 60:02}:{n % 60:02}:07+09:00",
    "local": lambda n: f"2025-11-24 {n // 60:02}:{n % 60:02}:07",
    "seconds": lambda n: f"{1763942407.25 + 60 * n}",
    "millis": lambda n: str(1763942407250 + 60_000 * n),
}


def records(seed: int, users: str, time: str, count: int = 120) -> list[dict[str, str]]:
    """What an application did for some people, each of whom keeps to one or two addresses."""
    chance = random.Random(seed)
    made = []
    for n in range(count):
        user = chance.randrange(len(USERS[users]))
        made.append(
            {
                "time": TIMES[time](n),
                "address": f"203.0.113.{2 * user + chance.randrange(2)}",
                "method": chance.choice(["GET", "GET", "GET", "POST", "DELETE"]),
                "path": f"/{chance.choice(['members', 'orders', 'notes'])}/{chance.randrange(10_000)}",
                "status": chance.choice(["200", "200", "200", "404", "500"]),
                "principal": USERS[users][user],
                "level": chance.choice(["INFO", "WARN"]),
                "took": str(chance.randrange(1, 4_000) / 10),
                "service": chance.choice(["shop", "desk"]),
                "trace": f"{chance.getrandbits(128):032x}",
            }
        )
    return made


def written(rows: list[dict[str, str]], shape: str, names: dict[str, str], *, header: bool = True) -> bytes:
    """The records in a shape, with fields that are called by `names`, in the order of `names`."""
    if shape == "json":
        return b"".join(json.dumps(nested(row, names)).encode() + b"\n" for row in rows)
    if shape == "pairs":
        lines = [" ".join(f"{name}={quoted(row[role])}" for role, name in names.items()) for row in rows]
        return "".join(f"{line}\n" for line in lines).encode()
    out = io.StringIO()
    table = csv.writer(out, delimiter=shape, lineterminator="\n")
    if header:
        table.writerow(names.values())
    table.writerows([row[role] for role in names] for row in rows)
    return out.getvalue().encode()


def quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def nested(row: dict[str, str], names: dict[str, str]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for role, name in names.items():
        *above, last = name.split(".")
        at = whole
        for step in above:
            at = at.setdefault(step, {})
        at[last] = float(row[role]) if role == "took" else row[role]
    return whole


def loaded(draft: FormatDraft, folder: Path) -> FormatItem:
    path = folder / f"{draft.id}.toml"
    path.write_text(draft.text, encoding="utf-8")
    return load_format(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drafts")


@settings(max_examples=300 if WIDE else 25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    users=st.sampled_from(sorted(USERS)),
    time=st.sampled_from(sorted(TIMES)),
    shape=st.sampled_from(["json", "pairs", ",", ";", "\t", "|"]),
    order=st.permutations(ROLES + NOISE),
    header=st.booleans(),
    depth=st.integers(0, 2),
)
def test_time_address_method_path_status_and_user_are_found_by_their_values(
    folder: Path, seed: int, users: str, time: str, shape: str, order: list[str], header: bool, depth: int
) -> None:
    chance = random.Random(seed)
    rows = records(seed, users, time)
    stems = [
        f"q{letters}"
        for letters in chance.sample(["xa", "xe", "xi", "xo", "xu", "za", "ze", "zi", "zo", "zu"], 10)
    ]
    above = "".join(f"w{level}." for level in range(depth)) if shape == "json" else ""
    names = {role: above + stem for role, stem in zip(order, stems, strict=True)}
    draft = propose([written(rows, shape, names, header=header)], day=DAY, id_="own")
    assert draft is not None
    if shape in (",", ";", "\t", "|"):
        assert (draft.shape, draft.delimiter, draft.header) == ("delimited", shape, header)
        names = names if header else {role: f"column_{at}" for at, role in enumerate(order, start=1)}
    fields = {each.column: each.fields for each in draft.columns}
    assert {role: fields.get(role) for role in ROLES} == {role: (names[role],) for role in ROLES}
    assert draft.missing == ()
    assert draft.needs_zone is (time == "local")
    item = loaded(draft, folder)
    assert case_faults(item) == []
    known = {value for row in rows for role in ("address", "principal", "trace") for value in [row[role]]}
    assert not [value for value in known if value in draft.text]
    assert not [each for each in draft.unused for example in each.examples if example in known]


def test_screens_and_account_numbers_are_what_was_done_and_to_whom() -> None:
    """A few lines of a bank: no verb in the screens, and accounts that come again."""
    rows = "".join(
        f"03.03.2025 09:0{n}:11;T-04{n % 3};192.0.2.{50 + n % 3};{screen};{account}\n"
        for n, (screen, account) in enumerate(
            zip(
                ["ACCOUNT_OVERVIEW", "CUSTOMER_DETAILS"] * 3,
                ["0100200301", "0100200302", "0100200303"] * 2,
                strict=True,
            )
        )
    )
    draft = propose([f"When;Teller;Workstation;Screen;Account No\n{rows}".encode()], day=DAY, id_="own")
    assert draft is not None
    fields = {each.column: each.source for each in draft.columns}
    assert {name: fields.get(name) for name in ("time", "principal", "address", "action", "object")} == {
        "time": "When", "principal": "Teller", "address": "Workstation", "action": "Screen", "object": "Account No",
    }  # fmt: skip
    assert draft.needs_zone


def swahili(days: list[int], *, month_first: bool = False) -> bytes:
    """An audit list of a hospital: who did what to whose record, with slashes in its times."""
    lines = ["muda;mtumiaji;kitendo;namba_ya_mgonjwa;anwani_ip"]
    for n in range(60):
        day, hour = days[n * len(days) // 60], n % 20
        date_ = f"03/{day:02}/2025" if month_first else f"{day:02}/03/2025"
        user = n % 4
        lines.append(
            f"{date_} {hour:02}:05:{n:02};{USERS['words'][user]};{('kusoma', 'kuhariri')[n % 2]};MG-{3000 + n * 7 % 40};203.0.113.{user}"
        )
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize(("month_first", "order"), [(False, "dmy"), (True, "mdy")])
def test_days_past_the_twelfth_tell_which_of_day_and_month_stands_first(
    month_first: bool, order: str, tmp_path: Path
) -> None:
    draft = propose([swahili([11, 12, 13], month_first=month_first)], day=DAY)
    assert draft is not None
    assert {each.column: each.source for each in draft.columns} == {
        "time": f"{{muda|{order}}}", "principal": "mtumiaji", "action": "kitendo", "object": "namba_ya_mgonjwa", "address": "anwani_ip",
    }  # fmt: skip
    assert draft.needs_zone
    assert case_faults(loaded(draft, tmp_path)) == []


@pytest.mark.parametrize(("month_first", "order"), [(False, "dmy"), (True, "mdy")])
def test_days_that_follow_one_another_tell_it_too(month_first: bool, order: str) -> None:
    """Three days in a row, and not one day in each of three months."""
    draft = propose([swahili([3, 4, 5], month_first=month_first)], day=DAY)
    assert draft is not None
    assert draft.columns[0].source == f"{{muda|{order}}}"


OUTCOMES = {
    "sw": ("matokeo", "imefanikiwa", "imekataliwa"),
    "ko": ("결과", "성공", "실패"),
    "ja": ("処理結果", "成功", "失敗"),
    "de": ("Ergebnis", "erfolgreich", "fehlgeschlagen"),
    "en": ("Result", "Granted", "DENIED"),
    "status": ("hali", "Sawa", "hitilafu"),
    "yes": ("success", "Yes", "No"),
}


@pytest.mark.parametrize("language", OUTCOMES)
def test_words_for_an_outcome_are_one(language: str, tmp_path: Path) -> None:
    """And what was refused is no success, while a word that nobody knows tells neither."""
    name, good, bad = OUTCOMES[language]
    head, *rows = swahili([11, 12, 13]).decode().splitlines()
    told = [f"{row};{bad if n % 5 == 2 else good}" for n, row in enumerate(rows)]
    draft = propose([("\n".join([f"{head};{name}", *told]) + "\n").encode()], day=DAY)
    assert draft is not None
    assert {each.column: each.source for each in draft.columns}["ok"] == name
    item = loaded(draft, tmp_path)
    assert case_faults(item) == []
    lines = [f"{head};{name}", *told[:5], f"{rows[5]};haijulikani"]
    text = ("\n".join(lines) + "\n").encode()
    events = build_parser(item, UTC, None).parse(Piece(data=text, lines=7)).events
    assert events["ok"].to_pylist() == [True, True, False, True, True, None]


def test_without_any_word_for_an_outcome_each_line_is_taken_for_done() -> None:
    head, *rows = swahili([11, 12, 13]).decode().splitlines()
    told = [f"{row};{'AB'[n % 2]}" for n, row in enumerate(rows)]
    draft = propose([("\n".join([f"{head};matokeo", *told]) + "\n").encode()], day=DAY)
    assert draft is not None
    assert "each line is taken for done" in draft.text


def test_where_no_day_tells_nothing_is_drafted_and_both_readings_are_said() -> None:
    draft = propose([swahili([3])], day=DAY)
    assert draft is not None
    assert ("time" in draft.missing, draft.text) == (True, "")
    assert draft.doubted.startswith("csv:time={muda|dmy},")
    assert "principal=mtumiaji" in draft.doubted


KITENDO = ("Angalia salio", "Badilisha simu", "Toa pesa", "Angalia taarifa")
TEILE = ("Kundenblatt", "Umsatzliste", "Adresspflege", "Sperrvermerk")


@pytest.mark.parametrize(
    ("head", "done", "columns"),
    [
        ("Tarehe na saa,Mtumiaji,Kifaa IP,Kitendo,Namba ya mwanachama,Tawi", KITENDO, ("Kitendo", "Namba ya mwanachama")),
        ("Zeitpunkt,Benutzer,Quelle,Vorgang,Kundennummer,Filiale", TEILE, ("Vorgang", "Kundennummer")),
        ("일시,사용자,접속지,작업,고객번호,지점", ("고객 조회", "주소 변경", "목록 출력", "해지"), ("작업", "고객번호")),
    ],
)  # fmt: skip
def test_what_was_done_is_found_by_a_field_that_is_called_so(
    head: str, done: tuple[str, ...], columns: tuple[str, str]
) -> None:
    """Words of which none is known, in a field that says itself that it is what was done."""
    rows = [
        f"{5 + n // 20:02}/10/2026 {8 + n % 9:02}:{n % 60:02},{USERS['words'][n * 7 % 4]},10.20.1.{10 + n * 7 % 4},{done[n * 3 % 4]},MB{10001 + n * 13 % 40},Nakuru"
        for n in range(120)
    ]
    draft = propose([("\n".join([head, *rows]) + "\n").encode()], day=DAY)
    assert draft is not None
    found = {each.column: each.source for each in draft.columns}
    assert (found.get("action"), found.get("object")) == columns
    assert found["principal"] == head.split(",")[1]
