"""What people would be told, held against the truth of a replay: people and categories drawn at random, as the message has them in words."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from bench.measure import run
from bench.replayed import WHOSAW
from whosaw.lookup.message import Line, Speech
from whosaw.lookup.table import LookupTable
from whosaw.packs.contacts import read_contact

__all__ = ["Told", "Truth", "draws", "read_told", "read_truth", "replayed", "wrong_draws"]

DRAWS: Final = 1_000_000
REPLAYS: Final = (
    ("forged-token", "", 0.05),
    ("own-login", "", 0.05),
    ("slow-walk", "lost-hours", 0.05),
    ("stolen-sessions", "rough", 0.05),
)
_CASE: Final = """\
case = "drill"
zone = "Asia/Seoul"

[organisation]
name = "Duka la Mfano"
roles = ["controller"]
established = ["KR"]

[people]
unplaced = "KR"
because = "the shop delivers there alone"

[contact]
telephone = "+82 2 000 0000"
email = "privacy@example.org"

[[scope]]
version = 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the breach of a replay saw of each person: the first and last instant by person and category."""

    seen: Mapping[tuple[int, str], tuple[datetime, datetime]]
    actors: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a message says of one person: categories by name that were seen, were not, or of which it cannot be told, and the days."""

    seen: frozenset[str]
    not_seen: frozenset[str]
    cannot: frozenset[str]
    days: tuple[str, ...]


def read_truth(replay: Path) -> Truth:
    """The rows of every actor that is a breach."""
    told = json.loads((replay / "truth.json").read_text())
    actors = frozenset(each["id"] for each in told["actors"] if each["kind"] == "breach")
    rows = pq.read_table(replay / "truth.parquet").to_pylist()
    return Truth(
        seen={
            (row["person"], row["category"]): (row["first"], row["last"])
            for row in rows
            if row["actor"] in actors
        },
        actors=actors,
    )


def read_told(lines: tuple[Line, ...]) -> Told:
    """The lists of a message in English, each by the sentence before it."""
    found: dict[str, set[str]] = {"seen": set(), "not": set(), "cannot": set()}
    under, days = "", ""
    for line in lines:
        if line.kind == "item":
            if under:
                found[under].add(line.text.partition(" (")[0])
            continue
        under = ""
        for start, list_ in (
            ("An unauthorised person accessed the following", "seen"),
            ("Not accessed, as far as", "not"),
            ("Of the following we cannot tell", "cannot"),
        ):
            if line.text.startswith(start):
                under = list_
        if under == "seen":
            days = line.text
    return Told(
        seen=frozenset(found["seen"]),
        not_seen=frozenset(found["not"]),
        cannot=frozenset(found["cannot"]),
        days=tuple(re.findall(r"\d{1,2} [A-Z][a-z]+ \d{4}", days)),
    )


def replayed(
    folder: Path, breach: str, damage: str, scale: float, *, seed: int = 7, more: tuple[str, ...] = ()
) -> Path | None:
    """A replay, scanned and counted from its first finding, with its table `t.lookup`; None where nothing was found."""
    replay, logs = folder / "replay", folder / "replay"
    run(
        [
            WHOSAW,
            "replay",
            "make",
            str(replay),
            "--breach",
            breach,
            "--scale",
            str(scale),
            "--seed",
            str(seed),
            *more,
        ],
        watch=False,
    )
    if damage:
        logs = folder / "damaged"
        run([WHOSAW, "replay", "damage", str(replay), str(logs), "--damage", damage], watch=False)
    told = json.loads((replay / "truth.json").read_text(encoding="utf-8"))
    folders = sorted({logs / each["folder"] for each in told["services"].values()})
    sources = [str(each) for each in folders if each.is_dir()]
    common = ["--workspace", str(folder / "ws")]
    run(
        [
            WHOSAW,
            "scan",
            *sources,
            "--map",
            str(replay / "map.toml"),
            "--context",
            str(logs / "context"),
            *common,
            "--quiet",
        ],
        watch=False,
    )
    findings = json.loads(run([WHOSAW, "findings", "--json", *common], watch=False).output)["findings"]
    if not findings:
        return None
    chosen = max(
        findings,
        key=lambda each: max(
            (count["lower"] for count in each["counts"] if count["unit"] == "accounts"), default=0
        ),
    )
    run(
        [WHOSAW, "scope", "new", "--case", "drill", "--finding", chosen["id"], *common, "--quiet"],
        watch=False,
    )
    (folder / "case.toml").write_text(_CASE)
    book = pa_csv.read_csv(
        replay / "context" / "subjects.csv",
        convert_options=pa_csv.ConvertOptions(column_types={"subject": pa.string()}),
    )
    pa_csv.write_csv(book.select(["subject", "contact"]), folder / "people.csv")
    run(
        [WHOSAW, "lookup", "build", str(folder / "case.toml"), "1", "-a", str(folder / "people.csv"), "-o", str(folder / "t.lookup"), *common],
        watch=False,
    )  # fmt: skip
    return replay


