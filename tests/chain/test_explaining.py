"""On a replay, explanations by day say of each view what the path of now says; so do rows that were kept as digests and numbered later."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.unit.actors.explaining.crutch import answers_now, days_of, facts_now, numbered
from tests.wide import wide

from whosaw.actors import load_context, load_explanations
from whosaw.actors.context_schema import UNKNOWN
from whosaw.actors.explaining import numbering
from whosaw.actors.explaining.answers import EXPLAINED_BY, answer_of
from whosaw.actors.explaining.context_rows import ContextRows
from whosaw.actors.explaining.digested import read_context
from whosaw.actors.explaining.explain import explain
from whosaw.actors.explanation import prepare
from whosaw.app.scan import scan
from whosaw.mapping.resolver import Resolver
from whosaw.mapping.subject_form import forms_of
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.store.identifiers import register_identifiers
from whosaw.store.ledger import LedgerReader
from whosaw.store.vault import KINDS
from whosaw.store.workspace import Workspace

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Numbered:
    """Digests as the ledger has them, and their numbers; keys and routes by their texts."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader = reader
        kinds = sorted({body["subject"]["kind"] for body in reader.routes.values()})
        forms = forms_of(reader.routes.values())
        self._spellings = [(name, form) for name in kinds for form in (None, *forms.get(name, ()))]

    def digests(self, kind: str, texts: pa.Array) -> list[pa.Array]:
        if kind != "person":
            return [self._digest(kind, texts)]
        told = [texts if form is None else form.read(texts)[0] for _, form in self._spellings]
        spelled = [
            pc.binary_join_element_wise(pa.scalar(name), each, "\x1f")
            for (name, _), each in zip(self._spellings, told, strict=True)
        ]
        return [self._digest(kind, each) for each in spelled]

    def _digest(self, kind: str, texts: pa.Array) -> pa.Array:
        rows = self._reader.workspace.vault.digest_all(kind, pc.fill_null(texts.cast(pa.string()), ""))
        return pc.if_else(
            texts.is_valid(),
            pa.array([bytes(each) for each in rows], pa.binary(16)),
            pa.scalar(None, pa.binary(16)),
        )

    def numbers(self, kind: str, values: pa.Array) -> pa.Array:
        sql = {
            "key": 'SELECT "key" AS value, number FROM detect_key_numbers',
            "route": "SELECT id AS value, route AS number FROM routes",
        }.get(kind, f"SELECT digest AS value, number FROM identities WHERE kind = {KINDS.get(kind, -1)}")
        known = self._reader.session.query(sql)
        at = pc.index_in(values.cast(known["value"].type), value_set=known["value"].combine_chunks())
        return known["number"].combine_chunks().take(at).cast(pa.int64())


def compare(workspace: Workspace, folder: Path) -> dict[str, list[int]]:
    """How many views each explanation answers how; fails where one view is answered otherwise than now."""
    explanations = load_explanations()
    reader = LedgerReader(workspace)
    try:
        register_identifiers(reader)
        context = load_context(folder, Resolver(reader))
        believed = prepare(reader.session, context)
        now = answers_now(reader.session, explanations)
        views = days_of(reader.session)
        days = np.unique(views["day"].to_numpy()).tolist()
        facts = facts_now(reader.session, believed.context, days, bool(believed.tickets.aside))
        by_hand = numbered(reader.session, context)
        source = Numbered(reader)
        read = read_context(folder, source.digests)
        tables = {
            name: numbering.numbered(name, each, read.spellings, source.numbers)
            for name, each in read.tables.items()
        }
        later = ContextRows(tables=tables, stated=read.stated)
        told = np.zeros(0, np.uint16)
        for rows in (by_hand, later):
            told = explain(reader.session, views, rows, facts, explanations)["answers"].to_numpy()
            for name in EXPLAINED_BY:
                assert np.array_equal(answer_of(told, name), now[name].to_numpy()), name
        for name, table in by_hand.tables.items():
            for column in (
                "token",
                "session",
                "subject",
                "principal",
                "agent",
                "staff",
                "address",
                "network",
                "key",
                "route",
            ):
                if column in table.schema.names:
                    one, other = (each[column].combine_chunks() for each in (table, later.tables[name]))
                    met = pc.greater_equal(one, 0)
                    assert pc.if_else(met, one, UNKNOWN).equals(
                        pc.if_else(pc.greater_equal(other, 0), other, UNKNOWN)
                    ), (name, column)
    finally:
        reader.close()
    return {name: np.bincount(answer_of(told, name), minlength=5).tolist() for name in EXPLAINED_BY}


@wide  # of cases of items it is held in tests/unit/actors/explaining/test_explain.py
@pytest.mark.parametrize("breach", ["forged-token", "agent-without-ticket"])
def test_a_replay_is_answered_view_by_view_as_now(tmp_path: Path, breach: str) -> None:
    shop, planted = load_replay(breach=breach)
    made = make_replay(tmp_path / "replay", shop=shop, breach=planted, seed=1, scale=0.01)
    scan(
        [str(each) for each in made.logs],
        tmp_path / "ledger",
        now=NOW,
        map_path=made.map,
        context=made.context,
    )
    assert made.context is not None
    told = compare(Workspace.open(tmp_path / "ledger"), made.context)
    # the comparison means something: each explanation answers in more than one way
    assert all(sum(count > 0 for count in each) > 1 for each in told.values()), told
