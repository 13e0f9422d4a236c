"""Questions of a person to the ledger: who saw this person, what did this actor see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.app.gating.asking import asked, refuse_on_record
from whosaw.app.gating.belonging import cases_of_finding, people_of_cases
from whosaw.app.gating.rights import Verb
from whosaw.core import client
from whosaw.core.counts import (
    OUTCOME_UNKNOWN,
    UNSURE_IDENTIFIER,
    UNSURE_SPELLING,
    UNSURE_TWIN,
    Count,
    Reason,
    Seen,
)
from whosaw.core.errors import WhosawError
from whosaw.core.finding import Finding
from whosaw.core.instants import from_micros
from whosaw.core.masked import Masked
from whosaw.mapping.collapsed import kept_classes, narrowed, saved
from whosaw.mapping.undecided_twins import UndecidedTwins, undecided_twins
from whosaw.mapping.untold import UntoldSource
from whosaw.mapping.untold import sentence_of as told_of
from whosaw.scope.unread import Unread, widened
from whosaw.store.journal import Journal
from whosaw.store.ledger import LedgerClient, LedgerReader, Locator, Unsure
from whosaw.store.numbers.raws import Identities
from whosaw.store.permits import permitted
from whosaw.store.repositories.findings import stored_finding
from whosaw.store.repositories.segments import live_segments
from whosaw.store.sql import LASTING
from whosaw.store.workspace import Workspace

from .answers import ActorSeen, Exposure, SeenOf, ShownClient, ShownPerson, WhatSeen, WhoSaw
from .identifiers import SIGNS, clients_of, network_of, person_of, signed
from .looks import looks_at, record_look, record_seen, require_reason
from .traits import Behind, TraitOf, ValueOf, behind_views
from .unended import sentence_of, unended
from .untold import untold
from .within import EVERYTHING, Within

__all__ = ["Ledger", "SeenOfPerson", "open_ledger", "shown_client", "shown_person", "shown_traits"]

client.covers("app.asking.questions", client.VAULTED, client.CLEAR, SIGNS)
_LINES = 20
_ERASED: Final = "erased"  # in place of an identifier that is not kept any more
_ALL_SURE = Unsure()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """How identifiers are shown: masked, or raw where that was asked for and journalled."""

    by_kind: Mapping[str, dict[int, str]]
    revealed: bool

    @property
    def persons(self) -> dict[int, str]:
        return self.by_kind["person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOfPerson:
    """Views of a person by client and route, how they are explained, how many there are, and how many name nobody."""

    rows: list[dict[str, Any]]
    explained: dict[tuple[int, int], tuple[int, int, int]]
    views: Count
    views_of_unknown_persons: int


@dataclass(slots=True, kw_only=True)
class _Cell:
    """Adds up what one client saw of a person in one category, or an actor of one category or route."""

    first: int
    last: int
    persons: int = 0
    views: int = 0
    possible: int = 0
    of_unknown: int = 0
    routes: set[str] = field(default_factory=set)
    answers: list[int] = field(default_factory=lambda: [0, 0, 0])  # explained, unexplained, cannot tell

    def span(self, first: int, last: int) -> None:
        self.first, self.last = min(self.first, first), max(self.last, last)


class Ledger:
    """The ledger of a workspace with the questions people ask. Close it when done."""

    def __init__(
        self, workspace: Workspace, *, now: datetime, reveal: bool = False, reason: str = ""
    ) -> None:
        if reveal:
            require_reason(reason)
        self.workspace = workspace
        self._permit = permitted(
            workspace.root
        )  # whose cases it is narrowed to, and what looks are put on record for
        self.reader = LedgerReader(workspace)
        self._identities = Identities(self.reader)
        self._now, self._reveal, self._reason = now, reveal, reason
        self._asked = "look"  # the question, for the journal
        self._answered: dict[str, WhoSaw] = {}
        self._told: dict[str, Finding] = {}  # findings, by what was asked for
        self._on_record: dict[str, BitMap] = {}  # what is journalled already, by kind

    def close(self) -> None:
        self.reader.close()
        self.workspace.close()

    # -- identifiers

    @property
    def _kept(self) -> tuple[Journal, Path]:
        return self.workspace.journal, self.workspace.root

    def _refuse_others(self, within: Callable[[frozenset[str]], bool]) -> None:
        """Where whoever asks is limited to cases, go on only within them."""
        cases = None if self._permit is None else self._permit.cases
        if cases is not None and not within(cases):
            refuse_on_record(self.workspace.journal, self._asked, now=self._now)

    def person_number(self, text: str, *, erased_too: bool = False) -> int:
        """The number of a person, by any identifier. Raises `WhosawError` for one who was erased, unless they are asked for, too."""
        with self._not_met():
            number = person_of(self.reader, text)
        if not erased_too and self._is_erased(number):
            raise WhosawError(
                "person.erased",
                f"p{number} was erased: who they are is not kept, and nothing is told of them",
                hint="`whosaw erasures` says when and on which ground; counts go on to hold them",
            )
        return number

    def _is_erased(self, person: int) -> bool:
        erased = self.workspace.vault.erased
        if not erased.of("person"):
            return False
        found = self.reader.session.query(
            "SELECT digest FROM identities WHERE kind = 0 AND number = ?", [person]
        )
        return erased.has("person", bytes(found["digest"][0].as_py()))

    @contextmanager
    def _not_met(self) -> Iterator[None]:
        """Who is not met is said to be missing; where logs may be unread, that this cannot be told."""
        try:
            yield
        except WhosawError as error:
            if error.code not in ("person.unknown", "actor.unknown"):
                raise
            if why := unended(self.workspace.journal):
                raise WhosawError(
                    error.code, f"cannot tell: {error.message}", hint=sentence_of(why)
                ) from error
            if why := told_of(untold(self.reader)):
                hint = ". ".join(each for each in (sentence_of(why), error.hint) if each)
                raise WhosawError(error.code, error.message, hint=hint) from error
            raise

    def client_numbers(self, text: str) -> list[int]:
        """The clients of an actor, by any identifier or by a finding, of which then the counted views alone are asked."""
        if text.strip().startswith("f-"):
            clients = self.finding_clients(text.strip())
            self.reader.only_counted(self._finding(text.strip()).id)
            return clients
        with self._not_met():
            return clients_of(self.reader, text)

    def _finding(self, name: str) -> Finding:
        if name not in self._told:
            self._told[name] = stored_finding(self.workspace.journal, name)
        return self._told[name]

    def finding_clients(self, finding: str) -> list[int]:
        """The clients that made the counted views of a finding."""
        return self.counted_clients(self._finding(finding).id)

    def counted_clients(self, finding: str) -> list[int]:
        """The same by the id that a finding has now; none of what is found no longer."""
        found = self.reader.session.query(
            "SELECT client FROM members WHERE finding = ? ORDER BY client", [finding]
        )
        return list(found["client"].to_pylist())

    def show(
        self,
        persons: list[int],
        clients: Iterable[LedgerClient],
        behind: Iterable[Behind] = (),
        *,
        what: str = "",
    ) -> _Shown:
        """Masks (or, where asked for, raw identifiers) of persons and of what the vault keeps of clients.

        A look at raw identifiers is journalled before they leave the vault; where that fails, nothing is shown.
        """
        asked = list(clients)
        wanted = {"person": persons} | {
            kind: [each.numbers[kind] for each in asked if kind in each.numbers] for kind in client.VAULTED
        }
        for each in behind:
            if each.trait in client.VAULTED:
                wanted[each.trait] += [int(value) for value, _ in each.most]
        if self._reveal and not self._is_on_record(wanted):
            record_look(self.workspace, wanted, what=what or self._asked, reason=self._reason, now=self._now)
        elif not self._reveal and self._permit is not None and self._permit.purpose is not None and persons:
            seen, why = {"person": persons}, self._permit.purpose
            record_seen(self.workspace, seen, what=what or self._asked, purpose=why, now=self._now)
        raw = self._identities.raw(wanted)
        text = {
            kind: {n: self._text(kind, value) for n, value in found.items()} for kind, found in raw.items()
        }
        for kind, numbers in wanted.items():
            if self.workspace.vault.erased.of(kind):
                text[kind] = {n: text[kind].get(n, _ERASED) for n in numbers}
        return _Shown(by_kind=text, revealed=self._reveal)

    def raw(self, kind: str, numbers: list[int]) -> dict[int, str]:
        """Raw identifiers for comparing within the program; nothing of them may be shown."""
        return self._identities.raw({kind: numbers})[kind]

    def _text(self, kind: str, raw: str) -> str:
        bare = raw.partition("\x1f")[2] if kind == "person" else raw
        return bare if self._reveal else str(Masked(bare))

    def put_on_record(self, numbers: Mapping[str, Iterable[int]], *, what: str) -> int | None:
        """Journal one look at all of `numbers`, by kind, so that showing them piece by piece makes no further entries. Returns
        the number of the entry; None where nothing is revealed."""
        if not self._reveal:
            return None
        entry = record_look(self.workspace, numbers, what=what, reason=self._reason, now=self._now)
        self._on_record = {kind: BitMap(each) for kind, each in numbers.items()}
        return entry

    def _is_on_record(self, wanted: Mapping[str, Sequence[int]]) -> bool:
        return bool(self._on_record) and all(
            BitMap(each) <= self._on_record.get(kind, BitMap()) for kind, each in wanted.items()
        )

    # -- questions

    def who(self, text: str, *, within: Within = EVERYTHING) -> WhoSaw:
        """Who saw a person: per client and category first and last view, number of views, lines; and who looked at that here. The same
        question is answered once; a picture of the person asks it again."""
        if text in self._answered and not within:
            return self._answered[text]
        self._asked = "who"
        person = self.person_number(text)
        self._refuse_others(lambda cases: person in people_of_cases(*self._kept, cases))
        condition, values = within.condition(self.reader)
        doubtful = self._unnamed(within)
        if within:
            self.reader.only(f"person = ? AND {condition}", [person, *values])
        rows = self.reader.who(person).to_pylist()
        explained = self._explained(person)
        clients = self.reader.clients(sorted({row["client"] for row in rows}))
        shown = self.show([person], clients)
        by_client = {each.number: shown_client(each, shown) for each in clients}
        lines, more = self._first_lines(person=person)
        not_told = untold(self.reader, within)
        found = WhoSaw(
            within=within,
            person=shown_person(person, shown),
            exposures=self._exposures(rows, by_client, explained, within),
            views=self._views_of_person(person, rows, within, not_told),
            locators=self._locators(lines),
            witnesses=self._witnesses(lines),
            views_of_unknown_persons=doubtful,
            looked_up_by=looks_at(self.workspace, person),
            more_lines=more,
            incomplete=unended(self.workspace.journal),
            untold=not_told,
            undecided=self._undecided("person = ?", [person]),
        )
        if not within:
            self._answered[text] = found
        return found

    def explained_of(
        self, person: int
    ) -> tuple[list[dict[str, Any]], dict[tuple[int, int], tuple[int, int, int]]]:
        """Views of one person by client and route, and of each how many are explained, unexplained and neither."""
        return self.reader.who(person).to_pylist(), self._explained(person)

    def seen_of_person(self, person: int) -> SeenOfPerson:
        """What the ledger knows of the views of one person, by client and route; nothing of it is an identifier."""
        rows, explained = self.explained_of(person)
        return SeenOfPerson(
            rows=rows,
            explained=explained,
            views=self._views_of_person(person, rows, EVERYTHING, untold(self.reader)),
            views_of_unknown_persons=self._unnamed(EVERYTHING),
        )

    def _unnamed(self, within: Within) -> int:
        """How many views are of people whom the log does not name."""
        condition, values = within.condition(self.reader)
        found = self.reader.session.query(
            f"SELECT count(*) AS n FROM views WHERE person IS NULL AND NOT duplicate AND {condition}", values
        )
        return int(found["n"][0].as_py())

    def _views_of_person(
        self, person: int, rows: list[dict[str, Any]], within: Within, not_told: Sequence[UntoldSource]
    ) -> Count:
        """How many views of the person there are; those that are only possible count in the upper bound alone, and so do events of which
        the log does not say whether they succeeded: of whom they are is not kept, so each may be of this person."""
        every, possible = (sum(row[name] for row in rows) for name in ("views", "possible"))
        unsure = self.reader.unsure_of("person", [person]) if possible else _ALL_SURE
        reasons = tuple(
            Reason(code=code, adds_upper=many)
            for code, many in (
                (UNSURE_SPELLING, unsure.spelled),
                (UNSURE_IDENTIFIER, unsure.doubted),
                (UNSURE_TWIN, unsure.twins),
            )
            if many
        )
        if open_ := sum(each.undecided for each in not_told):
            reasons += (Reason(code=OUTCOME_UNKNOWN, adds_upper=open_),)
        count = Count(unit="views", lower=every - possible, upper=every + open_, reasons=reasons)
        return self._with_unread([count], "person", [person], within.ends(), within)[0]

    def _with_unread(
        self,
        counts: Sequence[Count],
        column: str,
        numbers: Sequence[int],
        ends: tuple[int | None, int | None],
        within: Within,
    ) -> tuple[Count, ...]:
        """The counts with room for lines that could not be read, near these ends (None: at any time) in the sources that hold
        views, and for equal lines of one moment."""
        asked = pa.table({"n": pa.array(numbers, pa.int32())})
        condition, values = within.condition(self.reader)
        every = f"{LASTING}.views"  # also where only what a finding counts is looked at
        repeats = self.reader.session.query(
            f"SELECT count(DISTINCT (content, line)) AS n FROM {every} WHERE duplicate AND {column} IN (SELECT n FROM asked) AND {condition}",
            values,
            asked=asked,
        )["n"][0].as_py()
        unread = Unread.of(self.workspace.journal)
        holding = (
            self.reader.session.query(f"SELECT DISTINCT content FROM {every} WHERE {condition}", values)
            if unread.any()
            else None
        )
        rejects = unread.near(holding["content"].to_pylist(), *ends) if holding is not None else 0
        return widened(counts, rejects=rejects, repeats=repeats)

    def _explained(self, person: int) -> dict[tuple[int, int], tuple[int, int, int]]:
        """By client and route: views explained, unexplained, and of which it cannot be told."""
        found = self.reader.session.query("SELECT * FROM answers WHERE person = ?", [person]).to_pylist()
        return {
            (row["client"], row["route"]): (row["explained"], row["unexplained"], row["cannot_tell"])
            for row in found
        }

    def _exposures(
        self,
        rows: list[dict[str, Any]],
        by_client: Mapping[int, ShownClient],
        explained: dict[tuple[int, int], tuple[int, int, int]],
        within: Within,
    ) -> tuple[Exposure, ...]:
        cells: dict[tuple[int, str], _Cell] = {}
        for row in rows:
            body = self.reader.routes[row["route"]]
            for category in body["categories"]:
                cell = cells.setdefault(
                    (row["client"], category), _Cell(first=row["first"], last=row["last"])
                )
                cell.span(row["first"], row["last"])
                cell.views += row["views"]
                cell.possible += row["possible"]
                cell.routes.add(body["id"])
                more = explained.get((row["client"], row["route"]), (0, 0, row["views"]))
                cell.answers = [one + other for one, other in zip(cell.answers, more, strict=True)]
        ordered = sorted(cells.items(), key=lambda item: (item[1].first, item[0]))
        return tuple(
            Exposure(
                actor=by_client[client],
                category=category,
                first=from_micros(cell.first),
                last=from_micros(cell.last),
                views=cell.views,
                possible_views=cell.possible,
                routes=tuple(sorted(cell.routes)),
                explanation=_explanation(cell.answers, cell.views if within else None),
            )
            for (client, category), cell in ordered
        )

    def what(self, text: str, *, persons: int = 20, within: Within = EVERYTHING) -> WhatSeen:
        """What an actor saw: counts in all three units, per category and per route, and the first persons."""
        self._asked = "what"
        name = text.strip()
        self._refuse_others(lambda cases: not cases.isdisjoint(cases_of_finding(*self._kept, name)))
        clients = self.client_numbers(text)
        if within:
            condition, values = within.condition(self.reader)
            self.reader.only(f"client IN (SELECT unnest(?)) AND {condition}", [clients, *values])
        table = self.reader.what(clients)
        views = self.reader.views_by_route(clients)
        unknown = self.reader.unknown_views(clients).to_pylist()
        rows = self.reader.clients(sorted(clients)[:persons])
        first = pc.unique(table["person"]).sort().slice(0, persons).to_pylist()
        behind = behind_views(self.reader, clients)
        shown = self.show(first, rows, behind)
        asked = self._finding(text.strip()).asked if text.strip().startswith("f-") else None
        lines, more = self._first_lines(clients=clients)
        since = min([*table["first"].to_pylist(), *(u["first"] for u in unknown)], default=None)
        until = max([*table["last"].to_pylist(), *(u["last"] for u in unknown)], default=None)
        seen = self.counts(
            table, unknown, sum(views.values()), unsure=self.reader.unsure_of("client", clients)
        )
        return WhatSeen(
            within=within,
            asked=(asked,) if asked is not None else (),
            actor=ActorSeen(
                clients=len(clients),
                shown=tuple(shown_client(each, shown) for each in rows),
                traits=shown_traits(behind, shown),
            ),
            counts=self._with_unread(seen, "client", clients, (since, until), within),
            categories=self._by(table, unknown, views, "category"),
            routes=self._by(table, unknown, views, "route"),
            first=_instant(since),
            last=_instant(until),
            persons=tuple(shown_person(each, shown) for each in first),
            locators=self._locators(lines),
            witnesses=self._witnesses(lines),
            more_lines=more,
            incomplete=unended(self.workspace.journal),
            untold=untold(self.reader, within),
            undecided=self._undecided("client IN (SELECT unnest(?))", [clients]),
        )

    def _undecided(self, condition: str, values: list[object]) -> tuple[UndecidedTwins, ...]:
        """Pairs of sources that may log the same requests, where such views are of both."""
        found = undecided_twins(self.workspace.journal)
        if not found:
            return ()
        rows = self.reader.session.query(f"SELECT DISTINCT content FROM views WHERE {condition}", values)
        contents = set(rows["content"].to_pylist())
        sources = {each.source for each in live_segments(self.workspace.journal) if each.id in contents}
        return tuple(each for each in found if sources.issuperset(each.sources))

    def _first_lines(
        self, *, person: int | None = None, clients: list[int] | None = None
    ) -> tuple[pa.Table, bool]:
        """The first views of a person or of clients, and whether there are more."""
        lines = self.reader.view_lines(person=person, clients=clients, limit=_LINES + 1)
        return lines.slice(0, _LINES), lines.num_rows > _LINES

    def counts(
        self,
        table: pa.Table,
        unknown: list[dict[str, Any]],
        views: int,
        *,
        unsure: Unsure = _ALL_SURE,
    ) -> list[Count]:
        """Views, accounts and persons of exposures (person, route, views, extra, possible) and of views of unknown persons;
        `unsure` as the ledger tells it."""
        session = self.reader.session
        row = session.query(
            "SELECT count(DISTINCT person) AS accounts, coalesce(sum(unbounded), 0)::BIGINT AS open_secondary, "
            "(SELECT coalesce(sum(most), 0)::BIGINT FROM (SELECT max(extra) AS most FROM t GROUP BY person, route)) AS secondary "
            "FROM t",
            t=table,
        ).to_pylist()[0]
        row["accounts"] -= unsure.spelled_people + unsure.doubted_people + unsure.twin_people
        sure = set(table.filter(pc.greater(table["views"], table["possible"]))["person"].to_pylist())
        seen = Seen(
            views=views - unsure.spelled - unsure.twins,
            possible_views=unsure.spelled,
            possible_accounts=unsure.spelled_people,
            doubted_accounts=unsure.doubted_people,
            twin_views=unsure.twins,
            twin_accounts=unsure.twin_people,
            **row,
            unnamed=sum(each["views"] for each in unknown),
            unnamed_persons=sum(each["extra"] or 0 for each in unknown),
            open_unnamed=sum(each["unbounded"] for each in unknown),
        )
        return list(narrowed(seen.counts(), saved(sure.__contains__, kept_classes(self.workspace.journal))))

    def _by(
        self, table: pa.Table, unknown: list[dict[str, Any]], views: dict[int, int], what: str
    ) -> tuple[SeenOf, ...]:
        pick = "unnest(r.categories)" if what == "category" else "r.id"
        rows = self.reader.session.query(
            f"SELECT name, count(DISTINCT person) AS persons, min(first) AS first, max(last) AS last "
            f"FROM (SELECT {pick} AS name, t.* FROM t JOIN routes r USING (route)) GROUP BY name ORDER BY name",
            t=table,
        ).to_pylist()
        cells = {
            row["name"]: _Cell(persons=row["persons"], first=row["first"], last=row["last"]) for row in rows
        }
        for each in unknown:
            for name in self._names(each["route"], what):
                cell = cells.setdefault(name, _Cell(first=each["first"], last=each["last"]))
                cell.of_unknown += each["views"]
                cell.span(each["first"], each["last"])
        for route, number in views.items():  # one response that named several persons is one view
            for name in self._names(route, what):
                cells[name].views += number
        return tuple(
            SeenOf(
                name=name,
                persons=cell.persons,
                views=cell.views,
                views_of_unknown_persons=cell.of_unknown,
                first=from_micros(cell.first),
                last=from_micros(cell.last),
            )
            for name, cell in sorted(cells.items())
        )

    def _names(self, route: int, what: str) -> Sequence[str]:
        body = self.reader.routes[route]
        return body["categories"] if what == "category" else [body["id"]]

    def _locators(self, lines: pa.Table) -> tuple[str, ...]:
        pairs = list(zip(lines["content"].to_pylist(), lines["line"].to_pylist(), strict=True))
        return _once(self.reader.locators(pairs))

    def _witnesses(self, lines: pa.Table) -> tuple[str, ...]:
        """The lines of other sources that are one act with these, or may be."""
        pairs = list(zip(lines["content"].to_pylist(), lines["line"].to_pylist(), strict=True))
        return _once(self.reader.locators(self.reader.witnesses(pairs)))


def _once(locators: Iterable[Locator]) -> tuple[str, ...]:
    return tuple(str(each) for each in dict.fromkeys(locators))


def _explanation(told: Sequence[int], asked: int | None) -> str:
    """The answer in words; with counts where the views of one cell have different answers. Where only some of them are `asked` about,
    it is said of all: the ledger does not keep which view was answered how."""
    words = [
        (count, word)
        for count, word in zip(told, ("explained", "unexplained", "cannot tell"), strict=True)
        if count
    ]
    if len(words) == 1:
        return words[0][1]
    counted = ", ".join(f"{count:,} {word}" for count, word in words) or "cannot tell"
    every = sum(told)
    return f"{counted} of all {every:,}" if asked is not None and asked < every else counted


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def shown_person(number: int, shown: _Shown) -> ShownPerson:
    """A person for people: the number, and the mask or what is revealed."""
    return ShownPerson(number=f"p{number}", shown=shown.persons.get(number, "***"))


def shown_client(found: LedgerClient, shown: _Shown) -> ShownClient:
    """A client for people: its number, what the vault keeps masked, what is no identifier, and the rest by number."""
    known = found.numbers
    traits = {name: shown.by_kind[name].get(known[name], "***") for name in client.VAULTED if name in known}
    traits |= {name: found.texts[name] for name in client.CLEAR if name in found.texts}
    traits |= {name: signed(name, known[name]) for name in SIGNS if name in known and name in client.SENT}
    network = signed("network", known["network"]) if "network" in known else ""
    if shown.revealed and "address" in traits:
        network = network_of(traits["address"]) or network
    return ShownClient(client=f"c{found.number}", traits=traits, network=network)


def shown_traits(behind: Iterable[Behind], shown: _Shown) -> tuple[TraitOf, ...]:
    """The traits of an actor for people, values masked or shown as those of one client are."""
    return tuple(
        TraitOf(
            trait=each.trait,
            values=each.values,
            most=tuple(ValueOf(shown=_value(each.trait, at, shown), views=views) for at, views in each.most),
            views_without=each.views_without,
        )
        for each in behind
    )


def _value(trait: str, value: int | str, shown: _Shown) -> str:
    if trait in client.VAULTED:
        return shown.by_kind[trait].get(int(value), "***")
    return signed(trait, int(value)) if trait in SIGNS else str(value)


def open_ledger(
    root: Path,
    *,
    now: datetime,
    key_file: Path | None = None,
    reveal: bool = False,
    reason: str = "",
    verb: Verb = Verb.SEE_PERSON,
) -> Ledger:
    """Open the ledger in `root` for questions, for whoever may do this `verb`. With `reveal`, raw identifiers are shown and each look
    is journalled, with the reason, without which it is refused."""
    if reveal:
        require_reason(reason)
    more = (Verb.REVEAL,) if reveal else ()
    with asked(root, verb, "ledger", *more, narrowed=verb is Verb.SEE_PERSON):
        return Ledger(Workspace.open(root, key_file=key_file), now=now, reveal=reveal, reason=reason)
