"""Accounts: a link once, a login that ends, wrong passwords that cost time, and nothing kept that could be used by a thief."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from tests.web.conftest import NOW, PASSWORD, Browser, Clock, entries

from whosaw.app.console.accounts import accept, close_account, invite, list_accounts, log_in, who_is
from whosaw.app.console.gate import Role
from whosaw.app.console.serving import open_console
from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal
from whosaw.store.repositories.accounts import change_account
from whosaw.store.workspace import journal_of


@pytest.fixture
def journal(root: Path) -> Iterator[Journal]:
    with closing(journal_of(root)) as found:
        yield found


def code(act: Callable[[], object]) -> str:
    with pytest.raises(WhosawError) as caught:
        act()
    return caught.value.code


def test_a_link_works_once_and_for_a_day(journal: Journal) -> None:
    token = invite(journal, "kim", [Role.AUDITOR], by="ann", now=NOW)
    assert accept(journal, token, PASSWORD, now=NOW + timedelta(hours=24)) == "kim"
    assert code(lambda: accept(journal, token, PASSWORD, now=NOW)) == "account.link"
    late = invite(journal, "lee", [Role.AUDITOR], by="ann", now=NOW)
    assert (
        code(lambda: accept(journal, late, PASSWORD, now=NOW + timedelta(hours=24, seconds=1)))
        == "account.link"
    )
    assert code(lambda: accept(journal, "0" * 43, PASSWORD, now=NOW)) == "account.link"


def test_a_new_link_ends_the_one_before_it(journal: Journal) -> None:
    first = invite(journal, "kim", [Role.AUDITOR], by="ann", now=NOW)
    second = invite(journal, "kim", [Role.INVESTIGATOR], by="ann", now=NOW)
    assert code(lambda: accept(journal, first, PASSWORD, now=NOW)) == "account.link"
    accept(journal, second, PASSWORD, now=NOW)
    (kim,) = [each for each in list_accounts(journal) if each.name == "kim"]
    assert kim.roles == ("investigator",)


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 1_025])
def test_a_password_that_is_too_short_or_too_long_is_refused(journal: Journal, password: str) -> None:
    token = invite(journal, "kim", [Role.AUDITOR], by="ann", now=NOW)
    assert code(lambda: accept(journal, token, password, now=NOW)) == "account.password"


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "<b>", "a/b", "a\nb"])
def test_a_name_that_is_none_is_refused(journal: Journal, name: str) -> None:
    assert code(lambda: invite(journal, name, [Role.AUDITOR], by="ann", now=NOW)) == "account.name"


def test_a_wrong_name_a_wrong_password_and_a_closed_account_are_answered_alike(journal: Journal) -> None:
    close_account(journal, "the-auditor", by="ann", now=NOW)
    told = set()
    for name, password in (("nobody", PASSWORD), ("the-investigator", "wrong"), ("the-auditor", PASSWORD)):
        with pytest.raises(WhosawError) as caught:
            log_in(journal, name, password, now=NOW)
        told.add((caught.value.code, str(caught.value)))
    assert told == {("account.wrong", "the name or the password is wrong. Try again")}


def test_a_name_that_is_none_is_not_written_down(root: Path, journal: Journal) -> None:
    code(lambda: log_in(journal, "my secret by mistake", "x", now=NOW))
    assert [each.body for each in entries(root, "account.refused")] == ['{"account":null}']


def test_wrong_passwords_cost_ever_more_time(journal: Journal) -> None:
    for _ in range(5):
        assert code(lambda: log_in(journal, "the-auditor", "wrong", now=NOW)) == "account.wrong"
    assert (
        code(lambda: log_in(journal, "the-auditor", PASSWORD, now=NOW + timedelta(seconds=29)))
        == "account.wait"
    )
    assert (
        code(lambda: log_in(journal, "the-auditor", "wrong", now=NOW + timedelta(seconds=30)))
        == "account.wrong"
    )
    after = NOW + timedelta(seconds=30)
    assert (
        code(lambda: log_in(journal, "the-auditor", PASSWORD, now=after + timedelta(seconds=59)))
        == "account.wait"
    )
    assert log_in(journal, "the-auditor", PASSWORD, now=after + timedelta(seconds=60))
    assert log_in(journal, "the-auditor", PASSWORD, now=after + timedelta(seconds=60))  # and all is forgiven


@pytest.mark.parametrize(
    ("used", "after", "there"),
    [
        ([], timedelta(minutes=60), True),
        ([], timedelta(minutes=60, seconds=1), False),
        ([timedelta(minutes=50 * n) for n in range(1, 15)], timedelta(hours=12), True),
        ([timedelta(minutes=50 * n) for n in range(1, 15)], timedelta(hours=12, seconds=1), False),
    ],
)
def test_a_login_ends_when_nobody_uses_it_and_after_a_day_of_work(
    journal: Journal, used: list[timedelta], after: timedelta, there: bool
) -> None:
    token = log_in(journal, "the-auditor", PASSWORD, now=NOW)
    for each in used:
        assert who_is(journal, token, now=NOW + each) is not None
    assert (who_is(journal, token, now=NOW + after) is not None) == there


def test_a_closed_account_is_out_at_once(journal: Journal) -> None:
    token = log_in(journal, "the-auditor", PASSWORD, now=NOW)
    close_account(journal, "the-auditor", by="ann", now=NOW)
    assert who_is(journal, token, now=NOW) is None
    assert code(lambda: invite(journal, "the-auditor", [Role.AUDITOR], by="ann", now=NOW)) == "account.closed"


def test_the_last_administrator_stays(journal: Journal) -> None:
    assert code(lambda: close_account(journal, "the-administrator", by="ann", now=NOW)) == "account.last"


def test_a_new_password_ends_every_login(journal: Journal) -> None:
    token = log_in(journal, "the-auditor", PASSWORD, now=NOW)
    link = invite(journal, "the-auditor", [Role.AUDITOR], by="ann", now=NOW)
    accept(journal, link, "another four words here", now=NOW)
    assert who_is(journal, token, now=NOW) is None


def test_what_is_kept_opens_nothing(root: Path, journal: Journal) -> None:
    link = invite(journal, "kim", [Role.AUDITOR], by="ann", now=NOW)
    token = log_in(journal, "the-auditor", PASSWORD, now=NOW)
    journal.close()
    held = b"".join(each.read_bytes() for each in sorted(root.glob("journal.sqlite*")))
    for secret in (link, token, PASSWORD):
        assert secret.encode() not in held


def test_logging_in_gives_a_cookie_that_nobody_had_before(browser: Callable[..., Browser]) -> None:
    somebody = browser()
    somebody.client.cookies.set("whosaw-login", "chosen-by-a-thief", domain="testserver.local")
    somebody.post("/login", name="the-auditor", password=PASSWORD)
    given = [each.value for each in somebody.client.cookies.jar if each.name == "whosaw-login"]
    assert "chosen-by-a-thief" not in given[-1:]
    assert somebody.get("/").status_code == 200
    thief = browser()
    thief.client.cookies.set("whosaw-login", "chosen-by-a-thief", domain="testserver.local")
    assert thief.get("/").status_code == 302


def test_logging_out_ends_the_login_itself(browser: Callable[..., Browser], clock: Clock) -> None:
    somebody = browser(Role.AUDITOR)
    (cookie,) = [each.value for each in somebody.client.cookies.jar if each.name == "whosaw-login"]
    assert somebody.post("/logout").status_code == 303
    thief = browser()
    thief.client.cookies.set("whosaw-login", cookie or "", domain="testserver.local")
    assert thief.get("/").status_code == 302


def test_the_first_time_the_user_of_the_machine_is_invited(tmp_path: Path, root: Path) -> None:
    assert open_console(root, now=NOW).first is None  # somebody can log in
    with closing(journal_of(root)) as journal:
        for each in list_accounts(journal):
            if each.name != "the-administrator":
                close_account(journal, each.name, by="ann", now=NOW)
        invite(journal, "another", [Role.ADMINISTRATOR], by="ann", now=NOW)
        close_account(journal, "the-administrator", by="ann", now=NOW)
    first = open_console(root, now=NOW).first
    assert first is not None
    with closing(journal_of(root)) as journal:
        assert accept(journal, first[1], PASSWORD, now=NOW) == first[0]


def test_people_are_given_no_role_of_programs(journal: Journal) -> None:
    assert (
        code(lambda: invite(journal, "kim", [Role.AUDITOR, Role.PORTAL], by="ann", now=NOW))
        == "account.for-programs"
    )
    accept(journal, invite(journal, "kim", [Role.AUDITOR], by="ann", now=NOW), PASSWORD, now=NOW)
    token = log_in(journal, "kim", PASSWORD, now=NOW)
    with journal.transaction() as connection:  # as an earlier release let it be
        change_account(connection, "kim", roles="auditor portal")
    found = who_is(journal, token, now=NOW)
    assert found is not None
    assert found.roles == {Role.AUDITOR}
