"""Sentences as notices commonly word them, which no item holds as a case: they say a part, or sound near it and do not."""

from __future__ import annotations

import pytest

from whosaw.law.checking.dates import spans
from whosaw.law.checking.mentions import listed
from whosaw.law.checking.parts import find, load_parts
from whosaw.law.checking.text import Block, passages_of
from whosaw.packs.languages import load_language

SAID = [
    ("en", "how", "An unauthorised third party gained access to our customer database."),
    ("en", "how", "On 3 May, cybercriminals infiltrated our network."),
    ("en", "how", "Our systems were the target of a cyberattack."),
    ("en", "how", "An employee sent the file to the wrong person by mistake."),
    ("en", "how", "Someone exploited a vulnerability in our website."),
    ("en", "how", "A misconfigured server made the files public."),
    ("en", "measures", "We immediately took the affected system offline."),
    (
        "en",
        "measures",
        "As soon as we learned of this, we secured our systems and launched an investigation.",
    ),
    ("en", "measures", "We have notified the Information Commissioner's Office."),
    ("en", "measures", "We are working with cybersecurity experts to investigate."),
    ("en", "measures", "We have implemented additional security measures."),
    ("en", "advice", "We recommend that you change your password."),
    ("en", "advice", "Please remain vigilant against phishing attempts."),
    ("en", "advice", "You should monitor your bank statements for unusual activity."),
    ("en", "advice", "Do not respond to suspicious emails."),
    ("en", "advice", "Consider placing a fraud alert on your credit file."),
    (
        "en",
        "contact",
        "If you have any questions, please contact our Data Protection Officer at dpo@example.org.",
    ),
    ("en", "contact", "You can reach us on 0800 000 0000."),
    ("en", "contact", "For more information visit https://example.org/help or call 020 0000 0000."),
    ("en", "consequences", "You may receive unsolicited phone calls or emails."),
    ("en", "consequences", "There is a risk of identity theft."),
    ("en", "consequences", "The information could be used to impersonate you."),
    ("en", "redress", "We are offering you 12 months of free credit monitoring."),
    ("en", "redress", "We will reimburse any losses."),
    ("en", "when", "The incident occurred on 3 May 2026."),
    ("en", "when", "Between 1 and 5 May 2026 an attacker was in our systems."),
    ("en", "people-told", "We will notify affected individuals by email."),
    ("en", "people-told", "Data subjects have not been informed yet because the investigation continues."),
    ("en", "nothing-needed", "You do not need to do anything."),
    ("en", "nothing-needed", "No further action is required from you."),
    ("en", "nothing-needed", "There is nothing you need to do."),
    ("en", "no-misuse", "We have no evidence that your information has been misused."),
    ("en", "no-misuse", "We have no reason to believe that the data was used fraudulently."),
    ("ko", "how", "외부 해커의 공격으로 서버에 저장된 정보가 유출되었습니다."),
    ("ko", "how", "비인가자가 고객 데이터베이스에 접근하였습니다."),
    ("ko", "how", "담당자의 실수로 이메일이 잘못 발송되었습니다."),
    ("ko", "measures", "즉시 해당 IP를 차단하고 보안을 강화하였습니다."),
    ("ko", "measures", "한국인터넷진흥원에 신고를 완료하였습니다."),
    ("ko", "measures", "재발 방지를 위해 시스템을 점검하고 있습니다."),
    ("ko", "advice", "비밀번호를 변경해 주시기 바랍니다."),
    ("ko", "advice", "보이스피싱 등 2차 피해에 각별히 유의하여 주시기 바랍니다."),
    ("ko", "advice", "출처를 알 수 없는 링크는 클릭하지 마시기 바랍니다."),
    ("ko", "advice", "의심되는 전화를 받으시면 112에 신고해 주세요."),
    ("ko", "redress", "피해가 발생한 경우 아래로 연락 주시면 피해 구제를 도와드리겠습니다."),
    ("ko", "redress", "피해 접수 후 보상 절차를 진행하겠습니다."),
    ("ko", "contact", "문의처: 개인정보보호팀 (02-000-0000, privacy@example.org)"),
    ("ko", "contact", "고객센터 1577-0000으로 연락 주시기 바랍니다."),
    ("ko", "when", "유출 일시: 2026. 3. 3. 14:00경"),
    ("ko", "when", "2026년 3월 3일 14시경 발생하였습니다."),
    ("ko", "nothing-needed", "고객님께서 별도로 조치하실 사항은 없습니다."),
    ("ko", "nothing-needed", "추가적인 조치는 필요하지 않습니다."),
    ("ko", "no-misuse", "현재까지 확인된 2차 피해는 없습니다."),
    ("ko", "no-misuse", "유출된 정보가 외부로 전송된 정황은 확인되지 않았습니다."),
    ("sw", "how", "Wadukuzi walivamia mfumo wetu."),
    ("sw", "how", "Mtu asiyeidhinishwa aliingia kwenye mfumo wetu."),
    ("sw", "how", "Barua pepe ilitumwa kimakosa kwa mtu mwingine."),
    ("sw", "measures", "Tumefunga akaunti zilizoathirika na tumeimarisha usalama."),
    ("sw", "measures", "Tumeripoti kwa Kamishna wa Ulinzi wa Data."),
    ("sw", "advice", "Tafadhali badilisha nenosiri lako."),
    ("sw", "advice", "Kuwa makini na simu za matapeli."),
    ("sw", "advice", "Usitoe PIN yako kwa mtu yeyote."),
    ("sw", "contact", "Kwa maswali yoyote wasiliana nasi kupitia 0700 000 000."),
    ("sw", "contact", "Tuandikie barua pepe: msaada@example.org"),
    ("sw", "nothing-needed", "Huna haja ya kufanya lolote."),
    ("sw", "nothing-needed", "Hakuna hatua unayohitaji kuchukua."),
    ("sw", "consequences", "Unaweza kupokea simu za ulaghai."),
    ("sw", "consequences", "Kuna hatari ya wizi wa utambulisho."),
]
NOT_SAID = [
    ("en", "how", "We take security seriously."),
    ("en", "how", "Your account is protected by a password."),
    ("en", "how", "Somebody may call you about your page."),
    ("en", "measures", "We apologise for this."),
    ("en", "measures", "We take the protection of your data seriously."),
    ("en", "measures", "You can block your card."),
    ("en", "advice", "Your security is our priority."),
    ("en", "advice", "We will never ask for your password by phone."),
    ("en", "contact", "Thank you for your trust."),
    ("en", "contact", "You received this because you have an account."),
    ("en", "consequences", "We are aware of the importance of your data."),
    ("en", "consequences", "We can confirm that the matter is closed."),
    ("en", "redress", "We regret any harm this may have caused."),
    ("en", "redress", "We help you find great deals."),
    ("en", "right-damages", "There was no damage."),
    ("en", "people-told", "We told the authority on 3 May."),
    ("ko", "measures", "고객님의 소중한 정보를 안전하게 지키겠습니다."),
    ("ko", "measures", "불편을 드려 죄송합니다."),
    ("ko", "advice", "저희는 전화로 비밀번호를 요구하지 않습니다."),
    ("ko", "advice", "믿고 이용해 주시기 바랍니다."),
    ("ko", "redress", "심려를 끼쳐 드려 사과드립니다."),
    ("ko", "redress", "피해가 없도록 최선을 다하겠습니다."),
    ("ko", "how", "안전하게 보호하고 있습니다."),
    ("ko", "how", "고객님의 계정은 비밀번호로 보호됩니다."),
    ("sw", "measures", "Tunajali usalama wako."),
    ("sw", "measures", "Tunaomba radhi."),
    ("sw", "advice", "Usalama wako ni muhimu."),
    ("sw", "advice", "Hatutakuomba nenosiri lako."),
    ("sw", "redress", "Tunasikitika kwa usumbufu."),
]


