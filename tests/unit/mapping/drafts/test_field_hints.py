"""Names of fields, in four languages' spellings, and what they are taken for."""

from __future__ import annotations

import pytest

from whosaw.mapping.drafts.field_hints import load_hints, words_of


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("email", "contact.email"), ("customerEmail", "contact.email"), ("E-MAIL", "contact.email"),
        ("phoneNumber", "contact.phone"), ("phonetic", None), ("name", "identity.name"),
        ("file_name", None), ("receiverName", "identity.name"),
        ("juminNo", "government.kr-resident-number"), ("주민등록번호", "government.kr-resident-number"),
        ("공동현관비밀번호", "access.entrance-code"), ("baruaPepe", "contact.email"),
        ("jina_kamili", "identity.name"), ("kitambulisho", "government.ke-national-id"),
        ("ipAddress", "location.ip-address"), ("address", "contact.address"), ("city", None),
        ("productId", None), ("cardLast4", "financial.card-partial"),
        ("cardNumber", "financial.card-number"), ("dob", "identity.birth-date"),
        ("KRAPin", "government.ke-kra-pin"), ("entrance_code", "access.entrance-code"),
        ("postalCode", "contact.postal-code"), ("휴대폰번호", "contact.phone"),
        ("mpesaNumber", "financial.mobile-money"), ("", None), ("x" * 5000, None),
    ],
)  # fmt: skip
def test_fields(name: str, category: str | None) -> None:
    assert load_hints().field_category(name) == category


def test_a_bare_name_of_a_thing_is_nobodys() -> None:
    hints = load_hints()
    assert hints.field_category("name", under=("order", "product")) is None
    assert hints.field_category("name", under=("order", "receiver")) == "identity.name"
    assert hints.field_category("email", under=("store",)) == "contact.email"


def test_a_format_speaks_where_the_name_does_not() -> None:
    assert load_hints().field_category("value", form="email") == "contact.email"
    assert load_hints().field_category("phone", form="email") == "contact.phone"


def test_persons_own_pages_and_page_sizes() -> None:
    hints = load_hints()
    kinds = [
        hints.subject_kind(word)
        for word in ("customers", "memberNo", "patients", "wateja", "orders", "users2")
    ]
    assert kinds == ["customer", "customer", "patient", "customer", None, None]
    assert [hints.is_own(word) for word in ("me", "my", "mystery", "마이페이지")] == [True, True, False, True]
    assert [hints.is_size(word) for word in ("pageSize", "limit", "page", "size_chart")] == [
        True,
        True,
        False,
        False,
    ]


def test_words_of_a_name() -> None:
    assert words_of("customerID_no-KR2Code") == ("customer", "id", "no", "kr2", "code")
