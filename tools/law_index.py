"""docs/reference/law.md from the items of law: `python -m tools.law_index --write | --check`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tools.generated import ROOT, main, table
from whosaw.core.law_items import InForce, Origin
from whosaw.law import Law, load_law
from whosaw.law.items import CONFIDENCE

_PAGE = ROOT / "docs" / "reference" / "law.md"
_KINDS = ("duties", "penalties", "rights", "precedents")
_HEAD = """\
# Law on record

<!-- Made by `python -m tools.law_index --write`. -->

What `duties`, `penalty`, `file` and `notice` know, counted by place and by how sure it is: *statute-read* where the text itself was read,
*secondary* where a law firm, an authority or the press was, *unverified* where nobody has opened a source. Of every other place, the
answer is that no law is on record, before anything else. Each item is a file under `src/whosaw/data/law` with its sources, the day of
its last review, and cases: taking any clause of it away, or moving any number by one, changes the answer of a case. None of this is
legal advice.

"""


def page() -> dict[Path, str]:
    law = load_law()
    listed = [(kind, origin, in_force) for kind, origin, in_force in _items(law)]
    return {
        _PAGE: _HEAD + _counts(law, listed) + "".join(_place(law, each, listed) for each in law.jurisdictions)
    }


def _items(law: Law) -> Iterable[tuple[str, Origin, InForce | None]]:
    for duty in law.duties.values():
        yield "duties", duty.origin, duty.in_force
    for payment in law.payments.values():
        yield ("penalties" if payment.kind == "penalty" else "rights"), payment.origin, payment.in_force
    for precedent in law.precedents.values():
        yield "precedents", precedent.origin, None


def _counts(law: Law, listed: list[tuple[str, Origin, InForce | None]]) -> str:
    found = Counter((origin.jurisdiction, kind, origin.confidence) for kind, origin, _ in listed)
    rows = []
    for place in (*law.jurisdictions, ""):
        of = {key: number for key, number in found.items() if place in ("", key[0])}
        told = [sum(number for key, number in of.items() if key[1] == kind) for kind in _KINDS]
        sure = [sum(number for key, number in of.items() if key[2] == each) for each in CONFIDENCE]
        name = f"[{law.jurisdictions[place].area.name}](#{place})" if place else "**all**"
        rows.append([name, *(str(each or "") for each in (*told, *sure))])
    return table(["place", *_KINDS, *CONFIDENCE], rows)


def _place(law: Law, place: str, listed: list[tuple[str, Origin, InForce | None]]) -> str:
    rows = [
        [
            f"`{origin.id}`",
            origin.title,
            f"{origin.statute}, {origin.article}",
            _when(in_force),
            origin.confidence,
        ]
        for _, origin, in_force in listed
        if origin.jurisdiction == place
    ]
    head = f'\n<a id="{place}"></a>\n\n## {law.jurisdictions[place].area.name}\n\n'
    return head + table(["item", "what it is", "where it stands", "in force", "how sure"], rows)


def _when(in_force: InForce | None) -> str:
    return "" if in_force is None or in_force.text() == "start not on record" else in_force.text()


if __name__ == "__main__":
    sys.exit(main("law_index", page))
