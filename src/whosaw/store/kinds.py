"""Kinds of runs: what the ledger keeps of each day, in which columns and in which order.

A *run* holds the rows of one kind of one day (UTC), in their total order. In a file a run has no column for its day; in hand
every table of days has `day` (days since 1970) as its first column, so that the rows of several days can go together.
Instants are microseconds since 1970 UTC. No order uses a number that history gave: ties go by digest, or by (digest of the
file, line). `content` stands for the file's digest in columns, never in an order: who sorts by it looks the digest up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

from whosaw.core import client

__all__ = ["CLIENT_COLUMNS", "DAY", "KINDS", "WIDE", "Kind", "kind"]

Of = Literal["segment", "day", "month"]

DAY: Final = pa.field("day", pa.int32())
WIDE: Final = ("client", *client.with_(lambda each: each.fleeting))
"""Kinds of identifiers of which there may be more than 32 bits can tell apart: 64 bits, signed."""


def _number(name: str) -> pa.DataType:
    return pa.int64() if name in WIDE else pa.int32()


CLIENT_COLUMNS: Final = tuple(pa.field(name, _number(name)) for name in client.NAMES)
"""What identifies a client as columns of numbers: of texts that are kept in clear, the number of the text."""
client.covers("store.kinds", [each.name for each in CLIENT_COLUMNS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of run. `columns` without the day; `order` the columns of its total order (a column in brackets is sorted by what
    its value stands for; what is null goes last); `sums` says that rows of one key may be added, so that ranges and rounds can be put together."""

    name: str
    of: Of
    columns: pa.Schema
    order: tuple[str, ...]
    about: str
    sums: bool = False

    @property
    def in_hand(self) -> pa.Schema:
        """The columns with the day before them."""
        return pa.schema([DAY, *self.columns])


def _columns(*fields: tuple[str, pa.DataType] | pa.Field) -> pa.Schema:
    return pa.schema(list(fields))


_I8, _I16, _I32, _I64 = pa.int8(), pa.int16(), pa.int32(), pa.int64()
_U8, _U16, _U64, _KEY, _SET = pa.uint8(), pa.uint16(), pa.uint64(), pa.binary(16), pa.binary()

