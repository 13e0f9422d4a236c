"""Every way in: what its requests claim to be, and what the login service recorded of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.unit.replay.breach_world import MEMBERS, Sent, breach_of, step_of

from whosaw.replay.actors import Live
from whosaw.replay.traffic import NOBODY

MANY = tuple(range(1000, 3000, 2))  # 1,000 members and 999 holes between them


def test_a_forged_token_claims_its_victim_and_holes_give_404() -> None:
    sent = Sent(breach_of(step_of(walk="every-number", block=9)))
    assert sent.all.principal.tolist() == list(range(100, 109))
    assert sent.all.status.tolist() == [200, 200, 404, 200, 200, 404, 404, 404, 200]
    assert set(sent.all.number.tolist()) == {-1}
    assert [sent.setting.keys.texts[key] for key in set(sent.all.key.tolist())] == ["k-2024-04"]
    assert [sent.setting.agents.texts[agent] for agent in set(sent.all.agent.tolist())] == ["agent/1"]
    assert sent.issued == []


def test_a_number_keeps_its_forged_token_in_later_rounds_and_on_further_pages() -> None:
    step = step_of(rounds=3.0, then={"my-orders": 1.0})
    sent = Sent(breach_of(step))
    tokens: dict[int, set[int]] = {}
    for number, token in zip(sent.all.principal.tolist(), sent.all.token.tolist(), strict=True):
        tokens.setdefault(number, set()).add(token)
    assert sorted(tokens) == list(MEMBERS)
    assert all(len(each) == 1 for each in tokens.values())
    assert len(set().union(*tokens.values())) == 5
    assert 0 not in set().union(*tokens.values())


def test_two_steps_forge_two_tokens_for_the_same_number() -> None:
    sent = Sent(breach_of(step_of(id="one"), step_of(id="two", from_day=1, to_day=2)))
    assert len(set(sent.all.token.tolist())) == 10


def test_a_key_that_no_table_knows_stands_in_the_log_as_it_is_written() -> None:
    sent = Sent(breach_of(step_of(key="k-0000", key_on_record=False)))
    assert {sent.setting.keys.texts[key] for key in sent.all.key.tolist()} == {"k-0000"}


def test_further_pages_are_read_of_exactly_their_share_after_the_page_itself() -> None:
    step = step_of(walk="every-number", to_day=5, then={"my-orders": 0.25, "my-address-edit": 0.01})
    sent = Sent(breach_of(step), MANY)
    info, orders, edits = (sent.page(page) for page in ("my-info", "my-orders", "my-address-edit"))
    assert (int((info.status == 200).sum()), len(orders), len(edits)) == (1000, 250, 10)
    assert len(set(orders.principal.tolist())) == 250
    read = dict(zip(info.principal.tolist(), info.time.tolist(), strict=True))
    after = [
        time - read[who] for who, time in zip(orders.principal.tolist(), orders.time.tolist(), strict=True)
    ]
    assert all(600 <= each < 3000 for each in after)
    # an entry of the reader's own address book
    position = (edits.number - sent.people.first_address_id) // sent.people.books
    assert sent.people.numbers[position].tolist() == edits.principal.tolist()


def test_real_accounts_read_others_numbers_with_tokens_that_were_issued_to_them() -> None:
    step = step_of(
        means="own-login", key="", accounts=2, page="member-profile", walk="every-number", to_day=3, block=30
    )
    sent = Sent(breach_of(step), MANY)
    read = sent.page("member-profile")
    assert sorted(read.number.tolist()) == list(range(1000, 2999))
    assert (read.status == 404).tolist() == (read.number % 2 == 1).tolist()
    issued = sent.tokens_issued()
    assert len(issued) == 6  # two accounts on three days
    assert {2996, 2998} == set(issued.values())
    pairs = zip(read.token.tolist(), read.principal.tolist(), strict=True)
    assert all(issued[token] == who for token, who in pairs)


def test_a_login_comes_before_what_is_read_with_it_and_shows_in_the_log() -> None:
    step = step_of(means="own-login", key="", page="member-profile", to_day=3, block=5)
    sent = Sent(breach_of(step), MANY)
    first: dict[int, int] = {}
    read = sent.page("member-profile")
    for token, time in zip(read.token.tolist(), read.time.tolist(), strict=True):
        first.setdefault(token, time)
    for rows in sent.issued:
        for token, time in zip(rows.token.tolist(), rows.time.tolist(), strict=True):
            assert time <= first[token]
    logins = sent.page("login")
    assert logins.status.tolist() == [302, 302, 302]
    assert set(logins.principal.tolist()) == {NOBODY}
    assert logins.time.tolist() == [time for rows in sent.issued for time in rows.time.tolist()]


def test_only_passwords_that_open_leave_a_name() -> None:
    step = step_of(
        means="stuffing", key="", walk="scattered", share=0.5, hit_share=0.02, to_day=4, block=4,
        then={"my-orders": 0.5},
    )  # fmt: skip
    sent = Sent(breach_of(step), MANY)
    logins = sent.page("login")
    assert (len(logins), int((logins.status == 302).sum()), int((logins.status == 401).sum())) == (
        500,
        10,
        490,
    )
    assert set(logins.principal.tolist()) == {NOBODY}
    assert set(logins.token.tolist()) == {0}
    issued = sent.tokens_issued()
    assert len(issued) == len(set(issued.values())) == 10
    read = sent.page("my-info")
    assert dict(zip(read.token.tolist(), read.principal.tolist(), strict=True)) == issued
    orders = sent.page("my-orders")
    assert len(orders) == 5
    assert all(
        issued[token] == who
        for token, who in zip(orders.token.tolist(), orders.principal.tolist(), strict=True)
    )
    pool = set(sent.all.address.tolist())
    assert {address for rows in sent.issued for address in rows.address.tolist()} <= pool


class Signed:
    """Sessions of the first four members, each of its own day, with tokens 11, 12, 13 and 14."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def alive(self, day: int) -> int:
        return 4

    def live(self, day: int) -> Live:
        self.asked.append(day)
        return Live(
            who=np.arange(4),
            token=np.asarray([11, 12, 13, 14], dtype=np.uint64),
            key=np.asarray([0, 1, 0, 1], dtype=np.int16),
            address=np.zeros(4, dtype=np.int64),
        )


