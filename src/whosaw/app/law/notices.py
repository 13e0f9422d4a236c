"""`whosaw notice`: what the people are told of a case, by place, group, language and channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from whosaw.app.gating.asking import asks
from whosaw.app.gating.rights import Verb
from whosaw.core.case_head import CaseHead
from whosaw.core.document import told_as
from whosaw.core.draft import Draft
from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.law import answer_duties, for_this_organisation, places_without_law
from whosaw.law.drafting.notice import notices
from whosaw.law.drafting.notice_case import NoticeCase, Wording
from whosaw.law.drafting.notice_facts import notice_case
from whosaw.law.drafting.notice_groups import Group, added_since, groups_of
from whosaw.law.drafting.notice_places import Place, chosen_places, places_of
from whosaw.law.loaded_case import LawCase, case_head, load_case
from whosaw.packs.languages import language_codes, load_language, words_file
from whosaw.packs.notice_shape import CHANNELS
from whosaw.packs.notice_words import load_notice_words

__all__ = ["NoticePlan", "NoticeScope", "Notices", "RecipientList", "plan_notices", "wordings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientList:
    """The list of one group: its file with how many rows, or why there is none."""

    group: str
    file: str | None = None
    rows: int | None = None
    sha256: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeScope:
    """The scope version that notices speak of; `since` is that whose people were told already."""

    case: str
    version: int
    since: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """What was drafted for whom; of the places in `undecided` it is not known whether they want a notice."""

    head: CaseHead = field(metadata=told_as(among=True))
    notice_scope: NoticeScope
    languages: tuple[str, ...]
    groups: tuple[Group, ...]
    places: tuple[Place, ...]
    undecided: tuple[Place, ...]
    notices: tuple[Draft, ...]
    files: tuple[str, ...]
    recipients: tuple[RecipientList, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePlan:
    """All notices of a call, and what they were made from. `scope` is the document of the version they speak of, `since` that of the
    version whose people were told already; `groups` are those asked for among `every_group`."""

    loaded: LawCase
    scope: Mapping[str, Any]
    since: Mapping[str, Any] | None
    told_possible: tuple[Mapping[str, Any], ...]
    every_group: tuple[Group, ...]
    groups: tuple[Group, ...]
    places: tuple[Place, ...]
    undecided: tuple[Place, ...]
    drafts: tuple[Draft, ...]
    languages: tuple[str, ...]
    now: datetime

    def told(self, files: Sequence[str] = (), recipients: Sequence[RecipientList] = ()) -> Notices:
        """What is said of the call: `files` were written, and `recipients` say who gets which notice."""
        groups = self.groups if self.since is None else added_since(self.groups, self.since)
        return Notices(
            head=case_head(self.loaded, now=self.now, law_of=None),
            notice_scope=NoticeScope(
                case=self.scope["case"],
                version=self.scope["version"],
                since=None if self.since is None else self.since["version"],
            ),
            languages=self.languages,
            groups=groups,
            places=self.places,
            undecided=self.undecided,
            notices=self.drafts,
            files=tuple(files),
            recipients=tuple(recipients),
        )


@asks(Verb.SEE_CASES, "notices", root="workspace")
def plan_notices(
    path: Path,
    *,
    workspace: Path,
    now: datetime,
    languages: Sequence[str] = (),
    places: Sequence[str] = (),
    groups: Sequence[str] = (),
    channels: Sequence[str] = (),
    version: int | None = None,
    since: int | None = None,
    own_languages: Path | None = None,
) -> NoticePlan:
    """Every notice of the case, or those asked for by language, place, group and channel.

    `version` is a scope version, by default the last one; with `since` only people whom it adds, or of whom it adds something, to
    that earlier version are spoken of. Raises `WhosawError`; a text that is missing is not an error but stands in its draft.
    """
    loaded = load_case(path, workspace=workspace)
    scope, earlier = _scopes(loaded, version, since)
    answers = for_this_organisation(
        answer_duties(loaded.law, loaded.case.facts, now=now),
        loaded.case.facts.roles,
    )
    every = places_of(loaded, answers, int(scope["version"]))
    unlooked = places_without_law(loaded.law, loaded.case.facts)
    chosen = chosen_places(every, places, unlooked)
    told_possible = _told_possible(loaded, int(scope["version"]))
    found = _groups(scope, told_possible)
    codes = _languages(loaded, languages, own_languages)
    kept = _among(found, groups)
    case = notice_case(loaded, scope, again=earlier is not None or _told_before(loaded, scope), now=now)
    spoken = wordings(codes, own_languages)
    drafts = tuple(
        draft for place in chosen for words in spoken for draft in _drafts(case, words, place, kept, channels)
    )
    return NoticePlan(
        loaded=loaded,
        scope=scope,
        since=earlier,
        told_possible=told_possible,
        every_group=found,
        groups=kept,
        places=chosen,
        undecided=tuple(
            each
            for each in every
            if each.id not in {one.id for one in chosen} and each.state == "cannot tell"
        ),
        drafts=drafts,
        languages=codes,
        now=now,
    )


def wordings(codes: Sequence[str], own: Path | None) -> tuple[Wording, ...]:
    """The words of each language. Raises one `FaultsError` with the faults of all of them."""
    found: list[Wording] = []
    faults: list[Fault] = []
    for code in codes:
        try:
            words = load_notice_words(code, words_file(code, "notice", own=own))
            found.append(Wording(language=load_language(code, own), words=words))
        except FaultsError as fault:
            faults.extend(fault.faults)
    if faults:
        raise FaultsError("language.notice", faults)
    return tuple(found)


def _groups(scope: Mapping[str, Any], told_possible: tuple[Mapping[str, Any], ...]) -> tuple[Group, ...]:
    """Raises `WhosawError` for a scope file written by hand whose groups are none."""
    try:
        return groups_of(scope, told_possible)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise WhosawError(
            "notice.scope",
            f"scope version {scope.get('version')} does not say what was seen of whom ({type(fault).__name__}: {fault})",
            hint="groups has categories and accounts, secondary has lower and upper, as `whosaw scope new --json` writes them",
        ) from fault


def _drafts(
    case: NoticeCase, words: Wording, place: Place, groups: Sequence[Group], channels: Sequence[str]
) -> tuple[Draft, ...]:
    _check_channels(channels)
    return notices(case, words, place.addressed, groups, channels or CHANNELS, possible=place.possible)


def _check_channels(channels: Sequence[str]) -> None:
    unknown = [each for each in channels if each not in CHANNELS]
    if unknown:
        raise WhosawError(
            "notice.channel",
            f"no notice goes out by {', '.join(unknown)}",
            hint=f"Known: {', '.join(CHANNELS)}",
        )


def _scopes(
    loaded: LawCase, version: int | None, since: int | None
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    known = {int(each["version"]): each for each in loaded.case.scopes}
    if not known:
        raise WhosawError(
            "notice.no-scope",
            "the case names no scope version, so it is not known who was seen",
            hint="Add [[scope]] with version = N or file = ... to the case file",
        )
    wanted = max(known) if version is None else version
    for each in (wanted, since):
        if each is not None and each not in known:
            raise WhosawError(
                "notice.no-version",
                f"the case does not name scope version {each}",
                hint=f"It names {', '.join(map(str, sorted(known)))}",
            )
    if since is not None and since >= wanted:
        raise WhosawError(
            "notice.since",
            f"version {since} does not come before version {wanted}",
            hint="Give an earlier version to --since-version",
        )
    return known[wanted], None if since is None else known[since]


def _told_possible(loaded: LawCase, version: int) -> tuple[Mapping[str, Any], ...]:
    """Earlier versions of which a notice to people who may be affected was made."""
    families = {duty.of for duty in loaded.law.duties.values() if duty.audience == "possibly-affected"}
    told = {made.scope for made in loaded.case.facts.made if made.duty in families}
    return tuple(
        each for each in loaded.case.scopes if each["version"] in told and int(each["version"]) < version
    )


def _told_before(loaded: LawCase, scope: Mapping[str, Any]) -> bool:
    families = {duty.of for duty in loaded.law.duties.values() if duty.audience == "individuals"}
    return any(
        made.scope is not None and made.scope < int(scope["version"])
        for made in loaded.case.facts.made
        if made.duty in families
    )


def _among(found: Sequence[Group], wanted: Sequence[str]) -> tuple[Group, ...]:
    unknown = [each for each in wanted if each not in {group.id for group in found}]
    if unknown:
        known = ", ".join(group.id for group in found) or "none"
        raise WhosawError(
            "notice.group",
            f"there is no group {', '.join(unknown)} in this scope version",
            hint=f"Groups: {known}",
        )
    return tuple(each for each in found if not wanted or each.id in wanted)


def _languages(loaded: LawCase, wanted: Sequence[str], own: Path | None) -> tuple[str, ...]:
    """Those asked for, or those that the case file speaks."""
    if own is not None and not own.is_dir():
        raise WhosawError(
            "language.folder",
            f"{own} is no folder",
            hint="It holds one folder for each language, such as fr/",
        )
    known = language_codes(own)
    unknown = [each for each in wanted if each not in known]
    if unknown:
        raise WhosawError(
            "language.unknown",
            f"there are no words for the language {', '.join(unknown)}",
            hint=f"Known: {', '.join(known)}. docs/howto/add-a-language.md says how to add one",
        )
    if wanted:
        return tuple(dict.fromkeys(wanted))
    account = loaded.case.account
    spoken = {code for each in account.statements for code in each.texts}
    if account.contact is not None:
        spoken |= set(account.contact.department)
    found = tuple(each for each in known if each in spoken)
    if not found:
        raise WhosawError(
            "notice.no-language",
            "the case file says nothing in a language that is known, so there is none to write in",
            hint=f"Give one with --lang: {', '.join(known)}",
        )
    return found
