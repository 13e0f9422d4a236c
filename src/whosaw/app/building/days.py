"""Steps of days: views, repeats, tries and twins; visits, what is open at midnight, and passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.signing.passes import passes
from whosaw.actors.signing.visits import ASKED_OF_VIEWS, visit
from whosaw.build.fact import Fact
from whosaw.build.step import Inputs, Read, Span, Step
from whosaw.store.days.acts import Twins, margin_of
from whosaw.store.days.events import EVENTS, HOUR_MICROS, MORE, Events
from whosaw.store.days.views import pairs_without_number, requests, view
from whosaw.store.index.twin_rules import TwinRule
from whosaw.store.numbers.asked import CONTENT

from .setup import Setup

__all__ = ["MAKERS"]


def _rules(items: Any) -> list[TwinRule]:
    return [TwinRule(sources=tuple(each[0]), by=each[1], within=each[2]) for each in items["twins"]]


def _hours(items: Any) -> int:
    """How many hours of the days beside a day decide which of its lines are one act."""
    return -(-margin_of(_rules(items)) // HOUR_MICROS) if items["twins"] else 0


def _joins(items: Any) -> bool:
    """Whether two lines may be one act, whose client may need a number."""
    return bool(items["twins"])


def _of_view(setup: Setup) -> Any:
    pages = setup.pages.items() if setup.twins else ()
    return {
        "twins": [each.as_json() for each in setup.twins],
        "categories": {
            str(number): sorted({*page.categories, *(f"beside {each}" for each in page.beside)})
            for number, page in pages
        },
    }


def _of_visit(setup: Setup) -> Any:
    return {**_of_view(setup), "routes": {str(number): page.id for number, page in setup.pages.items()}}


_EVENTS: Final = (
    Read(kind="events", back=1, on=1, hours_of=_hours),
    Read(kind="more", back=1, on=1, hours_of=_hours),
)


def _pieces(inputs: Inputs, span: Span) -> Iterator[tuple[Span, Events, Twins, pa.Table]]:
    """Events of the span, and which of them are twins. Where clients may need a number, day by day, for these are given in the order
    of days."""
    rules = _rules(inputs.items)
    rows = inputs.rows("events")
    more = inputs.rows("more", list(MORE.names)).drop_columns(["day"])
    contents = rows["content"].unique()
    files = dict(zip(contents.to_pylist(), inputs.digests(CONTENT, contents).to_pylist(), strict=True))
    if not rules:
        yield span, Events(rows=rows.select(EVENTS.names), more=more, files=files), Twins(), pa.table({})
        return
    standing = rows.filter(rows["twins"].is_valid()).group_by(["content", "twins", "side"]).aggregate([])
    twins = Twins(
        rules=rules,
        sides={each["content"]: (each["twins"], each["side"]) for each in standing.to_pylist()},
        categories={int(number): frozenset(each) for number, each in inputs.items["categories"].items()},
    )
    margin = margin_of(rules)
    for day in range(span.first, span.last + 1):
        here = Span(day, day)
        near = pc.and_(
            pc.greater_equal(rows["time"], here.start - margin), pc.less(rows["time"], here.end + margin)
        )
        events = Events(rows=rows.filter(near).select(EVENTS.names), more=more, files=files)
        yield here, events, twins, _numbered(inputs, pairs_without_number(events, here, twins))


def _numbered(inputs: Inputs, pairs: pa.Table) -> pa.Table:
    """Pairs of clients with the number of the one that they are: its digest follows from theirs."""
    halves = (inputs.digests("client", pairs[name]).to_pylist() for name in ("outside", "inside"))
    digests = [blake2b(one + other, digest_size=16).digest() for one, other in zip(*halves, strict=True)]
    return pairs.append_column("client", inputs.numbers("client", pa.array(digests, pa.binary(16))))


def _view(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    made = [view(events, days, twins, numbers) for days, events, twins, numbers in _pieces(inputs, span)]
    return {
        name: pa.concat_tables([getattr(each, name) for each in made])
        for name in ("views", "repeats", "tries", "twins")
    }


def _visit(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    asked = pa.concat_tables([
        requests(events, days, twins, numbers) for days, events, twins, numbers in _pieces(inputs, span)
    ])  # fmt: skip
    made = visit(
        asked,
        inputs.rows("views", list(ASKED_OF_VIEWS)),
        inputs.rows("open"),
        span=span,
        routes={int(number): name for number, name in inputs.items["routes"].items()},
        ways=lambda texts: inputs.numbers("way", texts),
        digests=inputs.digests,
    )
    return {"visits": made.visits, "open": made.open, "passes": passes(asked, digests=inputs.digests)}


MAKERS: Final[tuple[Step | Fact, ...]] = (
    Step(
        name="view",
        reads=_EVENTS,
        keeps=("views", "repeats", "tries", "twins"),
        run=_view,
        items=_of_view,
        in_order_of=_joins,
    ),
    Step(
        name="visit",
        reads=(*_EVENTS, Read(kind="views"), Read(kind="open", back=1)),
        keeps=("visits", "open", "passes"),
        run=_visit,
        items=_of_visit,
        memory=lambda rows: 550 * rows + (64 << 20),  # measured on a replay of three million lines
    ),
)