def _found(language: str, part: str, text: str) -> bool:
    return find(load_parts()[language, part], passages_of([Block(text=text)])) is not None


@pytest.mark.parametrize(("language", "part", "text"), SAID)
def test_a_part_is_found_in_common_words_for_it(language: str, part: str, text: str) -> None:
    assert _found(language, part, text)


@pytest.mark.parametrize(("language", "part", "text"), NOT_SAID)
def test_a_part_is_not_found_in_what_only_sounds_like_it(language: str, part: str, text: str) -> None:
    assert not _found(language, part, text)


# passes that were dangerous, and alarms that were false
@pytest.mark.parametrize(
    ("language", "key", "text", "said"),
    [
        ("ko", "rights-denied", "손해배상 청구와 분쟁조정을 신청할 수 없습니다.", True),
        ("en", "rights-denied", "You cannot claim compensation.", True),
        ("en", "rights-waived", "The voucher is given in full and final settlement.", True),
        ("sw", "rights-denied", "Huwezi kudai fidia wala kulalamika.", True),
        ("en", "nothing-needed", "You don't have to do anything.", True),
        ("ko", "nothing-needed", "추가로 하실 일은 없으나 안내드립니다.", True),
        ("ko", "certain-as-possible", "고객님의 정보가 유출되었을 가능성이 있습니다.", True),
        ("ko", "redress", "회사의 조치 및 피해 구제 절차 안내", True),
        ("ko", "rights-waived", "회사의 조치 및 피해 구제", False),
        ("sw", "contact", "Maswali: Simu +254 20 000 0000", True),
        ("en", "advice", "Do not share your PIN with anyone.", True),
        ("sw", "advice", "Usimpe mtu PIN yako.", True),
    ],
)
def test_what_was_once_read_wrongly_is_read(language: str, key: str, text: str, said: bool) -> None:
    assert _found(language, key, text) is said


@pytest.mark.parametrize("verb", ["read", "accessed", "opened", "viewed", "copied"])
def test_data_are_seen_in_whatever_verb(verb: str) -> None:
    language = load_language("en")
    passages = passages_of([Block(text=f"Your name and address were {verb}.")])
    assert {"identity.name", "contact.address"} <= set(listed(passages, language))


def test_a_span_keeps_its_first_day() -> None:
    (passage,) = passages_of([Block(text="Kati ya tarehe 4 na 5 Machi 2026 mtu alifungua ukurasa.")])
    (span,) = spans(passage, load_language("sw"))
    assert (span.first.day, span.last.day, span.first.month) == (4, 5, 3)
