"""The page says the same to everybody, and the answer goes to the contact alone."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from litestar.testing import TestClient
from tests.lookup.page import Page, open_page
from tests.sending.peer import Peer
from tests.wide import WIDE


def test_victims_and_others_get_the_same_bytes(page: Page) -> None:
    many = 10_000 if WIDE else 60
    page.client.get("/")
    replies = set()
    for at in range(many):
        victim, other = "p2@example.org" if at % 2 else "0712 345 678", f"stranger{at}@example.org"
        for contact in (victim, other):
            told = page.ask(contact)
            replies.add(
                (
                    told.status_code,
                    told.content,
                    tuple(sorted((n, v) for n, v in told.headers.items() if n != "date")),
                )
            )
    assert len(replies) == 1
    assert page.store.states() == {"new": 2 * many}


def test_the_answer_goes_to_the_contact_by_mail(table_folder: Path, tmp_path: Path) -> None:
    with Peer() as peer:
        opened = open_page(table_folder, tmp_path, port=peer.port)
        with TestClient(opened.app, base_url="http://leak.example.org") as client:
            page = opened.asked_by(client)
            client.get("/")
            for contact in (" P2@EXAMPLE.org", "nobody@example.org"):
                assert page.ask(contact).status_code == 200
            assert page.work().answered == 2
        opened.close()
    assert sorted(to for to, _, _ in peer.taken) == ["nobody@example.org", "p2@example.org"]
    mails = {to: message_from_bytes(raw, policy=policy.default) for to, _, raw in peer.taken}
    victim, nobody = mails["p2@example.org"], mails["nobody@example.org"]
    assert victim["Subject"] == nobody["Subject"] == "Duka: the answer to a question of 25 November 2026"
    assert victim["From"] == "Duka <privacy@duka.example.org>"
    assert victim["Auto-Submitted"] == "auto-replied"
    assert "accessed the following data of yours" in victim.get_content()
    assert "We do not know this contact" in nobody.get_content()


def test_a_telephone_is_answered_through_the_folder_of_messages(page: Page) -> None:
    page.client.get("/")
    assert page.ask("٠٧١٢ ٣٤٥ ٦٧٨").status_code == 200
    assert page.work().answered == 1
    (message,) = page.sent()
    assert message["to"] == "+254712345678"
    assert message["language"] == "en"
    assert "accessed the following data of yours" in message["text"]


def test_what_is_no_contact_is_said_to_be_none_and_kept_nowhere(page: Page) -> None:
    for text in ("", "hello", "@", "0712", "a" * 1_500):
        told = page.ask(text)
        assert told.status_code == 422
        assert 'role="alert"' in told.text
    assert page.client.post("/", content=b"&".join(b"a=1" for _ in range(50))).status_code == 422
    assert page.client.post("/", content=b"contact=" + b"x" * 5_000).status_code == 413
    assert page.store.states() == {}


def test_what_is_kept_says_neither_who_asked_nor_for_whom(page: Page, tmp_path: Path) -> None:
    page.client.get("/")
    page.ask("p2@example.org")
    page.work()
    kept = b"".join(each.read_bytes() for each in (tmp_path / "kept").iterdir())
    assert b"p2@" not in kept
    assert b"testclient" not in kept


def test_a_code_shows_its_answer_and_a_wrong_one_none(page: Page, table_folder: Path) -> None:
    code = (table_folder / "codes.csv").read_text().splitlines()[1].rpartition(",")[2]
    right = page.client.post("/code?lang=en", data={"code": code.lower().replace("-", " ")})
    assert right.status_code == 200
    assert "accessed the following data of yours" in right.text
    wrong = page.client.post("/code?lang=en", data={"code": "0000-0000-0000-0000"})
    assert wrong.status_code == 422
    assert "do not know this code" in wrong.text
    for _ in range(page.public.limits.codes_a_day - 2):
        page.client.post("/code", data={"code": "1"})
    assert page.client.post("/code", data={"code": code}).status_code == 429
    page.clock.later(hours=25)
    assert page.client.post("/code", data={"code": code}).status_code == 200


def test_many_at_once_are_all_kept_and_all_counted(page: Page, table_folder: Path) -> None:
    code = (table_folder / "codes.csv").read_text().splitlines()[1].rpartition(",")[2]
    many = page.public.limits.codes_a_day

    def one(at: int) -> int:
        if at % 3:
            return int(page.ask(f"somebody{at}@example.org").status_code)
        return int(page.client.post("/code?lang=en", data={"code": code}).status_code)

    with ThreadPoolExecutor(8) as people:
        told = list(people.map(one, range(3 * (many + 5))))
    codes, asks = told[::3], [each for at, each in enumerate(told) if at % 3]
    assert Counter(codes) == {200: many, 429: 5}
    assert set(asks) == {200}
    assert page.store.states() == {"new": len(asks)}


@pytest.mark.parametrize("language", ["en", "ko", "sw"])
def test_a_page_is_small_whole_and_without_script(page: Page, language: str) -> None:
    told = page.client.get(f"/?lang={language}")
    assert f'<html lang="{language}">' in told.text
    assert "<script" not in told.text
    assert "src=" not in told.text
    assert len(told.content) < 6_000, "plain; a 2G phone has it in about a second"
    packed = page.client.get(f"/?lang={language}", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 2_600
    assert packed.text == told.text
    assert "https://leak.example.org" in told.text
    assert "script-src" not in told.headers["content-security-policy"]
    assert "default-src 'none'" in told.headers["content-security-policy"]


def test_a_browser_gets_the_language_that_it_asks_for(page: Page) -> None:
    for accepted, language in (
        ("fr, sw;q=0.8, en;q=0.3", "sw"),
        ("ko-KR,ko;q=0.9", "ko"),
        ("fr", "en"),
        ("en;q=x", "en"),
    ):
        told = page.client.get("/", headers={"accept-language": accepted}).text
        assert f'<html lang="{language}">' in told, accepted


def test_other_addresses_and_hosts_are_refused(page: Page) -> None:
    assert page.client.get("/findings").status_code == 404
    assert page.client.get("/", headers={"host": "evil.example.org"}).status_code == 400
    assert page.client.delete("/").status_code == 405
    assert re.search("<h1>", page.client.get("/findings").text)
