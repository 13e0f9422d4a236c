"""What is asked of raw identifiers is the same whether it is asked once for all or kept from commit to commit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import WIDE

from whosaw.store.identifiers import places_by_number, register_identifiers
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.numbers import facts as module
from whosaw.store.numbers.facts import (
    FACTS,
    Facts,
    OfIndex,
    People,
    drop_facts,
    facts_of_raw,
    keep_facts,
    kept_rows,
    known_facts,
)
from whosaw.store.numbers.raws import Identities
from whosaw.store.schemas import IDENTITIES
from whosaw.store.sql import Session
from whosaw.store.vault import KINDS, Vault
from whosaw.store.workspace import Workspace

PERSON, PRINCIPAL = KINDS["person"], KINDS["principal"]

# the statements by which all of this was asked of all identifiers at each scan
_PLAIN = "regexp_full_match(id, '0|[1-9][0-9]*')"
_IDS = f"""
    WITH ids AS (
        SELECT number, split_part(raw, '\x1f', 1) AS kind, substring(raw, strpos(raw, '\x1f') + 1) AS id
        FROM raw_identifiers WHERE kind = {PERSON}
    ), plain AS (SELECT kind FROM ids GROUP BY kind HAVING 2 * count(*) FILTER ({_PLAIN}) > count(*))
"""
_MAIL = "regexp_full_match(id, '[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+')"
BEFORE = {
    "numbers": (
        "SELECT number AS person, regexp_replace(raw, '[0-9]+', '#') AS kind, "
        "TRY_CAST(regexp_extract(raw, '([0-9]+)', 1) AS BIGINT) AS value FROM raw_identifiers "
        f"WHERE kind = {PERSON} AND regexp_full_match(raw, '[^0-9]*[0-9]{{1,18}}[^0-9]*') ORDER BY ALL"
    ),
    "odd_ids": f"{_IDS} SELECT number, kind, id FROM ids SEMI JOIN plain USING (kind) WHERE NOT {_PLAIN} ORDER BY ALL",
    "plain_kinds": f"{_IDS} SELECT kind FROM plain ORDER BY kind",
    "cut_ids": f"""{_IDS}, shaped AS (
            SELECT kind, count(*) AS many, count(*) FILTER ({_MAIL}) AS mails, mode(length(id)) AS usual FROM ids ANTI JOIN plain USING (kind)
            GROUP BY kind
        ), alike AS (
            SELECT kind, count(*) AS alike FROM ids JOIN shaped USING (kind) WHERE length(id) = usual GROUP BY kind
        ), sorted AS (
            SELECT number, kind, id, lead(id) OVER (PARTITION BY kind ORDER BY id) AS next FROM ids SEMI JOIN shaped USING (kind)
        )
        SELECT number FROM sorted JOIN shaped USING (kind) JOIN alike USING (kind)
        WHERE starts_with(next, id) AND (10 * mails >= 9 * many OR (10 * alike >= 9 * many AND length(id) < usual)) ORDER BY number""",
    "claims": (
        "SELECT a.number AS principal, min(b.number) AS person FROM raw_identifiers AS a JOIN raw_identifiers AS b "
        f"ON a.kind = {PRINCIPAL} AND b.kind = {PERSON} AND a.raw = split_part(b.raw, '\x1f', 2) "
        "GROUP BY a.number HAVING count(*) = 1 ORDER BY ALL"
    ),
}


class Ledger:
    """Identifiers of a workspace, commit by commit, each a segment with a vault block of its own."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace.open(root, create=True)
        self.rows: list[dict[str, Any]] = []
        self.known: dict[tuple[int, str], int] = {}
        self.segments = 0

    def commit(self, persons: Sequence[str], principals: Sequence[str] = ()) -> None:
        vault = self.workspace.vault
        asked = [(PERSON, each) for each in persons] + [(PRINCIPAL, each) for each in principals]
        new = [each for each in dict.fromkeys(asked) if each not in self.known]
        names = {PERSON: "person", PRINCIPAL: "principal"}
        new.sort(key=lambda each: (each[0], vault.digest(names[each[0]], each[1])))
        self.segments = segment = self.segments + 1
        for code, (kind, raw) in enumerate(new):
            number = sum(each == kind for each, _ in self.known)
            self.known[kind, raw] = number
            digest = vault.digest(names[kind], raw)
            self.rows.append(
                {"kind": kind, "digest": digest, "number": number, "segment": segment, "code": code}
            )
        secrets = pa.table(
            {
                "kind": pa.array([kind for kind, _ in new], pa.int8()),
                "code": pa.array(range(len(new)), pa.int32()),
                "raw": pa.array([raw for _, raw in new], pa.string()),
            }
        )
        files = {"vault": self.workspace.files.put("vault", vault.seal_blocks(secrets))} if new else {}
        values: dict[str, Any] = {each.name: 0 for each in tables.segment.columns}
        values |= {"id": segment, "digest": "", "map": None, "files": json.dumps(files), "state": None}
        values |= {"terminated": True, "live": True, "indexed": True, "first_time": None, "last_time": None}
        with self.workspace.journal.transaction() as connection:
            connection.execute(tables.segment.insert().values(**values))

    def reader(self) -> LedgerReader:
        reader = LedgerReader.__new__(LedgerReader)
        reader.workspace, reader.session, reader.routes = self.workspace, Session(), {}
        reader.session.register("identities", pa.Table.from_pylist(self.rows, IDENTITIES))
        return reader


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ws")
    yield made
    made.workspace.close()


