"""A language of notices is whole, or every fault of it is told at once with its line."""

from __future__ import annotations

import re
import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest

from whosaw.core.errors import FaultsError
from whosaw.mapping.categories import load_categories
from whosaw.packs.language_faults import NEEDED, language_faults
from whosaw.packs.languages import language_codes, load_language, words_file
from whosaw.packs.notice_rights import rights_of
from whosaw.packs.notice_shape import RIGHTS, shape
from whosaw.packs.notice_topics import load_topics, topics_of
from whosaw.packs.notice_words import load_notice_words

SHAPE = shape()


def text_of(code: str) -> str:
    return words_file(code, "notice").read_text(encoding="utf-8")


def faults_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "notice.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_notice_words("en", path)
    assert all(fault.where.file == str(path) for fault in caught.value.faults)
    return [fault.message for fault in caught.value.faults]


def without(text: str, key: str) -> str:
    """The file with one key taken out, whether its value is on one line or on several."""
    part, _, name = key.partition(".")
    lines, kept, inside, skipping = text.splitlines(), [], "", False
    for line in lines:
        if line.startswith("["):
            inside = line.strip("[]")
        if skipping:
            skipping = line != "]"
            continue
        if inside == part and re.match(rf"{re.escape(name)} =", line):
            skipping = line.rstrip().endswith("= [")
            continue
        kept.append(line)
    assert len(kept) < len(lines), key
    return "\n".join(kept)


@pytest.mark.parametrize("code", language_codes())
def test_each_shipped_language_is_whole(code: str) -> None:
    assert language_faults(code) == []


@pytest.mark.parametrize("key", sorted(SHAPE))
def test_a_key_that_is_missing_is_named(tmp_path: Path, key: str) -> None:
    assert faults_of(tmp_path, without(text_of("en"), key)) == [f"{key} is missing"]


