"""What a contact is told: what was seen and when, what was not and how that is known, what cannot be told; never whose address book."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from tests.lookup.conftest import built
from tests.sending.shop import NOW, Shop

from whosaw.app.erasing.erase import erase
from whosaw.core.errors import WhosawError
from whosaw.lookup.message import Speech, plain_text
from whosaw.lookup.table import LookupTable
from whosaw.store.key_file import load_key
from whosaw.store.workspace import journal_of


@pytest.fixture
def table(table_folder: Path) -> LookupTable:
    return LookupTable(table_folder / "t.lookup", load_key(table_folder / "t.lookup.key", create=False))


def said(table: LookupTable, contact: str, language: str = "en") -> str:
    speech = Speech.of(language, table.facts)
    return plain_text(speech, speech.answer(table.find(contact), NOW))


def test_a_victim_is_told_what_was_seen_and_what_cannot_be_told(table: LookupTable) -> None:
    told = said(table, "mail:p7@example.org")
    assert "accessed the following data of yours on 1 October 2026:\n- e-mail address\n- name" in told
    assert "Not accessed, as far as our records go:\n- address\n\nWe know that because every record" in told
    assert "cannot tell whether it was accessed:\n- telephone number (pages showed further people" in told
    assert "Our records begin on 1 October 2026" in told
    assert said(table, "phone:+254712345678") != told, "an account of whom addresses were seen, too"
    assert "- address\n- e-mail address\n- name" in said(table, "phone:+254712345678")


def test_nobody_is_told_a_bare_no(table: LookupTable) -> None:
    other, nobody = said(table, "mail:other@example.org"), said(table, "mail:nobody@example.org")
    assert "We found no page about this person" in other
    assert "We know that because every record of the pages that show this was read" in other
    assert "we cannot tell whether it was accessed:\n- telephone number" in other
    assert "That does not mean that your data was not accessed" in nobody


def test_two_accounts_of_one_contact_are_told_apart(table: LookupTable) -> None:
    told = said(table, "mail:p1@example.org")
    assert told.count("\nPerson ") == 2
    assert "2 people gave us this contact" in told


def test_a_child_is_answered_through_the_guardian(table: LookupTable) -> None:
    child, guardian = said(table, "mail:child@example.org"), said(table, "mail:parent@example.org")
    assert "under 14 years" in child
    assert "e-mail address\n" not in child
    assert "about a child in your care" in guardian
    assert "following data of the child on 1 October 2026:\n- e-mail address" in guardian


def test_who_stood_in_an_address_book_is_not_told_in_whose(table: LookupTable) -> None:
    aunt, uncle = said(table, "mail:aunt@example.org"), said(table, "mail:uncle@example.org")
    for told in (aunt, uncle):
        assert "somebody else saved with us. We do not say who." in told
        assert "p1" not in told.lower()
    assert "They can show:\n- telephone number\n- name" in aunt
    assert aunt.count("somebody else saved") == 1, "she stands in two books and is one person"
    assert "We found no address book with this contact" in uncle


def test_the_dead_are_answered_by_the_office(table: LookupTable) -> None:
    assert "in a conversation alone" in said(table, "mail:p5@example.org")


@pytest.mark.parametrize("language", ["en", "ko", "sw"])
def test_a_message_holds_no_link_and_asks_for_nothing(table: LookupTable, language: str) -> None:
    for contact in (
        "mail:p1@example.org",
        "mail:parent@example.org",
        "mail:aunt@example.org",
        "mail:nobody@example.org",
    ):
        told = said(table, contact, language)
        assert "http" not in told
        assert "www." not in told
        assert "{" not in told


def test_a_code_on_paper_stands_for_who_has_no_contact(table: LookupTable, table_folder: Path) -> None:
    head, row = (
        (table_folder / "codes.csv").read_text().split()[0],
        (table_folder / "codes.csv").read_text().splitlines()[1],
    )
    assert head == "subject,name,post,code"
    assert row.startswith("3,,Box 3 Nairobi,")
    code = row.rpartition(",")[2].replace("-", "")
    assert len(code) == 16
    assert table.find(f"code:{code}") is not None
    assert table.find("code:" + "0" * 16) is None
    assert (table_folder / "codes.csv").stat().st_mode & 0o077 == 0


def test_the_journal_has_the_table_and_no_contact(shop: Shop) -> None:
    made = built(shop.root)
    journal = journal_of(shop.workspace)
    (entry,) = journal.entries("lookup.built")
    journal.close()
    body = json.loads(entry.body)
    assert (body["table"], body["contacts"], body["codes"], body["canaries"]) == (
        made.sha256,
        made.contacts,
        1,
        2,
    )
    assert made.contacts == 13
    assert made.people == {
        "office": 1, "perhaps in a book": 1, "rest": 1, "rest in a book": 2, "seen": 5, "seen through a guardian": 1,
    }  # fmt: skip
    assert "example.org" not in entry.body
    again = built(shop.root)
    assert again.contacts == made.contacts
    codes = (shop.root / "codes.csv").read_text()
    assert codes.count("\n") == 2
    assert sorted(each.name for each in shop.root.glob(".t.lookup*")) == [], (
        "nothing is left beside the table"
    )


def test_a_table_alone_says_nothing(table_folder: Path, tmp_path: Path) -> None:
    raw = (table_folder / "t.lookup").read_bytes()
    for text in (b"example.org", b"Duka", b"spring", b"contact.email", b"Privacy"):
        assert text not in raw
    with pytest.raises(WhosawError, match="does not open with this key"):
        LookupTable(table_folder / "t.lookup", bytes(32))
    cut = tmp_path / "cut.lookup"
    cut.write_bytes(raw[:-1])
    with pytest.raises(WhosawError, match="was cut short"):
        LookupTable(cut, load_key(table_folder / "t.lookup.key", create=False))
    with pytest.raises(WhosawError, match="is no look-up table"):
        LookupTable(table_folder / "people.csv", bytes(32))


def test_equal_contacts_are_sealed_otherwise_in_each_table(shop: Shop) -> None:
    def places() -> set[bytes]:
        raw = (shop.root / "t.lookup").read_bytes()
        _, _, rows, facts = struct.unpack_from("<8s16sQQ", raw)
        start = 40 + facts
        return {raw[at : at + 16] for at in range(start, start + 16 * rows, 16)}

    built(shop.root)
    first = places()
    built(shop.root)
    assert len(first) > 13
    assert not first & places()


def test_a_canary_that_is_no_contact_is_named_by_its_line(shop: Shop) -> None:
    (shop.root / "canaries.txt").write_text("canary@example.org\nhello\n")
    with pytest.raises(WhosawError, match=r"line 2 of canaries\.txt"):
        built(shop.root)
    assert not (shop.root / "t.lookup").exists()


def test_who_was_erased_is_in_no_table(shop: Shop) -> None:
    erase(shop.workspace, "7", also=["Aunt@example.org"], ground="request", reason="request 12", now=NOW)
    built(shop.root)
    anew = LookupTable(shop.root / "t.lookup", load_key(shop.root / "t.lookup.key", create=False))
    nobody = said(anew, "mail:nobody@example.org")
    assert said(anew, "mail:p7@example.org") == said(anew, "mail:aunt@example.org") == nobody
    assert said(anew, "mail:p2@example.org") != nobody
