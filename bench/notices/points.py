"""What the check says of a judged notice, as points of the corpus: its case made from the structured facts, its answers by their codes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from whosaw.app.law.notice_check import NoticeCheck, check_notice
from whosaw.law.checking.verdict import FAILS, Verdict

from .corpus import Group, Judged, What

__all__ = ["checked", "reported", "write_case"]

# of each law: the duty, where the organisation is, the zone of its days and its sector
_LAWS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "kr-pipa": ("kr/pipa-individuals", "KR", "Asia/Seoul", "other"),
    "kr-pipa-possible": ("kr/pipa-possible-leak", "KR", "Asia/Seoul", "other"),
    "gdpr": ("eu/individuals", "IE", "Europe/Dublin", "other"),
    "uk-gdpr": ("uk/individuals", "GB", "Europe/London", "other"),
    "ke-dpa": ("ke/individuals", "KE", "Africa/Nairobi", "other"),
    "us-ca": ("us-ca/individuals", "US-CA", "America/Los_Angeles", "other"),
    "hipaa": ("us/hipaa-individuals", "US", "America/New_York", "health"),
    "us-ny": ("us-ny/individuals", "US-NY", "America/New_York", "other"),
}
# the parts of a notice (data/checks/contents.toml) that are not said, as elements of the corpus
_LACKS: Final[Mapping[str, str]] = {
    "leak-said": "breach",
    "possibly": "breach",
    "data-named": "items",
    "when": "when",
    "how": "how",
    "cause": "how",
    "discovered": "found",
    "consequences": "consequences",
    "advice": "advice",
    "measures": "measures",
    "redress": "redress",
    "contact": "contact",
    "right-damages": "rights",
    "right-statutory-damages": "rights",
    "right-mediation": "rights",
    "further-notice": "followup",
    "set-headings": "headings",
    "dated": "dated",
    "bureaus": "bureaus",
    "agencies": "agencies",
}
# the codes of other checks, or how they begin
_CODES: Final[Mapping[str, str]] = {
    "word.legal": "breach",
    "word.euphemism": "softened",
    "word.nothing-needed": "nothing-to-do",
    "contact.given": "contact",
    "items.given": "items",
    "claim.window": "wrong-dates",
    "claim.not-seen.": "items-understated",
    "count.": "number-understated",
    "groups.later": "number-understated",
}


def write_case(case: What, group: Group, folder: Path) -> Path:
    """Writes the case and its scope version as whosaw reads them. People of a breach that is certain are all counted; where it may be
    that nobody's data was touched, the ledger holds that nobody was, up to the people of the group."""
    _, place, zone, sector = _LAWS[case.law]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scope.json").write_text(json.dumps(_scope(case, group, ZoneInfo(zone))), encoding="utf-8")
    copied = "true" if case.act == "taken" else "false"
    lost = "true" if case.act == "lost" else "false"
    found = datetime.combine(case.found, time(12), ZoneInfo(zone)).isoformat()
    kind = "aware" if case.certain else "aware-possible"
    events = [kind] if kind == "aware" else ["aware", "aware-possible"]
    answers = "" if case.act == "possible" else _answer("data.copied", copied) + _answer("data.lost", lost)
    (folder / "case.toml").write_text(
        f"""case = "{case.id}"
zone = "{zone}"

[organisation]
name = "{case.id}"
roles = ["controller"]
sectors = ["{sector}"]
established = ["{place}"]
listed = []

[people]
unplaced = "{place}"
because = "the case says so"

[[scope]]
file = "scope.json"
{answers}"""
        + "".join(f'\n[[event]]\nkind = "{each}"\nat = {found}\nsaid_by = "{case.id}"\n' for each in events),
        encoding="utf-8",
    )
    return folder / "case.toml"


def _answer(question: str, answer: str) -> str:
    return f'\n[[answer]]\nquestion = "{question}"\nanswer = {answer}\nby = "judge"\nbecause = "the case says so"\n'


def _scope(case: What, group: Group, zone: ZoneInfo) -> dict[str, Any]:
    days = [
        datetime.combine(day, time(12), zone).astimezone(UTC).isoformat().replace("+00:00", "Z")
        for day in (case.first, case.last)
    ]
    groups = case.groups if case.certain else (group,)
    people = sum(each.people for each in groups)
    categories = sorted({key for each in groups for key in each.categories})
    lower = people if case.certain else 0
    held = "seen" if case.certain else "cannot tell"
    rows = [{"category": key, "answer": held, "why": []} for key in categories]
    rows += [{"category": key, "answer": "not seen", "why": []} for key in case.untouched]
    counts: list[dict[str, Any]] = [
        {"unit": unit, "lower": lower, "upper": people, "reasons": []} for unit in ("accounts", "persons")
    ]
    return {
        "case": case.id,
        "version": 1,
        "made": days[1],
        "final": None,
        "open": [],
        "window": {"first_view": days[0], "last_view": days[1]},
        "counts": counts,
        "secondary": {"lower": 0, "upper": 0},
        "by": {"category": [], "jurisdiction": []},
        "groups": [
            {"categories": sorted(each.categories), "accounts": each.people}
            for each in groups
            if case.certain
        ],
        "categories_held": rows,
    }


def checked(judged: Judged, folder: Path) -> NoticeCheck:
    """The answer of `whosaw notice check` to a judged notice. `folder` holds its case, and is reused."""
    case, group = judged.case, judged.group
    place = folder / f"{case.id}-{group.name}"
    if not (place / "case.toml").is_file():
        write_case(case, group, place)
    duty, *_ = _LAWS[case.law]
    return check_notice(
        "-",
        place / "case.toml",
        stdin=io.BytesIO(judged.text.encode()),
        workspace=folder / "no-workspace",
        now=datetime.combine(case.found, time(12), UTC),
        form="notice" if case.law != "kr-pipa-possible" else "possible",
        wanted=[duty],
        group=f"seen-{case.groups.index(group) + 1}" if case.certain else "possible",
    )


def reported(checks: Iterable[Verdict]) -> frozenset[str]:
    """The points that the check calls faults; what it cannot tell is none."""
    found: set[str] = set()
    for each in checks:
        if each.verdict == FAILS:
            found |= _points(each)
    if "items" in found:
        found.discard("items-understated")  # no data at all is named, so no list is short
    return frozenset(found)


def _points(verdict: Verdict) -> set[str]:
    if verdict.id.startswith("contents."):
        return {_LACKS[part] for part in verdict.lacks if part in _LACKS}
    if verdict.id.startswith("fault."):
        return {verdict.id.removeprefix("fault.")}
    if verdict.id.startswith("category."):
        return {"items-understated"}
    return {point for code, point in _CODES.items() if verdict.id.startswith(code)}