def told(ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    """What is registered now."""
    reader = ledger.reader()
    register_identifiers(reader)
    found = {name: reader.session.query(f"SELECT * FROM {name} ORDER BY ALL").to_pylist() for name in BEFORE}
    reader.close()
    return found


def told_before(ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    """What the old statements say of all raw identifiers."""
    reader = ledger.reader()
    raws = Identities(reader).every({"person": 0, "principal": 0})
    found = {
        name: reader.session.query(sql, raw_identifiers=raws).to_pylist() for name, sql in BEFORE.items()
    }
    reader.close()
    return found


NUMBERS = st.integers(0, 40).map(str) | st.sampled_from(["007", "7x", "", "12\x1f3", "٣", "1" * 19])
UUIDS = st.sampled_from([f"{at:04d}abcd-{at * 7:04d}" for at in range(12)])
CUTS = st.tuples(UUIDS, st.integers(0, 12)).map(lambda both: both[0][: both[1]])
MAILS = st.sampled_from(
    [
        f"{name}@mail.example{end}"
        for name in ("ann.long", "bo", "carola.a")
        for end in (".c", ".co", ".com", "")
    ]
)
ID = NUMBERS | UUIDS | CUTS | MAILS
SHOPS = st.sampled_from([[NUMBERS], [UUIDS, UUIDS, UUIDS, CUTS], [MAILS], [ID], [UUIDS]])
PERSONS = SHOPS.flatmap(
    lambda choice: st.lists(
        st.lists(
            st.tuples(st.sampled_from(["a", "a", "a", "b"]), st.one_of(choice)).map("\x1f".join), max_size=14
        ),
        max_size=5,
    )
)


@settings(deadline=None, max_examples=40 if WIDE else 8)  # opens a workspace
@given(
    PERSONS,
    st.lists(st.lists(ID, max_size=5), max_size=5),
    st.sampled_from([0, 8]),
    st.sampled_from([3, 1 << 18]),
)
def test_what_is_kept_is_what_all_of_them_say(
    tmp_path_factory: pytest.TempPathFactory,
    persons: list[list[str]],
    principals: list[list[str]],
    merge_at: int,
    at_once: int,
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_MERGE_AT", merge_at)  # 0: however many are new, only they are looked at
        patched.setattr(module, "_AT_ONCE", at_once)
        ledger = Ledger(tmp_path_factory.mktemp("facts") / "ws")
        for at in range(max(len(persons), len(principals))):
            ledger.commit(
                persons[at] if at < len(persons) else [], principals[at] if at < len(principals) else []
            )
            assert told(ledger) == told_before(ledger)
        assert told(ledger) == told_before(ledger)  # from what is kept alone
        ledger.workspace.close()


class Texts:
    """People by number, of whom some were erased, and principals of the texts of some."""

    def __init__(self, ledger: Ledger, texts: Sequence[str], session: Session) -> None:
        self.workspace, self.session = ledger.workspace, session
        self.texts = texts

    @property
    def there(self) -> dict[int, str]:
        return {number: text for number, text in enumerate(self.texts) if number not in GONE}

    def since(self, number: int, rows: int) -> Iterator[pa.Table]:
        for start in range(number, len(self.texts), rows):
            of = {at: text for at, text in self.there.items() if start <= at < start + rows}
            yield pa.table({"number": pa.array(of, pa.int32()), "raw": pa.array(of.values(), pa.string())})

    def raw(self, numbers: Sequence[int]) -> dict[int, str]:
        return {each: self.there[each] for each in numbers}

    def numbers_of(self, texts: pa.Array) -> frozenset[int]:
        wanted = set(texts.to_pylist())
        return frozenset(number for number, text in self.there.items() if text in wanted)

    def numbers_by(self, digests: pa.Array) -> list[int | None]:
        found = {self.workspace.vault.digest("person", text): at for at, text in enumerate(self.texts)}
        return [found.get(each) for each in digests.to_pylist()]

    def principals_by(self, digests: pa.Array) -> Any:
        ids = sorted({each.split("\x1f")[1] for each in self.texts if len(each) % 3})
        found = {self.workspace.vault.digest("principal", text): at for at, text in enumerate(ids)}
        return np.array([found.get(each, -1) for each in digests.to_pylist()], np.int64)


GONE = (0, 4, 5, 17, 32, 33)
ALIKE = [f"{at * 2654435761 % (1 << 32):08x}-{at:012d}" for at in range(31)]
SERIES = {
    "plain": [f"a\x1f{at * 7}" for at in range(31)] + ["a\x1f0007", "a\x1fx7", "b\x1f7", "a\x1f217"],
    "mails": [f"a\x1fann.long{at}@mail.example.com" for at in range(31)]
    + [f"a\x1fann.long{at}@mail.example.co" for at in (3, 30, 29, 8)],
    "alike": [f"a\x1f{each}" for each in ALIKE] + [f"a\x1f{ALIKE[at][:11]}" for at in (3, 30, 29, 8)],
    "mixed": [f"{'abc'[at % 3]}\x1f{[at, ALIKE[at], f'{at}@mail.example.com'][at % 3]}" for at in range(31)]
    + ["a\x1fx", f"b\x1f{ALIKE[28][:9]}", f"c\x1f{20}@mail.example.co", "c\x1f217"],
}


def of_slices(ledger: Ledger, texts: Sequence[str], monkeypatch: pytest.MonkeyPatch, at_once: int) -> Any:
    """What is told of people who came in two turns, worked out at once, and loaded; and the rows that are kept."""
    vault = ledger.workspace.vault
    erased = [(at, facts_of_raw(vault, texts[at])) for at in GONE if at < len(texts)]

    def of_erased(people: People, since: int) -> pa.Table:
        rows = [
            {**facts, "person": at, "claim": bytes.fromhex(str(facts["claim"]))}
            for at, facts in erased
            if since <= at < len(people.texts)  # type: ignore[attr-defined]
        ]
        return pa.Table.from_pylist(rows, FACTS)

    monkeypatch.setattr(module, "_of_erased", of_erased)
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    monkeypatch.setattr(module, "_CLAIMED", at_once)
    monkeypatch.setattr(module, "_STARTS", at_once)
    monkeypatch.setattr(module, "_MERGE_AT", 0 if at_once == 3 else 8)
    drop_facts(ledger.workspace)
    out = []
    with Session() as session:
        for many in (31, len(texts), len(texts)):
            facts = keep_facts(Texts(ledger, texts[:many], session), claims=True)
            out.append((plainly(facts), pa.concat_tables(kept_rows(ledger.workspace)).to_pylist()))
    return out


def plainly(facts: Facts) -> Any:
    tables = [each.to_pylist() for each in (facts.numbers, facts.odd, facts.lengths, facts.claims)]
    return tables, facts.spellings().cut, facts.covered, facts.shapes


@pytest.mark.parametrize("texts", SERIES.values(), ids=list(SERIES))
def test_slices_come_to_what_all_come_to(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, texts: Sequence[str]
) -> None:
    whole = of_slices(ledger, texts, monkeypatch, 1 << 18)
    assert of_slices(ledger, texts, monkeypatch, 3) == whole
    assert whole[1] == whole[2]
    files = json.loads(ledger.workspace.journal.setting("identifier-facts") or "")["files"]
    assert all(rows <= 3 for _, rows in files)
    assert len(list(ledger.workspace.files.root.rglob("*.facts"))) == len({name for name, _ in files}) + 1


def test_one_file_without_shapes_is_read_as_it_is(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an earlier release kept them."""
    texts = SERIES["mails"]
    whole = of_slices(ledger, texts, monkeypatch, 1 << 18)
    journal = ledger.workspace.journal
    told = json.loads(journal.setting("identifier-facts") or "")
    assert len(told["files"]) == 1
    del told["shapes"]
    with journal.transaction() as connection:
        journal.set_setting(connection, "identifier-facts", json.dumps(told))
    monkeypatch.setattr(module, "_AT_ONCE", 3)
    monkeypatch.setattr(module, "_of_all", None)
    with Session() as session:
        facts = keep_facts(Texts(ledger, texts, session), claims=True)
        assert plainly(facts) == whole[2][0]
        assert json.loads(journal.setting("identifier-facts") or "") == told
        more = keep_facts(Texts(ledger, [*texts, "a\x1fnew@mail.example.com"], session), claims=True)
    assert more.covered == len(texts) + 1
    held = json.loads(journal.setting("identifier-facts") or "")["files"]
    assert (held[0], [rows for _, rows in held]) == (told["files"][0], [len(texts), 1])


def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many vault blocks each look into a segment's own vault opens."""
    looks: list[int] = []
    whole = Vault.open

    def open_(self: Vault, block: bytes) -> pa.Table:
        rows = whole(self, block)
        looks.append(rows.num_rows)
        return rows

    monkeypatch.setattr(Vault, "open", open_)
    return looks


@pytest.mark.parametrize(
    "of",
    [
        str,
        lambda at: f"{at * 2654435761 % (1 << 32):08x}-4000-8000-{at:012d}",
        lambda at: f"{at * 2654435761 % (1 << 32):08x}@mail.example",
    ],
    ids=["numbers", "uuids", "mails"],
)
def test_ten_new_people_open_no_block_of_the_others(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, of: Any
) -> None:
    for start in range(0, 400, 50):
        ledger.commit([f"a\x1f{of(at)}" for at in range(start, start + 50)], [of(start)])
    told(ledger)
    ledger.commit([f"a\x1f{of(at)}" for at in range(400, 410)], [of(3), of(404)])
    looks = opened(monkeypatch)
    found = told(ledger)
    assert looks == [12]  # the one block of the new segment: ten people and two principals
    looks.clear()
    assert told(ledger) == found
    assert looks == []
    assert found == told_before(ledger)
    assert len(found["claims"]) == 8 + 2


def test_an_id_that_was_cut_is_told_whichever_came_first(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [f"{at * 2654435761 % (1 << 32):08x}-{at:012d}" for at in range(200)]
    ledger.commit([f"a\x1f{each}" for each in whole])
    assert told(ledger)["cut_ids"] == []
    looks = opened(monkeypatch)
    ledger.commit([f"a\x1f{whole[3][:11]}", f"a\x1f{whole[9][:15]}x"])  # the second begins no other
    assert told(ledger)["cut_ids"] == [{"number": ledger.known[PERSON, f"a\x1f{whole[3][:11]}"]}]
    assert sum(looks) == 202  # its own block, and that of the one who begins alike
    late = "ffff0000-555555555555"
    ledger.commit([f"a\x1f{late[:12]}"])
    assert len(told(ledger)["cut_ids"]) == 1
    looks.clear()
    ledger.commit([f"a\x1f{late}"])
    assert told(ledger)["cut_ids"][1:] == [{"number": ledger.known[PERSON, f"a\x1f{late[:12]}"]}]
    assert looks == [1]
    assert told(ledger) == told_before(ledger)


def test_damage_and_another_release_are_no_matter(ledger: Ledger) -> None:
    ledger.commit([f"a\x1f{at}" for at in range(30)] + ["a\x1f0000000007"])
    first = told(ledger)
    journal = ledger.workspace.journal
    body = json.loads(journal.setting("identifier-facts") or "")
    path = ledger.workspace.files.path(body["files"][0][0])
    sound = path.read_bytes()
    assert b"0000000007" not in sound
    for damage in (b"", sound[:-1] + b"\0"):
        path.write_bytes(damage)
        assert told(ledger) == first
        path.write_bytes(sound)
    path.unlink()
    assert told(ledger) == first
    with journal.transaction() as connection:
        journal.set_setting(connection, "identifier-facts", json.dumps({**body, "version": 99}))
    assert told(ledger) == first


def test_new_facts_stand_behind_the_others(ledger: Ledger) -> None:
    def names() -> list[tuple[str, int]]:
        kept = json.loads(ledger.workspace.journal.setting("identifier-facts") or "")["files"]
        return [(str(name), int(rows)) for name, rows in kept]

    ledger.commit([f"a\x1f{at}" for at in range(100)])
    told(ledger)
    (first,) = names()
    ledger.commit([f"a\x1f{at}" for at in range(100, 105)])
    told(ledger)
    assert (names()[0], names()[1][1]) == (first, 5)
    ledger.commit([f"a\x1f{at}" for at in range(105, 113)])
    told(ledger)
    assert [rows for _, rows in names()] == [113]
    held = [path.name for path in ledger.workspace.files.root.rglob("*.facts")]
    assert len(held) == 2  # those, and who is begun by others: what was replaced is gone


def test_who_kept_something_meanwhile_is_not_written_over(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.commit([f"a\x1f{at}" for at in range(100)])
    told(ledger)
    ledger.commit(["a\x1f200"])
    early = ledger.reader()
    ledger.commit(["a\x1f201"])
    whole = module._brought_up

    def between(*asked: Any) -> Any:
        found = whole(*asked)
        monkeypatch.undo()
        told(ledger)
        return found

    monkeypatch.setattr(module, "_brought_up", between)
    assert keep_facts(OfIndex(early)).numbers.num_rows == 101
    early.close()
    reader = ledger.reader()
    assert known_facts(OfIndex(reader)).numbers.num_rows == 102
    rows = pa.concat_tables(kept_rows(ledger.workspace))
    assert (rows.num_rows, rows.schema) == (102, FACTS)
    reader.close()
    assert told(ledger) == told_before(ledger)


def test_places_are_those_of_all_numbers(ledger: Ledger) -> None:
    ledger.commit(["a\x1f5", "b\x1f2", "a\x1f30", "a\x1fx", "a\x1f7"])
    reader = ledger.reader()
    found = {row["person"]: row["place"] for row in places_by_number(reader).to_pylist()}
    reader.close()
    place = {raw: found.get(number) for (_, raw), number in ledger.known.items()}
    assert place == {"a\x1f5": 1001, "a\x1f7": 1002, "a\x1f30": 1003, "b\x1f2": 2004, "a\x1fx": None}
