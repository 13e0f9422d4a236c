"""What the use cases say of law, in the language of whoever reads it: they say it in English, and always in the same words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context

from whosaw.core.errors import WhosawError
from whosaw.packs.languages import load_language, read_words
from whosaw.packs.retold import Retold, law_sentences
from whosaw.report.markup import Child, join, tag

from .reader import AsItIs, Reader, country
from .sentences import sentence

__all__ = ["LAW_FILTERS", "law_told"]

_BEGINS, _ENDS = "\ue000", "\ue001"  # around what is still English: of private use, so in no text
_OPEN: Final = re.compile(f"[{_BEGINS}{_ENDS}]")
_NAME: Final = re.compile(r"[\w .'-]{1,60}")
_KEY: Final = re.compile(r"(?:.* \()?([a-z][a-z0-9]*(?:[.-][a-z0-9]+)*)\)?")


def law_told(language: str, text: str, kind: str = "") -> str | None:
    """A text in a language; None where nothing tells it, such as one that somebody else wrote."""
    return text if language == "en" else _retold(language).tell(text, kind)


@cache
def _retold(language: str) -> Retold:
    names: dict[str, Callable[[str], str | None]] = {
        "place": partial(_place, language),
        "category": partial(_category, language),
        "part": partial(_part, language),
        "cited": partial(_cited_law, language),
        "law": partial(_law_named, language),
        "need": partial(_need, language),
        "open": _as_it_was,
        "own-words": partial(_own_words, language),
    }
    return Retold(law_sentences(language), names)


@cache
def _places(language: str) -> Mapping[str, str]:
    """Places by their code and by their English name."""
    english, here = (read_words(each, "filing").under("place") for each in ("en", language))
    return {**{english[code]: name for code, name in here.items()}, **here}


def _place(language: str, text: str) -> str | None:
    """A place by its code or its English name; what is neither stays as it is, such as a place of somebody's own."""
    known = _places(language).get(text) or country(language, text) or _retold(language).tell(text, "spot")
    return known or (text if _NAME.fullmatch(text) else None)


def _category(language: str, text: str) -> str | None:
    """A category by what people call it, with its key; one that an organisation made for itself is told by its key alone."""
    key = _KEY.fullmatch(text)
    if key is None:
        return None
    try:
        return f"{load_language(language).category(key[1]).name} ({key[1]})"
    except WhosawError:
        return text


@cache
def _parts(language: str) -> Mapping[str, str]:
    from whosaw.law.checking.parts import load_parts  # a console that begins needs no law

    found = load_parts()
    return {
        part.about: found[language, key].about
        for (code, key), part in found.items()
        if code == "en" and (language, key) in found
    }


def _part(language: str, text: str) -> str | None:
    """A part that a text lacks."""
    return _parts(language).get(text)


def _need(language: str, text: str) -> str:
    """What would decide something: a question of law by its key, or a fact."""
    from whosaw.law.loading import load_law

    retold = _retold(language)
    asks = load_law().questions.get(text)
    return (retold.tell(asks, "question") if asks else retold.tell(text)) or text


@cache
def _statutes() -> frozenset[str]:
    from whosaw.law.loading import load_law

    return frozenset(
        name for each in load_law().jurisdictions.values() for act in each.acts.values() for name in act
    )


def _law_named(language: str, text: str) -> str | None:
    """A statute by what it is called here, where it is called anything, and by its own name."""
    short = _retold(language).tell(text, "statute")
    return f"{short} {text}" if short else text if text in _statutes() else None


def _cited_law(language: str, text: str) -> str | None:
    """A statute with an article."""
    found = [each for each in _statutes() if text.startswith(f"{each}, ")]
    statute = max(found, key=len, default=None)
    return None if statute is None else f"{_law_named(language, statute)}{text[len(statute) :]}"


def _as_it_was(text: str) -> str:
    """A point that is open in a scope version: it is told on the clock of its reader."""
    return f"{_BEGINS}{text}{_ENDS}"


def _own_words(language: str, text: str) -> str | None:
    """What stands in the script of a language of its own, such as the articles of Korean law."""
    script = load_language(language).reading.script.upper()
    foreign = script != "LATIN" and any(unicodedata.name(each, "").startswith(script) for each in text)
    return text if foreign else None


@pass_context
def _law(context: Context, text: str, kind: str = "") -> str:
    """The text, marked as the English that it is where nothing tells it in the language of the reader."""
    told = law_told(_language(context), text, kind)
    if told is None:
        return AsItIs(tag("span", text, lang="en"))
    if _BEGINS not in told:
        return told
    return AsItIs(join(_marked(told, context["reader"])))


def _marked(told: str, reader: Reader) -> Iterator[Child]:
    for at, each in enumerate(_OPEN.split(told)):
        yield each if at % 2 == 0 else sentence(reader, each) or tag("span", each, lang="en")


@pass_context
def _law_text(context: Context, text: str, kind: str = "") -> str:
    """The same without a mark, where none can stand."""
    told = law_told(_language(context), text, kind) or text
    parts = enumerate(_OPEN.split(told))
    return "".join(each if at % 2 == 0 else sentence(context["reader"], each) or each for at, each in parts)


@pass_context
def _cited(context: Context, origin: Any) -> str:
    """A statute and article: what it is called here, and its own name; that alone where both are one."""
    language, name = _language(context), f"{origin.statute}, {origin.article}"
    short = None if language == "en" else law_told(language, origin.statute, "statute")
    if short is None:
        return name if language == "en" else AsItIs(tag("cite", name, lang="en"))
    if (article := law_told(language, origin.article, "cited-article")) is not None:
        return f"{short}, {article}"
    return AsItIs(f"{tag('span', short)} {tag('cite', name, lang='en')}")


def _language(context: Context) -> str:
    reader: Reader = context["reader"]
    return reader.language


LAW_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {"law": _law, "law_text": _law_text, "cited": _cited}
