"""docs/reference/law.md, and a page for each place beside it, from the items of law: `python -m tools.law_index --write | --check`."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from tools.generated import ROOT, main, table
from whosaw.core.law_items import InForce, Origin
from whosaw.law import Law, load_law
from whosaw.law.item_words import ItemWords, item_words
from whosaw.law.items import CONFIDENCE
from whosaw.law.record import coming

_PAGE = ROOT / "docs" / "reference" / "law.md"
_PLACES = ROOT / "docs" / "reference" / "law"
_SINCE = date(2023, 1, 1)
_KINDS = ("duties", "penalties", "rights", "precedents", "unchecked")
_HEAD = """\
# Law on record

<!-- Made by `python -m tools.law_index --write`. -->

What `duties`, `penalty`, `file` and `notice` know, counted by place and by how sure it is: *statute-read* where the text itself was read,
*secondary* where a law firm, an authority or the press was, *unverified* where nobody has opened a source. *Unchecked* laws are known by
name: they exist, nobody opened their text, and they have no clock. Of every other place, the
answer is that no law is on record, before anything else. Each item is a file under `src/whosaw/data/law` with its sources, the day of
its last review, and cases: taking any clause of it away, or moving any number by one, changes the answer of a case. Each place has a page
with its items in words; [`whosaw law`](../howto/law.md) shows the same on the terminal and gives all of it as JSON. None of this is legal
advice.

"""
_DAYS = """
## What began, begins and ends

Versions of law by the day on which they begin or end to hold in their place, since 2023, and what they take the place of. Only what is
on record: nobody has looked for all that is planned. `whosaw law coming` tells what lies ahead of today.

"""
_OF_PLACE = """\
# Law on record: {name}

<!-- Made by `python -m tools.law_index --write`. -->

{members}What whosaw has on record of the law here, item by item, as `whosaw law show` tells it. No place is complete, and none of this is legal
advice. [All places](../law.md).
"""


def page() -> dict[Path, str]:
    law = load_law()
    listed = [(kind, origin, in_force) for kind, origin, in_force in _items(law)]
    pages = {_PAGE: _HEAD + _counts(law, listed) + _DAYS + _days(law)}
    for place in law.jurisdictions:
        pages[_PLACES / f"{place}.md"] = _place(law, place, listed)
    return pages


def _items(law: Law) -> Iterable[tuple[str, Origin, InForce | None]]:
    for duty in law.duties.values():
        yield "duties", duty.origin, duty.in_force
    for payment in law.payments.values():
        yield ("penalties" if payment.kind == "penalty" else "rights"), payment.origin, payment.in_force
    for precedent in law.precedents.values():
        yield "precedents", precedent.origin, None
    for item in law.unchecked.values():
        yield "unchecked", item.origin, item.in_force


def _counts(law: Law, listed: list[tuple[str, Origin, InForce | None]]) -> str:
    found = Counter((origin.jurisdiction, kind, origin.confidence) for kind, origin, _ in listed)
    rows = []
    for place in (*law.jurisdictions, ""):
        of = {key: number for key, number in found.items() if place in ("", key[0])}
        told = [sum(number for key, number in of.items() if key[1] == kind) for kind in _KINDS]
        sure = [sum(number for key, number in of.items() if key[2] == each) for each in CONFIDENCE]
        name = f"[{law.jurisdictions[place].area.name}](law/{place}.md)" if place else "**all**"
        rows.append([name, *(str(each or "") for each in (*told, *sure))])
    return table(["place", *_KINDS, *CONFIDENCE], rows)


def _days(law: Law) -> str:
    rows = [
        [
            each.day.isoformat(),
            f"[`{each.item}`](law/{each.item.partition('/')[0]}.md#{_anchor(each.item)})",
            f"{each.place}: {each.title} {'begins' if each.begins else 'ends'}"
            + (f" in place of `{each.instead_of}`" if each.instead_of else ""),
            each.confidence,
        ]
        for each in coming(law, _SINCE)
    ]
    return table(["day", "item", "what happens", "how sure"], rows)


def _place(law: Law, place: str, listed: list[tuple[str, Origin, InForce | None]]) -> str:
    here = [(kind, origin, in_force) for kind, origin, in_force in listed if origin.jurisdiction == place]
    rows = [
        [
            f"[`{origin.id}`](#{_anchor(origin.id)})",
            origin.title,
            f"{origin.statute}, {origin.article}",
            _when(in_force),
            origin.confidence,
        ]
        for _, origin, in_force in here
    ]
    area = law.jurisdictions[place].area
    told = f"Its countries or states: {', '.join(area.members)}. " if len(area.members) > 1 else ""
    parts = [
        _OF_PLACE.format(name=area.name, members=told),
        "\n" + table(["item", "what it is", "where it stands", "in force", "how sure"], rows),
    ]
    for _, origin, _ in here:
        words = item_words(law, origin.id)
        assert words is not None
        parts.append(_in_words(words))
    return "".join(parts)


def _in_words(words: ItemWords) -> str:
    lines = [f'\n<a id="{_anchor(words.item)}"></a>\n\n## {words.title}\n\n`{words.item}`, a {words.kind}\n']
    for name, texts in words.rows:
        if len(texts) == 1:
            lines.append(f"- **{name}**: {_plain(texts[0])}")
            continue
        lines.append(f"- **{name}**:")
        lines += [
            f"{' ' * (4 + 2 * (len(each) - len(each.lstrip())))}- {_plain(each.strip())}" for each in texts
        ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """As it stands: what looks like markup in a citation is none."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text)


def _anchor(item: str) -> str:
    return item.replace("/", "-")


def _when(in_force: InForce | None) -> str:
    return "" if in_force is None or in_force.text() == "start not on record" else in_force.text()


if __name__ == "__main__":
    sys.exit(main("law_index", page))
