"""All checks of one text, language by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from whosaw.core.errors import WhosawError
from whosaw.packs.languages import Language

from .check_claims import check_claims
from .check_contents import check_categories, check_contents, check_groups, load_contents
from .check_counts import check_counts
from .check_faults import check_faults
from .check_words import check_words
from .expected import Expected
from .parts import load_parts
from .reader import Reader
from .text import Text
from .tongue import Share, in_languages
from .verdict import CANNOT_TELL, Verdict

__all__ = ["Judged", "judge", "readers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Verdicts in the order in which they were found, and in which languages the text is."""

    verdicts: tuple[Verdict, ...]
    shares: tuple[Share, ...]


def readers(
    text: Text, languages: Mapping[str, Language], organisation: tuple[str, ...], forced: str = ""
) -> tuple[tuple[Reader, ...], tuple[Share, ...]]:
    """One reader for each language that the text is written in and that there are words for."""
    wanted = {forced: languages[forced]} if forced else dict(languages)
    passages, shares = in_languages(text.passages, wanted)
    if forced:
        passages = text.passages
        shares = (Share(language=forced, words=sum(len(each.folded.split()) for each in passages), part=1.0),)
    parts = load_parts()
    found = []
    for share in shares:
        if share.language and share.counts:
            own = tuple(each for each in passages if forced or each.language == share.language)
            found.append(
                Reader(
                    language=languages[share.language],
                    passages=own,
                    parts={key: part for (code, key), part in parts.items() if code == share.language},
                    organisation=organisation,
                )
            )
    return tuple(found), shares


def judge(text: Text, expected: Expected, languages: Mapping[str, Language], forced: str = "") -> Judged:
    """Every check in each language of the text: whoever reads one of them has to be told everything in it."""
    if not text.passages:
        raise WhosawError("notice-check.no-text", f"{text.origin} holds no text that a reader would see")
    found, shares = readers(text, languages, expected.organisation, forced)
    verdicts: list[Verdict] = []
    for reader in found:
        verdicts += check_contents(reader, expected)
        if expected.form != "filing" or _asks_for_data(expected):
            verdicts += check_categories(reader, expected)
        if expected.form == "notice":
            verdicts += check_groups(reader, expected)
        verdicts += check_words(reader, expected, text.headline)
        verdicts += check_counts(reader, expected)
        verdicts += check_claims(reader, expected)
        if expected.form != "filing":
            verdicts += check_faults(reader, expected)
    if not found or any(not share.language and share.counts for share in shares):
        verdicts.append(_unknown(shares))
    return Judged(verdicts=tuple(verdicts), shares=shares)


def _asks_for_data(expected: Expected) -> bool:
    parts = load_contents().parts
    return any("data-named" in parts.get(each.key, ()) for each in expected.asked)


def _unknown(shares: tuple[Share, ...]) -> Verdict:
    part = next((share.part for share in shares if not share.language), 1.0)
    return Verdict(
        id="language",
        about="in which language the text is",
        verdict=CANNOT_TELL,
        because=f"{part:.0%} of it is in a language that there are no words for; what it says cannot be told",
        language="",
    )
