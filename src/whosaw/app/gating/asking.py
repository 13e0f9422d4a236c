"""How a use case asks the gate, whichever door somebody came through: the command line, the console, the API or a notebook.

The door says who comes (`coming`); the use case says what they want (`asked`). A refusal is in the custody journal before it is told.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.permits import ACCOUNTS, has_permit, under_permit
from whosaw.store.workspace import MARKER, journal_of

from .belonging import cases_of_finding
from .rights import Role, Somebody, Thing, Verb, may, refusal

__all__ = ["Coming", "asked", "asks", "coming", "name_in_journal", "owner"]

P = ParamSpec("P")  # Python 3.11 has no other spelling
R = TypeVar("R")
WITHIN_CASES: Final = frozenset({Verb.SEE_PERSON, Verb.REVEAL})  # the ledger itself narrows these


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Who comes through which door: asked of the journal of the workspace that they come to. `door` stands before their name in
    entries; `records`: what is looked at through it is put on record by the ledger, for the door does not do so."""

    door: str
    tell: Callable[[Journal], Somebody | None]
    now: Callable[[], datetime]
    records: bool = False


coming: ContextVar[Coming | None] = ContextVar("coming", default=None)


def owner(purpose: str = "") -> Somebody:
    """Whoever runs whosaw on the machine that the workspace is on: may do everything, for they can read the files."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Somebody(name=name, roles=frozenset(Role), purpose=purpose, owner=True)


def name_in_journal(door: str, who: Somebody | None) -> str:
    """How somebody is called in entries."""
    if who is not None and who.owner:
        return who.name
    return f"{door}:{who.name if who is not None else 'nobody'}"


@contextmanager
def asked(root: Path, verb: Verb, what: Thing | str) -> Iterator[None]:
    """Work in the workspace, where whoever comes may do this; a use case that calls another one was asked already.

    Raises `WhosawError` where they may not, once that is on record. A folder that is no workspace yet is nobody's.
    """
    if has_permit(root) or not (root / MARKER).is_file():
        yield
        return
    came = coming.get()
    with closing(journal_of(root, unasked=True)) as journal:
        who = None if came is None else _let_in(journal, came, verb, what)
        if came is None and journal.setting(ACCOUNTS) is not None:
            raise WhosawError("gate.not-asked", f"{root} is opened with an account alone")
    if came is None or who is None:
        yield  # a program that was given the files, of a workspace that asks for no account
        return
    on_record = who.purpose.strip() if came.records and not who.owner else None
    with under_permit(root, name_in_journal(came.door, who), cases=who.cases, purpose=on_record):
        yield


def _let_in(journal: Journal, came: Coming, verb: Verb, what: Thing | str) -> Somebody:
    who = came.tell(journal)
    thing = what if isinstance(what, Thing) else Thing(name=what)
    answer = may(who, verb, None if verb in WITHIN_CASES else thing)
    if who is None or not answer.allowed:
        journal.who = name_in_journal(came.door, who)
        _refused(journal, verb, thing.name, answer.why, came.now())
        raise refusal(answer)
    return who


def _refused(journal: Journal, verb: Verb, what: str, why: str, now: datetime) -> None:
    if journal.writable:
        with journal.transaction() as connection:
            journal.record(connection, "refused", {"verb": verb, "what": what, "why": why}, now=now)


def asks(
    verb: Verb, what: str, *, root: str = "root", case: str | None = None, finding: str | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A use case that asks the gate before it does anything. `root` names its parameter with the workspace; `case` and `finding` those
    that say which case it belongs to."""

    def wrap(act: Callable[P, R]) -> Callable[P, R]:
        named = signature(act)

        @wraps(act)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            given = named.bind(*args, **kwargs).arguments
            folder = given[root]
            with asked(folder, verb, _thing(what, given, folder, case, finding)):
                return act(*args, **kwargs)

        return inner

    return wrap


def _thing(what: str, given: dict[str, object], folder: Path, case: str | None, finding: str | None) -> Thing:
    if case is not None and given.get(case):
        name = str(given[case])
        return Thing(name=f"{what} {name}", cases=frozenset({name}))
    if finding is not None and given.get(finding) and (folder / MARKER).is_file():
        name = str(given[finding])
        with closing(journal_of(folder, unasked=True)) as journal:
            return Thing(name=f"{what} {name}", cases=cases_of_finding(journal, folder, name))
    return Thing(name=what)
