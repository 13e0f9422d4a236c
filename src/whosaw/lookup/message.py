"""The answer in words: what was seen and when, what was not and how that is known, and of what it cannot be told. Never a bare no."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from whosaw.core.instants import from_micros
from whosaw.packs.languages import Language, load_language, read_words, words_file
from whosaw.packs.notice_words import NoticeWords, load_notice_words
from whosaw.packs.words import Words

from .answer import Facts, Record, State, Whose, unpack_row

__all__ = ["Line", "Speech", "mail_of", "plain_text"]

_DAY: Final = timedelta(days=1)
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence, an item of the list that the sentence before begins, or the heading of what follows."""

    kind: Literal["text", "item", "head"]
    text: str


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one language for one table."""

    code: str
    facts: Facts
    words: Words
    reasons: Words
    dates: NoticeWords
    language: Language

    @classmethod
    def of(cls, code: str, facts: Facts) -> Speech:
        """Those that come with whosaw."""
        return cls(
            code,
            facts,
            read_words(code, "lookup"),
            read_words(code, "filing"),
            _dates(code),
            load_language(code),
        )

    def __call__(self, *path: str, **values: object) -> str:
        """A text with its places filled in."""
        return self.words.text(*path).format(**{name: str(value) for name, value in values.items()})

    @property
    def organisation(self) -> str:
        """Its name in this language."""
        return self.facts.office.names.get(self.code, self.facts.office.names[""])

    def office(self) -> tuple[str, ...]:
        """Whom to ask, one line each."""
        office = self.facts.office
        department = office.departments.get(self.code) or next(iter(office.departments.values()), "")
        return tuple(each for each in (self.organisation, department, office.telephone, office.email) if each)

    def day(self, at: int | None) -> str:
        """The day of an instant (microseconds) where the case is."""
        when = from_micros(at or 0).astimezone(ZoneInfo(self.facts.zone))
        return self.dates.day(when.date())

    def answer(self, row: bytes | None, asked: datetime | None) -> tuple[Line, ...]:
        """What the row of a contact says; `asked`: when it was asked for, None for a code on paper."""
        return tuple(self._answer(row, asked))

    def account(self, told: Sequence[tuple[str, bytes | None]]) -> tuple[Line, ...]:
        """What the rows of the contacts of one account say, each contact as it is written; a row that two contacts share is told once."""
        known = [each for each in told if each[1] is not None] or list(told[:1])
        rows = dict.fromkeys(row for _, row in known)
        lines = [_text(self("answer", "by_account"))]
        for row in rows:
            if len(rows) > 1:
                lines.append(Line(kind="head", text=", ".join(text for text, other in known if other == row)))
            lines += self._body(row)
        return tuple(lines)

    def _answer(self, row: bytes | None, asked: datetime | None) -> Iterator[Line]:
        if asked is None:
            yield _text(self("answer", "by_code"))
        else:
            day = self.dates.day(asked.astimezone(ZoneInfo(self.facts.zone)).date())
            yield _text(self("answer", "opening", organisation=self.organisation, day=day))
        yield from self._body(row)

    def _body(self, row: bytes | None) -> Iterator[Line]:
        records, more, _ = unpack_row(row) if row is not None else ((), 0, False)
        if not records:
            yield _text(self("answer", "none"))
        if len(records) > 1:
            yield _text(self("answer", "people", many=len(records) + more))
        for at, record in enumerate(records, start=1):
            if len(records) > 1:
                yield Line(kind="head", text=self("answer", "person", number=at))
            yield from self._record(record)
        if more:
            yield _text(self("answer", "more", number=more))
        if any(each.state in (State.SEEN, State.PERHAPS, State.REST) for each in records):
            yield from self._beyond()

    def _record(self, record: Record) -> Iterator[Line]:
        if record.state == State.GUARDIAN:
            yield _text(self("answer", "guardian", age=self.facts.minor_under))
            return
        if record.state == State.OFFICE:
            yield _text(self("answer", "office"))
            return
        if record.whose == Whose.CHILD:
            yield _text(self("answer", "child"))
        if record.whose == Whose.BOOK:
            yield _text(self("answer", "book"))
        if record.state == State.SEEN:
            yield from self._seen(record)
        elif record.state == State.PERHAPS:
            yield from self._perhaps(record)
        else:
            yield from self._rest(record)

    def _seen(self, record: Record) -> Iterator[Line]:
        facts = self.facts
        names = facts.seen[record.seen]
        child = "child_" if record.whose == Whose.CHILD else ""
        first, last = self.day(facts.first), self.day(facts.last)
        if record.first:
            first, last = (self.dates.day(_EPOCH + at * _DAY) for at in (record.first, record.last))
        exact = bool(record.first) or first == last
        how = "nothing" if not names else "told" if exact else "within"
        yield _text(self("seen", child + how, time=self._time("at", first, last)))
        yield from (_item(self.language.category(each).name) for each in names)
        if facts.inexact:
            yield _text(
                self("seen", "inexact", held=self._number(facts.held), inexact=self._number(facts.inexact))
            )
        left = [(each.key, each.why) for each in facts.categories if each.key not in names]
        yield from self._others(left)

    def _perhaps(self, record: Record) -> Iterator[Line]:
        time = self._time("at", self.day(self.facts.first), self.day(self.facts.last))
        if record.whose == Whose.BOOK:
            yield _text(self("perhaps", "book", time=time))
            yield from (_item(self.language.category(each).name) for each in self.facts.book)
        else:
            yield _text(self("perhaps", "own", time=time))

    def _rest(self, record: Record) -> Iterator[Line]:
        yield _text(self("none", "book" if record.whose == Whose.BOOK else "own"))
        yield from self._others(
            [
                (each.key, each.why_rest)
                for each in self.facts.categories
                if record.whose != Whose.BOOK or each.key in self.facts.book
            ]
        )

    def _others(self, categories: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Line]:
        """Categories that are not on record of somebody, and why not: they were not seen, or that cannot be told."""
        if told := [key for key, why in categories if not why]:
            yield _text(self("rest", "not_seen"))
            yield from (_item(self.language.category(key).name) for key in told)
            until = (self.day(self.facts.records_from), self.day(self.facts.records_until))
            yield _text(self("rest", "how", time=self._time("of", *until)))
        if unsure := [(key, why) for key, why in categories if why]:
            yield _text(self("rest", "cannot"))
            for key, why in unsure:
                name = self.language.category(key).name
                yield _item(self("rest", "item", category=name, why="; ".join(map(self._reason, why))))

    def _beyond(self) -> Iterator[Line]:
        """Times of which nothing can be told."""
        if self.facts.records_from is None:
            yield _text(self("gap", "none"))
            return
        if self.facts.gaps:
            yield _text(self("gap", "head"))
        for gap in self.facts.gaps:
            yield _item(self._time("gap", self.day(gap.first), self.day(gap.last - 1)))
        until = {"from": self.day(self.facts.records_from), "until": self.day(self.facts.records_until)}
        yield _text(self("gap", "beyond", **until))

    def _time(self, how: str, first: str, last: str) -> str:
        """A day, or from one to another, as it stands in a sentence."""
        return self("time", f"{how}_day" if first == last else f"{how}_days", first=first, last=last)

    def _reason(self, code: str) -> str:
        known = self.reasons.under("reason")
        return known.get(code) or known["other"].format(code=code)

    def _number(self, value: int) -> str:
        return f"{value:,}".replace(",", self.dates.thousands)


@cache
def _dates(code: str) -> NoticeWords:
    return load_notice_words(code, words_file(code, "notice"))


def _text(text: str) -> Line:
    return Line(kind="text", text=text)


def _item(text: str) -> Line:
    return Line(kind="item", text=text)


def plain_text(speech: Speech, lines: Sequence[Line]) -> str:
    """The whole message: the answer, whom to ask, and that it asks for nothing."""
    parts: list[str] = []
    for each in lines:
        if each.kind == "item":
            parts[-1] += f"\n- {each.text}"
        else:
            parts.append(each.text)
    return "\n\n".join(
        [*parts, "\n".join([speech("page", "office_title"), *speech.office()]), speech("answer", "safe")]
    )


def mail_of(
    speech: Speech,
    lines: Sequence[Line],
    *,
    asked: datetime,
    sender: str,
    to: str,
    message_id: str,
    now: datetime,
) -> bytes:
    """The answer as an e-mail to one address, in 7 bits. Its subject says nothing of what is known."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = speech(
        "answer",
        "subject",
        organisation=speech.organisation,
        day=speech.dates.day(asked.astimezone(ZoneInfo(speech.facts.zone)).date()),
    )
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-replied"  # RFC 3834: no absence note answers it
    mail["Content-Language"] = speech.code
    mail.set_content(plain_text(speech, lines) + "\n", cte="quoted-printable")
    return mail.as_bytes()
