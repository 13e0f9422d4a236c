"""A ledger to ask from Python. Each question is a use case of `app`, opens the workspace, and leaves nothing open."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from whosaw.app.asking.answers import WhatSeen, WhoSaw
from whosaw.app.asking.explain import explain
from whosaw.app.asking.questions import open_ledger
from whosaw.app.asking.sql import ask_sql
from whosaw.app.cases.listing import show_persons, show_version
from whosaw.app.cases.making import make_version
from whosaw.app.gating.asking import asked
from whosaw.app.gating.rights import Verb
from whosaw.app.reading.file_state import files_of
from whosaw.cli.custody_heard import as_field, listening
from whosaw.cli.door import by_terminal
from whosaw.cli.surroundings import DEFAULT_WORKSPACE, now
from whosaw.core.document import JsonObject, document, object_of
from whosaw.core.instants import parse_zone
from whosaw.logs.coverage.hours import coverage_of
from whosaw.logs.health.of_ledger import health_of
from whosaw.store.repositories.findings import past_findings, stored_findings, stored_usual
from whosaw.store.workspace import Workspace

from .answers import Scope, What, Who, coverage_rows, finding_rows, view_rows
from .rows import Rows

__all__ = ["CustodyWarning", "Ledger", "open_workspace"]

T = TypeVar("T")  # Python 3.11 has no other spelling


class CustodyWarning(UserWarning):
    """What a command would say of the custody journal on standard error: that it does not hold, or that its head was not sent."""


class Ledger:
    """The ledger of a workspace. Identifiers are masked; with `reveal` they are shown as they are, and the look goes into the custody
    journal first, with a reason, as on the command line. Raises `WhosawError` with what is wrong and what to do."""

    __slots__ = ("_key_file", "_root")

    def __init__(self, root: Path, *, key_file: Path | None = None) -> None:
        self._root, self._key_file = root, key_file
        _asked(lambda: self._opened(Verb.SEE_COVERAGE, lambda _: {}))

    def who(self, person: str, *, reveal: bool = False, reason: str = "") -> Who:
        """Who saw this person: the id as it stands in the logs, kind:id, or a ledger number such as p12."""

        def ask() -> WhoSaw:
            ledger = open_ledger(self._root, now=now(), key_file=self._key_file, reveal=reveal, reason=reason)
            try:
                return ledger.who(person)
            finally:
                ledger.close()

        return Who.of(*_asked(ask, reason=reason))

    def what(self, actor: str, *, persons: int = 20, reveal: bool = False, reason: str = "") -> What:
        """What this actor saw: an address, a principal, key=…, token=…, session=…, agent=…, c12, or a finding id."""

        def ask() -> WhatSeen:
            ledger = open_ledger(self._root, now=now(), key_file=self._key_file, reveal=reveal, reason=reason)
            try:
                return ledger.what(actor, persons=persons)
            finally:
                ledger.close()

        return What.of(*_asked(ask, reason=reason))

    def findings(self) -> Rows:
        """The findings, one row each, the one with the most persons at risk first. That there is none says nothing about hours that
        are missing or pages that no route covers."""

        def ask(opened: Workspace) -> JsonObject:
            journal = opened.journal
            return {
                "findings": document(stored_findings(journal)),
                "past": document(past_findings(journal)),
                "usual": document(stored_usual(journal)),
            }

        _, told = _asked(lambda: self._opened(Verb.SEE_FINDINGS, ask))
        return finding_rows(told)

    def sql(self, statement: str, *, zone: str | None = None) -> Rows:
        """What one SELECT on the documented views answers, identifiers masked. Times are instants of UTC; functions such as `date_trunc`
        follow `zone`."""

        def ask() -> tuple[pa.Table, JsonObject]:
            at = _zone(zone) or UTC
            with ask_sql(self._root, statement, zone=at, now=now(), key_file=self._key_file) as answer:
                table = pa.Table.from_batches(answer.batches, answer.schema)
            return table, {"columns": list(table.column_names)}

        with listening(_warn, quiet=True), by_terminal():
            table, told = ask()
        return Rows.of_table(table, told)

    def views(
        self, what: str, *, context: str | PathLike[str] | None = None, zone: str | None = None
    ) -> Rows:
        """The views of a finding's lines, or of one line by its locator, each with what the explanations say of it. Without
        `context` it is the folder of the last scan."""
        answer, told = _asked(
            lambda: explain(
                self._root,
                what,
                context=None if context is None else Path(context),
                zone=_zone(zone),
                now=now(),
                key_file=self._key_file,
            )
        )
        return view_rows(answer, told)

    def scope(self, case: str | None = None, version: int | None = None) -> Scope:
        """A version of a case: the last one where none is named, of the only case where that is not named either."""
        # the stored document, with nothing added to it
        _, told = _asked(
            lambda: show_version(self._root, case, version, key_file=self._key_file), custody=False
        )
        return self._scope(told)

    def new_scope(
        self,
        case: str,
        *,
        findings: Sequence[str] = (),
        indicators: Sequence[str] = (),
        every: bool = False,
        context: str | PathLike[str] | None = None,
        zone: str | None = None,
    ) -> Scope:
        """Make a version of a case from findings and indicators (KIND=VALUE): everything that this party saw, counted. `every` takes
        all parties to which they lead."""
        _, told = _asked(
            lambda: make_version(
                self._root,
                case,
                findings=findings,
                indicators=indicators,
                every=every,
                context=None if context is None else Path(context),
                zone=_zone(zone),
                now=now(),
                key_file=self._key_file,
            )
        )
        return self._scope(told)

    def coverage(self, source: str | None = None, *, hours: bool = False) -> Rows:
        """How whole the sources are, one row each; with `hours` one row for each hour, with the rule that decided."""

        def ask(opened: Workspace) -> JsonObject:
            sources = coverage_of(opened.journal, source)
            health = health_of(opened, files_of(opened.journal), source=source)
            return {"sources": document(sources), "health": document(health)}

        _, told = _asked(lambda: self._opened(Verb.SEE_COVERAGE, ask))
        return coverage_rows(told, hours=hours)

    def _scope(self, told: Mapping[str, Any]) -> Scope:
        show = partial(show_persons, self._root, told["case"], told["version"], key_file=self._key_file)
        return Scope.of(
            told,
            lambda reveal, reason: _asked(
                lambda: show(now=now(), reveal=reveal, reason=reason), reason=reason
            )[1],
        )

    def _opened(self, verb: Verb, ask: Callable[[Workspace], T]) -> T:
        with asked(self._root, verb, "notebook"):
            opened = Workspace.open(self._root, key_file=self._key_file)
        try:
            return ask(opened)
        finally:
            opened.close()

    def __repr__(self) -> str:
        return f"Ledger({str(self._root)!r})"


def open_workspace(
    path: str | PathLike[str] = DEFAULT_WORKSPACE, *, key_file: str | PathLike[str] | None = None
) -> Ledger:
    """The ledger of the workspace in `path`, which a scan made. `key_file` is the vault key where the workspace does not hold it."""
    return Ledger(Path(path), key_file=None if key_file is None else Path(key_file))


def _asked(question: Callable[[], T], *, custody: bool = True, reason: str = "") -> tuple[T, JsonObject]:
    """The answer to a question, and its document, with what a command says of the custody journal as a warning and as its member
    `custody`."""
    with listening(_warn, quiet=True), by_terminal(reason):
        answer = question()
        field = as_field() if custody else None
        told = object_of(answer)
        return answer, told if field is None else {**told, "custody": document(field)}


def _warn(text: str) -> None:
    warnings.warn(text, CustodyWarning, stacklevel=2)


def _zone(text: str | None) -> tzinfo | None:
    return None if text is None else parse_zone(text)
