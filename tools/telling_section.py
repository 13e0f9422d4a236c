"""What telling people promises and what was measured of it, in docs/design/telling.md: `python -m tools.telling_section --write | --check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tools.generated import ROOT, between, main, table

__all__ = ["telling_section"]

_FOLDER: Final = ROOT / "docs" / "performance"
_PAGE: Final = ROOT / "docs" / "design" / "telling.md"
_START: Final = "<!-- telling: made by `python -m tools.telling_section --write` -->\n"
_END: Final = "<!-- end of telling -->\n"
_NONE: Final = (
    "Nothing was measured yet. `python -m bench.telling` and `python -m bench.lookup` measure it.\n"
)
_NATION: Final = 37_550_000

Measured = Mapping[str, Any]
Row = tuple[str, str, str, bool | None, Measured]
"""What, what is wanted of it, what was measured, whether that is reached (None: nothing is wanted of it), and where its day stands."""


def telling_section(telling: Measured, lookup: Measured) -> str:
    """A row for each promise that was measured, of sizes the largest one."""
    made = [row for name, rows in _ROWS for row in rows({**telling, **lookup}.get(name))]
    if not made:
        return _NONE
    verdict = {True: "reached", False: "**not reached**", None: ""}
    cells = [
        [what, wanted, measured, verdict[reached], str(where.get("measured", ""))]
        for what, wanted, measured, reached, where in made
    ]
    machine = telling.get("machine") or lookup["machine"]
    return (
        f"Measured on {machine['cores']} cores ({machine['processor']}), {machine['memory_bytes'] / 2**30:.0f} GiB, Python {machine['python']}.\n\n"
        + table(["what", "wanted", "measured", "", "on"], cells)
    )


def _sent(told: Measured | None) -> Iterator[Row]:
    for name, peer in (told or {"peers": {}})["peers"].items():
        assert told is not None
        yield (
            f"{told['messages']:,} notices by {told['connections']} connections to {name}, beside aiosmtplib alone in the same run",
            "at least 0.7 of its pace",
            f"{peer['ratio']:.2f} ({peer['a_second']:,.0f} a second, alone {peer['alone_a_second']:,.0f})",
            peer["ratio"] >= 0.7,
            told,
        )


def _kills(sizes: Measured | None) -> Iterator[Row]:
    for told in _largest(sizes):
        named = told["sent"] + told["unknown"] == told["people"]
        yield (
            f"{told['people']:,} recipients and {told['kills']} kills of the sender",
            "0 lost, 0 told twice, each unknown one named",
            f"{told['lost']:,} lost, {told['twice']:,} twice, {told['unknown']:,} unknown{', each named' if named else ''}",
            named and not told["lost"] and not told["twice"],
            told,
        )


def _later(told: Measured | None) -> Iterator[Row]:
    if told:
        yield (
            f"an hour in which {told['people']:,} messages are answered 454",
            "all told after, called done 0 times before",
            f"{told['sent_after']:,} told after, {told['sent_twice']:,} twice, called done {told['called_done_within_the_hour']} times",
            told["sent_after"] == told["people"]
            and not (told["sent_twice"] or told["called_done_within_the_hour"]),
            told,
        )


def _bounces(told: Measured | None) -> Iterator[Row]:
    if told:
        wrong = told["counted_as_delivered_that_were_not"]
        yield (
            f"{told['bounces']} bounces of {told['systems']} systems",
            "99 % read rightly, 0 taken for delivered",
            f"{told['share']:.1%}, {wrong}",
            told["share"] >= 0.99 and not wrong,
            told,
        )


def _frozen(sizes: Measured | None) -> Iterator[Row]:
    for told in _largest(sizes):
        yield (
            f"{told['people']:,} recipients planned and frozen",
            f"of {_NATION:,}: 10 minutes, 2 GB",
            f"{told['seconds'] / 60:.1f} minutes ({told['processor_seconds'] / 60:.1f} of a processor), {told['peak_megabytes'] / 1e3:.2f} GB",
            told["seconds"] < 600 and told["peak_megabytes"] < 2_000 if told["people"] >= _NATION else None,
            told,
        )


def _status(sizes: Measured | None) -> Iterator[Row]:
    for told in _largest(sizes):
        yield (
            f"`notice status` over {told['people']:,} recipients",
            f"of {_NATION:,}: 1 second",
            f"{told['seconds']:.2f} s",
            told["seconds"] < 1 if told["people"] >= _NATION else None,
            told,
        )


def _timing(told: Measured | None) -> Iterator[Row]:
    if told:
        low, high = told["interval_95_ms"]
        yield (
            f"{told['requests']:,} questions for victims and others, interleaved",
            "1 reply for all; the medians differ by less than 1 ms (95 %)",
            f"{told['different_replies']:,} different replies, {low:.3f} to {high:.3f} ms",
            told["different_replies"] == 1 and told["within_1_ms"],
            told,
        )


def _sign_on(told: Measured | None) -> Iterator[Row]:
    if told:
        low, high = told["interval_95_ms"]
        yield (
            f"{told['sign_ins']:,} customers who sign in, victims and others interleaved",
            "1 size for all; the medians differ by less than 1 ms (95 %)",
            f"{told['different_sizes']:,} different sizes, {low:.3f} to {high:.3f} ms",
            told["different_sizes"] == 1 and told["within_1_ms"],
            told,
        )


def _harvest(told: Measured | None) -> Iterator[Row]:
    for name, each in (told or {}).items():
        if not isinstance(each, Mapping):
            continue
        after = each["warning_after_seconds"]
        yield (
            f"harvest of {each['numbers']:,} numbers from {each['addresses']:,} addresses, {name}, {each['a_second']:g} a second",
            "under 100 answers, a warning within 60 s",
            f"{each['answers']} answers, "
            + ("no warning" if after is None else f"a warning after {after:g} s"),
            each["answers"] < 100 and after is not None and after <= 60,
            told or {},
        )


def _draws(told: Measured | None) -> Iterator[Row]:
    each = [one for one in (told or {}).values() if isinstance(one, Mapping)]
    if each and told:
        drawn = sum(one.get("draws", 0) for one in each)
        wrong = sum(one.get("wrong", 0) + one.get("wrong days", 0) for one in each)
        lost = sum(one.get("found") is False for one in each)
        yield (
            f"{drawn:,} draws of a person and a category against the truth of {len(each)} replays",
            "0 wrong",
            f"{wrong:,} wrong, {sum(one.get('cannot tell', 0) for one in each):,} cannot tell"
            + (f", {lost} replays without a finding" if lost else ""),
            not wrong and not lost,
            told,
        )


def _build(told: Measured | None) -> Iterator[Row]:
    if told:
        yield (
            f"a table of {told['people']:,} people with {told['contacts']:,} contacts",
            "no limit",
            (
                f"{told['processor_seconds']:.1f} processor seconds; {told['nation_people']:,} people reckoned at "
                f"{told['nation_processor_minutes']:.0f} minutes, {told['nation_gigabytes']:.1f} GB"
            ),
            None,
            told,
        )


def _largest(sizes: Measured | None) -> list[Measured]:
    return [max(sizes.values(), key=lambda each: each["people"])] if sizes else []


_ROWS: Final[Sequence[tuple[str, Callable[[Measured | None], Iterator[Row]]]]] = (
    ("kills", _kills), ("later", _later), ("bounces", _bounces), ("frozen", _frozen), ("status", _status), ("sent", _sent),
    ("timing", _timing), ("sign-on", _sign_on), ("harvest", _harvest), ("draws", _draws), ("build", _build),
)  # fmt: skip


def _read(name: str) -> Measured:
    path = _FOLDER / name
    told: Measured = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return told


def _pages() -> Mapping[Path, str]:
    page = _PAGE.read_text(encoding="utf-8")
    return {_PAGE: between(page, _START, _END, telling_section(_read("telling.json"), _read("lookup.json")))}


if __name__ == "__main__":
    sys.exit(main("telling_section", _pages))