def stolen(**fields: Any) -> tuple[Sent, Signed]:
    visitors = Signed()
    usual = {"means": "stolen", "key": "", "walk": "sessions", "from_day": 2, "to_day": 4, "share": 0.5}
    return Sent(breach_of(step_of(**(usual | fields))), visitors=visitors), visitors


def test_a_stolen_session_reads_its_owner_with_his_own_token_from_elsewhere() -> None:
    sent, visitors = stolen(then={"my-addresses": 1.0})
    assert visitors.asked == [1, 2]  # what was alive when each day began
    read = sent.page("my-info")
    assert sent.by_day(read)[:5] == [0, 0, 2, 2, 0]
    owners = {11: 100, 12: 101, 13: 103, 14: 104}
    keys = {11: 0, 12: 1, 13: 0, 14: 1}
    for page in (read, sent.page("my-addresses")):
        assert len(page) == 4
        assert [owners[token] for token in page.token.tolist()] == page.principal.tolist()
        assert [keys[token] for token in page.token.tolist()] == page.key.tolist()
    assert sent.issued == []
    assert 0 not in set(read.address.tolist())


def test_so_many_sessions_are_stolen_a_day_and_in_all() -> None:
    sent, _ = stolen(per_day=3, at_most=5)
    assert sent.by_day(sent.all)[:5] == [0, 0, 3, 2, 0]


def test_on_the_first_day_no_session_is_known_yet() -> None:
    sent, _ = stolen(from_day=0, to_day=1)
    assert len(sent.all) == 0


