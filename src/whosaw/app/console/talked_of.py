"""What a talk can be about: who may see the thing, whether it is there and which version it has now, and where it stands in the console.

A version is told in one of three ways: a number where versions are numbered (a case), a letter and a number where something else is numbered
that it follows from (`e41`: the ledger as of that entry of the custody journal; `a2`: the second answers of a case), and the beginning of
the SHA-256 of what is a text or a file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from whosaw.app.asking.unended import WATCH_CAUGHT_UP
from whosaw.app.gating.rights import Thing, Verb
from whosaw.core.errors import WhosawError
from whosaw.packs.languages import language_codes
from whosaw.store.journal import Journal
from whosaw.store.repositories.contents import contents_in_force
from whosaw.store.repositories.entries import last_number
from whosaw.store.repositories.findings import stored_finding
from whosaw.store.workspace import journal_of

from .desk import Desk

if TYPE_CHECKING:
    from whosaw.core.duties import DutyAnswer

    from .case_desk import CaseDesk

__all__ = ["KINDS", "WHOLE_MAP", "Kind", "could_be", "key_of", "key_of_duty", "version_of_ledger"]

AnyDesk = TypeVar("AnyDesk", bound=Desk)

WHOLE_MAP: Final = "all:routes"  # no id of a route has a colon
_LEDGER: Final = ("scan.end", WATCH_CAUGHT_UP, "erasure.ended")  # what the ledger is other after
_SAFE: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")
_NUMBER: Final = re.compile(r"([ae]?)(\d{1,11})")
_DIGEST: Final = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing. `of`: as the gate is asked about it; `version`: the one that it has now, empty, or a `WhosawError`, where there is
    no such thing; `page`: where it stands; `on_page`: whether its talk stands there, too."""

    verb: Verb
    of: Callable[[Desk, str], Thing]
    version: Callable[[Desk, str], str]
    page: Callable[[str], str]
    on_page: bool = False


def key_of(name: str) -> str:
    """A name as it stands in an address: itself, or the beginning of its SHA-256 where it has signs that have no place there."""
    return name if _SAFE.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()[:16]


def key_of_duty(answer: DutyAnswer) -> str:
    """A duty as it stands in an address, within its case."""
    return answer.duty.origin.id.replace("/", "-")


def could_be(version: str, now: str) -> bool:
    """Whether somebody can have had this version before their eyes, where it is `now` by now."""
    asked, last = _NUMBER.fullmatch(version), _NUMBER.fullmatch(now)
    if asked and last:
        return asked[1] == last[1] and int(asked[2]) <= int(last[2])
    return version == now or (last is None and _DIGEST.fullmatch(version) is not None)


def _at(desk: Desk, kind: type[AnyDesk]) -> AnyDesk:
    """Whoever asks, at another desk."""
    return kind(root=desk.root, who=desk.who, now=desk.now, key_file=desk.key_file, door=desk.door)


def _case_desk(desk: Desk) -> CaseDesk:
    from .case_desk import CaseDesk

    return _at(desk, CaseDesk)


@contextmanager
def _journal(desk: Desk) -> Iterator[Journal]:
    with desk.at_work(), closing(journal_of(desk.root)) as journal:
        yield journal


def version_of_ledger(desk: Desk) -> str:
    """That of all that is read from the ledger: the entry of the custody journal that it changed with last."""
    with _journal(desk) as journal:
        return f"e{last_number(journal, _LEDGER)}"


# -- by kind, the version that a thing has now


def _finding(desk: Desk, key: str) -> str:
    with _journal(desk) as journal:
        stored_finding(journal, key, ended=True)
    return version_of_ledger(desk)


def _person(desk: Desk, key: str) -> str:
    desk.person_number(key if re.fullmatch(r"p\d{1,9}", key) else "p")
    return version_of_ledger(desk)


def _client(desk: Desk, key: str) -> str:
    from .search_desk import SearchDesk

    there = re.fullmatch(r"c\d{1,9}", key) is not None and _at(desk, SearchDesk).is_client(int(key[1:]))
    return version_of_ledger(desk) if there else ""


def _source(desk: Desk, key: str) -> str:
    with _journal(desk) as journal:
        there = any(key_of(each.source) == key for each in contents_in_force(journal))
    return version_of_ledger(desk) if there else ""


def _case(desk: Desk, key: str) -> str:
    return str(_case_desk(desk).case(key).version.version)


def _duty(desk: Desk, key: str) -> str:
    case, _, duty = key.partition(":")
    told = _case_desk(desk).duties(case).told
    there = any(key_of_duty(each) == duty for each in told.duties)
    return _answers(desk, case) if there else ""


