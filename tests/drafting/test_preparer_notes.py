"""Notes to the preparer stand in the language of the draft: none stays English in a Korean or Swahili one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from typer.main import get_command

from whosaw.app.law.notices import plan_notices
from whosaw.cli.main import app
from whosaw.core.draft import Draft
from whosaw.law import Law
from whosaw.law.drafting.authorities import load_authorities
from whosaw.law.drafting.preparer_notes import preparer_words
from whosaw.packs.languages import language_codes, read_words, words_file
from whosaw.packs.notice_rights import rights_of

from .conftest import NOW, Shop

PLACES = {"ko": "kr", "sw": "ke"}
AUTHORITIES = load_authorities()
# what is named and not said: commands, keys of the case file, ids of items, numbers of acts, names in the case
_NAMED = re.compile(
    r"`[^`]*`|\[\[?[a-z-]+\]\]?|[a-z]{2}(-[a-z]{2})?/[a-z0-9-]+|\([a-z.-]+\)|[a-z_]+\.[a-z_]+|scope = N|scope"
    r"|lead_authority = \"...\"|[A-Z][A-Za-z]*/[A-Z][a-z]+|counts, because|aware|Shop|https?://\S+"
)
_ENGLISH = re.compile(
    r"\b(the|of|is|are|and|not|was|were|with|from|this|that|for|by|be|it|to|which|law|people|within|hours)\b",
    re.IGNORECASE,
)


def _said(note: str) -> str:
    return _NAMED.sub(" ", note)


def _drafts(shop: Shop, language: str) -> Iterator[Draft]:
    """Everything that is drafted in a language: as it stands, late, undecided, disputed, and again."""
    mine = [each.id for each in AUTHORITIES.values() if language in each.languages]
    plain = shop.write()
    yield from shop.drafted(plain, *mine, lang=language).drafts
    late = datetime.fromisoformat("2027-07-20T09:00:00+00:00")
    yield from shop.drafted(plain, *mine, lang=language, now=late).drafts
    yield from shop.drafted(shop.write(aware=None), *mine, lang=language).drafts
    again = f'[[made]]\nduty = "{"kr/pipa-report" if language == "ko" else "ke/authority"}"\nat = 2027-06-01T10:00:00Z\n'
    first = shop.drafted(shop.write(again=again), *mine, lang=language, form="first")
    yield from first.drafts
    many = {"KR": (600, 700), "KE": (300, 400), "FJ": (1, 1), "SO": (5, 9), "LI": (2, None)}
    yield from shop.drafted(shop.write(Shop.scope(places=many)), *mine, lang=language).drafts
    for place in (PLACES[language],):
        plan = plan_notices(
            shop.write(Shop.scope(places=many)), workspace=shop.folder / "none", now=NOW,
            languages=(language,), places=(place,),
        )  # fmt: skip
        yield from plan.drafts


@pytest.mark.parametrize("language", PLACES)
def test_no_note_stays_english(shop: Shop, language: str) -> None:
    notes = {note for each in _drafts(shop, language) for note in each.notes}
    assert len(notes) > 20
    english = [each for each in notes if len(_ENGLISH.findall(_said(each))) > 1]
    assert english == []
    if language == "ko":
        assert [each for each in notes if not re.search("[가-힣]", each)] == []


@pytest.mark.parametrize(("language", "place"), PLACES.items())
def test_what_items_of_law_say_stands_in_the_language_of_their_place(
    law: Law, language: str, place: str
) -> None:
    words = preparer_words(language).words
    lacking = [
        text
        for duty in law.duties.values()
        if duty.origin.jurisdiction == place and _is_drafted(duty)
        for text in (
            duty.clock.words, duty.phasing, duty.form, duty.language, *duty.delays, *duty.notes,
            *duty.origin.unverified.values(), rights_of(place).because,
        )
        if text and ("law", text) not in words.texts
    ]  # fmt: skip
    assert lacking == []
    asked = {
        leaf.key
        for duty in law.duties.values()
        if duty.origin.jurisdiction == place and _is_drafted(duty)
        for condition in (duty.applies, duty.threshold, *(way.when for way in duty.exceptions))
        for leaf in (() if condition is None else condition.leaves())
        if leaf.kind == "is" and leaf.key in law.questions
    }
    assert asked <= {keys[1] for keys in words.texts if keys[0] == "question"}


def _is_drafted(duty: Any) -> bool:
    filed = {of for each in AUTHORITIES.values() for of in (*each.duties, *each.supplements)}
    return duty.of in filed or duty.audience in ("individuals", "possibly-affected")


@pytest.mark.parametrize("language", PLACES)
def test_each_form_says_its_source_in_the_language(language: str) -> None:
    words = preparer_words(language).words
    mine = [each for each in AUTHORITIES.values() if language in each.languages and each.form]
    assert mine
    assert [each.id for each in mine if ("law", each.form_source) not in words.texts] == []


@pytest.mark.parametrize("language", PLACES)
def test_every_language_has_the_same_notes_with_no_fact_of_its_own(language: str) -> None:
    english, other = read_words("en", "preparer").texts, read_words(language, "preparer").texts
    sections = ("note", "start", "status", "confidence", "part")
    assert {keys for keys in other if keys[0] in sections} == {
        keys for keys in english if keys[0] in sections
    }
    for keys, text in other.items():
        if keys[0] == "note":
            assert set(re.findall(r"{(\w+)}", text)) <= set(re.findall(r"{(\w+)}", english[keys])), keys


@pytest.mark.parametrize("language", language_codes())
def test_each_command_that_a_language_names_has_the_options_named(language: str) -> None:
    named, unknown = 0, []
    for path in sorted(words_file(language, "preparer").parent.glob("*.toml")):
        for found in re.finditer(
            r"`whosaw ([a-z][a-z ]*?)((?: --[a-z-]+)*)`", path.read_text(encoding="utf-8")
        ):
            named += 1
            command: Any = get_command(app)
            for word in found[1].split():
                command = command.commands.get(word)
                assert command is not None, f"{path.name}: {found[0]}"
            known = {each for option in command.params for each in option.opts}
            unknown += [f"{path.name}: {found[0]}" for each in found[2].split() if each not in known]
    assert named
    assert unknown == []
