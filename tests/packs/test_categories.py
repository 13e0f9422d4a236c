"""Laws over the whole pack of categories."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError
from whosaw.mapping.categories import CATEGORIES_FOLDER, load_categories, unknown_category

# Personal Data (PD) extension 2.0 of the Data Privacy Vocabulary, pd.csv, the terms that the pack uses
PD = "https://w3id.org/dpv/pd#"
TERMS = {
    "Age", "Authenticating", "AuthenticationHistory", "BankAccount", "Behavioral", "Biometric",
    "BirthDate", "BirthPlace", "BrowserFingerprint", "BrowsingBehavior", "CallLog", "Communication",
    "Contact", "CreditWorthiness", "Criminal", "DeviceBased", "Disability", "DisciplinaryAction",
    "Education", "EmailAddress", "EmailContent", "EmploymentHistory", "EthnicOrigin", "FacialPrint",
    "Family", "FamilyStructure", "Financial", "FinancialAccount", "FinancialStatus", "Fingerprint",
    "GPSCoordinate", "Gender", "Genetic", "Health", "HealthRecord", "IPAddress", "Identifying",
    "Income", "IndividualProfile", "Insurance", "Intention", "KnowledgeBelief", "Language",
    "LoanRecord", "Location", "MaritalStatus", "MedicalHealth", "MentalHealth", "Name", "Nationality",
    "OfficialID", "Offspring", "Opinion", "Ownership", "PINCode", "Parent", "Passport", "Password",
    "PaymentCard", "PaymentCardExpiry", "PaymentCardNumber", "PhysicalAddress", "Picture",
    "PoliticalOpinion", "PostalCode", "Preference", "Prescription", "Professional",
    "ProfessionalEvaluation", "ProfessionalInterview", "Purchase", "PurchasesAndSpendingHabit",
    "Region", "Religion", "Retina", "Salary", "School", "SecretText", "ServiceConsumptionBehavior",
    "Sexual", "SocialMedia", "Tax", "TelephoneNumber", "TradeUnionMembership", "Transaction",
    "Transactional", "TravelHistory", "UID", "Username", "VehicalLicenseNumber", "Vehicle",
    "VoiceCommunicationRecording"
}  # fmt: skip
LAWS = {"EU-GDPR 9", "EU-GDPR 10", "KR-PIPA 23", "KR-PIPA 24", "KR-PIPA 24-2", "KE-DPA 2"}
GOOD = """[[category]]
key = "pets"
title = "Pets"
dpv = "https://w3id.org/dpv/pd#Like"
sensitivity = 1
description = "What animals a person keeps."
"""


def test_every_term_is_one_of_dpv() -> None:
    assert {category.dpv for category in load_categories().values()} <= {PD + term for term in TERMS}


def test_every_law_named_is_one_that_was_read() -> None:
    assert {law for category in load_categories().values() for law in category.special} == LAWS


def test_titles_and_descriptions_are_unique_and_written_out() -> None:
    categories = load_categories().values()
    for texts in ([c.title for c in categories], [c.description for c in categories]):
        assert len(set(texts)) == len(texts)
    assert all(c.description.endswith(".") and c.description[0].isupper() for c in categories)


def test_keys_stand_in_key_order_and_below_their_file() -> None:
    categories = load_categories()
    assert list(categories) == sorted(categories)
    tops = {path.stem for path in CATEGORIES_FOLDER.glob("*.toml")}
    assert {key.split(".")[0] for key in categories} == tops <= set(categories)


def test_what_the_case_turned_on_is_there() -> None:
    categories = load_categories()
    assert categories["access.entrance-code"].sensitivity == 4
    assert categories["government.kr-resident-number"].special == ("KR-PIPA 24", "KR-PIPA 24-2")
    assert categories["health.diagnosis"].special == ("EU-GDPR 9", "KR-PIPA 23", "KE-DPA 2")
    assert categories["criminal"].special == ("EU-GDPR 10", "KR-PIPA 23")
    assert categories["family.children"].special == ("KE-DPA 2",)
    assert categories["contact.email"].special == ()


def test_a_parent_says_what_every_child_below_it_says() -> None:
    # a map that names only the parent must not lose what every child below it says
    categories = load_categories()
    for category in categories.values():
        children = [c for c in categories.values() if c.parent == category.key]
        shared = set.intersection(*(set(c.special) for c in children)) if children else set()
        assert shared <= set(category.special), category.key


def test_own_categories_beside_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "pets.toml").write_text(GOOD, encoding="utf-8")
    assert load_categories([tmp_path])["pets"].title == "Pets"


def test_all_faults_at_once(tmp_path: Path) -> None:
    (tmp_path / "pets.toml").write_text(
        GOOD
        + GOOD
        + GOOD.replace('"pets"', '"pets.dogs.big"')
        + GOOD.replace('"pets"', '"birds"').replace("sensitivity = 1", "sensitivity = 5\nspecial = ['x']")
        + GOOD.replace('"pets"', '"pets.cats"')
        .replace("dpv/pd#Like", "other#Like")
        .replace("title", "titel"),
        encoding="utf-8",
    )
    with pytest.raises(FaultsError) as caught:
        load_categories([tmp_path])
    messages = sorted(fault.message for fault in caught.value.faults)
    assert messages == sorted(
        [
            "pets is given twice",
            "pets.dogs, the parent of pets.dogs.big, is not a category",
            "'birds' is not a key of pets.toml: lower case words, joined by dots",
            "category.3.sensitivity must be a whole number from 1 to 4, and is 5",
            'special lists laws and articles such as "EU-GDPR 9"',
            "'https://w3id.org/other#Like' is not a DPV term",
            "category.4.title is missing",
            "category.4.titel is not known here",
        ]
    )
    assert all(fault.where.line for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("contact.emial", "Did you mean contact.email?"),
        ("customer.email", "Did you mean contact.email?"),
        ("financial.iban", "Did you mean financial.bank-account?"),
        ("zzzz", "whosaw map categories lists all"),
    ],
)
def test_hint_for_an_unknown_key(key: str, hint: str) -> None:
    assert unknown_category(key, load_categories())[1] == hint


@pytest.mark.parametrize("path", sorted(CATEGORIES_FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_a_file_starts_with_its_own_key(path: Path) -> None:
    items = tomllib.loads(path.read_text(encoding="utf-8"))["category"]
    assert items[0]["key"] == path.stem