def test_staff_read_under_their_own_name_with_one_login_a_day() -> None:
    step = step_of(
        means="staff", key="", claim="s-0019", page="support-customer", walk="scattered", per_day=2, to_day=2
    )
    sent = Sent(breach_of(step))
    code = sent.setting.claim("s-0019")
    assert set(sent.all.principal.tolist()) == {code}
    assert set(sent.all.number.tolist()) < set(MEMBERS)
    issued = sent.tokens_issued()
    assert list(issued.values()) == [code, code]
    assert set(sent.all.token.tolist()) == set(issued)
    assert {sent.setting.keys.texts[key] for key in sent.all.key.tolist()} == {"k-staff-1"}
    assert len(sent.page("login")) == 0


def test_an_export_reads_ranges_of_numbers() -> None:
    step = step_of(
        means="staff", key="", claim="s-0023", page="export-customers", walk="ranges", records=4, block=3
    )
    sent = Sent(breach_of(step))
    assert (sent.all.number.tolist(), sent.all.records.tolist()) == ([100, 104, 108], [4, 4, 4])


def test_a_partner_shows_its_key_and_no_token() -> None:
    step = step_of(
        means="partner",
        key="",
        claim="partner-loyalty",
        page="partner-orders",
        walk="pages",
        records=2,
        block=3,
    )
    sent = Sent(breach_of(step))
    assert (sent.all.number.tolist(), sent.all.records.tolist()) == ([0, 1, 2], [2, 2, 2])
    assert set(sent.all.principal.tolist()) == {sent.setting.claim("partner-loyalty")}
    assert {sent.setting.keys.texts[key] for key in sent.all.key.tolist()} == {"pk-loyalty"}
    assert set(sent.all.token.tolist()) == {0}


def test_a_role_of_the_database_has_neither_key_nor_token() -> None:
    by_key = step_of(
        id="key",
        means="database",
        key="",
        claim="dba",
        page="db-member",
        walk="customers",
        at_most=2,
        block=2,
    )
    dump = step_of(id="all", means="database", key="", claim="dba", page="db-range", walk="ranges")
    sent = Sent(breach_of(by_key, dump))
    assert sent.step("key").number.tolist() == [100, 101]
    whole = sent.step("all")
    # one range that holds all nine numbers
    assert (whole.number.tolist(), whole.records.tolist()) == ([100], [9])
    assert set(sent.all.principal.tolist()) == {sent.setting.claim("dba")}
    assert set(sent.all.token.tolist()) == {0}
    assert set(sent.all.key.tolist()) == {-1}


def test_pages_in_between_come_before_each_person_with_the_same_token_and_address() -> None:
    step = step_of(block=5, pause_ms=(9000,), between={"product": 2.0, "static": 3.0})
    sent = Sent(breach_of(step))
    assert (len(sent.page("product")), len(sent.page("static")), len(sent.page("my-info"))) == (10, 15, 5)
    shop = sent.setting.shop
    own, static = shop.page_at("my-info"), shop.page_at("static")
    # six requests for each person, his page the last of them
    assert [at for at, page in enumerate(sent.all.page.tolist()) if page == own] == [5, 11, 17, 23, 29]
    assert sent.all.principal.tolist() == [number for number in MEMBERS for _ in range(6)]
    assert len(set(sent.all.token.tolist())) == 5
    assert len(set(sent.all.address.tolist())) == 1
    pause = np.diff(sent.all.time)
    is_static = sent.all.page[1:] == static
    assert (pause[is_static] < 400).all()
    assert set(pause[~is_static].tolist()) == {9000}


def test_a_mean_below_one_leaves_some_without() -> None:
    sent = Sent(breach_of(step_of(between={"home": 0.5})), MANY)
    assert 400 < len(sent.page("home")) < 600


def test_each_step_is_a_part_of_one_actor() -> None:
    sent = Sent(breach_of(step_of(id="one"), step_of(id="two")))
    assert [(part.actor, part.kind, part.step) for part in sent.setting.parts] == [
        ("test", "breach", "one"),
        ("test", "breach", "two"),
    ]
    assert len(sent.step("one")) == len(sent.step("two")) == 5


def test_a_breach_without_steps_sends_nothing() -> None:
    assert len(Sent(breach_of(pool=())).all) == 0
