"""What an earlier record of law got wrong stays mended: each correction is held by cases of its item, or by what the item says."""

from __future__ import annotations

import pytest

from whosaw.law import Law

# item, and the cases that came out otherwise under what the item said before
CASES = [
    ("kr/pipa-possible-leak-2026", ("done at the last second", "done a second later")),
    ("kr/pipa-not-leaked-2026", ("told of a possible leak, and confirmed that nothing leaked",)),
    ("kr/pipa-money-10", ("sanctioned after the rule for a violation of a second before it",)),
    (
        "kr/pipa-money-10",
        (
            "an order received before the rule was not obeyed after it",
            "an order was not obeyed, and nothing leaked",
        ),
    ),
    ("kr/pipa-money-3", ("a leak, and the controller showed that every measure was taken",)),
    ("kr/pipa-money-3", ("another item of the article",)),
    (
        "kr/network-daily-2026",
        (
            "ten days, hardly any turnover: still the share, for there is one",
            "one order not obeyed, none given again",
            "learnt before, not obeyed after: the non-compliance decides",
        ),
    ),
    (
        "kr/network-users-2026",
        ("it happened before and was learnt after", "the users were told under another law"),
    ),
    ("kr/network-fine-report-2024", ("due a second before the change",)),
    ("kr/network-fine-report-2026", ("due a second before the change",)),
    ("kr/network-money-2026", ("it happened before, and was learnt after",)),
    (
        "kr/network-preservation-crime-before",
        ("deleted a second before the change", "deleted as the change came"),
    ),
    ("kr/credit-report", ("10,000 people", "9,999 people")),
    ("kr/credit-money-3", ("3 percent of the mean of three years, though the last was higher",)),
    ("cn/cyber-incident", ("an intrusion that is not relatively major",)),
    ("jp/individuals", ("1,000 people, none of the four cases", "encrypted to a high grade")),
    ("ke/daily", ("thirty days",)),
    ("uk/processor", ("a processor",)),
    ("uk/record", ("any breach",)),
    ("uk/pecr-authority", ("done at the last second",)),
    ("us-ca/individuals", ("unreadable, and the key safe",)),
    ("us-ca/processor", ("a controller does not owe it",)),
    ("us-ny/credit-bureaus", ("5,000 people",)),
    ("us-ny/late", ("a million people",)),
    ("us-tx/late", ("a thousand people, thirty days",)),
    ("us/sec-8k", ("a foreign private issuer",)),
    ("us/hipaa-individuals", ("a low probability that they were compromised",)),
    ("us/hipaa-associate", ("a processor",)),
    (
        "sg/individuals",
        (
            "later action made harm unlikely",
            "a measure of before makes harm unlikely",
            "the police or the commission want nobody told",
        ),
    ),
    ("au/fine", ("the benefit is not known",)),
    ("br/individuals-small", ("done at the last second",)),
    ("za/operator", ("a processor",)),
    ("ng/processor", ("a processor",)),
    ("za/offence", ("an authority's finding is no judgment",)),
    ("ca/fine", ("an authority's finding is no judgment",)),
    ("ke/offence", ("an authority's finding is no judgment",)),
]
# duties that were missing: where they are now
HELD = [
    "kr/medical-report",
    "kr/infrastructure-report",
    "ke/cmca-report",
    "ch/isa-report",
    "ch/isa-supplement",
    "tr/authority",
    "tr/individuals",
    "co/authority",
    "kr/network-relief-2026",
    "kr/network-material-2026",
    "kr/network-manual-2026",
    "kr/credit-public",
    "kr/pipa-domestic-agent",
    "kr/efinance-report",
    "kr/pipa-processor-individuals-2026",
    "kr/pipa-processor-report-2026",
    "eu/nis2-warning",
    "eu/nis2-notification",
    "eu/nis2-final",
    "eu/dora-initial",
    "eu/dora-intermediate",
    "eu/dora-final",
    "eu/telecom-authority",
    "eu/telecom-individuals",
    "eu/cra-warning",
    "eu/cra-notification",
    "eu/cra-vulnerability-final",
    "eu/cra-incident-final",
    "eu/ai-incident",
    "eu/ai-death",
    "eu/ai-widespread",
    "eu/eidas-breach",
    "eu/processor",
    "eu/record",
    "uk/pecr-authority",
    "us/bank-incident",
    "us/bank-service-provider",
    "us/glba",
    "us/nydfs",
    "us/ncua",
    "us/hbnr-individuals",
    "us/fcc-law-enforcement",
    "us/hipaa-associate",
    "us/hipaa-media",
    "ch/authority",
    "ca-qc/authority",
    "ca-qc/individuals",
    "in/cert-in",
    "cl/authority",
    "cl/individuals",
    "my/authority",
    "my/individuals",
    "ph/authority",
    "mx/individuals",
    "jp/entrustee",
    "us-fl/authority",
    "us-co/authority",
    "us-wa/authority",
    "us-vt/authority",
    "us-pr/authority",
    "us-dc/authority",
    "us-ia/authority",
    "us-nd/authority",
]
BY_NAME = [
    "us/nydfs-ransom",
    "ch/isa-fine",
    "tr/penalties",
    "uk/nis",
    "uk/pecr-individuals",
    "us/circia",
    "us/regulation-s-p",
    "us/fcc-customers",
    "us/hbnr",
    "us/hipaa-penalties",
    "ca-ab/breach",
    "ca-qc/penalties",
    "au/ransom",
    "au/soci",
    "au/tort",
    "au/tiers",
    "cn/data-regulations",
    "th/breach",
    "vn/breach",
    "id/breach",
    "il/breach",
    "ae/breach",
    "sa/breach",
    "eg/breach",
    "gh/bill",
    "ar/breach",
    "pe/breach",
    "jp/penalties",
    "tw/draft-rules",
]


@pytest.mark.parametrize(
    ("item", "titles"), CASES, ids=[f"{item}-{titles[0][:40]}" for item, titles in CASES]
)
def test_a_correction_is_held_by_cases(law: Law, item: str, titles: tuple[str, ...]) -> None:
    found = law.duties.get(item) or law.payments[item]
    assert set(titles) <= {case.title for case in found.cases}


def test_what_was_missing_is_a_duty_with_cases_or_named_as_unchecked(law: Law) -> None:
    assert [each for each in HELD if each not in law.duties or not law.duties[each].cases] == []
    assert [each for each in BY_NAME if each not in law.unchecked or not law.unchecked[each].cases] == []
    assert not set(BY_NAME) & (law.duties.keys() | law.payments.keys())


def test_corrections_of_words_stay(law: Law) -> None:
    kenya, korea = law.duties["ke/authority"], law.duties["kr/pipa-report-2026"]
    assert "43(7)" in kenya.phasing
    assert "43(4)" in law.duties["ke/individuals"].delays[0]
    assert "items 3 to 5" in korea.phasing
    assert all("containment" not in each for each in korea.delays)
    assert "each breach" in law.payments["ke/daily"].why
    for each in ("google-meta", "lg-uplus"):
        assert law.precedents[f"kr/precedent-{each}"].origin.article != "제64조의2"
    assert (law.payments["uk/fine-duties"].amount, law.payments["uk/fine-principles"].amount) != (None, None)
    assert "20 business days" in law.duties["br/individuals"].phasing