def wrong_draws(folder: Path, replay: Path, many: int, *, seed: int = 1) -> dict[str, Any]:
    """Draw people and categories: what the message says in words, against the truth. "Cannot tell" is no answer and is never wrong."""
    truth, dice = read_truth(replay), random.Random(seed)  # noqa: S311  # of a measurement
    table = LookupTable(folder / "t.lookup", (folder / "t.lookup.key").read_bytes())
    speech = Speech.of("en", table.facts)
    people = pa_csv.read_csv(
        folder / "people.csv", convert_options=pa_csv.ConvertOptions(column_types={"subject": pa.string()})
    )
    subjects, contacts = people["subject"].to_pylist(), people["contact"].to_pylist()
    names = {each.key: speech.language.category(each.key).name for each in table.facts.categories}
    known: dict[int, Told] = {}
    said: Counter[str] = Counter()
    zone = ZoneInfo(table.facts.zone)
    examples: list[str] = []
    for _ in range(many):
        at = dice.randrange(len(subjects))
        if at not in known:
            contact = read_contact(_spelled(contacts[at], dice), table.facts.country)
            assert contact is not None
            known[at] = read_told(speech.answer(table.find(contact.key), datetime.now(zone)))
        key = dice.choice(list(names))
        answer, span = known[at], truth.seen.get((int(subjects[at]), key))
        verdict = (
            "seen"
            if names[key] in answer.seen
            else "not seen"
            if names[key] in answer.not_seen
            else "cannot tell"
        )
        said[verdict] += 1
        if (verdict == "seen" and span is None) or (verdict == "not seen" and span is not None):
            said["wrong"] += 1
            if len(examples) < 5:
                examples.append(f"{subjects[at]} {key}: told {verdict}, in truth {span}")
        if verdict == "seen" and span is not None and not _within(answer.days, span, zone):
            said["wrong days"] += 1
            if len(examples) < 5:
                examples.append(f"{subjects[at]} {key}: told {answer.days}, in truth {span}")
    table.close()
    return {
        "draws": many,
        "people": len(subjects),
        **{name: said[name] for name in ("seen", "not seen", "cannot tell", "wrong", "wrong days")},
        "examples": examples,
    }


def _within(days: tuple[str, ...], span: tuple[datetime, datetime], zone: ZoneInfo) -> bool:
    """Whether the days of the truth lie within those that were told."""
    first, last = (each.astimezone(zone).date() for each in span)
    told = [datetime.strptime(each, "%d %B %Y").date() for each in days]  # noqa: DTZ007  # a day has no zone
    return bool(told) and min(told) <= first and last <= max(told)


def _spelled(contact: str, dice: random.Random) -> str:
    """As somebody may write it."""
    forms = (
        contact.upper(),
        contact.lower(),
        contact.title(),
        f" {contact} ",
        contact.replace("@", "\uff20"),
    )
    return dice.choice(forms)


def draws(folder: Path, many: int = DRAWS) -> dict[str, Any]:
    """A share of the draws from each replay."""
    told: dict[str, Any] = {}
    for breach, damage, scale in REPLAYS:
        name = f"{breach}{' ' if damage else ''}{damage}"
        own = folder / re.sub(r"\W", "-", name)
        own.mkdir()
        replay = replayed(own, breach, damage, scale)
        told[name] = {"found": False} if replay is None else wrong_draws(own, replay, many // len(REPLAYS))
        shutil.rmtree(own)
    return told
