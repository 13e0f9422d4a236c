"""How a use case asks the gate, whichever door somebody came through: the command line, the console, the API or a notebook.

The door says who comes (`coming`); the use case says what they want (`asked`). A refusal is in the custody journal before it is told.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

from whosaw.core.errors import WhosawError
from whosaw.store.permits import ACCOUNTS, MARKER, has_permit, under_permit

from .door import Coming, coming
from .rights import Role, Somebody, Thing, Verb, may, refusal

if TYPE_CHECKING:
    from whosaw.store.journal import Journal

__all__ = ["asked", "asks", "comer", "name_in_journal", "owner", "refuse_on_record"]

P = ParamSpec("P")  # Python 3.11 has no other spelling
R = TypeVar("R")


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
def asked(root: Path, verb: Verb, what: Thing | str, *more: Verb, narrowed: bool = False) -> Iterator[None]:
    """Work in the workspace, where whoever comes may do this, and whatever `more` it is; a use case that calls another one was asked
    already. `narrowed`: the use case itself leaves out what is in none of their cases.

    Raises `WhosawError` where they may not, once that is on record. A folder that is no workspace yet is nobody's.
    """
    if has_permit(root) or not (root / MARKER).is_file():
        yield
        return
    came = coming.get()
    from whosaw.store.workspace import journal_of

    with closing(journal_of(root, unasked=True)) as journal:
        who = None if came is None else _let_in(journal, came, (verb, *more), what, narrowed=narrowed)
        if came is None and journal.setting(ACCOUNTS):
            raise WhosawError(
                "gate.not-asked",
                f"{root} is opened with an account alone",
                hint="Come by a command, the console or the API, with a token of yours",
            )
    if came is None or who is None:
        yield  # a program that was given the files, of a workspace that asks for no account
        return
    on_record = who.purpose.strip() if came.records and not who.owner else None
    with under_permit(root, name_in_journal(came.door, who), cases=who.cases, purpose=on_record):
        yield


def _let_in(
    journal: Journal, came: Coming, verbs: tuple[Verb, ...], what: Thing | str, *, narrowed: bool
) -> Somebody:
    who = came.tell(journal)
    thing = what if isinstance(what, Thing) else Thing(name=what)
    for verb in verbs:
        answer = may(who, verb, None if narrowed else thing)
        if not answer.allowed:
            journal.who = name_in_journal(came.door, who)
            _refused(journal, verb, thing.name, answer.why, came.now())
            raise refusal(answer)
    if who is None:
        raise refusal(may(None, None))
    return who


def refuse_on_record(journal: Journal, what: str, *, now: datetime) -> NoReturn:
    """Refuse what a use case found to be in none of the cases of whoever asks."""
    nothing = Somebody(name="", roles=frozenset(Role), owner=True, cases=frozenset())
    answer = may(nothing, Verb.SEE_PERSON, Thing(name=what))
    _refused(journal, Verb.SEE_PERSON, what, answer.why, now)
    raise refusal(answer)


def comer(journal: Journal) -> Somebody:
    """Whoever comes, as the door tells of them; on the machine itself its user."""
    came = coming.get()
    found = owner() if came is None else came.tell(journal)
    if found is None:
        raise refusal(may(None, None))
    return found


def _refused(journal: Journal, verb: Verb, what: str, why: str, now: datetime) -> None:
    if journal.writable:
        with journal.transaction() as connection:
            journal.record(connection, "refused", {"verb": verb, "what": what, "why": why}, now=now)


def asks(
    verb: Verb,
    what: str,
    *,
    root: str = "root",
    case: str | None = None,
    finding: str | None = None,
    narrowed: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A use case that asks the gate before it does anything, and once more where its parameter `reveal` or `identifiers` is true. `root`
    names its parameter with the workspace; `case` and `finding` those that say which case it belongs to."""

    def wrap(act: Callable[P, R]) -> Callable[P, R]:
        named = signature(act)

        @wraps(act)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            given = named.bind(*args, **kwargs).arguments
            folder = given[root]
            more = (Verb.REVEAL,) if given.get("reveal") or given.get("identifiers") else ()
            thing = _thing(what, given, folder, case, finding)
            with asked(folder, verb, thing, *more, narrowed=narrowed):
                return act(*args, **kwargs)

        return inner

    return wrap


def _thing(
    what: str, given: Mapping[str, object], folder: Path, case: str | None, finding: str | None
) -> Thing:
    if case is not None and given.get(case):
        name = str(given[case])
        return Thing(name=f"{what} {name}", cases=frozenset({name}))
    if finding is not None and given.get(finding) and coming.get() is not None and not has_permit(folder):
        return _of_finding(what, str(given[finding]), folder)
    return Thing(name=what)


def _of_finding(what: str, name: str, folder: Path) -> Thing:
    if not (folder / MARKER).is_file():
        return Thing(name=what)
    from whosaw.store.workspace import journal_of

    from .belonging import cases_of_finding

    with closing(journal_of(folder, unasked=True)) as journal:
        return Thing(name=what, cases=cases_of_finding(journal, folder, name))
