"""What a person is asked who drafts a project file: what the logs do not say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from whosaw.actors.context_schema import table_schemas
from whosaw.core.errors import WhosawError
from whosaw.core.instants import parse_zone
from whosaw.logs.coverage.quiet_hours import read_quiet
from whosaw.packs.languages import language_codes

from .found import Found, Group
from .twin_groups import TwinGroups

__all__ = ["Ask", "asked", "missing_tables"]

Ask = Callable[[str, str], str]
_HOURS = "23:00-06:00"
_NONE = frozenset(("none", "no", "-"))


def asked(found: Found, ask: Ask, *, language: str | None = None) -> Found:
    """The same after a person was asked for zones, names, hours without traffic, what explains views, twins, and the language, unless that
    was said: `ask` gets a question and the proposed answer."""
    groups = tuple(_asked_of_group(each, ask) for each in found.groups)
    kept = tuple(
        each
        for each in found.context_logs
        if _is_yes(ask(f"Read {', '.join(each.tables)} from {', '.join(each.files)} ({each.title})?", "yes"))
    )
    found = replace(found, context_logs=kept)
    return replace(
        found,
        groups=groups,
        none=_asked_none(missing_tables(found), ask),
        twins=tuple(_asked_twins(found, groups, ask)),
        language=language or _asked_language(ask),
    )


def missing_tables(found: Found) -> tuple[str, ...]:
    """The tables of the context that nothing in the folder fills."""
    told = {*found.tables, *(table for each in found.context_logs for table in each.tables)}
    return tuple(sorted(each for each in table_schemas() if each not in told))


def _asked_of_group(group: Group, ask: Ask) -> Group:
    zone, source, quiet = group.zone, group.source, group.quiet
    files = ", ".join(group.files)
    if group.proposal.needs_zone and zone is None:
        question = f"Zone of the times in {files} (such as Asia/Seoul)"
        zone = _checked(question, "", ask, lambda text: (parse_zone(text), text)[1])
    if source is not None:
        source = ask(f"Name of the source {files}", source) or source
        question = f"Hours without traffic in {source}, such as {_HOURS}; or none"
        said = _checked(question, group.quiet_proposed or "", ask, _quiet)
        quiet = () if said is None else (said,)
    return replace(group, zone=zone, source=source, quiet=quiet)


def _asked_none(missing: Sequence[str], ask: Ask) -> tuple[str, ...]:
    if not missing:
        return ()

    def named(text: str) -> str:
        names = text.replace(",", " ").split()
        if unknown := [each for each in names if each not in missing]:
            raise WhosawError(
                "init.no-table",
                f"{', '.join(unknown)} is none of them",
                hint=f"They are {', '.join(missing)}",
            )
        return " ".join(dict.fromkeys(names))

    said = _checked(
        "Which of these are there none of, such as: roles, shifts (empty: not known yet)", "", ask, named
    )
    return tuple((said or "").split())


def _asked_twins(found: Found, groups: Sequence[Group], ask: Ask) -> Iterator[TwinGroups]:
    names = {old.source: new.source for old, new in zip(found.groups, groups, strict=True)}
    for pair in found.twins:
        front, behind = (str(names[name]) for name in pair.sources)
        question = f"Does {front} pass its requests on to {behind}, so that each counts once? yes or no"
        declared = pair.by is not None and _is_yes(ask(question, "no"))
        yield replace(pair, sources=(front, behind), declared=declared)


def _asked_language(ask: Ask) -> str | None:
    codes = language_codes()

    def known(text: str) -> str:
        if text not in codes:
            raise WhosawError(
                "init.no-language", f"there are no words in {text!r}", hint=f"Known: {', '.join(codes)}"
            )
        return text

    return _checked(f"Language of letters and drafts: {', '.join(codes)}", "en", ask, known)


def _quiet(text: str) -> str:
    (rule,) = read_quiet([text], None)
    if rule.source != "*":
        raise WhosawError(
            "init.quiet", f"{text!r} names a source", hint=f"Write the hours alone, such as {_HOURS}"
        )
    return text


def _checked(question: str, proposed: str, ask: Ask, read: Callable[[str], str]) -> str | None:
    """What was said, once it can be read; None where nobody knows, or there is none. What cannot be read is asked for again."""
    told = ""
    while (said := ask(f"{told}{question}", proposed).strip()) and said.lower() not in _NONE:
        try:
            return read(said)
        except WhosawError as fault:
            told, proposed = f"{fault}\n", ""
    return None


def _is_yes(said: str) -> bool:
    return said.strip().lower() in ("y", "yes")
