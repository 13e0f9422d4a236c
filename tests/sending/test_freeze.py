"""Who is a recipient, by what, and who is not and why. Nobody who was seen is missing, however the address book looks."""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import closing
from typing import Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from tests.sending.peer import Peer
from tests.sending.shop import PEOPLE, Shop

from whosaw.app.sending.freeze import Frozen
from whosaw.app.sending.manifest import EXCLUDED, open_pieces
from whosaw.core.errors import WhosawError
from whosaw.sending.address_book import BookFile
from whosaw.store.sending.pieces import FROZEN_PARTS
from whosaw.store.workspace import Workspace


def by_channel(frozen: Frozen) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in frozen.manifest.parts:
        found[each.channel] += each.rows
    return dict(found)


def test_what_stands_in_the_book_decides_and_everybody_is_counted_once(shop: Shop) -> None:
    rows: list[dict[str, Any]] = shop.usual_book()
    rows[0] |= {"deceased": "2020-01-01"}
    rows[1] |= {"unreachable": "yes"}
    rows[2] |= {"email": "", "post": "Box 3"}
    rows[3] |= {"email": "not an address", "post": ""}
    rows[4] |= {"born": "2015-05-05"}
    rows[5] |= {"born": "2015-05-05", "guardian_email": "parent@example.org"}
    rows[6] |= {"born": "1990-05-05"}
    rows[7] |= {"jurisdiction": "DE"}
    rows[8] |= {"email": "", "contact": "reached@example.org"}
    del rows[9]
    rows += [dict(rows[20]), {"subject": "9999", "email": "stranger@example.org"}]
    frozen = shop.freeze(rows)
    assert frozen.manifest.excluded == {
        "deceased": 1, "unreachable": 1, "no address": 1, "minor without a guardian's address": 1, "no notice for their place": 1,
        "not in any file of addresses": 1,
    }  # fmt: skip
    assert by_channel(frozen) == {"e-mail": PEOPLE - 7, "letter": 1, "none": 6}
    (book,) = frozen.manifest.books
    assert (book.rows, book.recipients, book.again) == (len(rows), PEOPLE - 1, 1)
    assert sum(frozen.manifest.groups.values()) == PEOPLE
    assert shop.counts() == {"waiting": PEOPLE - 6, "sent": 0, "failed": 0, "excluded": 6, "unknown": 0}
    shop.release()
    with Peer() as peer:
        shop.send(peer.port)
    to = [each for each, _, _ in peer.taken]
    assert len(to) == len(set(to)) == PEOPLE - 7
    assert {"parent@example.org", "reached@example.org"} <= set(to)
    assert not {"stranger@example.org", "p5@mail2.example.org", "p6@mail0.example.org"} & set(to)


def test_who_has_no_account_is_told_once_and_only_where_their_keeper_was_seen(shop: Shop) -> None:
    rows: list[dict[str, Any]] = [
        *shop.usual_book(),
        {"email": "aunt@example.org", "saved_by": "1"},
        {"email": "Aunt@Example.org", "saved_by": "2"},  # the same woman in another book
        {"email": "friend@example.org", "saved_by": "9999"},  # of somebody who was not seen
        {"phone": "+254 700 000 001", "post": "Box 9", "saved_by": "3"},
    ]
    frozen = shop.freeze(rows)
    assert frozen.manifest.groups["secondary"] == 2
    shop.release()
    with Peer() as peer:
        shop.send(peer.port)
    assert {"aunt@example.org", "friend@example.org"} & {to for to, _, _ in peer.taken} == {
        "aunt@example.org"
    }