@pytest.mark.parametrize("key", sorted(key for key, wanted in SHAPE.items() if wanted.places))
def test_a_place_that_is_not_filled_is_named(tmp_path: Path, key: str) -> None:
    words = load_notice_words("sw", words_file("sw", "notice"))
    place = min(SHAPE[key].places)
    text = text_of("sw")
    for sentence in words.sentences[key]:
        text = text.replace(f'"{sentence}"', f'"{sentence.replace(f"{{{place}}}", "X")}"')
    # a sentence that stands under two keys loses its place under both
    assert f"{key} does not hold {{{place}}}" in faults_of(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('never = "We never ask for', 'never = "{who} never asks for', "message.never holds {who}, which is not known there"),
        ('again = "We told', 'again = "{We told', "opening.again has a brace that opens or closes no place"),
        ('again = "We told', 'again = "{0} told', "opening.again has a brace that opens or closes no place"),
        ('encoding = "gsm-7"', 'encoding = "morse"', "text-message.encoding is 'morse'"),
        ("most = 459", "most = 0", "text-message.most must be a whole number from 1 on, and is 0"),
        ('"January", ', "", "date.months holds 11 names, and a year has 12"),
        ('thousands = ","', "thousands = 1", 'number.thousands must be a text, such as "" or ".", and is 1'),
        ("reviewed = 2026-11-28", 'reviewed = "today"', "reviewed must be a day such as 2026-09-11, and is 'today'"),
        ("[heading]\n", '[heading]\nodd = "Odd"\n', "heading.odd is not known here"),
        ("[heading]\n", '[extra]\nx = "y"\n\n[heading]\n', "extra is not known here"),
        ('name = ["Do not trust somebody because they know your name."]', 'name = "Do not."', "advice.name must be a list of texts, and is 'Do not.'"),
        ('name = ["Do not trust somebody because they know your name."]', "name = []", "advice.name is an empty list"),
        ('intro = "You have these rights:"', 'intro = " "', "right.intro is empty"),
    ],
)  # fmt: skip
def test_a_fault_is_said(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = text_of("en")
    assert old in text
    assert faults_of(tmp_path, text.replace(old, new, 1)) == [fault]


def test_all_faults_of_a_file_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = without(text_of("en"), "greeting.letter").replace("most = 459", "most = 0")
    path = tmp_path / "notice.toml"
    path.write_text(text.replace("{page} or call", "or call"), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_notice_words("en", path)
    told = {fault.message: fault.where.line for fault in caught.value.faults}
    lines = path.read_text(encoding="utf-8").splitlines()
    assert told.keys() == {
        "greeting.letter is missing", "text-message.most must be a whole number from 1 on, and is 0", "message.more does not hold {page}",
    }  # fmt: skip
    assert lines[(told["message.more does not hold {page}"] or 0) - 1].startswith("more =")
    assert (
        lines[(told["text-message.most must be a whole number from 1 on, and is 0"] or 0) - 1] == "most = 0"
    )


def test_days_and_numbers_are_written_as_the_language_does() -> None:
    words = {code: load_notice_words(code, words_file(code, "notice")) for code in ("en", "ko", "sw")}
    day = date(2026, 1, 31)
    assert {code: each.day(day) for code, each in words.items()} == {
        "en": "31 January 2026", "ko": "2026년 1월 31일", "sw": "31 Januari 2026",
    }  # fmt: skip
    assert words["en"].number(1200, 1200) == "1,200"
    assert words["en"].number(1200, None) == "at least 1,200"
    assert words["ko"].number(900, 1200) == "900명 이상 1,200명 이하"
    assert words["sw"].number(0, 1200) == "wasiozidi 1,200"


def test_a_value_with_braces_is_no_place() -> None:
    words = load_notice_words("en", words_file("en", "notice"))
    assert words.one("ask.page", page="{x}") == "On this page: {x}"


def test_in_korean_no_particle_that_depends_on_the_sound_before_it_follows_a_place() -> None:
    sentences = load_notice_words("ko", words_file("ko", "notice")).sentences
    particle = re.compile(r"\}(?:은|는|이|가|을|를|과|와|으로|로)(?![가-힣])")
    assert [key for key, told in sentences.items() if any(particle.search(each) for each in told)] == []


# -- languages of one's own


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a language `fr`, made from English."""
    for name in NEEDED:
        target = tmp_path / "languages" / "fr" / f"{name}.toml"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(words_file("en", name), target)
    return tmp_path / "languages"


def test_a_language_of_ones_own_stands_beside_the_shipped_ones(own: Path) -> None:
    assert language_faults("fr", own) == []
    assert language_codes(own) == ("en", "fr", "ko", "sw")
    assert load_language("fr", own).category("contact.email").name == "e-mail address"


def test_one_file_of_ones_own_goes_before_the_shipped_one(own: Path) -> None:
    mine = own / "ko" / "notice.toml"
    mine.parent.mkdir()
    shutil.copy(words_file("ko", "notice"), mine)
    assert words_file("ko", "notice", own=own) == mine
    assert words_file("ko", "categories", own=own) == words_file("ko", "categories")
    assert language_faults("ko", own) == []


def test_every_file_that_a_language_lacks_is_named(own: Path) -> None:
    for name in NEEDED:
        (own / "fr" / f"{name}.toml").unlink()
    told = [str(each.where.file) for each in language_faults("fr", own)]
    assert sorted(told) == sorted(str(own / "fr" / f"{name}.toml") for name in NEEDED)


def test_faults_of_all_files_of_a_language_are_told_at_once(own: Path) -> None:
    folder = own / "fr"
    (folder / "language.toml").write_text(
        'native = "Français"\n[leak]\nwords = []\neuphemisms = ["incident"]\n'
    )
    (folder / "categories.toml").write_text('[[category]]\nkey = "identity.name"\n[[category]]\nname = "x"\n')
    draft = tomllib.loads((folder / "draft.toml").read_text())
    (folder / "draft.toml").write_text(
        "\n".join(f'{k} = "x"' for k, v in draft.items() if isinstance(v, str) and k != "page")
    )
    (folder / "notice.toml").write_text(without(text_of("en"), "right.kr"))
    told = {each.message for each in language_faults("fr", own)}
    assert {
        "name is missing", "leak.words is an empty list", "category.0.name is missing", "category.1.key is missing", "page is missing",
        "right.kr is missing",
    } <= told  # fmt: skip


# -- what is shared by all languages


def test_a_category_that_belongs_to_no_topic_is_spoken_of_all_the_same() -> None:
    assert [each.id for each in topics_of(["device.identifier"])] == ["other"]
    assert [each.id for each in topics_of(["identity.name", "employment.record"])] == ["name", "other"]
    assert [each.id for each in topics_of(["identity.name"])] == ["name"]
    assert topics_of([]) == ()


def test_every_shipped_category_that_can_do_harm_of_its_own_kind_has_a_topic() -> None:
    topics = load_topics()
    strange = {
        key.partition(".")[0] for key in load_categories() if not any(each.touches(key) for each in topics)
    }
    assert strange <= {"access", "contact", "device", "employment", "family"}


def test_a_telephone_number_and_an_address_together_mean_calls_about_parcels() -> None:
    both = ["contact.phone", "contact.address"]
    assert "delivery-call" in [each.id for each in topics_of(both)]
    for each in both:
        assert "delivery-call" not in [topic.id for topic in topics_of([each])]


def test_the_urgent_topics_come_first() -> None:
    urgent = [each.urgent for each in load_topics()]
    assert urgent == sorted(urgent, reverse=True)


def test_rights_without_a_source_of_their_own_are_the_general_ones_and_say_how_sure_they_are() -> None:
    assert [rights_of(each).id for each in ("kr", "ke", "eu", "uk", "ch", "us-ca", "us", "jp")] == [
        "kr",
        "ke",
        "eu",
        "uk",
        "ch",
        "us",
        "us",
        "other",
    ]
    assert {rights_of(each).id for each in RIGHTS} == set(RIGHTS)
    assert rights_of("kr").confidence == "statute-read"
    assert rights_of("jp").confidence == "unverified"


def test_what_a_language_lacks_for_being_read_is_told_at_once_with_its_line(own: Path) -> None:
    path = own / "fr" / "language.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("joined = false\n", ""),
        ('    ["december", "dec"],\n', ""),
        ('decimal = "."', "decimal = 1"),
        ("million = 1_000_000,", 'million = "many",'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_language("fr", own)
    told = {fault.message for fault in caught.value.faults}
    assert told == {
        "reading.joined is missing",
        "dates.months holds 11 months and not 12",
        "numbers.decimal must be a text, and is 1",
        "numbers.scales.million must be a whole number from 1 to 1,000,000,000,000,000, and is 'many'",
    }
    assert all(fault.where.line for fault in caught.value.faults)
    assert set(caught.value.faults) <= set(language_faults("fr", own))
