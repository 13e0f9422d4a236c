"""From what an answer is made of to a draft of its route."""

from __future__ import annotations

from collections.abc import Sequence

from .draft import Draft, LeftOut, Parameter, choose_subject
from .field_hints import Hints
from .json_fields import AnswerFields, suggest_categories
from .path_template import TemplateError, parse_template
from .route import Secondary

__all__ = ["draft_of_answer"]

# an entry of a list that holds one of these may be about another person than the one asked for
_OF_OTHERS = frozenset({"identity.name", "contact.phone", "contact.email", "contact.address"})
_SHOWN = 3


def draft_of_answer(
    method: str,
    path: str,
    parameters: Sequence[Parameter],
    answer: AnswerFields,
    hints: Hints,
    *,
    source: str,
) -> Draft | LeftOut:
    """A draft where a field of the answer is personal data, else the reason why there is none."""
    methods = (method.upper(),)
    try:
        parse_template(path, path=True)
    except TemplateError as fault:
        return LeftOut(methods=methods, path=path, why=f"{source}: no template: {fault}")
    whole, listed = suggest_categories(answer, hints)
    if not whole:
        known = "no field looks like personal data" if answer.fields else "no fields are known"
        return LeftOut(methods=methods, path=path, why=f"{source}: {known}")
    subject, records, reason = choose_subject(path, parameters, hints, is_list=answer.listed)
    why = [f"{source}: {_fields(category, names)}" for category, names in sorted(whole.items())]
    why.append(reason)
    secondary = None
    others = tuple(sorted(_OF_OTHERS & listed.keys()))
    if subject.source != "unknown" and others:
        secondary = Secondary(at_most=answer.list_at_most, categories=others)
        bound = "" if answer.list_at_most is not None else ", and nothing says how many: give at_most"
        why.append(f"secondary: entries of a list may be about other people{bound}")
    why += sorted(answer.notes)
    return Draft(
        methods=methods, path=path, subject=subject, categories=tuple(sorted(whole)), secondary=secondary,
        records=records, why=tuple(why),
    )  # fmt: skip


def _fields(category: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{category} from {', '.join(names[:_SHOWN])}{more}"