def _draft(desk: Desk, key: str) -> str:
    case, _, draft = key.partition(":")
    found = _case_desk(desk)
    there = any(
        _drafted(found, case, draft, each) for each in language_codes()
    )  # a case may speak none of its own
    return _answers(desk, case) if there else ""


def _drafted(desk: CaseDesk, case: str, draft: str, language: str) -> bool:
    try:
        desk.draft(case, draft, language)
    except WhosawError as fault:
        if fault.code.startswith("gate."):
            raise
        return False
    return True


def _answers(desk: Desk, case: str) -> str:
    """Duties and drafts follow from what was answered."""
    return f"a{_case_desk(desk).answers_given(case)}"


def _decision(desk: Desk, key: str) -> str:
    case, _, entry = key.partition(":")
    found = _case_desk(desk).decisions(case).decisions
    return f"e{entry}" if entry in {str(each.decision.entry) for each in found} else ""


def _map(desk: Desk, key: str) -> str:
    from .map_desk import MapDesk

    found = _at(desk, MapDesk).map()
    there = found is not None and (key == WHOLE_MAP or key in found.ids)
    return found.digest[:12] if found is not None and there else ""


def _format(desk: Desk, key: str) -> str:
    from .format_desk import FormatDesk

    at = _at(desk, FormatDesk)
    found = at.formats()
    if key in found.accepted:
        return hashlib.sha256(at.format_file(key)).hexdigest()[:12]
    return next((each.seen[:12] for each in found.waiting if each.draft.id == key), "")


def _bundle(desk: Desk, key: str) -> str:
    from .evidence_desk import EvidenceDesk

    return _at(desk, EvidenceDesk).digest(key)[:12]


# -- by kind, what the gate is asked about


def _whole(what: str) -> Callable[[Desk, str], Thing]:
    """Of the whole workspace."""
    return lambda _, key: Thing(name=f"{what} {key}")


def _in_case(desk: Desk, key: str) -> Thing:
    return desk.of_case(key.partition(":")[0])


def _of_person(desk: Desk, key: str) -> Thing:
    return desk.of_person(int(key[1:])) if re.fullmatch(r"p\d{1,9}", key) else Thing(name=f"person {key}")


def _of_bundle(desk: Desk, key: str) -> Thing:
    from .evidence_desk import case_of_bundle

    return desk.of_case(case_of_bundle(key))


KINDS: Final[Mapping[str, Kind]] = {
    "findings": Kind(
        verb=Verb.SEE_FINDINGS,
        of=lambda desk, key: desk.of_finding(key),
        version=_finding,
        page=lambda key: f"/findings/{key}",
        on_page=True,
    ),
    "people": Kind(
        verb=Verb.SEE_PERSON,
        of=_of_person,
        version=_person,
        page=lambda key: f"/people/{key}",
        on_page=True,
    ),
    "clients": Kind(
        verb=Verb.SEE_PERSON,
        of=_whole("client"),
        version=_client,
        page=lambda key: f"/clients/{key[1:]}",
        on_page=True,
    ),
    "cases": Kind(
        verb=Verb.SEE_CASES,
        of=_in_case,
        version=_case,
        page=lambda key: f"/cases/{key}",
        on_page=True,
    ),
    "duties": Kind(
        verb=Verb.SEE_CASES,
        of=_in_case,
        version=_duty,
        page=lambda key: "/cases/{}/duties#{}".format(*key.split(":", 1)),
    ),
    "drafts": Kind(
        verb=Verb.SEE_CASES,
        of=_in_case,
        version=_draft,
        page=lambda key: "/cases/{}/drafts/{}".format(*key.split(":", 1)),
        on_page=True,
    ),
    "decisions": Kind(
        verb=Verb.SEE_CASES,
        of=_in_case,
        version=_decision,
        page=lambda key: "/cases/{}/decisions#d{}".format(*key.split(":", 1)),
    ),
    "sources": Kind(
        verb=Verb.SEE_COVERAGE,
        of=_whole("source"),
        version=_source,
        page=lambda _: "/coverage#sources",
    ),
    "map": Kind(
        verb=Verb.SEE_COVERAGE,
        of=_whole("map"),
        version=_map,
        page=lambda _: "/map",
    ),
    "formats": Kind(
        verb=Verb.SEE_COVERAGE,
        of=_whole("format"),
        version=_format,
        page=lambda _: "/formats",
    ),
    "bundles": Kind(
        verb=Verb.VERIFY,
        of=_of_bundle,
        version=_bundle,
        page=lambda key: f"/evidence#{key}",
    ),
}
