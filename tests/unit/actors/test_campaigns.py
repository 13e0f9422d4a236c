"""One campaign is one finding, whatever it is flagged by; two are two."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.actors.tables import row, tables
from tests.wide import some

from whosaw.actors import Detected, load_detectors, load_explanations, run
from whosaw.actors.cases import CaseTables, Row
from whosaw.store.sql import Session

pytestmark = pytest.mark.usefixtures("told_anew_too")
EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
Shop = tuple[list[Row], list[Row]]  # views and logins


def told(made: CaseTables) -> Detected:
    """By every detector that is shipped."""
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        return run(session, made.context, DETECTORS, EXPLANATIONS)


def seen(made: CaseTables) -> list[int]:
    """How many people each finding is of."""
    return [each.accounts.lower for each in told(made).findings]


def customers() -> Shop:
    """Six carriers with a hundred customers each, who read their own page on three days, with a login of their own each."""
    views, logins = [], []
    for carrier in range(6):
        for visit in range(3):
            minute, token = visit * 5_760 + carrier * 7, f"h{carrier}-{visit}-{{n}}"
            own = row(
                minute, person=f"1{carrier}{{n}}", principal=f"1{carrier}{{n}}", token=token, address=f"carrier{carrier}",
                network=f"carrier{carrier}", agent="app", count=100,
            )  # fmt: skip
            views.append(replace(own, mixed=True))
            logins.append(row(time=minute - 60, subject=f"1{carrier}{{n}}", token=token, count=100))
    return views, logins


def accounts(
    *,
    addresses: int = 10,
    networks: int = 5,
    block: int = 1,
    of: str = "x",
    start: int = 3_000,
    first: int = 20_000,
) -> Shop:
    """Twelve customers' accounts of which each reads its own page at home, and then eighty other people one after another,
    through addresses that they take in turns; `block` people through one before the next."""
    views, logins = [], []
    for account in range(12):
        minute, name, token = start + account * 90, str(first + 70_000 + account), f"{of}{account}"
        logins.append(row(time=minute - 5, subject=name, token=token))
        views.append(
            row(minute - 4, person=name, principal=name, token=token, address=f"home-{of}{account}", network="homes", agent="app")
        )  # fmt: skip
        for at in range(80):
            through = (at // block + account) % addresses
            views.append(
                row(
                    minute + at, person=str(first + account * 80 + at), principal=name, token=token,
                    address=f"{of}{through}", network=f"{of}{through % networks}", agent="app",
                )
            )  # fmt: skip
    return views, logins


def shop(*parts: Shop, context: bool = True, **tables_of_context: list[Row]) -> CaseTables:
    views, logins = ([each for part in parts for each in part[at]] for at in (0, 1))
    return tables(*views, **({"logins": logins} if context else {}), **tables_of_context)


@pytest.mark.parametrize(
    "how",
    [
        {},  # no address has more than a tenth of any account, and no account more of any address
        {"block": 8},
        {"addresses": 40, "block": 8},  # each account in ten of them, the next one beginning one further
        {
            "addresses": 12,
            "networks": 1,
            "block": 80,
        },  # each through one of its own, in a network of their own
    ],
    ids=str,
)
def test_twelve_accounts_that_read_others_are_one_campaign(how: dict[str, int]) -> None:
    assert seen(shop(customers(), accounts(**how))) == [960]


def test_two_in_a_network_that_nobody_else_uses_are_two_where_their_programs_differ() -> None:
    def reader(of: int, agent: str) -> list[Row]:
        own = row(2_999, person=f"{900 + of}", principal=f"{900 + of}", token=f"r{of}", address=f"r{of}", network="r", agent=agent)  # fmt: skip
        others = row(3_000, person=f"1{of}{{n}}", principal=f"{900 + of}", token=f"r{of}", address=f"r{of}", network="r", agent=agent, count=20)  # fmt: skip
        return [own, others]

    logins = [row(time=2_990, subject=f"{900 + of}", token=f"r{of}") for of in range(2)]
    assert seen(shop(customers(), ([*reader(0, "one"), *reader(1, "other")], logins))) == [20, 20]
    assert seen(shop(customers(), ([*reader(0, "one"), *reader(1, "one")], logins))) == [40]


def test_two_of_one_kind_at_one_time_are_two() -> None:
    other = accounts(of="y", first=40_000, start=3_033)
    assert seen(shop(customers(), accounts(), other)) == [960, 960]


def test_somebody_nosy_beside_it_is_not_glued_to_it() -> None:
    own = row(3_000, person="2000", principal="2000", token="nosy", address="carrier1", network="carrier1", agent="app")  # fmt: skip
    others = row(
        3_001, person="13{n}", principal="2000", token="nosy", address="carrier1", network="carrier1", agent="app", count=6
    )  # fmt: skip
    nosy: Shop = ([own, others], [row(time=2_990, subject="2000", token="nosy")])
    assert seen(shop(customers(), accounts(), nosy)) == [960, 6]


def walkers(of: str, first: int, agents: int) -> list[Row]:
    """Three hundred people in the order of their numbers with a forged token each, through thirty addresses in six networks."""
    return [
        row(
            4_000 + 2 * at, person=f"m{first + 3 * at}", principal=f"m{first + 3 * at}", token=f"{of}{at}", key=of,
            address=f"{of}{at // 7 % 30}", network=f"{of}{at // 7 % 6}", agent=f"{of}{at // 40 % agents}",
        )
        for at in range(300)
    ]  # fmt: skip


@pytest.mark.parametrize("agents", some([40, 1], of=2))
def test_forged_tokens_without_any_record_are_one_campaign_and_those_of_two_are_two(agents: int) -> None:
    honest = [
        replace(
            row(
                carrier * 700, person="m{n}", principal="m{n}", token=f"h{carrier}-{{n}}", address=f"carrier{carrier}",
                network=f"carrier{carrier}", agent="app", key="app", count=3_000,
            ),
            mixed=True,
        )
        for carrier in range(6)
    ]  # fmt: skip
    one, other = walkers("x", 5_000, agents), walkers("y", 7_000, agents)
    assert seen(tables(*honest, *one)) == [300]
    assert seen(tables(*honest, *one, *other)) == [300, 300]


def test_a_partner_whose_contract_is_over_is_one_campaign() -> None:
    def pages(minute: float, count: int, **more: str) -> list[Row]:
        """Of a list that names nobody, by three of its programs."""
        return [
            row(
                minute + at, extra=100, principal=f"partner{at % 3}", key=f"key{at % 3}", address=f"p{at % 5}", network="partner",
                agent="sync", **more,
            )
            for at in range(count)
        ]  # fmt: skip

    people = row(20_500, person="13{n}", principal="partner0", key="key0", address="p0", network="partner", agent="sync", count=60)  # fmt: skip
    services = [row(principal=f"partner{at}", key=f"key{at}", until=10_000) for at in range(3)]
    made = shop(customers(), ([*pages(20_000, 90, route="list"), people], []), services=services)
    found = told(made).findings
    assert len(found) == 1
    assert {each.detector for each in found[0].crossings} >= {"contract-ended"}
    assert found[0].views.lower == 150


def desk(
    *snoops: str, addresses: int = 1, colleagues: int = 6, foreign: str = "", first: int = 3_000
) -> tuple[list[Row], list[Row], list[Row]]:
    """An office in which each member of staff answers forty tickets, and the snoops look at twenty more people each, or do so through
    `foreign` addresses; views, staff and tickets."""
    views, staff, tickets = [], [], []
    for at, name in enumerate([*snoops, *(f"colleague{each}" for each in range(colleagues))]):
        place = {"address": f"office{at % addresses}", "network": "office", "agent": "browser"}
        staff.append(row(staff=name, role="desk"))
        asked = f"7{at}{{n}}"
        tickets.append(row(agent=name, subject=asked, opened=first - 60, closed=first + 60, count=40))
        views.append(row(first, person=asked, principal=name, token=f"at-{name}", count=40, **place))
        if name in snoops:
            place = {**place, "address": foreign, "network": foreign} if foreign else place
            views.append(
                row(first + 100 + at, person=f"1{at}{{n}}", principal=name, token=f"at-{name}", count=20, **place)
            )  # fmt: skip
    return views, staff, tickets


@pytest.mark.parametrize(
    ("addresses", "colleagues"), some([(1, 6), (2, 0), (1, 0), (8, 0), (2, 6), (8, 6)], of=3)
)
def test_two_who_snoop_at_one_desk_are_two(addresses: int, colleagues: int) -> None:
    views, staff, tickets = desk("kim", "lee", addresses=addresses, colleagues=colleagues)
    made = shop(customers(), (views, []), staff=staff, tickets=tickets, services=[row(principal="billing")])
    assert seen(made) == [20, 20]


def test_accounts_of_staff_that_are_used_from_elsewhere_together_are_one() -> None:
    views, staff, tickets = desk("kim", "lee", foreign="far")
    made = shop(customers(), (views, []), staff=staff, tickets=tickets, services=[row(principal="billing")])
    assert seen(made) == [40]


def test_a_planted_person_seen_at_a_shared_desk_is_told_of_who_looked() -> None:
    views, staff, tickets = desk("kim", "lee")
    trap = row(3_090, person="trap", principal="lee", token="at-lee", address="office0", network="office", agent="browser")  # fmt: skip
    made = shop(
        customers(), ([*views, trap], []), staff=staff, tickets=tickets, canaries=[row(person="trap")]
    )
    kim, lee = sorted(told(made).findings, key=lambda each: each.accounts.lower)
    assert (kim.accounts.lower, lee.accounts.lower) == (20, 21)
    assert "canary-hit" in {each.detector for each in lee.crossings}
    assert "canary-hit" not in {each.detector for each in kim.crossings}
