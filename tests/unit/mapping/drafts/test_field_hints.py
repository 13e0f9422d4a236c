"""Names of fields, in the spellings of several languages, and what they are taken for."""

from __future__ import annotations

import tomllib

import pytest

from whosaw.core.errors import FaultsError
from whosaw.core.name_words import words_of
from whosaw.mapping.drafts.field_hints import HINTS_FOLDER, load_hints
from whosaw.mapping.drafts.json_fields import Field
from whosaw.mapping.drafts.judge import Place, judge_field

CASES = [
    (path.stem, frame, field, wanted)
    for path in sorted(HINTS_FOLDER.glob("*.toml"))
    for frame, field, wanted in tomllib.loads(path.read_text(encoding="utf-8")).get("cases", ())
]


@pytest.mark.parametrize("file", sorted({case[0] for case in CASES}))
def test_every_file_of_hints_holds_its_own_cases(file: str) -> None:
    hints, cases = load_hints(), [case for case in CASES if case[0] == file]
    wrong = []
    for _, frame, field, wanted in cases:
        names = tuple(field.split("."))
        beside = {
            other.rpartition(".")[2]
            for _, around, other, _ in cases
            if around == frame and other.split(".")[:-1] == list(names[:-1])
        }
        verdict = judge_field(
            Place(names=names, frame=(frame,) if frame else (), beside=beside, bank=file == "money"), hints
        )
        told = f"{verdict.category or ''}{' *' if verdict.subject else ''}"
        if told != wanted:
            wrong.append(f"{frame} {field}: {told or 'nothing'}, not {wanted or 'nothing'}")
    assert not wrong
    assert {bool(case[3]) for case in cases} == {True, False}, "near misses are missing"


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("email", "contact.email"), ("customerEmail", "contact.email"), ("E-MAIL", "contact.email"),
        ("phoneNumber", "contact.phone"), ("phonetic", None), ("file_name", None), ("receiverName", "identity.name"),
        ("juminNo", "government.kr-resident-number"), ("주민등록번호", "government.kr-resident-number"),
        ("공동현관비밀번호", "access.entrance-code"), ("baruaPepe", "contact.email"),
        ("jina_kamili", "identity.name"), ("kitambulisho", "government.ke-national-id"),
        ("ipAddress", "location.ip-address"), ("productId", None), ("cardLast4", "financial.card-partial"),
        ("cardNumber", "financial.card-number"), ("dob", "identity.birth-date"),
        ("KRAPin", "government.ke-kra-pin"), ("entrance_code", "access.entrance-code"),
        ("postalCode", "contact.postal-code"), ("휴대폰번호", "contact.phone"),
        ("mpesaNumber", "financial.mobile-money"), ("", None), ("x" * 5000, None),
    ],
)  # fmt: skip
def test_fields(name: str, category: str | None) -> None:
    assert judge_field(Place(names=(name,)), load_hints()).category == category


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("name", "identity.name"), ("mail", "contact.email"), ("recipient", "identity.name"), ("product_name", None),
        ("member_no", "identity.number"), ("no", None), ("id", None), ("member", None), ("ci", "government.kr-connecting-information"), ("saved_at", None), ("remark", None), ("line", None),
        ("orders", "commerce.orders"), ("Order History", "commerce.orders"), ("payments", "financial.transactions"), ("order_no", None),
    ],
)  # fmt: skip
def test_a_column_of_a_list_of_people(name: str, category: str | None) -> None:
    assert load_hints().field_category(name) == category


def test_a_bare_name_of_a_thing_is_nobodys() -> None:
    hints = load_hints()
    assert judge_field(Place(names=("order", "product", "name")), hints).category is None
    assert judge_field(Place(names=("order", "receiver", "name")), hints).category == "identity.name"


def test_a_format_speaks_where_the_name_does_not() -> None:
    hints, mail = load_hints(), Field(form="email")
    assert judge_field(Place(names=("contact1x",), field=mail), hints).category == "contact.email"
    assert judge_field(Place(names=("phone",), field=mail), hints).category == "contact.phone"
    assert judge_field(Place(names=("shop", "contact1x"), field=mail), hints).category is None


def test_a_code_system_says_what_an_identifier_is() -> None:
    place = Place(
        names=("identifier", "value"), frame=("Patient",), field=Field(told="http://hl7.org/fhir/sid/us-ssn")
    )
    assert judge_field(place, load_hints()).category == "government.social-security"


def test_yes_and_no_tell_nothing() -> None:
    hints = load_hints()
    assert judge_field(Place(names=("emailVerified",), field=Field(kind="boolean")), hints).category is None


def test_persons_own_pages_and_page_sizes() -> None:
    hints = load_hints()
    kinds = [hints.subject_kind(word) for word in ("customers", "memberNo", "patients", "wateja", "orders")]
    assert kinds == ["customer", "customer", "patient", "customer", None]
    assert [hints.is_own(word) for word in ("me", "my", "mystery", "마이페이지")] == [True, True, False, True]
    assert [hints.is_size(word) for word in ("pageSize", "limit", "page", "size_chart")] == [
        True,
        True,
        False,
        False,
    ]


def test_words_of_a_name() -> None:
    assert words_of("customerID_no-KR2Code") == ("customer", "id", "no", "kr2", "code")


def test_faults_of_hints_are_all_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("hints")
    (folder / "x.toml").write_text(
        '[[field]]\ncategory = "no.such"\nwords = ["a"]\n[[owner]]\nrole = "cat"\nwords = ["b"]\n'
    )
    with pytest.raises(FaultsError) as caught:
        load_hints(folder)
    assert len(caught.value.faults) == 2
