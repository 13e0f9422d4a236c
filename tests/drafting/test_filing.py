"""What a draft says, where each thing comes from, and what is missing when a fact is not given."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.wide import some

from whosaw.app.law.filing import file_drafts
from whosaw.core.canonical_json import pretty_json
from whosaw.core.document import document
from whosaw.core.draft import Draft, Section
from whosaw.core.errors import FaultsError, WhosawError
from whosaw.law import load_law
from whosaw.law.drafting.authorities import load_authorities

AUTHORITIES = load_authorities()
EXAMPLES = Path(__file__).parents[2] / "examples"
AWARE = "2027-06-01T09:00:00+00:00"
EACH = [(name, code) for name, each in AUTHORITIES.items() for code in (*each.languages, *each.copies)]
# what may stand in Latin letters in a Korean text: a zone, an address, names that the case gives in no other way
LATIN = {"shop", "UTC", "privacy", "example", "org"}


def _one(shop: Any, path: Path, wanted: str, lang: str = "", now: str = "2027-06-02T09:00:00Z") -> Draft:
    (draft,) = shop.drafted(path, wanted, lang=lang, now=datetime.fromisoformat(now)).drafts
    found: Draft = draft
    return found


def _section(draft: Draft, key: str) -> Section:
    """All that answers one thing of the law: a form may ask for it under several headings."""
    first, *rest = [each for each in draft.sections if each.key == key]
    return replace(
        first,
        blocks=tuple(block for each in (first, *rest) for block in each.blocks),
        missing=tuple(missing for each in (first, *rest) for missing in each.missing),
    )


def _texts(section: Section) -> str:
    return "\n".join(f"{block.label}: {block.text}" for block in section.blocks)


@pytest.mark.parametrize(("name", "code"), some(EACH, of=2))
def test_a_whole_case_fills_every_draft_with_sources(shop: Any, name: str, code: str) -> None:
    for draft in shop.drafted(shop.write(), name, lang=code).drafts:
        assert draft.language == code
        # a copy of the notice is a document of its own, whatever the case says
        expected = ["sample"] if name in ("us-ca-ag", "us-dc-ag", "us-mt-ag", "us-ny-ag", "us-wa-ag") else []
        assert [each.key for each in draft.sections if each.missing] == expected
        for section in draft.sections:
            assert section.blocks or section.missing, section.heading
            assert "{" not in _texts(section)
            assert section.heading
            rows = [each for each in section.blocks if each.kind == "row" or re.search(r"\d{3}", each.text)]
            assert all(each.sources for each in rows if section.key != "rights")


@pytest.mark.parametrize("name", ["kr-pipc", "kr-kisa", "kr-fsc"])
def test_a_korean_draft_is_korean(shop: Any, name: str) -> None:
    (draft,) = shop.drafted(shop.write(), name).drafts
    assert draft.language == "ko"
    shown = [draft.title, draft.organisation, draft.recipient, *(each.heading for each in draft.sections)]
    shown += [each.article for each in draft.sections]
    blocks = [*draft.opening, *(b for each in draft.sections for b in each.blocks), *draft.closing]
    shown += [text for each in blocks for text in (each.label, each.text)]
    assert set(re.findall(r"[A-Za-z]{2,}", " ".join(shown))) <= LATIN


@pytest.mark.parametrize("name", ["kr-pipc", "kr-kisa"])
def test_what_is_missing_is_said_in_korean_too(shop: Any, name: str) -> None:
    path = shop.write(
        **dict.fromkeys(("circumstances", "cause", "contact", "measure_taken", "began", "aware"), None)
    )
    for section in _one(shop, path, name).sections:
        for each in section.missing:
            assert not re.search(r"[A-Za-z]{2,}", each.needs), each.needs
            assert each.where


# by hand: the part of the case that is left out, and the keys of the sections that ask for it
KENYA = [
    ("circumstances", ["nature"]),
    ("began", ["nature"]),
    ("ended", ["nature"]),
    ("measure_taken", ["measures"]),
    ("people_can_do", ["what-people-can-do"]),
    ("intruder", ["intruder"]),
    ("contact", ["contact"]),
    ("aware", ["first-awareness"]),
    ("awareness", ["first-awareness"]),
    ("chronology", ["chronology"]),
    ("cause", ["how"]),
    ("consequences", ["harm"]),
    ("notice_plan", ["plan-for-people"]),
    ("scope", ["data", "number"]),  # in the order of the form
    ("redress", []),
]
KOREA = [
    ("circumstances", ["time-and-circumstances"]),
    ("aware", ["time-and-circumstances"]),
    ("began", ["time-and-circumstances"]),
    ("people_can_do", ["what-people-can-do"]),
    ("measure_taken", ["measures-and-redress"]),
    ("redress", ["what-people-can-do"]),  # the form asks for both under one heading
    ("contact", ["contact"]),
    ("notice_plan", ["notice-to-people"]),
    ("scope", ["items-leaked"]),
    ("cause", []),
]
INTRUSION = [
    ("began", ["time-of-incident"]),
    ("aware", ["time-of-incident"]),
    ("cause", ["cause-and-damage"]),
    ("scope", ["cause-and-damage"]),
    ("measure_taken", ["measures"]),
    ("contact", ["contact"]),
    ("circumstances", []),
]
EUROPE = [
    ("circumstances", ["nature"]),
    ("scope", ["nature"]),
    ("contact", ["contact"]),
    ("consequences", ["consequences"]),
    ("measure_taken", ["measures"]),
    ("cause", ["nature"]),
]
LEFT_OUT = [
    *(("ke-odpc", "en", *each) for each in KENYA),
    *(("ke-odpc", "sw", *each) for each in KENYA),
    *(("kr-pipc", "ko", *each) for each in KOREA),
    *(("kr-kisa", "ko", *each) for each in INTRUSION),
    *(("eu-sa", "en", *each) for each in EUROPE),
    *(("uk-ico", "en", *each) for each in EUROPE),
]


@pytest.mark.parametrize(("name", "code", "part", "keys"), LEFT_OUT)
def test_leaving_a_fact_out_makes_what_asks_for_it_missing_and_nothing_else(
    shop: Any, name: str, code: str, part: str, keys: list[str]
) -> None:
    # without aware there is no start: the newest version of the law is that of the day that is asked about
    draft = _one(shop, shop.write(**{part: None}), name, code)
    assert list(dict.fromkeys(each.key for each in draft.sections if each.missing and each.key)) == keys
    unkeyed = [each for each in draft.sections if each.missing and not each.key]
    assert len(unkeyed) == (1 if part == "aware" and name in ("eu-sa", "uk-ico") else 0)


def test_a_statement_in_another_language_is_missing_with_its_line_and_never_shown(shop: Any) -> None:
    only = '[[statement]]\nabout = "cause"\nsaid_by = "Shop"\ntext = { en = "An open door." }\n'
    path = shop.write(cause=only)
    line = path.read_text(encoding="utf-8").splitlines().index('about = "cause"')
    section = _section(_one(shop, path, "ke-odpc", "sw"), "how")
    assert not section.blocks
    (missing,) = section.missing
    assert missing.where == f'case.toml, line {line}: text = {{ sw = "..." }} of this statement'
    assert _texts(_section(_one(shop, path, "ke-odpc", "en"), "how")) == ": An open door."


def test_of_two_measures_the_one_without_the_language_is_missing(shop: Any) -> None:
    more = '[[statement]]\nabout = "measure-planned"\nsaid_by = "Shop"\ntext = { en = "A test." }\n'
    section = _section(_one(shop, shop.write(planned=more), "kr-kisa"), "measures")
    assert [each.text for each in section.blocks] == ["바"]
    assert len(section.missing) == 1
    assert "measure-planned" in section.missing[0].needs


def test_a_contact_without_the_language_misses_its_department_only(shop: Any) -> None:
    contact = '[contact]\nemail = "privacy@shop.example.org"\ndepartment = { en = "Privacy office" }\n'
    section = _section(_one(shop, shop.write(contact=contact), "kr-kisa"), "contact")
    assert [each.text for each in section.blocks] == ["privacy@shop.example.org"]
    assert [each.where for each in section.missing] == ['case.toml: [contact] department = { ko = "..." }']


def test_an_organisation_without_a_name_is_asked_for_it(shop: Any) -> None:
    path = shop.write()
    text = path.read_text(encoding="utf-8").replace('name = "Shop"\n', "", 1)
    path.write_text(text, encoding="utf-8")
    draft = _one(shop, path, "uk-ico")
    assert draft.organisation == ""
    assert [each.where for each in draft.missing] == ['case.toml: [organisation] name = "..."']


def test_a_kind_of_data_without_a_word_in_the_language_is_missing(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whosaw.law.drafting.filing_words import FilingWords

    plain = FilingWords.category
    monkeypatch.setattr(
        FilingWords, "category", lambda words, key: None if key == "contact.phone" else plain(words, key)
    )
    section = _section(_one(shop, shop.write(), "uk-ico"), "nature")
    assert [each.needs for each in section.missing] == ["a word for contact.phone in English"]
    assert "telephone" not in _texts(section)


def test_seen_not_seen_and_cannot_tell_are_three_answers(shop: Any) -> None:
    one = shop.scope(
        seen=("identity.name",),
        unclear=("contact.email",),
        unseen=("contact.phone",),
        more={"open": [{"code": "unmapped-route"}]},
    )
    rows = {each.label: each for each in _section(_one(shop, shop.write(one), "eu-sa"), "nature").blocks}
    assert rows["Seen"].text == "name"
    assert rows["Cannot be told"].text == "e-mail address"
    assert rows["Not seen"].text == "telephone number"
    assert rows["Seen"].sources == ("scope version 1: categories",)
    one["categories_held"][2]["why"] = ["as the shop says"]
    claimed = {each.label for each in _section(_one(shop, shop.write(one), "eu-sa"), "nature").blocks}
    assert "Not seen" not in claimed
    assert "Said not to have been seen, which the logs do not show" in claimed
    said = [each.text for each in rows.values() if "further kinds of data cannot be excluded" in each.text]
    assert len(said) == 1


def test_people_are_told_by_place_with_why_bounds_differ(shop: Any) -> None:
    one = shop.scope(persons=(1000, 1200), places={"KR": (900, 1000), "IE": (100, 200)})
    text = _texts(_section(_one(shop, shop.write(one), "eu-sa"), "nature"))
    why = "pages showed further people, such as those in address books, whom the logs do not name"
    assert f"People affected by the breach: 1,000 to 1,200 people ({why})" in text
    # 1,200 in all and 900 at least elsewhere leave 300 at most
    assert f"Of these: European Union: 100 to 300 people ({why})" in text
    assert "Accounts: 1,000 accounts" in text
    assert "Records shown (views): 5,000 views" in text
    assert "By place: Ireland: 100 to 200 people" in text
    assert "By place: South Korea: 900 to 1,000 people" in text


def test_the_first_and_last_view_stand_in_for_what_nobody_claims(shop: Any) -> None:
    window = {"first_view": "2027-05-30T10:00:05Z", "last_view": "2027-05-31T23:00:00Z"}
    path = shop.write(shop.scope(more={"window": window}), began=None, ended=None)
    section = _section(_one(shop, path, "kr-kisa"), "time-of-incident")
    assert not section.missing
    assert "접속기록상 최초 조회: 2027년 5월 30일 10시 00분 05초" in _texts(section)
    assert section.blocks[0].sources == ("scope version 1: window",)


def test_logs_that_do_not_reach_far_enough_exclude_nothing(shop: Any) -> None:
    window = {
        "first_view": "2027-05-30T10:00:05Z",
        "last_view": "2027-05-31T23:00:00Z",
        "ends": {"before": "the logs begin here", "after": "nothing further found"},
    }
    text = _texts(_section(_one(shop, shop.write(shop.scope(more={"window": window})), "us-sec"), "timing"))
    assert "The logs do not reach far enough back to exclude earlier views." in text
    assert "later views" not in text


@pytest.mark.parametrize("given", [True, False])
def test_where_it_cannot_be_told_whether_it_is_late_given_reasons_are_told(shop: Any, given: bool) -> None:
    event = '[[event]]\nkind = "aware"\nat = [2027-05-29, 2027-06-01]\nsaid_by = "Shop"\n'
    late = _late("The host was slow.") if given else None
    draft = _one(shop, shop.write(aware=event, late=late), "eu-sa")
    assert not draft.missing
    assert any("depends on times that are not known closely enough" in each for each in draft.notes)
    assert any("host was slow" in _texts(each) for each in draft.sections) is given


def test_disputed_awareness_is_said_with_every_claim(shop: Any) -> None:
    rival = f'[[event]]\nkind = "aware"\nat = {AWARE}\nsaid_by = "Shop"\n'
    rival += (
        '[[event]]\nkind = "aware"\nat = 2027-05-28T16:00:00Z\nsaid_by = "Ministry"\nevidence = "a letter"\n'
    )
    section = _section(_one(shop, shop.write(aware=rival), "sg-pdpc"), "first-awareness")
    assert section.blocks[0].text.startswith("When the organisation became aware is disputed.")
    assert [each.text for each in section.blocks[1:3]] == [
        "1 June 2027, 09:00, according to Shop",
        "28 May 2027, 16:00, according to Ministry",
    ]
    assert section.blocks[2].sources == ("case file: event aware, said by Ministry (a letter)",)
    undisputed = _section(_one(shop, shop.write(), "sg-pdpc"), "first-awareness")
    assert not any("disputed" in each.text for each in undisputed.blocks)


def test_steps_come_in_order_of_time(shop: Any) -> None:
    step = '[[statement]]\nabout = "chronology"\nat = {}\nsaid_by = "Shop"\ntext = {{ en = "{}" }}\n'
    steps = step.format("2027-06-02T00:00:00Z", "Second.") + step.format("2027-06-01T10:00:00Z", "First.")
    section = _section(_one(shop, shop.write(chronology=steps), "sg-pdpc"), "chronology")
    assert [each.text for each in section.blocks] == ["First.", "Second."]
    assert section.blocks[0].label == "1 June 2027, 10:00"


def test_what_is_unverified_is_marked_wherever_it_is(shop: Any) -> None:
    assert {each.confidence for each in _one(shop, shop.write(), "uk-ico").sections if each.key} == {
        "unverified"
    }
    assert {each.confidence for each in _one(shop, shop.write(), "ke-odpc").sections if each.key} == {
        "statute-read",
        "unverified",
    }
    korean = {each.key: each.confidence for each in _one(shop, shop.write(), "kr-pipc").sections if each.key}
    assert {key for key, sure in korean.items() if sure == "unverified"} == {"notice-to-people"}
    assert set(korean.values()) == {"statute-read", "unverified"}
    assert {each.confidence for each in _one(shop, shop.write(), "kr-kisa").sections if each.key} == {
        "statute-read"
    }
    notes = _one(shop, shop.write(), "uk-ico").notes
    assert any(each.startswith("This is not legal advice") for each in notes)
    assert any("law item uk/authority is unverified" in each for each in notes)
    unlisted = _one(shop, shop.write(), "gh-dpc")
    assert any("no list of contents was read" in each for each in unlisted.notes)
    assert not [each for each in unlisted.sections if each.key]


def test_a_list_that_does_not_say_what_happened_gets_it_said(shop: Any) -> None:
    draft = _one(shop, shop.write(), "za-ir")
    unkeyed = [each.heading for each in draft.sections if not each.key]
    assert "Nature of the breach" in unkeyed


@pytest.mark.parametrize(
    ("aware", "item", "rights"),
    [("2026-09-10T23:59:59+09:00", "2023", False), ("2026-09-11T00:00:00+09:00", "2026", True)],
)
def test_the_day_of_knowing_decides_what_the_commission_is_told(
    shop: Any, aware: str, item: str, rights: bool
) -> None:
    event = f'[[event]]\nkind = "aware"\nat = {aware}\nsaid_by = "Shop"\n'
    draft = _one(shop, shop.write(aware=event), "kr-pipc", now="2026-09-12T00:00:00Z")
    assert draft.duties == (f"kr/pipa-report-{item}",)
    assert ("rights" in [each.key for each in draft.sections]) is rights
    assert ("개정되기 전" in draft.opening[0].text) is not rights


@pytest.mark.parametrize(
    ("aware", "item"),
    [("2026-09-30T23:59:59+09:00", "2024"), ("2026-10-01T00:00:00+09:00", "2026")],
)
def test_the_day_of_knowing_decides_which_network_act_is_cited(shop: Any, aware: str, item: str) -> None:
    event = f'[[event]]\nkind = "aware"\nat = {aware}\nsaid_by = "Shop"\n'
    draft = _one(shop, shop.write(aware=event), "kr-kisa", now="2026-10-01T12:00:00Z")
    assert draft.duties == (f"kr/network-report-{item}",)


def test_a_time_on_the_border_gives_a_draft_under_each_version(shop: Any) -> None:
    event = '[[event]]\nkind = "aware"\nat = [2026-09-10T23:00:00+09:00, 2026-09-11T01:00:00+09:00]\nsaid_by = "Shop"\n'
    drafts = shop.drafted(
        shop.write(aware=event), "kr-pipc", now=datetime.fromisoformat("2026-09-12T00:00:00Z")
    ).drafts
    assert [each.duties for each in drafts] == [("kr/pipa-report-2023",), ("kr/pipa-report-2026",)]
    assert all(any("어느 개정본이 적용되는지 판단할 수 없습니다" in n for n in each.notes) for each in drafts)


def test_an_authority_with_two_duties_gets_a_draft_for_each(shop: Any) -> None:
    drafts = shop.drafted(shop.write(), "in-dpb").drafts
    assert [each.duties for each in drafts] == [("in/board-detailed",), ("in/board-first",)]


def _late(text: str | None) -> str | None:
    return text and f'[[statement]]\nabout = "late"\nsaid_by = "Shop"\ntext = {{ en = "{text}" }}\n'


@pytest.mark.parametrize(("now", "late"), [("2027-06-04T09:00:00Z", False), ("2027-06-04T09:00:01Z", True)])
def test_reasons_for_lateness_are_missing_from_the_first_second_on(shop: Any, now: str, late: bool) -> None:
    keys = [each.key for each in _one(shop, shop.write(), "ke-odpc", now=now).sections if each.missing]
    assert keys == (["late-reasons"] if late else [])
    given = _one(shop, shop.write(late=_late("The host was slow.")), "ke-odpc", now=now)
    assert not given.missing
    told = [_texts(each) for each in given.sections if each.key == "late-reasons"]
    assert told == ([": The host was slow."] if late else [])


def test_being_late_by_one_of_two_claims_asks_for_reasons(shop: Any) -> None:
    rival = f'[[event]]\nkind = "aware"\nat = {AWARE}\nsaid_by = "Shop"\n'
    rival += '[[event]]\nkind = "aware"\nat = 2027-05-28T16:00:00Z\nsaid_by = "Ministry"\n'
    draft = _one(shop, shop.write(aware=rival), "eu-sa")
    assert [each.key for each in draft.sections if each.missing] == ["late-reasons"]
    assert _section(draft, "late-reasons").article == "33(1)"


def test_where_the_law_asks_for_no_reasons_those_that_are_given_are_told(shop: Any) -> None:
    now = "2027-06-03T09:00:00Z"
    assert not _one(shop, shop.write(), "kr-kisa", "en", now=now).missing
    draft = _one(shop, shop.write(late=_late("The host was slow.")), "kr-kisa", "en", now=now)
    (section,) = [each for each in draft.sections if "host was slow" in _texts(each)]
    assert section.key == ""


def test_a_lead_authority_is_named_and_asked_for(shop: Any) -> None:
    draft = _one(shop, shop.write(), "eu-sa")
    assert ("Lead authority", "Ireland") in [(each.label, each.text) for each in draft.opening]
    path = shop.write()
    path.write_text(path.read_text(encoding="utf-8").replace('lead_authority = "IE"\n', ""), encoding="utf-8")
    assert any("lead_authority" in each for each in _one(shop, path, "eu-sa").notes)


def test_a_reading_copy_says_that_it_is_one(shop: Any) -> None:
    assert any(
        "the filing itself is in Korean" in each for each in _one(shop, shop.write(), "kr-pipc", "en").notes
    )
    assert not any("reading copy" in each for each in _one(shop, shop.write(), "kr-pipc", "ko").notes)


def test_the_same_case_gives_the_same_bytes(shop: Any) -> None:
    names = ("ke-odpc", "kr-pipc", "eu-sa")
    first, again = (pretty_json(document(shop.drafted(shop.write(), *names))) for _ in range(2))
    assert first == again


def test_ids_are_fit_for_files_and_differ(shop: Any) -> None:
    path = shop.write()
    for file in (path, *path.parent.glob("scope-*.json")):
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text.replace('case = "shop"', 'case = "가게 / 2027"').replace(
                '"case": "shop"', '"case": "가게 / 2027"'
            ),
            encoding="utf-8",
        )
    ids = [each.id for each in shop.drafted(path, *AUTHORITIES).drafts]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"가게-2027-[a-z0-9-]+", each) for each in ids)


def test_a_case_without_a_scope_is_drafted_with_its_counts_missing(shop: Any) -> None:
    draft = _one(shop, shop.write(scope=None), "uk-ico")
    assert draft.scope_version is None
    assert [each.needs for each in draft.missing] == [
        "which kinds of data are affected",
        "how many records are affected",
        "how many people are affected",
    ]


def test_all_that_stands_in_the_way_is_said_at_once(shop: Any) -> None:
    with pytest.raises(FaultsError) as unknown:
        shop.drafted(shop.write(), "kr-x", "nowhere", lang="zz")
    told = str(unknown.value)
    assert "'kr-x' is no authority" in told
    assert "Known: kr-fsc, kr-infrastructure, kr-kisa, kr-mohw, kr-msit, kr-pipc" in told
    assert "'nowhere' is no authority" in told
    assert "au-oaic" in told
    assert "no words for filings in the language 'zz'" in told
    with pytest.raises(FaultsError, match=r"\[uk-ico\].*no draft for it can be made in ko"):
        shop.drafted(shop.write(), "uk-ico", lang="ko")


def test_a_law_that_does_not_reach_the_case_is_said(shop: Any) -> None:
    path = shop.write()
    text = re.sub(r"established = \[.*\]", 'established = ["KR"]', path.read_text(encoding="utf-8"))
    path.write_text(
        text + '\n[people]\nunplaced = "KR"\nbecause = "it delivers there alone"\n', encoding="utf-8"
    )
    with pytest.raises(FaultsError, match="the law of Kenya does not reach this case"):
        shop.drafted(path, "ke-odpc")


def test_a_duty_that_was_not_law_yet_is_said(shop: Any) -> None:
    event = '[[event]]\nkind = "aware"\nat = 2026-06-01T00:00:00Z\nsaid_by = "Shop"\n'
    with pytest.raises(FaultsError, match=r"not law at the time of the case \(in/board-detailed"):
        shop.drafted(shop.write(aware=event), "in-dpb")


def test_what_is_not_owed_is_drafted_when_it_is_asked_for_with_a_note(shop: Any) -> None:
    answer = '[[answer]]\nquestion = "risk.unlikely"\nlaw = "uk/gdpr"\nfound_by = "party"\nanswer = true\nby = "Shop"\nbecause = "keys are safe"\n'
    draft = _one(shop, shop.write(answer=answer), "uk-ico")
    assert any(each.startswith("Not owed (") for each in draft.notes)
    owed = [each.authority for each in shop.drafted(shop.write(answer=answer)).filings]
    assert "uk-ico" not in owed
    assert "kr-pipc" in owed


def test_a_bad_case_file_says_all_its_faults(shop: Any) -> None:
    path = shop.write(late='[[statement]]\nabout = "weather"\nsaid_by = "Shop"\n')
    with pytest.raises(FaultsError) as found:
        shop.drafted(path, "ke-odpc")
    assert str(found.value).count("case.toml:") == 2  # what it is about, and that it says nothing


def test_without_a_name_every_authority_to_whom_a_report_is_owed_gets_one(shop: Any) -> None:
    filings = shop.drafted(shop.write()).filings
    # of 1,200 people at most 1,000 at least are in Korea: 200 are too few for a state that wants to hear of more, such as California
    # and Texas. Of names and addresses alone a state wants to hear only where names of accounts may have been seen with what opens them
    named = {each.authority for each in filings}
    states = {name for name, each in AUTHORITIES.items() if each.place.startswith("us-")}
    # the FTC wants to hear of 500 consumers, too, and two supervisors of banks of their own institutes alone
    assert named - states == set(AUTHORITIES) - states - {"us-ftc", "us-nydfs", "ke-cbk"}
    assert {"us-ny-ag"} <= named & states < states - {"us-ca-ag", "us-tx-ag"}
    assert all(_least(of) <= 200 for name in named & states for of in AUTHORITIES[name].duties)


def _least(of: str) -> int:
    """How many people a duty asks for."""
    asked = [
        each.threshold.leaves() for each in load_law().duties.values() if each.of == of and each.threshold
    ]
    return max((leaf.least for leaves in asked for leaf in leaves), default=0)


def test_a_case_that_owes_nothing_says_so(shop: Any) -> None:
    path = shop.write(scope=None)
    text = re.sub(r"(established|listed) = \[.*\]", r"\1 = []", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WhosawError, match="no filing is owed to an authority"):
        shop.drafted(path)


@pytest.mark.parametrize("example", ["coupang", "kenya-shop", "us-retailer", "eu-bank", "swiss-clinic"])
def test_nothing_stands_twice_in_a_filing_and_no_heading_over_nothing(example: str) -> None:
    case = EXAMPLES / example / "case.toml"
    drafts = file_drafts(
        case, workspace=case.parent / "none", now=datetime.fromisoformat("2026-12-01T00:00:00Z")
    ).drafts
    assert drafts
    for draft in drafts:
        lines = [(each.label, each.text) for section in draft.sections for each in section.blocks]
        missing = [(each.needs, each.where) for section in draft.sections for each in section.missing]
        assert [each for each in lines if lines.count(each) > 1] == [], draft.id
        assert [each for each in missing if missing.count(each) > 1] == [], draft.id
        assert [each.heading for each in draft.sections if not (each.blocks or each.missing)] == [], draft.id


def test_what_a_law_asks_for_by_itself_and_in_a_sum_is_told_under_its_own_heading(shop: Any) -> None:
    draft = _one(shop, shop.write(), "ch-fdpic", now="2027-06-02T09:00:00Z")
    nature, timing, numbers = (
        _texts(_section(draft, key)) for key in ("nature", "timing", "categories-and-numbers")
    )
    assert "People affected by the breach" in numbers
    assert "People affected by the breach" not in nature
    assert "Became aware" in timing
    assert nature  # what happened, which nothing else asks for


def test_a_thing_asked_for_whose_facts_stand_elsewhere_says_where(shop: Any) -> None:
    draft = _one(shop, shop.write(), "us-sec")
    scope = _section(draft, "scope")
    nature = _section(draft, "nature")
    assert "People affected by the breach" in _texts(scope) + _texts(nature)
    assert (_texts(scope) + _texts(nature)).count("People affected by the breach") == 1