_KINDS: Final = (
    Kind(
        name="numbers",
        of="segment",
        about="What the local codes of some segments stand for: a row for each identifier, then a row for each client.",
        order=("segment", "code"),  # which is the row of its segment: of identifiers, and of clients
        columns=_columns(
            ("segment", _I32),  # files of earlier releases, each of one segment, lack it
            ("kind", _I8),  # of the identifier, as in the vault; -1: a client
            ("number", _I64),
            *CLIENT_COLUMNS,  # what the client carries; null for identifiers
        ),
    ),
    Kind(
        name="views",
        of="day",
        about="A response that carried a person's data, a row for each person it named; not of repeats and witnesses.",
        order=("person", "time", "(content)", "line"),
        columns=_columns(
            ("person", _I32),  # null: nobody is named; they stand last
            ("time", _I64),
            ("content", _I32),
            ("line", _I64),
            ("client", _I64),
            ("route", _I16),
            ("extra", _I32),  # how many more persons the answer can have held; null: no bound is known
            ("unsure", _I8),  # as in `schemas.VIEWS`
            *CLIENT_COLUMNS,
        ),
    ),
    Kind(
        name="repeats",
        of="day",
        about="Lines that repeat an event of another line and so count nothing.",
        order=("(content)", "line"),
        columns=_columns(("content", _I32), ("line", _I64), ("route", _I16), ("hour", _I32)),
    ),
    Kind(
        name="tries",
        of="day",
        about="Requests for a person's page that failed, and requests answered with 401.",
        order=("time", "(content)", "line", "person"),
        columns=_columns(
            ("person", _I32),
            ("time", _I64),
            ("content", _I32),
            ("line", _I64),
            ("client", _I64),
            ("status", _I16),
            *CLIENT_COLUMNS,
        ),
    ),
    Kind(
        name="twins",
        of="day",
        about="Lines of two sources that are one act, or may be: of the witness and of the line that stands for the act.",
        order=("time", "(content)", "line"),
        columns=_columns(
            ("content", _I32),
            ("line", _I64),
            ("act_content", _I32),
            ("act_line", _I64),
            ("time", _I64),
            ("rule", _I16),
            ("joined", pa.bool_()),
            ("view", pa.bool_()),
        ),
    ),
    Kind(
        name="visits",
        of="day",
        about="Requests of one token, session or client without a pause over four hours, in the day in which they end.",
        order=("kind", "(visit)", "start"),
        columns=_columns(
            ("kind", _I8),  # 0 token, 1 session, 2 client
            ("visit", _I64),  # number of that token, session or client
            ("start", _I64),
            ("end", _I64),
            ("events", _I32),
            ("others", _I32),  # of these, requests with a user agent that carried nobody's data
            ("tries", _I32),  # and rows of `tries`
            ("views", _I32),
            ("least", _I32),  # smallest and greatest person by digest; null: none
            ("most", _I32),
            ("page", _I16),  # page on which it first read somebody who is named; null: none
            ("pages", _I16),  # on how many pages of the map it read
            ("way", _I32),  # way of reading, as the number of its text; null: it read nothing
            ("agents", _U8),  # how many user agents and networks, at most 255
            ("networks", _U8),
            ("open", pa.bool_()),  # the next day may go on with it, and then holds it again, whole
        ),
    ),
    Kind(
        name="open",
        of="day",
        about="Visits that a request of the next day may still belong to, as they stand at the end of the day.",
        order=("kind", "visit", "start"),
        columns=_columns(
            ("kind", _I8),
            ("visit", _I64),
            ("start", _I64),
            ("end", _I64),
            ("events", _I32),
            ("others", _I32),
            ("tries", _I32),
            ("views", _I32),
            ("least", _I32),
            ("most", _I32),
            ("page", _I16),
            ("page_at", _I64),  # when that page was opened
            ("rows", _I32),  # rows of `views` on pages of the map, the first and the last of them
            ("first_row", _I64),
            ("last_row", _I64),
            ("routes", pa.list_(_I16)),  # pages so far
            ("opened", pa.list_(_I64)),  # and when each was opened first
            ("agents", pa.list_(_I32)),
            ("networks", pa.list_(_I32)),
        ),
    ),
    Kind(
        name="passes",
        of="day",
        about="One token, or session where there is none, on one day: its devices.",
        order=("kind", "(pass)", "(agent)", "(network)", "(address)"),
        columns=_columns(
            ("kind", _I8),  # 0 token, 1 session
            ("pass", _I64),
            ("agent", _I32),
            ("network", _I32),
            ("address", _I32),
            ("first", _I64),
            ("last", _I64),
            ("viewed", _I64),  # when it carried the first view of the day; null: none
            ("events", _I32),
            ("views", _I32),
        ),
    ),
    Kind(
        name="meets",
        of="day",
        about="What rows of the context can be met by on a day: its people, passes, principals, keys, addresses and networks.",
        order=("kind", "number"),  # a set, in which nothing is decided by order
        columns=_columns(
            ("kind", _I8),  # as in `actors.explaining.meets`
            ("number", _I64),
        ),
    ),
    Kind(
        name="ages",
        of="day",
        about="How old the sessions on record behind views are, in quarters of an hour that have begun.",
        order=("quarters",),
        sums=True,
        columns=_columns(("quarters", _I64), ("views", _I64)),
    ),
    Kind(
        name="matches",
        of="day",
        about="Whether any token, session or key of a day's views is one that tables of the context name.",
        order=("tokens",),  # one row
        columns=_columns(("tokens", pa.bool_()), ("sessions", pa.bool_()), ("keys", pa.bool_())),
    ),
    Kind(
        name="login_fits",
        of="day",
        about="By how many hours all logins would have to be later, how many uses of people's own passes would fit only then or no longer.",
        order=("hours",),
        sums=True,
        columns=_columns(("hours", _I64), ("gained", _I64), ("lost", _I64), ("uses", _I64)),
    ),
    Kind(
        name="ticket_fits",
        of="day",
        about="Looks of staff at people, by the hours by which all tickets would have to be later for one to be open, a bit each.",
        order=("(agent)", "(person)", "fits"),
        columns=_columns(("agent", _I64), ("person", _I32), ("fits", _I64), ("looks", _I64)),
    ),
    Kind(
        name="explained",
        of="day",
        about="What explanations say of each view, and which rules count it; `answers` hold it again, with signs.",
        order=("position",),
        columns=_columns(("position", _I32), ("answers", _U16), ("rules", _U8)),
    ),
    Kind(
        name="answers",
        of="day",
        about="What explanations say of each view, which rules count it and which signs it bears; beside `views`, row by row.",
        order=("position",),
        columns=_columns(
            ("position", _I32),
            ("answers", _U16),  # three bits an explanation, in the order of `EXPLAINED_BY`
            ("rules", _U8),  # a bit for each counting rule
            ("signs", _U64),  # two bits a sign: 0 does not bear it, 1 bears it, 2 cannot be told
        ),
    ),
    Kind(
        name="late",
        of="day",
        about="Views that bear a sign which was known only on this day.",
        order=("view_day", "position", "sign"),
        columns=_columns(("view_day", _I32), ("position", _I32), ("sign", _I8), ("known", _I64)),
    ),
    Kind(
        name="entities",
        of="day",
        about="One value of one trait on one day: how many views, and of whom. None where one person was seen and no try failed.",
        order=("kind", "(entity)"),
        columns=_columns(
            ("kind", _I8),
            ("entity", _I64),
            ("views", _I32),
            ("seen", _I32),  # people, each whom a client stands for among them
            ("counted", _I32),  # people not explained by their own session, a service or a ticket
            ("unexplained", _I32),  # of these, people of whom it can be told
            ("records", _I64),
            ("first", _I64),
            ("last", _I64),
            ("people", _SET),  # all people seen by name; null below three
        ),
    ),
    Kind(
        name="signed",
        of="day",
        about="What an entity's views bear of one sign under one counting rule.",
        order=("kind", "(entity)", "pair"),
        columns=_columns(
            ("kind", _I8),
            ("entity", _I64),
            ("pair", _I8),
            ("told", _I32),  # of the people seen that day, of how many the sign can be told
            ("signed", _I32),  # people who bear it, seen that day or known to bear it only then
            ("views", _I32),  # views that bear it
            ("first", _I64),  # first and last instant at which one was known
            ("last", _I64),
            ("people", _SET),  # who bears it, of those seen by name; null below three
        ),
    ),
    Kind(
        name="signed_hours",
        of="day",
        about="Of entities with enough people who bear a sign: how many bear it in the 25 hours up to each hour of the day.",
        order=("kind", "(entity)", "pair", "hour"),
        columns=_columns(
            ("kind", _I8),
            ("entity", _I64),
            ("pair", _I8),
            ("hour", _I32),
            ("signed", _I32),
            ("told", _I32),  # people of whom it can be told, in the 23 whole hours before
        ),
    ),
    Kind(
        name="tellable",
        of="day",
        about="Of which entities of a kind a sign can be told at all: how many could pass a bar by luck.",
        order=("kind", "pair"),
        columns=_columns(("kind", _I8), ("pair", _I8), ("entities", _SET)),  # never null
    ),
    Kind(
        name="places",
        of="day",
        about="Groups of people at one address, with and without a sign: of what is usual.",
        order=("pair", "(address)"),
        columns=_columns(
            ("pair", _I8),
            ("address", _I32),
            ("signed", _I32),
            ("others", _I32),
            ("signed_people", _SET),
            ("other_people", _SET),
        ),
    ),
    Kind(
        name="alike",
        of="day",
        about="People who read in one way at addresses where people are seen otherwise, too: how many, and how many bear a sign.",
        order=("pair", "(way)"),
        columns=_columns(("pair", _I8), ("way", _I32), ("signed", _I32), ("people", _I32)),
    ),
    Kind(
        name="colleagues",
        of="day",
        about="People whom each principal saw at each address, with and without a sign: of what is usual of its colleagues.",
        order=("pair", "(address)", "(principal)"),
        columns=_columns(
            ("pair", _I8),
            ("address", _I32),
            ("principal", _I32),
            ("signed_people", _SET),
            ("other_people", _SET),
        ),
    ),
    Kind(
        name="present",
        of="day",
        about="Which entities of one kind, and which people, a day holds.",
        order=("kind",),
        columns=_columns(("kind", _I8), ("entities", _SET), ("people", _SET)),
    ),
    Kind(
        name="pages",
        of="day",
        about="People of one page in one hour, all and those who count under a rule.",
        order=("route", "hour", "rule"),
        sums=False,
        columns=_columns(("route", _I16), ("hour", _I32), ("rule", _I8), ("people", _I32), ("every", _I32)),
    ),
    Kind(
        name="ways",
        of="day",
        about="Who was seen by each entity on visits that saw nobody else, by the page at which the visit began.",
        order=("kind", "(entity)", "page"),
        columns=_columns(("kind", _I8), ("entity", _I64), ("page", _I16), ("people", _SET)),  # never null
    ),
    Kind(
        name="manners",
        of="day",
        about="What the visit of each view says of it; beside `views`, row by row.",
        order=("position",),
        columns=_columns(
            ("position", _I32),
            ("way", _I32),  # way of reading, as the number of its text
            (
                "page",
                _I16,
            ),  # at which a visit began that saw one person; null: there is none, or it saw several
        ),
    ),
    Kind(
        name="known",
        of="day",
        about="Views that bear a sign which was known only on this day, as in `late`, with what sums and looks ask of them.",
        order=("view_day", "position", "sign"),
        columns=_columns(
            ("view_day", _I32),
            ("position", _I32),
            ("sign", _I8),
            ("known", _I64),
            ("who", _I64),  # whom the view counts for; below 0: whom its client stands for
            ("person", _I32),
            ("client", _I64),
            *CLIENT_COLUMNS,
            ("way", _I32),
            ("answers", _U16),
        ),
    ),
    Kind(
        name="several",
        of="day",
        about="Which entities saw more than one person in views that count under a rule: how many could walk by accident.",
        order=("kind",),
        columns=_columns(("kind", _I8), ("entities", _SET)),  # never null
    ),
    Kind(
        name="baits",
        of="day",
        about="Views of people who were planted by then.",
        order=("position",),
        columns=_columns(("position", _I32)),
    ),
    Kind(
        name="left",
        of="day",
        about="What sums of days leave of a clause to be looked at exactly: entities, or pages and hours.",
        order=("(entity)", "page", "hour"),
        columns=_columns(
            ("entity", _I64),
            ("confirmed", pa.bool_()),  # it is over a bar on this day
            ("page", _I16),
            ("hour", _I32),
            (
                "people",
                _I32,
            ),  # of a page and hour that surge: how many count, how many are too many for one, and beside whom
            ("enough", _I32),
            ("beside", _I32),
        ),
    ),
    Kind(
        name="looked",
        of="day",
        about="At how many views a clause was looked at exactly to judge a day, and how many its windows hold.",
        order=("views",),
        columns=_columns(("views", _I64), ("every", _I64)),
    ),
    Kind(
        name="steps",
        of="day",
        about="How many people an entity saw that were new to it, and how many of these stand beside one it saw before.",
        order=("kind", "rule", "(entity)"),
        columns=_columns(
            ("kind", _I8),
            ("rule", _I8),  # the bit of the counting rule; -1: every view counts
            ("entity", _I64),
            ("fresh", _I32),
            ("steps", _I32),
        ),
    ),
    Kind(
        name="flags",
        of="day",
        about="One entity over one bar of one clause, on the day it was raised.",
        order=("key",),
        columns=_columns(
            ("key", _KEY),
            ("kind", _I8),
            ("entity", _I64),
            ("raised", _I64),
            ("window", _I64),  # microseconds
            ("most", _I64),
            ("most_at", _I64),
            ("bar", _I64),
            ("clients", _SET),  # which of its clients, where the clause says so; null: all
            ("page", _I16),  # at which its people's visits began, where the clause asks for that
            (
                "homes",
                _SET,
            ),  # addresses where the sign may be of somebody honest, and counts for nothing; null: nowhere
            ("usual", _I64),  # of a bar by luck, in millionths: the share it was held against
            ("nats", _I64),  # and how unlikely it had to be
        ),
    ),
    Kind(
        name="marks",
        of="day",
        about="Views of one day by the set of flags whose entity made them.",
        order=("mark", "route", "doubt", "answers", "extra", "named"),
        sums=False,
        columns=_columns(
            (
                "mark",
                _KEY,
            ),  # digest of the keys of these flags, and of what each takes the view for (`mark_flags`)
            ("route", _I16),
            (
                "doubt",
                _I8,
            ),  # 0 none, 1 whose it is, 2 whether another view is of the same act, 3 whether it is a view
            ("answers", _U16),  # as in `answers`
            ("extra", _I32),
            ("named", pa.bool_()),  # the log names whom they show
            ("views", _I64),
            ("planted", _I64),  # of these, views of people whom nobody should read
            ("first", _I64),
            ("last", _I64),
            ("people", _SET),  # never null where they are named
        ),
    ),
    Kind(
        name="mark_flags",
        of="day",
        about="Which flags a mark stands for, and what each takes its views for, or its clients on that day.",
        order=("mark", "flag"),
        columns=_columns(("mark", _KEY), ("flag", _KEY), ("bits", _U8)),  # as in `actors.marking.bits`
    ),
    Kind(
        name="marked_lines",
        of="day",
        about="Lines by what their views are: as many rows as a line has kinds of views, all with the number of such lines.",
        order=("lines", "mark", "route", "doubt", "answers", "named"),
        columns=_columns(
            ("lines", _KEY),  # digest of these rows
            ("mark", _KEY),
            ("route", _I16),
            ("doubt", _I8),
            ("answers", _U16),
            ("named", pa.bool_()),
            ("many", _I64),
        ),
    ),
    Kind(
        name="lines",
        of="day",
        about="Which rows of `views` have a mark, and which clients made them.",
        order=("mark",),
        columns=_columns(("mark", _KEY), ("positions", _SET), ("clients", _SET)),  # never null
    ),
    Kind(
        name="marked_places",
        of="day",
        about="The first lines of each mark on that day; one that shows several people stands for each.",
        order=("mark", "time", "(content)", "line"),
        columns=_columns(("mark", _KEY), ("time", _I64), ("content", _I32), ("line", _I64)),
    ),
    Kind(
        name="marked_addresses",
        of="day",
        about="Through which addresses the views of a mark came.",
        order=("mark", "(address)"),
        columns=_columns(("mark", _KEY), ("address", _I32), ("views", _I64)),
        sums=True,
    ),
    Kind(
        name="marked_clients",
        of="day",
        about="Clients that saw anybody, by the flags that count a view of theirs on that day, and by where they are.",
        order=("mark", "(network)", "(agent)", "(address)", "bears"),
        columns=_columns(
            ("mark", _KEY),  # null: no flag does; then by network alone
            ("network", _I32),
            ("agent", _I32),
            ("address", _I32),  # of those without a network
            ("bears", pa.bool_()),  # a sign that somebody is flagged for
            ("principal", _I32),  # the first whose name they carry, by its digest; null: some carry none
            (
                "other",
                _I32,
            ),  # the last one, which is the same where they all carry one name; null: none carries any
            ("clients", _I64),
        ),
    ),
    Kind(
        name="desks",
        of="day",
        about="Where members of staff made views that something explains: a network, or an address without one.",
        order=("(network)", "(address)"),
        columns=_columns(
            ("network", _I32),
            ("address", _I32),
            ("explained", _U8),  # a bit for each explanation that explained any
        ),
    ),
    Kind(
        name="exposures",
        of="month",
        about="Who saw whom on which page: first view, last view, how many, and how these are explained.",
        order=("person", "(client)", "route"),
        sums=True,
        columns=_columns(
            ("person", _I32),
            ("client", _I64),
            ("route", _I16),
            ("first", _I64),
            ("last", _I64),
            ("views", _I64),
            ("extra", _I32),
            ("unbounded", _I64),
            ("possible", _I64),
            ("explained", _I64),
            ("unexplained", _I64),
            ("cannot_tell", _I64),
        ),
    ),
)
KINDS: Final = {each.name: each for each in _KINDS}


def kind(name: str) -> Kind:
    """The kind of that name; raises `KeyError` for one there is not."""
    return KINDS[name]
