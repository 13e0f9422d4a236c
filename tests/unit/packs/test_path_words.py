"""A part of a path is taken for somebody's name where people stand, and words of an application are not."""

from __future__ import annotations

import pytest

from whosaw.packs.path_words import may_be_somebody, names_people


@pytest.mark.parametrize(
    ("before", "part"),
    [
        ("users", "anna"), ("user", "anna"), ("u", "anna"), ("customers", "anna-kim"), ("wateja", "amina"), ("kunden", "anna"),
        ("patients", "k_mueller"), ("search", "anna"), ("회원", "anna"), ("", "anna.kim"), ("claims", "~anna"), ("files", "anna@work"),
        ("avatar", "anna.png"), ("profile", "anna.jpg"), ("employees", "new-anna"), ("by-name", "kim"),
    ],
)  # fmt: skip
def test_names_behind_words_for_people_may_be_somebody(before: str, part: str) -> None:
    assert may_be_somebody(part, before)


@pytest.mark.parametrize(
    ("before", "part"),
    [
        ("users", "search"), ("users", "me"), ("customers", "orders"), ("user", "settings"), ("account", "login"), ("users", "index.html"),
        ("", "customers"), ("blog", "puppet"), ("", ""), ("users", ""), ("patients", "prescriptions"), ("u", "profile.aspx"),
        ("", "default.eas"), ("api", "graphql"), ("users", "exportAll"), ("회원", "주문"), ("", "고객"), ("고객", "배송지목록"),
    ],
)  # fmt: skip
def test_words_of_an_application_are_nobody(before: str, part: str) -> None:
    assert not may_be_somebody(part, before)


@pytest.mark.parametrize(
    ("part", "after"), [("alice", "profile"), ("a_kim", "followers"), ("amina", "wasifu"), ("kim", "프로필")]
)
def test_a_name_at_the_root_before_what_only_people_have_may_be_somebody(part: str, after: str) -> None:
    assert may_be_somebody(part, "", after)
    assert not may_be_somebody(part, "shop", after)
    assert not may_be_somebody(part, "", "basket")


@pytest.mark.parametrize("part", ["users", "account", "portal", "intranet", "api", "me"])
def test_words_of_an_application_at_the_root_are_nobody(part: str) -> None:
    assert not may_be_somebody(part, "", "profile")


def test_what_names_people() -> None:
    assert [each for each in ("users", "patient", "고객목록", "blog", "orders", "") if names_people(each)] == [
        "users", "patient", "고객목록"
    ]  # fmt: skip
