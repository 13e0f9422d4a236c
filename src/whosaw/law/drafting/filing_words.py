"""The words of filings in one language, and how it writes times, counts and places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from functools import cache
from pathlib import Path

from whosaw.core.errors import FaultsError, WhosawError
from whosaw.core.moments import Moment
from whosaw.packs.filing_faults import filing_faults
from whosaw.packs.languages import Language, language_codes, load_language, read_words, words_file
from whosaw.packs.words import Words

from .case_material import Bounds

__all__ = ["FilingWords", "filing_languages", "load_filing_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingWords:
    """`words` are those of its file; a text in it that has braces is filled in by the methods."""

    language: Language
    words: Words

    def label(self, key: str, **values: str) -> str:
        return self.words.text("label", key).format(**values)

    def say(self, key: str, **values: str) -> str:
        return self.words.text("sentence", key).format(**values)

    def need(self, key: str, **values: str) -> str:
        language = self.language.native
        return self.words.text("need", key).format(language=language, **values)

    def article(self, text: str) -> str:
        """An article as the language writes it; as the law item does where nothing else is said."""
        return self.words.texts.get(("article", text), text)

    def heading(self, key: str) -> str:
        return self.words.text("heading", key)

    def form_heading(self, key: str) -> str:
        """A heading of the form of an authority, in its words where the language has them."""
        return self.words.texts.get(("form", key)) or self.words.texts.get(
            ("heading", key.rpartition(".")[2]), self.heading("form")
        )

    def title(self, duty: str, *, supplement: bool) -> str:
        plain = self.words.texts.get(("title", duty)) or self.words.text("title", "default")
        return self.words.text("title", "supplement").format(title=plain) if supplement else plain

    def citation(self, duty: str, otherwise: str) -> str:
        return self.words.texts.get(("citation", duty), otherwise)

    def authority(self, key: str) -> str:
        return self.words.text("authority", key)

    def names(self, authority: str) -> bool:
        """Whether a filing to it can be drafted in this language."""
        return ("authority", authority) in self.words.texts

    def rights(self, jurisdiction: str) -> tuple[str, ...]:
        return self.words.lists.get(("rights", jurisdiction), ())

    def closing(self, **values: str) -> tuple[str, ...]:
        return tuple(line.format(**values) for line in self.words.lists["closing", "lines"])

    def category(self, key: str) -> str | None:
        """None where the language has no word for it."""
        try:
            return self.language.category(key).name
        except WhosawError:
            return None

    def place(self, code: str) -> str:
        """A country or state that has no name here is written as its code."""
        return self.words.texts.get(("place", code), code) if code else self.say("place-unknown")

    def count(self, bounds: Bounds) -> str:
        forms = self.words.under("count", bounds.unit)
        if not bounds.known:
            return forms["unknown"]
        if bounds.upper is None:
            return forms["least"].format(low=f"{bounds.lower:,}")
        if bounds.lower == bounds.upper:
            form = "one" if bounds.lower == 1 else "exact"
            return forms[form].format(low=f"{bounds.lower:,}")
        return forms["range"].format(low=f"{bounds.lower:,}", high=f"{bounds.upper:,}")

    def count_and_reasons(self, bounds: Bounds) -> str:
        """The count with why its bounds differ."""
        reasons = self.words.under("reason")
        told = [
            reasons[code] if code in reasons else reasons["other"].format(code=code)
            for code in dict.fromkeys(bounds.reasons)
        ]
        text = self.count(bounds)
        if bounds.lower == bounds.upper or not told:
            return text
        return self.say("reasons", count=text, reasons="; ".join(told))

    def time(self, when: Moment, zone: tzinfo) -> str:
        """On the clock of `zone`: an instant, a whole day as the day, or from when to when."""
        first, last = when.earliest.astimezone(zone), when.latest.astimezone(zone)
        if first == last:
            return self._instant(first)
        if first.time() == time() and last.time() == time(23, 59, 59):
            if first.date() == last.date():
                return self._day(first)
            return self._between(self._day(first), self._day(last))
        return self._between(self._instant(first), self._instant(last))

    def day(self, instant: datetime, zone: tzinfo) -> str:
        return self._day(instant.astimezone(zone))

    def _between(self, first: str, last: str) -> str:
        return self.words.text("time", "between").format(first=first, last=last)

    def _day(self, local: datetime) -> str:
        month = self.words.lists["time", "months"][local.month - 1]
        return self.words.text("time", "day").format(day=local.day, month=month, year=local.year)

    def _instant(self, local: datetime) -> str:
        form = self.words.text("time", "instant_seconds" if local.second else "instant")
        return form.format(
            date=self._day(local),
            hour=f"{local:%H}",
            minute=f"{local:%M}",
            second=f"{local:%S}",
        )


def filing_languages(own: Path | None = None) -> tuple[str, ...]:
    """The languages that have words for filings, shipped and in the folder `own`."""
    return tuple(code for code in language_codes(own) if words_file(code, "filing", own=own).is_file())


@cache
def load_filing_words(code: str, own: Path | None = None) -> FilingWords:
    """Raises `WhosawError` for a language without words for filings, and `FaultsError` with all that is wrong with them."""
    if code not in filing_languages(own):
        raise WhosawError(
            "language.unknown",
            f"there are no words for filings in the language {code!r}",
            hint=f"Known: {', '.join(filing_languages(own))}",
        )
    if faults := filing_faults(code, own):
        raise FaultsError("language.filing", faults)
    return FilingWords(language=load_language(code, own), words=read_words(code, "filing", own=own))
