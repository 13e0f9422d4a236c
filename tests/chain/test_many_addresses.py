"""A walk through so many addresses, each with the user agent of a customer, that no place and no program stands out. Nothing is on
record; but every ninth number is nobody's, and the walk asks for all of them."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from tests.chain.test_scope_shared_homes import (
    BEGIN,
    CUSTOMERS,
    DAYS,
    MAP,
    NOW,
    PROGRAMS,
    RENTED,
    Shop,
    customers,
    home,
)

from whosaw.app.scan import scan
from whosaw.core.finding import Finding


def _number(member: int) -> int:
    return member + member // 8


def _walk(shop: Shop, *, known: bool) -> int:
    """Every number once, three of them through each address: those that nobody has, too, unless it is `known` which these are. Returns how many
    were told not to be there."""
    numbers = {_number(member) for member in range(CUSTOMERS)}
    asked = sorted(numbers) if known else list(range(max(numbers) + 1))
    for at, number in enumerate(asked):
        turn = at // 3
        rented = f"{RENTED[turn // 250 % 4]}.{turn % 250 + 1}"
        address = home(turn * 7 % CUSTOMERS) if turn % 3 == 2 else rented
        when = BEGIN + timedelta(seconds=DAYS * 86_400 * at / len(asked))
        status = 200 if number in numbers else 404
        shop.request(
            when,
            address,
            f"/members/{number}",
            number,
            f"forged-{number}",
            PROGRAMS[turn % 30],
            status=status,
        )
    return len(asked) - len(numbers)


def _told(tmp_path_factory: pytest.TempPathFactory, *, known: bool) -> tuple[list[Finding], int]:
    folder = tmp_path_factory.mktemp("many")
    shop = Shop(random.Random(1), [], [])  # draws visitors, keeps no secret
    customers(shop, number=_number)
    missed = _walk(shop, known=known)
    (folder / "access.log").write_text("".join(f"{text}\n" for _, text in sorted(shop.lines)))
    (folder / "map.toml").write_text(MAP)
    found = scan(
        [str(folder / "access.log")], folder / "ledger", now=NOW, map_path=folder / "map.toml"
    ).findings
    return [each for each in found if each.counts[1].lower > CUSTOMERS // 10], missed


def test_a_walk_that_shares_nothing_but_its_manner_is_found_by_numbers_that_nobody_has(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found, missed = _told(tmp_path_factory, known=False)
    assert missed == (CUSTOMERS - 1) // 8
    (finding,) = found
    assert finding.detector == "numbers-nobody-has"
    assert 0.99 * CUSTOMERS <= finding.counts[1].lower <= CUSTOMERS
    assert finding.persons_before <= 100


def test_who_knows_which_numbers_there_are_is_not_found_by_that(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found, missed = _told(tmp_path_factory, known=True)
    assert missed == 0
    assert found == []
