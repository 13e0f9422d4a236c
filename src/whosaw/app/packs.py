"""The items that come with whosaw and those of a user: what there is, and whether it proves itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from whosaw.actors import Detector, Explanation, load_detectors, load_explanations
from whosaw.actors.case_runs import detector_case_fault, explanation_case_fault
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.ingest.format_cases import case_faults
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.law import load_law
from whosaw.law.checking.parts import case_fault as part_fault
from whosaw.law.checking.parts import load_parts
from whosaw.law.item_cases import law_faults
from whosaw.logs.health import case_fault, load_checks, shipped_checks
from whosaw.mapping.categories import load_categories
from whosaw.packs.contacts import contact_case_fault, load_contacts
from whosaw.packs.edges import edge_case_fault, load_edges
from whosaw.packs.items import shipped
from whosaw.packs.language_faults import language_faults
from whosaw.packs.languages import language_codes
from whosaw.packs.suggestion import did_you_mean
from whosaw.scope.link_case_runs import link_case_fault
from whosaw.scope.link_item import Link, load_links, shipped_links
from whosaw.store.sql import Session

from .settings import all_formats

__all__ = ["KINDS", "Checked", "KnownFormat", "check_packs", "format_index"]

OWN: Final = ("formats", "detectors", "explanations", "links", "languages")  # of which a user may have some
KINDS: Final = (*OWN, "categories", "law", "log_health", "notice_parts", "contacts", "edges")
_DATA: Final = shipped()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFormat:
    """A format as it is listed: `source` says where its rules are from, `checked` when real lines were read, `cases` are lines."""

    id: str
    title: str
    kind: str
    source: str
    checked: date | None
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How many items of each kind were loaded, and how many of their cases ran. All were as they should be."""

    items: Mapping[str, int]
    cases: int


