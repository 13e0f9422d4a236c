"""The facts of a case that notices tell: out of the case file and a scope version, as drafts of notices want them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_instant, parse_zone
from whosaw.core.window_ends import BEGIN, END
from whosaw.law.account import Contact
from whosaw.law.drafting.notice_case import NoticeCase
from whosaw.law.loaded_case import LawCase

__all__ = ["notice_case"]


def notice_case(loaded: LawCase, scope: Mapping[str, Any], *, again: bool, now: datetime) -> NoticeCase:
    """Days are those of the case's zone. Raises `WhosawError` where the organisation has no name to sign with."""
    case = loaded.case
    if not case.organisation:
        raise WhosawError(
            "notice.no-organisation",
            "the case file does not name the organisation, so nobody could sign a notice",
            hint="Add name to [organisation]",
        )
    zone = parse_zone(case.zone)
    first, last, source = _when(loaded, scope, zone)
    ends = (scope.get("window") or {}).get("ends")
    ends = ends if isinstance(ends, Mapping) else {}
    return NoticeCase(
        name=case.name,
        organisation={"": case.organisation, **case.account.names.get(case.organisation, {})},
        version=int(scope["version"]),
        people=next((each["lower"], each["upper"]) for each in scope["counts"] if each["unit"] == "persons"),
        first=first,
        last=last,
        when=source,
        earlier=ends.get("before") == BEGIN,
        later=ends.get("after") == END,
        records_open=bool(scope.get("open")),
        statistical=(scope.get("actor") or {}).get("evidence") == "statistical",
        again=again,
        contact=case.account.contact or Contact(),
        statements=case.account.statements,
        today=now.astimezone(zone).date(),
        found=_found(loaded, zone),
    )


def _when(loaded: LawCase, scope: Mapping[str, Any], zone: tzinfo) -> tuple[date | None, date | None, str]:
    """First and last day: of the views of the scope, or as the case claims where the scope does not know. Of rival claims the
    widest span is taken, so that nobody is told of too short a time."""
    window = scope.get("window") or {}
    if window.get("first_view") and window.get("last_view"):
        first, last = (
            parse_instant(window[each]).astimezone(zone).date() for each in ("first_view", "last_view")
        )
        return first, last, f"scope version {scope['version']}: window"
    facts = loaded.case.facts
    began, ended = facts.of_kind("began"), facts.of_kind("ended")
    if not began or not ended:
        return None, None, ""
    first = min(each.when.earliest for each in began).astimezone(zone).date()
    last = max(each.when.latest for each in ended).astimezone(zone).date()
    return first, last, "case file: events began and ended"


def _found(loaded: LawCase, zone: tzinfo) -> date | None:
    aware = [each.when.earliest for each in loaded.case.facts.of_kind("aware")]
    return min(aware).astimezone(zone).date() if aware else None
