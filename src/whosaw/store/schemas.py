"""Columns of the index files. Instants are microseconds since 1970 UTC; numbers are dense and signed."""

from __future__ import annotations

import pyarrow as pa

from whosaw.core import client

__all__ = [
    "ACTIVITY",
    "ANSWERS",
    "ASKED",
    "CLIENTS",
    "COMPANY",
    "COUNTED",
    "CROWD",
    "DUPLICATES",
    "EXPOSURES",
    "IDENTITIES",
    "MAYBE_TWIN",
    "MEMBERS",
    "PROOFS",
    "PROVEN",
    "TRIES",
    "TWINS",
    "UNAUTHORIZED",
    "UNSURE_METHOD",
    "UNSURE_PERSON",
    "UNSURE_SPELLED",
    "UNSURE_VIEW",
    "VIEWS",
]

UNSURE_METHOD = 2  # the bit that says: another method than the route names
UNSURE_PERSON = 64  # the bit of `unsure` that says: a view, but whose id it is depends on who reads it
# all other bits: no view of its own where the server read the request in the strict way, or where it has a twin
UNSURE_VIEW = 63
MAYBE_TWIN = 16  # of those, the bit that says: another view may be of the same act
UNSURE_SPELLED = UNSURE_VIEW - MAYBE_TWIN

# `segment` and `code` say where the identifier stands first: in an index of an earlier release, that is where its raw form is
IDENTITIES = pa.schema(
    [
        ("kind", pa.int8()),
        ("digest", pa.binary(16)),
        ("number", pa.int32()),
        ("segment", pa.int32()),
        ("code", pa.int32()),
    ]
)
CLIENTS = pa.schema(
    [
        ("digest", pa.binary(16)),
        ("client", pa.int32()),
        *((each, pa.int32()) for each in client.NUMBERED),
        *((each, pa.string()) for each in client.CLEAR),
    ]
)
client.covers("store.schemas", CLIENTS.names[2:])
VIEWS = pa.schema(
    [
        ("person", pa.int32()),
        ("time", pa.int64()),
        ("segment", pa.int32()),
        ("line", pa.int64()),
        ("client", pa.int32()),
        ("address", pa.int32()),
        ("route", pa.int16()),
        ("extra", pa.int32()),
        ("duplicate", pa.bool_()),
        (
            "unsure",
            pa.int8(),
        ),  # 0, or why the view is only possible, or only whose it was (UNSURE_VIEW, UNSURE_PERSON)
    ]
)
EXPOSURES = pa.schema(
    [
        ("person", pa.int32()),
        ("client", pa.int32()),
        ("route", pa.int16()),
        ("first", pa.int64()),
        ("last", pa.int64()),
        ("views", pa.int64()),
        ("extra", pa.int32()),  # most further persons of one view
        ("unbounded", pa.int64()),  # views for which no such bound is known
        ("possible", pa.int64()),  # views that are only possible, or only possibly this person's
    ]
)
# how many events each client made at all, views among them: parts, which a reader adds
ACTIVITY = pa.schema([("client", pa.int32()), ("events", pa.int64()), ("views", pa.int64())])
UNAUTHORIZED = 401  # RFC 9110, 15.5.2: without valid credentials, which is what a wrong password gets
# requests for a person's page that failed, as those for numbers that nobody has; and those answered with 401, which name
# nobody where they are not for such a page
TRIES = pa.schema(
    [
        ("person", pa.int32()),
        ("time", pa.int64()),
        ("segment", pa.int32()),
        ("line", pa.int64()),
        ("client", pa.int32()),
        ("status", pa.int16()),
    ]
)
# what detection adds: how the views of an exposure are explained, and the clients and the lines of each finding
ANSWERS = pa.schema(
    [
        ("person", pa.int32()),
        ("client", pa.int32()),
        ("route", pa.int16()),
        ("explained", pa.int64()),
        ("unexplained", pa.int64()),
        ("cannot_tell", pa.int64()),
    ]
)
MEMBERS = pa.schema([("finding", pa.string()), ("client", pa.int32())])
COUNTED = pa.schema([("finding", pa.string()), ("content", pa.int32()), ("line", pa.int64())])
# of findings that several detectors made, not all of which prove single views: clients each counted view of which one proves (no
# line), and lines that one proves of clients of whom this is not so. And the same of views that none proves: COMPANY counts for nothing but
# what else was seen there, CROWD for being one of many of which only so many are usual, ASKED for nothing that would be found without the
# context
PROVEN, COMPANY, ASKED, CROWD = 0, 1, 2, 3
PROOFS = pa.schema(
    [
        ("finding", pa.string()),
        ("client", pa.int32()),
        ("content", pa.int32()),
        ("line", pa.int64()),
        ("standing", pa.int8()),
    ]
)
DUPLICATES = pa.schema([("segment", pa.int32()), ("line", pa.int64()), ("hour", pa.int32())])
# lines of two sources that are one act, or may be (not `joined`): of the witness, and of the line that stands for the act
TWINS = pa.schema(
    [
        ("segment", pa.int32()),
        ("line", pa.int64()),
        ("act_segment", pa.int32()),
        ("act_line", pa.int64()),
        ("time", pa.int64()),
        ("rule", pa.int16()),  # which of the map's twins
        ("joined", pa.bool_()),
        ("view", pa.bool_()),  # the act is a view
    ]
)