def format_index(own: Sequence[Path] = (), wanted: str | None = None) -> tuple[KnownFormat, ...]:
    """The formats in id order, or the one wanted."""
    items = all_formats(own)
    if wanted is not None and wanted not in items:
        raise WhosawError(
            "format.unknown", f"there is no format {wanted!r}", hint="`whosaw formats` lists them"
        )
    return tuple(
        KnownFormat(
            id=item.id,
            title=item.title,
            kind=item.kind,
            source=item.source,
            checked=item.checked,
            cases=tuple(case.text for case in item.cases),
        )
        for item in items.values()
        if wanted in (None, item.id)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Which items are checked: their kinds, a folder with own ones, and the only one whose cases run."""

    kinds: Collection[str]
    folder: Path | None = None
    only: str | None = None

    def own(self, kind: str) -> list[Path]:
        inside = None if self.folder is None else self.folder / kind
        return [inside] if inside is not None and inside.is_dir() else []

    def chosen(self, items: Mapping[str, Any]) -> list[Any]:
        """Those whose cases run."""
        return [item for name, item in items.items() if self.only in (None, name)]


def check_packs(path: Path | None = None, kinds: Collection[str] = ()) -> Checked:
    """Load items and run their cases. Raises one `FaultsError` with all faults.

    `path` is a folder that holds `formats/`, `detectors/`, `explanations/`, `links/` or `languages/` of its own, one of these
    folders, or an item in one: then only that kind is loaded, or the cases of that item alone run. `kinds`: these only.
    """
    asked = _asked(path, kinds)
    faults: list[Fault] = []
    counted: dict[str, int] = {}
    found: dict[str, Mapping[str, Any]] = {}
    for kind, load in _loaders(asked).items():
        if kind in asked.kinds:
            found[kind] = _loaded(faults, load)
            counted[kind] = len(found[kind])
    proven = {kind: asked.chosen(items) for kind, items in found.items()}
    for item in proven.get("formats", ()):
        faults.extend(case_faults(item))
    for code in found.get("languages", ()):
        faults.extend(language_faults(code, next(iter(asked.own("languages")), None)))
    if not faults:
        faults.extend(_case_faults(proven, asked))
    if faults:
        raise FaultsError("items.invalid", faults)
    cases = sum(
        len(item.cases)
        for kind, items in proven.items()
        if kind not in ("categories", "languages")
        for item in items
        if hasattr(item, "cases")
    )
    return Checked(items=counted, cases=cases)


def _known(asked: _Asked) -> dict[str, Explanation]:
    own = asked.own("explanations")
    return {**load_explanations(), **(load_explanations(own) if own else {})}


def _loaders(asked: _Asked) -> dict[str, Callable[[], Mapping[str, Any]]]:
    """What loads the items of each kind, by id."""

    def detectors() -> Mapping[str, Detector]:
        known = _known(asked)
        return {
            **load_detectors(known),
            **(load_detectors(known, own) if (own := asked.own("detectors")) else {}),
        }

    def languages() -> Mapping[str, str]:
        mine = [each.name for own in asked.own("languages") for each in own.iterdir() if each.is_dir()]
        return {code: code for code in sorted({*language_codes(), *mine}) if asked.only in (None, code)}

    def law() -> Mapping[str, Any]:
        law = load_law()
        return {**law.duties, **law.payments, **law.precedents, **law.unchecked}

    return {
        "formats": lambda: load_formats([shipped_formats(), *asked.own("formats")]),
        "categories": load_categories,
        "explanations": lambda: _known(asked),
        "detectors": detectors,
        "links": lambda: load_links([shipped_links(), *asked.own("links")]),
        "log_health": lambda: load_checks([shipped_checks()]),
        "languages": languages,
        "contacts": load_contacts,
        "edges": load_edges,
        "notice_parts": lambda: {each.id: each for each in load_parts().values()},
        "law": law,
    }


def _asked(path: Path | None, kinds: Collection[str]) -> _Asked:
    """What of the items a path and kinds mean. Raises `WhosawError` where they mean nothing."""
    for kind in kinds:
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS) or f"Known: {', '.join(KINDS)}"
            raise WhosawError("packs.kind", f"{kind!r} is no kind of item", hint=hint)
    if path is None:
        return _Asked(kinds=kinds or KINDS)
    at = path.resolve()
    known = KINDS if _DATA in at.parents else OWN
    for folder in (at, *at.parents):
        if folder.name in known and not (folder == at and any((at / kind).is_dir() for kind in OWN)):
            inside = at.relative_to(folder).with_suffix("") if at != folder else Path()
            only = (
                (inside.parts[0] if folder.name == "languages" else inside.as_posix())
                if inside.parts
                else None
            )
            root = None if folder.parent == _DATA else folder.parent
            asked = _Asked(kinds=(folder.name,), folder=root, only=only)
            if kinds and folder.name not in kinds:
                raise WhosawError("packs.kind", f"{path} holds {folder.name}, not {', '.join(kinds)}")
            if at.exists():
                return asked
            break
    if not at.is_dir():
        raise WhosawError(
            "packs.none",
            f"{path} is no folder, nor an item in one",
            hint="Name a folder that holds formats/, detectors/, explanations/, links/ or languages/, or a file in one of these",
        )
    return _Asked(kinds=kinds or KINDS, folder=path)


def _case_faults(proven: Mapping[str, list[Any]], asked: _Asked) -> Iterator[Fault]:
    """Cases that give something else than they state."""
    yield from _detection_faults(proven.get("detectors", []), proven.get("explanations", []), _known(asked))
    yield from _link_faults(proven.get("links", []))
    for check in proven.get("log_health", ()):
        for case in check.cases:
            if (why := case_fault(check, case)) is not None:
                yield Fault(code="health.case", message=why, where=Where(item=check.id))
    if "law" in proven:
        chosen = {item.origin.id for item in proven["law"]}
        for name, why in law_faults(load_law()):
            if name in chosen:
                yield Fault(code="law.case", message=why, where=Where(item=name))
    yield from _plain_faults(proven)


def _plain_faults(proven: Mapping[str, list[Any]]) -> Iterator[Fault]:
    """The same of items whose case is asked of the item alone."""
    for item in proven.get("contacts", ()):
        for case in item.cases:
            if (why := contact_case_fault(item, case)) is not None:
                yield Fault(code="contacts.case", message=why, where=Where(item=item.id))
    for edge in proven.get("edges", ()):
        for case in edge.cases:
            if (why := edge_case_fault(edge, case)) is not None:
                yield Fault(code="edges.case", message=why, where=Where(item=edge.id))
    for part in proven.get("notice_parts", ()):
        for case in part.cases:
            if (why := part_fault(part, case)) is not None:
                yield Fault(code="notice-check.case", message=why, where=Where(item=part.id))


def _detection_faults(
    detectors: Sequence[Detector], explanations: Sequence[Explanation], known: Mapping[str, Explanation]
) -> list[Fault]:
    """Cases of detectors and explanations that give something else than they state."""
    cases = [
        (item.id, number, partial(detector_case_fault, item, case, known))
        for item in detectors
        for number, case in enumerate(item.cases, start=1)
    ]
    cases += [
        (item.id, number, partial(explanation_case_fault, item, case))
        for item in explanations
        for number, case in enumerate(item.cases, start=1)
    ]
    # there are hundreds, each in a session of its own
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        told = workers.map(lambda case: (case[0], case[1], case[2]()), cases)
        return [
            Fault(code="detection.case", message=f"case {number}: {why}", where=Where(item=item))
            for item, number, why in told
            if why is not None
        ]


def _link_faults(links: Sequence[Link]) -> list[Fault]:
    """Cases of links that hold something else than they state."""
    with Session() as session:
        return [
            Fault(code="links.case", message=f"case {number}: {why}", where=Where(item=link.id))
            for link in links
            for number, case in enumerate(link.cases, start=1)
            if (why := link_case_fault(link, case, session)) is not None
        ]


def _loaded(faults: list[Fault], load: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return load()
    except FaultsError as fault:
        faults.extend(fault.faults)
        return {}
