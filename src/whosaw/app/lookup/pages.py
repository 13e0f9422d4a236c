"""The pages in every language, made once: whoever asks for one gets the same bytes as everybody else."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from whosaw.lookup.message import Line, Speech

__all__ = ["EVEN", "Page", "Pages", "chosen_language"]

EVEN: Final = 16_384  # bytes; what one person is told takes about a third of it
_DATA: Final = Path(__file__).parents[2] / "data" / "lookup"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent, plain and packed; one whose size must say nothing is never packed."""

    plain: bytes = field(repr=False)
    packed: bytes | None = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Page:
        raw = text.encode()
        return cls(raw, gzip.compress(raw, 9, mtime=0))

    @classmethod
    def even(cls, text: str) -> Page:
        """As long as every other one, by a comment at its end: so that nobody on the way sees by its size what it says. A longer one takes twice
        the room, and so on."""
        raw = text.encode() + b"<!--"
        return cls(raw + b" " * (-(len(raw) + 4) % EVEN) + b"-->\n", None)


class Pages:
    """All pages of a table. `kinds` are the contacts that can be answered; `address` is where the page stands, `mark` that of the key that its
    text is signed with, `provider` the host where customers sign in (empty: they do not)."""

    def __init__(
        self,
        speeches: Mapping[str, Speech],
        *,
        kinds: Sequence[str],
        days: int,
        address: str = "",
        mark: str = "",
        provider: str = "",
    ) -> None:
        self._speeches, self._kinds, self._days = speeches, tuple(kinds), days
        self._address, self._mark, self._provider = address, mark, provider
        self._environment = Environment(
            loader=FileSystemLoader(_DATA),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._style = (_DATA / "page.css").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self.policy = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        self._kept: dict[tuple[str, str], Page] = {}
        for code in speeches:
            for kind, fault in (
                ("ask", ""),
                ("sent", ""),
                ("ask", self.unfit),
                ("ask", "code"),
                ("ask", "later"),
                ("ask", "account"),
                ("ask", "account_contact"),
                ("ask", "account_later"),
            ):
                self._kept[code, f"{kind}{fault}"] = Page.of(self._made(code, kind, fault))

    @property
    def unfit(self) -> str:
        """The fault of what is no contact that can be answered."""
        return f"contact{self._only}"

    @property
    def _only(self) -> str:
        return f"_{self._kinds[0]}" if len(self._kinds) == 1 else ""

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._speeches)

    def digests(self) -> dict[str, str]:
        """SHA-256 of the page that asks, by language."""
        return {code: hashlib.sha256(self.ask(code).plain).hexdigest() for code in self._speeches}

    def ask(self, code: str, fault: str = "") -> Page:
        """The page that asks, with what was wrong with the last try."""
        return self._kept[code, f"ask{fault}"]

    def sent(self, code: str) -> Page:
        """What everybody is told who gave a contact."""
        return self._kept[code, "sent"]

    def answer(self, code: str, row: bytes | None) -> Page:
        """The answer to a code on paper."""
        return Page.even(self._made(code, "answer", "", self._speeches[code].answer(row, None)))

    def account(self, code: str, told: Sequence[tuple[str, bytes | None]]) -> Page:
        """The answer to a customer who signed in, by the confirmed contacts of their account and the rows of these."""
        return Page.even(self._made(code, "answer", "", self._speeches[code].account(told)))

    def _made(self, code: str, kind: str, fault: str, lines: Sequence[Line] = ()) -> str:
        speech, phones = self._speeches[code], "phone" in self._kinds
        told: dict[str, Any] = {
            "code": code,
            "kind": kind,
            "title": speech("reply" if kind == "sent" else "page", "title"),
            "organisation": speech.organisation,
            "languages": [(each, other.language.native) for each, other in self._speeches.items()],
            "style": self._style,
            "say": speech,
            "intro": f"intro{self._only}",
            "contact": f"contact{self._only}",
            "phones": phones,
            "paper": speech.facts.paper,
            "fault": speech("fault", fault) if fault else "",
            "lines": lines,
            "office": speech.office(),
            "telephone": speech.facts.office.telephone or speech.facts.office.email,
            "address": self._address,
            "mark": self._mark,
            "provider": self._provider,
            "days": self._days,
        }
        return self._environment.get_template("page.html").render(told)


def chosen_language(asked: str, accepted: str, known: Sequence[str]) -> str:
    """The language that is asked for, else the first that the browser takes and there is (RFC 9110, 12.5.4), else the first of all."""
    if asked in known:
        return asked
    weighed: list[tuple[float, int, str]] = []
    for at, each in enumerate(accepted.split(",")[:20]):
        name, _, weight = each.strip().partition(";q=")
        code = name.partition("-")[0].lower()
        try:
            share = float(weight) if weight else 1.0
        except ValueError:
            continue
        if code in known and share > 0:
            weighed.append((-share, at, code))
    return min(weighed)[2] if weighed else known[0]