def test_a_new_version_goes_to_those_who_came_in_or_of_whom_more_was_seen(shop: Shop) -> None:
    aunt = {"email": "aunt@example.org", "saved_by": "1"}
    shop.freeze([*shop.usual_book(), aunt])
    shop.release()
    with Peer() as peer:
        shop.send(peer.port)
        assert len(peer.taken) == PEOPLE + 1
    more = [{"subject": str(at), "email": f"p{at}@mail.example.org"} for at in range(PEOPLE + 1, PEOPLE + 11)]
    (shop.root / "notices").rename(shop.root / "notices-1")
    (shop.root / "notices-2").rename(shop.root / "notices")
    uncle = {"email": "uncle@example.org", "saved_by": "4"}
    frozen = shop.freeze([*shop.usual_book(), *more, aunt, uncle], version=2, since=1)
    assert frozen.manifest.since == 1
    shop.release()
    with Peer() as peer:
        shop.send(peer.port)
        assert sorted(to for to, _, _ in peer.taken) == sorted(
            [*(each["email"] for each in more), "p4@mail1.example.org", "uncle@example.org"]
        )
    assert (shop.status().version, shop.status().since) == (2, 1)


def test_each_recipient_gets_the_text_of_their_own_group_and_language(shop: Shop) -> None:
    rows = shop.usual_book()
    for row in rows[10:20]:
        row["language"] = "sw-KE"
    for row in rows[20:25]:
        row["language"] = "fr"  # there is none: the first language
    frozen = shop.freeze(rows)
    opened = Workspace.open(shop.workspace)
    manifest = frozen.manifest
    told: Counter[tuple[str, str]] = Counter()
    for piece, table in open_pieces(opened.files, opened.vault, manifest.label, manifest.pieces).every():
        if piece.part != EXCLUDED:
            for each in table["audience"].to_pylist():
                told[manifest.audiences[each].group, manifest.audiences[each].language] += 1
    opened.close()
    assert told == {("seen-1", "en"): 3, ("seen-2", "en"): PEOPLE - 13, ("seen-2", "sw"): 10}


def test_a_scan_that_begins_clears_nothing_of_a_list_that_is_being_frozen_away(shop: Shop) -> None:
    began = []

    def scan_begins(_: int) -> None:
        own = shop.workspace / "files" / FROZEN_PARTS
        began.append(own.is_dir() and {each.name for each in own.iterdir()})
        (own / "half").write_bytes(b"half")
        with closing(Workspace.open(shop.workspace)) as workspace, workspace.writing():
            workspace.files.clear_parts()
        began.append((own / "half").exists())

    left = shop.workspace / "files" / FROZEN_PARTS / "of a run that was killed"
    left.parent.mkdir()
    left.write_bytes(b"half")
    shop.freeze(shop.usual_book(), progress=scan_begins)
    assert began == [set(), True]
    assert not (shop.workspace / "files" / "part").exists() or not any(
        (shop.workspace / "files" / "part").iterdir()
    )


def test_a_book_is_read_from_every_kind_of_file(shop: Shop) -> None:
    path = shop.book(shop.usual_book())
    plain = [each.to_pylist() for each in BookFile.of(path).batches()]
    packed = shop.root / "packed.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    columns = shop.root / "book.parquet"
    pq.write_table(pa_csv.read_csv(path), columns)
    semicolons = shop.root / "semicolons.csv"
    semicolons.write_text("\ufeff" + path.read_text().replace(",", ";"))
    for other in (packed, columns, semicolons):
        assert [each.to_pylist() for each in BookFile.of(other).batches()] == plain, other
        assert BookFile.of(other).columns == {"subject": "subject", "email": "email", "language": "language"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("subject,colour\n1,red\n", "no column with addresses"),
        ("subject,mail,emailaddress\n1,a,b\n", "could each be email"),
        ("subject,email\n1,secret@example.org,3\n", "cannot be read"),
    ],
)
def test_a_book_that_cannot_be_used_is_named_without_what_stands_in_it(
    shop: Shop, text: str, why: str
) -> None:
    path = shop.root / "bad.csv"
    path.write_text(text)
    with pytest.raises(WhosawError, match=why) as fault:
        list(BookFile.of(path).batches())
    assert "bad.csv" in str(fault.value)
    assert "secret" not in str(fault.value)
