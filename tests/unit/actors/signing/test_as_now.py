"""Signs say of the cases of detectors and of a replay what the present path says, but where days change them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.actors.signing.old_ledger import ledger_at
from tests.unit.actors.signing.old_path import both, differing, ledger_of
from tests.wide import WIDE, some

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.cases import Case
from whosaw.app.scan import scan
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay

SAME = (
    "never-issued", "issued-to-another", "out-of-time", "key-retired", "key-unknown", "key-of-leaver", "principal-left",
    "service-ended", "no-reason", "own-record", "colleague", "relative", "public-figure", "another-person",
)  # fmt: skip
MOST = 1002  # views; larger cases say the same of more
DETECTORS = load_detectors(load_explanations())


def cases_of(detector: str) -> list[Case]:
    return [each for each in DETECTORS[detector].cases if sum(row.count for row in each.views) <= MOST]


ASKING = sorted(
    each.id
    for each in DETECTORS.values()
    if any(clause.sign and clause.sign.name in SAME for clause in each.clauses) and cases_of(each.id)
)


@pytest.mark.parametrize("detector", some(list(ASKING), of=8))
def test_signs_of_the_context_are_those_of_now(detector: str) -> None:
    borne: Counter[str] = Counter()
    for case in cases_of(detector):
        old, new, _ = both(ledger_of(case), SAME)
        for name in SAME:
            assert (name, case.title, differing(old[name], new[name])) == (name, case.title, 0)
            borne[name] += new[name].count(True)
    asked = {clause.sign.name for clause in DETECTORS[detector].clauses if clause.sign} & set(SAME)
    assert not [name for name in asked if not borne[name]]


# by sign, its detector and the cases of which it says something else: how many views bear it, before and in the build
OTHERS = [
    # the owner read 32 days before the fifth
    ("second-device", "session-in-two-hands", {"agent: it is the fifth after thirty days": (5, 4)}),
    ("guessed", "numbers-nobody-has", {}),
    ("guessed-anywhere", "numbers-nobody-has", {}),
    ("guessed-by-many", "numbers-nobody-has", {}),
]


@pytest.mark.parametrize(("sign", "detector", "others"), OTHERS if WIDE else OTHERS[:1])
def test_signs_of_days_differ_where_it_is_said(
    sign: str, detector: str, others: dict[str, tuple[int, int]]
) -> None:
    found, borne = {}, 0
    for case in cases_of(detector):
        old, new, _ = both(ledger_of(case), [sign])
        borne += new[sign].count(True)
        if differing(old[sign], new[sign]):
            found[case.title] = (old[sign].count(True), new[sign].count(True))
    assert borne
    assert found == others


def test_rows_of_the_context_in_another_order_change_no_sign() -> None:
    ledger = ledger_of(cases_of("token-out-of-time")[0])
    first = both(ledger, ["never-issued", "out-of-time", "second-device"])[1]
    tables = {
        name: replace(each, rows=each.rows.take(pa.array(range(each.rows.num_rows - 1, -1, -1))))
        for name, each in ledger.context.tables.items()
    }
    turned = replace(ledger, context=replace(ledger.context, tables=tables))
    assert any(each is True for each in first["out-of-time"])
    assert both(turned, ["never-issued", "out-of-time", "second-device"])[1] == first


@pytest.mark.skipif(not WIDE, reason="WHOSAW_WIDE runs it")
def test_a_replay_bears_the_same_signs(tmp_path: Path) -> None:
    shop, breach = load_replay(breach="forged-token")
    replay = make_replay(tmp_path / "replay", shop=shop, breach=breach, seed=1, scale=0.003).folder
    logs = [
        str(each)
        for each in sorted(replay.iterdir())
        if each.is_dir() and each.name not in ("context", "truth")
    ]
    now, context = datetime(2026, 1, 1, tzinfo=UTC), replay / "context"
    scan(logs, tmp_path / "ledger", now=now, map_path=replay / "map.toml", context=context)
    old, new, signed = both(ledger_at(tmp_path / "ledger", context))
    for name in (*SAME, "second-device", "hollow", "guessed", "guessed-anywhere", "among-failures"):
        assert (name, differing(old[name], new[name])) == (name, 0)
    assert [name for name in ("never-issued", "no-reason", "hollow", "guessed") if not any(new[name])] == []
    # what somebody tried after a view is known then
    assert signed.late.num_rows
