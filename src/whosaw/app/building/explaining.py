"""Steps that tell what explains a view, which signs it bears, and who walks through numbers; and the facts that they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from whosaw.actors.explaining import learning
from whosaw.actors.explaining.context_rows import Stated
from whosaw.actors.explaining.explain import READS, explain
from whosaw.actors.explaining.kept_context import TABLES
from whosaw.actors.explaining.learning import LEARNT_FROM, OF_DAY, day_facts, learn, rows_of, slacks
from whosaw.actors.explaining.meets import ASKED_OF_PASSES, ASKED_OF_TRIES, ASKED_OF_VIEWS, meets
from whosaw.actors.explanation import Explanation
from whosaw.actors.signing.signs import DAYS_BACK, NEAR, VISITS_BACK
from whosaw.actors.signing.stepping import CONTEXT, hindsight, judged_together, signed
from whosaw.actors.signing.walking import WALKED_OF_VIEWS, Asked, asked_of, days_back, walk, walk_of
from whosaw.actors.signs import SIGNS, Sign
from whosaw.actors.walks import Walk
from whosaw.build.fact import Fact
from whosaw.build.step import Inputs, Read, Span, Step
from whosaw.core.errors import WhosawError

from .setup import Setup

__all__ = ["MAKERS"]

_STEPS_BACK: Final = 3
_EXPLAINED_WITH: Final = tuple(name for name in TABLES if name not in ("keys", "claims"))


def _stated(setup: Setup) -> Any:
    return setup.stated.text


def _with_explanations(setup: Setup) -> Any:
    told = {
        name: [each.rule, each.clock_slack, each.explains_canaries]
        for name, each in sorted(setup.explanations.items())
    }
    return {"stated": _stated(setup), "explanations": told}


def _explanations(items: Any) -> dict[str, Explanation]:
    """As far as rules go by them."""
    return {
        name: Explanation(
            id=name,
            title="",
            why="",
            blind_spots=(),
            rule=rule,
            gap="",
            explains_canaries=canaries,
            clock_slack=slack,
        )
        for name, (rule, slack, canaries) in items["explanations"].items()
    }


def _with_signs(setup: Setup) -> Any:
    asked = {
        sign.name: sign.clock_slack
        for detector in setup.detectors.values()
        for clause in detector.clauses
        for sign in (clause.sign, clause.belongs)
        if sign
    }
    return {**_with_explanations(setup), "signs": [[name, asked[name]] for name in SIGNS if name in asked]}


def _meet(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    views, tries = inputs.rows("views", ASKED_OF_VIEWS), inputs.rows("tries", ASKED_OF_TRIES)
    return {"meets": meets(views, inputs.rows("passes", ASKED_OF_PASSES), tries)}


def _learn(inputs: Inputs, _span: Span) -> Mapping[str, pa.Table]:
    items = inputs.items
    return learn(inputs, Stated.of_text(items["stated"]), slacks(_explanations(items)))


def _explain(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    items = inputs.items
    stated = Stated.of_text(items["stated"])
    rows, facts = rows_of(inputs, stated, _EXPLAINED_WITH), day_facts(inputs, span, stated)
    told = explain(inputs.session, inputs.rows("views", list(READS)), rows, facts, _explanations(items))
    return {"explained": told}


def _sign(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    items = inputs.items
    asked = [Sign(name=name, clock_slack=slack) for name, slack in items["signs"]]
    explanations = list(_explanations(items).values())
    return signed(inputs, span, Stated.of_text(items["stated"]), explanations, asked)


def _walk(inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    asked = [
        Asked(
            kind=kind,
            trait=trait,
            walk=Walk(recent=recent, near=near, within=within, chain=0),
            rule=rule,
            place=place,
        )
        for kind, trait, (recent, near, within), rule, place in inputs.items
    ]
    if any(days_back(each.walk) > _STEPS_BACK for each in asked):
        raise WhosawError(
            "detectors.walk",
            f"a step of a walk is looked for no more than {_STEPS_BACK} days back",
            hint="Say a walk within a day or less",
        )
    traits = sorted({each.trait for each in asked})
    views = inputs.rows("views", [*WALKED_OF_VIEWS, *traits])
    explained, values = inputs.rows("explained", ["rules"]), inputs.rows("values")
    return {"steps": walk(views, explained, values, span=span, asked=asked, digests=inputs.digests)}


def _with_walks(setup: Setup) -> Any:
    return [
        [each.kind, each.trait, list(walk_of(each.walk)), each.rule, each.place]
        for each in asked_of(setup.detectors.values())
    ]


def _covered(inputs: Inputs, days: Sequence[int]) -> Mapping[int, Any]:
    return learning.covered(inputs, days, Stated.of_text(inputs.items))


MAKERS: Final[tuple[Step | Fact, ...]] = (
    Step(
        name="meet",
        reads=(Read(kind="views"), Read(kind="passes"), Read(kind="tries")),
        keeps=("meets",),
        run=_meet,
    ),
    Step(
        name="learn",
        reads=(Read(kind="views"), *(Read(kind=each) for each in LEARNT_FROM)),
        keeps=("ages", "matches", "login_fits", "ticket_fits"),
        run=_learn,
        facts=("tickets-begin",),
        items=_with_explanations,
    ),
    Fact(name="passes-known", reads=("matches",), run=learning.known_passes),
    Fact(name="keys-known", reads=("matches",), run=learning.known_keys),
    Fact(name="sessions-last", reads=("ages",), run=learning.how_long_sessions_last),
    Fact(
        name="logins-cover",
        reads=("recorded",),
        run=_covered,
        window=learning.every_day,
        facts=("sessions-last",),
        items=_stated,
    ),
    Fact(name="logins-later", reads=("login_fits",), run=learning.later_logins),
    Fact(name="tickets-later", reads=("ticket_fits",), run=learning.later_tickets),
    Fact(name="tickets-aside", reads=("ticket_fits",), run=learning.not_believed, facts=("tickets-later",)),
    Fact(name="tickets-begin", reads=("recorded",), run=learning.tickets_begin, window=learning.every_day),
    Fact(name="judged-together", reads=("matches",), run=judged_together, window=hindsight),
    Step(
        name="explain",
        reads=(Read(kind="views"), *(Read(kind=each) for each in _EXPLAINED_WITH)),
        keeps=("explained",),
        run=_explain,
        facts=OF_DAY,
        items=_with_explanations,
        memory=lambda rows: 200 * rows + (64 << 20),  # measured on a replay of three million lines
    ),
    Step(
        name="sign",
        reads=(
            Read(kind="views", back=DAYS_BACK, on=1, sifted=True),
            Read(kind="explained"),
            Read(kind="visits", back=VISITS_BACK, on=1, sifted=True),
            Read(kind="passes", back=DAYS_BACK, sifted=True),
            Read(kind="tries", back=NEAR, on=1),
            Read(kind="seen", back=NEAR, on=1),
            Read(kind="claims"),
            *(
                Read(kind=each, back=NEAR, on=1) if each in ("staff", "services") else Read(kind=each)
                for each in CONTEXT
            ),
        ),
        keeps=("answers", "late"),
        run=_sign,
        facts=("keys-known", "judged-together"),
        items=_with_signs,
        memory=lambda rows: 200 * rows + (96 << 20),  # measured as well; the database takes more of it
    ),
    Step(
        name="walk",
        reads=(
            Read(kind="views", back=_STEPS_BACK),
            Read(kind="explained", back=_STEPS_BACK),
            Read(kind="values"),
        ),
        keeps=("steps",),
        run=_walk,
        memory=lambda rows: (
            120 * rows + (64 << 20)
        ),  # measured as well; people with numbers are the most of them
        items=_with_walks,
    ),
)
