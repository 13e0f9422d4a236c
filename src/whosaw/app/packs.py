"""The items that come with whosaw and those of a user: what there is, and whether it proves itself."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from whosaw.actors import Detector, Explanation, load_detectors, load_explanations
from whosaw.actors.case_runs import detector_case_fault, explanation_case_fault
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.ingest.format_cases import case_faults
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.law import load_law
from whosaw.law.case_checks import law_faults
from whosaw.law.checking.parts import load_parts
from whosaw.law.checking.recognise import case_fault as part_fault
from whosaw.logs.health import case_fault, load_checks
from whosaw.mapping.categories import load_categories
from whosaw.packs.language_faults import language_faults
from whosaw.packs.languages import language_codes
from whosaw.scope.link_case_runs import link_case_fault
from whosaw.scope.link_item import Link, load_links, shipped_links
from whosaw.store.sql import Session

from .settings import all_formats

__all__ = ["check_packs", "format_index"]


def format_index(own: Sequence[Path] = (), wanted: str | None = None) -> list[dict[str, Any]]:
    """The formats in id order, or the one wanted."""
    items = all_formats(own)
    if wanted is not None and wanted not in items:
        raise WhosawError(
            "format.unknown", f"there is no format {wanted!r}", hint="`whosaw formats` lists them"
        )
    return [
        {
            "id": item.id,
            "title": item.title,
            "kind": item.kind,
            "source": item.source,
            "checked": item.checked.isoformat() if item.checked else None,
            "cases": [case.text for case in item.cases],
        }
        for item in items.values()
        if wanted in (None, item.id)
    ]


def check_packs(folder: Path | None = None) -> dict[str, Any]:
    """Load every item and run its cases. Raises one `FaultsError` with all faults.

    `folder` may hold `formats/`, `detectors/`, `explanations/`, `links/` and `languages/` of its own.
    """
    if folder is not None and not folder.is_dir():
        raise WhosawError(
            "packs.none",
            f"{folder} is no folder",
            hint="Name a folder that holds formats/, detectors/, explanations/, links/ or languages/",
        )
    faults: list[Fault] = []
    formats = _loaded(faults, lambda: load_formats([shipped_formats(), *_inside(folder, "formats")]))
    for item in (formats or {}).values():
        faults.extend(case_faults(item))
    categories = _loaded(faults, load_categories)
    explanations = _loaded(faults, load_explanations)
    own_explanations = (
        _loaded(faults, lambda: load_explanations(_inside(folder, "explanations")))
        if _inside(folder, "explanations")
        else {}
    )
    known = {**(explanations or {}), **(own_explanations or {})}
    detectors = _loaded(faults, lambda: load_detectors(known))
    own_detectors = (
        _loaded(faults, lambda: load_detectors(known, _inside(folder, "detectors")))
        if _inside(folder, "detectors")
        else {}
    )
    all_detectors = {**(detectors or {}), **(own_detectors or {})}
    checks = _loaded(faults, load_checks)
    links = _loaded(faults, lambda: load_links([shipped_links(), *_inside(folder, "links")]))
    law = _loaded(faults, load_law)
    parts = _loaded(faults, lambda: {each.id: each for each in load_parts().values()})
    own_languages = next(iter(_inside(folder, "languages")), None)
    mine = [each.name for each in own_languages.iterdir() if each.is_dir()] if own_languages else []
    languages = sorted({*language_codes(), *mine})
    for code in languages:
        faults.extend(language_faults(code, own_languages))
    if not faults:
        faults.extend(_detection_faults(all_detectors, known))
        faults.extend(_link_faults(links))
        faults.extend(
            Fault(code="health.case", message=why, where=Where(item=check.id))
            for check in checks.values()
            for case in check.cases
            if (why := case_fault(check, case)) is not None
        )
        faults.extend(
            Fault(code="law.case", message=why, where=Where(item=item)) for item, why in law_faults(law)
        )
        faults.extend(
            Fault(code="notice-check.case", message=why, where=Where(item=part.id))
            for part in parts.values()
            for case in part.cases
            if (why := part_fault(part, case)) is not None
        )
    if faults:
        raise FaultsError("items.invalid", faults)
    counted = {
        "formats": len(formats or {}),
        "categories": len(categories or {}),
        "explanations": len(known),
        "detectors": len(all_detectors),
        "links": len(links),
        "log_health": len(checks),
        "languages": len(languages),
        "notice_parts": len(parts),
        "law": len(law.duties) + len(law.payments) + len(law.precedents),
    }
    proven = [*(formats or {}).values(), *all_detectors.values(), *known.values(), *checks.values()]
    proven += [*links.values(), *law.duties.values(), *law.payments.values(), *parts.values()]
    return {"items": counted, "cases": sum(len(item.cases) for item in proven)}


def _detection_faults(detectors: dict[str, Detector], explanations: dict[str, Explanation]) -> list[Fault]:
    """Cases of detectors and explanations that give something else than they state."""
    cases = [
        (item.id, number, partial(detector_case_fault, item, case, explanations))
        for item in detectors.values()
        for number, case in enumerate(item.cases, start=1)
    ]
    cases += [
        (item.id, number, partial(explanation_case_fault, item, case))
        for item in explanations.values()
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


def _link_faults(links: Mapping[str, Link]) -> list[Fault]:
    """Cases of links that hold something else than they state."""
    with Session() as session:
        return [
            Fault(code="links.case", message=f"case {number}: {why}", where=Where(item=link.id))
            for link in links.values()
            for number, case in enumerate(link.cases, start=1)
            if (why := link_case_fault(link, case, session)) is not None
        ]


def _inside(folder: Path | None, name: str) -> list[Path]:
    return [folder / name] if folder is not None and (folder / name).is_dir() else []


def _loaded(faults: list[Fault], load: Any) -> Any:
    try:
        return load()
    except FaultsError as fault:
        faults.extend(fault.faults)
        return None
