"""The words around a draft in its own language: what is missing, where from, which page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from whosaw.core.errors import WhosawError
from whosaw.packs.languages import language_codes, read_words

__all__ = ["DraftWords", "draft_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftWords:
    """One language. `tag` is the language as the draft names it, `locale` the same with a country for word processors."""

    tag: str
    locale: str
    draft: str
    preparer: str
    not_legal_advice: str
    still_missing: str
    notes: str
    sources: str
    to: str
    sender: str
    case: str
    scope_version: str
    no_scope_version: str
    duties: str
    short: str
    page: str
    confidence: Mapping[str, str]
    _missing: str
    _where: str

    def missing(self, needs: str) -> str:
        """What stands in the draft where something is missing."""
        return self._missing.replace("{needs}", needs)

    def where(self, needs: str, where: str) -> str:
        """The same for the preparer, with the place that would give it."""
        return self._where.replace("{where}", where).replace("{needs}", needs) if where else needs


@cache
def draft_words(tag: str, own: Path | None = None) -> DraftWords:
    """The words for a BCP 47 tag: `sw-KE` gets those of `sw`, from the folder `own` where it is there. Raises `WhosawError` for a language without any."""
    code = tag.partition("-")[0].lower()
    if code not in language_codes(own):
        raise WhosawError(
            "language.unknown",
            f"there are no words for the language {tag!r}",
            hint=f"Known: {', '.join(language_codes(own))}",
        )
    told = read_words(code, "draft", own=own)
    return DraftWords(
        tag=tag,
        locale=tag if "-" in tag else told.text("locale"),
        draft=told.text("draft"),
        preparer=told.text("preparer"),
        not_legal_advice=told.text("not_legal_advice"),
        still_missing=told.text("still_missing"),
        notes=told.text("notes"),
        sources=told.text("sources"),
        to=told.text("to"),
        sender=told.text("from"),
        case=told.text("case"),
        scope_version=told.text("scope_version"),
        no_scope_version=told.text("no_scope_version"),
        duties=told.text("duties"),
        short=told.text("short"),
        page=told.text("page"),
        confidence=told.under("confidence"),
        _missing=told.text("missing"),
        _where=told.text("where"),
    )
