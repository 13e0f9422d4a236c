"""What the words of notices of a language have to hold: every key, and the places to be filled in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .notice_topics import load_topics

__all__ = ["CHANNELS", "ENCODINGS", "HEADINGS", "KINDS", "NEEDS", "OPTIONAL", "RIGHTS", "Wanted", "shape"]

KINDS: Final = ("seen", "rest", "possible", "secondary", "cleared")
CHANNELS: Final = ("text-message", "e-mail", "letter", "page")
ENCODINGS: Final = ("gsm-7", "cp949", "utf-16")
RIGHTS: Final = ("ch", "eu", "ke", "kr", "other", "uk", "us")
# another greeting for people who need be no customers, in languages whose greeting is for customers
OPTIONAL: Final = ("greeting.letter-secondary", "greeting.e-mail-secondary")
# the keys of what laws ask a notice to say, in any jurisdiction, and headings of our own
HEADINGS: Final = (
    "categories", "categories-and-numbers", "cause", "consequences", "contact", "description", "facts", "further-notice", "harm",
    "identity", "intruder", "items-leaked", "items-possibly-leaked", "kinds", "measures", "measures-and-redress", "more", "nature",
    "rights", "suspected-circumstances", "time-and-circumstances", "types", "what-happened", "what-information", "what-people-can-do",
    "cleared", "real", "redress", "agencies", "credit-bureaus", "date-of-breach", "date-of-discovery", "number",
)  # fmt: skip

# what a notice can lack
NEEDS: Final = (
    "address", "cause", "circumstances", "consequences", "department", "hours", "intruder", "measures", "message-length", "page",
    "people-can-do", "reach", "redress", "seen", "telephone", "when", "found", "credit-bureaus", "agencies",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One key: whether it is a list of sentences, and the places that must stand in it."""

    several: bool = False
    places: frozenset[str] = frozenset()


def _one(*places: str) -> Wanted:
    return Wanted(places=frozenset(places))


def _list(*places: str) -> Wanted:
    return Wanted(several=True, places=frozenset(places))


def shape() -> Mapping[str, Wanted]:
    """All keys of notice.toml beside `reviewed`, `[text-message]` and the months, which are read by themselves."""
    org, span = ("organisation",), ("first", "last")
    found: dict[str, Wanted] = {
        "date.day": _one("day", "month", "year"),
        "number.exactly": _one("low"),
        "number.least": _one("low"),
        "number.between": _one("low", "high"),
        "number.most": _one("high"),
        "opening.again": _one(),
        "when.span": _one(*span),
        "when.one": _one("first"),
        "when.possible-span": _one(*span),
        "when.possible-one": _one("first"),
        "when.found": _one("day"),
        "people.number": _one("number"),
        "people.unknown": _one(),
        "further.text": _list(),
        "real.page": _one("page"),
        "real.telephone": _one("telephone"),
        "ask.page": _one("page"),
        "ask.telephone": _one("telephone"),
        "ask.email": _one("email"),
        "closing.page": _one("date"),
        "recipient.seen": _one("list"),
        "message.more": _one("page", "telephone"),
        "message.never": _one(),
        "message.cleared": _one(*org),
        "need.in-language": _one("what"),
        "need.category": _one("category"),
    }
    plain = {
        "greeting": ("letter", "e-mail"),
        "closing": ("letter", "e-mail"),
        "title": (*KINDS, "page"),
        "recipient": (*KINDS[1:], "page"),
        "heading": HEADINGS,
        "seen": (
            *KINDS, *(f"page-{each}" for each in KINDS[:-1]), "not-seen", "cannot-tell", "page-not-seen", "page-cannot-tell",
            "records-open", "statistical",
        ),
        "when": ("earlier", "later"),
        "measure": ("taken", "planned"),
        "real": ("intro", "never", "otherwise"),
        "ask": ("intro",),
        "named": ("credit-bureaus", "agencies"),
        "contact": ("intro", "organisation", "department", "officer", "telephone", "email", "address", "hours", "page"),
        "need": NEEDS,
        "right": ("intro",),
        "risk": ("intro",),
        "advice": ("intro",),
    }  # fmt: skip
    found |= {f"{part}.{each}": _one() for part, names in plain.items() for each in names}
    found |= {f"opening.{each}": _list(*org) for each in (*KINDS, "page")}
    found |= {f"message.{each}": _one(*org, "list") for each in KINDS[:-1]}
    found |= {f"message.{each}-long": _one(*org) for each in KINDS[:-1]}
    found |= {f"right.{each}": _list() for each in RIGHTS}
    found["advice.always"] = _list()
    for topic in load_topics():
        found[f"risk.{topic.id}"] = _one()
        found[f"advice.{topic.id}"] = _list()
        if topic.urgent:
            found[f"message.{topic.id}"] = _one()
    return found
