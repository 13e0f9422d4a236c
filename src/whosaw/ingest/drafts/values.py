"""What the values of one field look like: times, addresses, paths, methods, and so on, whatever the field is called."""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pyarrow as pa

from whosaw.ingest.addresses import address_and_port, plain_address
from whosaw.ingest.outcome_words import ANSWERS, DONE, NOT_DONE
from whosaw.ingest.times.events import read_times

__all__ = ["LEVELS", "METHODS", "STATUSES", "Values", "columns_of", "has_verb", "is_address", "words"]


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_LEAST_YEAR, _MOST_YEAR = 2000, 2100
_PLAINLY = 4  # times as far are the days of the reading that is not meant
_SAME = 0.9  # of the values, which makes them times of one spelling
_DAY_US = 86_400_000_000
_MINUTE_US = 60_000_000
METHODS = words(
    "GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK "
    "REPORT SEARCH"
)
# https://www.iana.org/assignments/http-status-codes and the further ones that servers write
STATUSES = frozenset(
    (*range(100, 104), *range(200, 209), 226, *range(300, 309), *range(400, 419), *range(421, 427), 428, 429, 431, 451, 499, *range(500, 509), 510, 511)
)  # fmt: skip
LEVELS = words(
    "trace debug info information notice warn warning error err critical crit fatal alert emerg "
    "emergency verbose"
)
_VERBS = words(
    "access add approve assign auth authenticate browse call change check close copy create delete deny "
    "disable download edit enable execute export fetch find get grant import insert invoke list load "
    "lock log login logoff logon logout look lookup modify open post print put query read refresh reject "
    "remove rename request reset restore retrieve revoke run save search select send show sign signin "
    "signout start stop submit transfer unlock update upload verify view write accessed added changed "
    "closed copied created deleted downloaded edited exported listed loaded modified opened printed "
    "removed searched sent shown updated uploaded viewed describe assume attach detach generate terminate "
    "authorize decrypt encrypt invite rotate scan subscribe "
    "angalia ona soma hariri badilisha chapisha fungua futa ongeza unda tafuta pakua tuma hifadhi idhinisha kataa toa weka lipa sajili hakiki "
    "kuangalia kutoa kuweka kulipa kusajili kuhakiki "
    "kusoma kuona kuhariri kubadilisha kuchapisha kufungua kufuta kuongeza kuunda kutafuta kupakua kutuma kuhifadhi kuidhinisha kukataa "
    "lesen anzeigen bearbeiten anlegen suchen drucken herunterladen senden speichern genehmigen ablehnen anmelden abmelden"
)  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_REQUEST = re.compile(r"[A-Z]{3,10} +(?:/|[A-Za-z][A-Za-z0-9+.-]*://|\*)\S*(?: +HTTP/\d(?:\.\d)?)?\Z")
_ABSOLUTE = re.compile(r"https?://[^/?#\s]+", re.IGNORECASE)
_PATH = re.compile(r"/[^\s]*\Z")
_AGENT = re.compile(
    r"(?:Mozilla|curl|Wget|okhttp|kubectl|Go-http-client|python-[a-z]+|[A-Za-z][\w .+-]{1,60}(?=/v?\d+(?:\.\d+)+|/\S+ \())/v?\d[\w.+-]*(?:[ (;].*)?\Z"
)
_PROTOCOL = re.compile(r"HTTP/\d(?:\.\d)?\Z")
_UUID = re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?\Z")
_OPAQUE = re.compile(r"(?=.*\d)[A-Za-z0-9_+/=.-]{16,}\Z")
_MAIL = re.compile(r"[^\s@/]+@[^\s@/]+\.[^\s@/.]{2,}\Z")
_DOMAIN_USER = re.compile(r"[A-Za-z][\w.-]*\\[\w.$-]+\Z")
_REALM_USER = re.compile(r"[\w.+-]+@[\w.-]+\Z")
_ARN = re.compile(r"arn:[\w-]+:(?:iam|sts)::\d*:(?:user|assumed-role|federated-user|root)\b\S*\Z")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5,}[0-9A-Fa-f]{2}\Z")
_PUBLIC = re.compile(
    r"[\w*-]+(?:\.[\w-]+)*\.(?:com|net|org|io|cloud|local|internal|lan|svc|arpa)(?::\d+)?\Z", re.IGNORECASE
)
_NOBODY = words("n/a na null none nil unknown undefined anonymous (null)")
_CODE = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[\w.:@/#-]{2,64}\Z")
_NAME = re.compile(r"[^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*){0,3}\Z")
_WHOLE = re.compile(r"\d{1,20}\Z")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z")
_HOST = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_SLASHED = re.compile(
    r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}),?[ T]+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?(?: ?([AaPp])[Mm])?\Z"
)
_CLOCK = re.compile(r"\d\d:\d\d:\d\d(?:[.,]\d+)?\Z")


_OUTCOMES = (DONE | NOT_DONE) - ANSWERS
_BOOLEANS = frozenset(word for word in ANSWERS if len(word) > 1 or not word.isascii())


def _iso(text: str, *, day_first: bool) -> str:
    """A time with slashes as ISO 8601 writes it; another text as it is."""
    found = _SLASHED.match(text)
    if found is None:
        return text[:48]
    day, month = (found[1], found[2]) if day_first else (found[2], found[1])
    hour = int(found[4])
    if found[7]:
        hour = hour % 12 + (12 if found[7] in "Pp" else 0)
    return f"{found[3]}-{int(month):02}-{int(day):02} {hour:02}:{found[5]}:{found[6] or '00'}"


def _nearer(dates: Sequence[tuple[int, int, int]]) -> str:
    """Of dates of which no number is past the twelfth, the reading in which they are plainly nearer to those beside them."""
    steps = {"dmy": 0, "mdy": 0}
    if any(0 in each for each in dates):
        return "unknown"
    for (one, two, year), (a, b, then) in itertools.pairwise(dates):
        steps["dmy"] += abs((date(year, two, one) - date(then, b, a)).days)
        steps["mdy"] += abs((date(year, one, two) - date(then, a, b)).days)
    near = min(steps, key=lambda name: steps[name])
    return near if steps[near] * _PLAINLY < max(steps.values()) else "unknown"


def is_address(text: str) -> bool:
    """Whether a text is one address of the internet, with or without a port."""
    try:
        ipaddress.ip_address(address_and_port(text).partition("%")[0])
    except ValueError:
        return False
    return True


def has_verb(text: str) -> bool:
    """Whether a word of the text says what somebody did."""
    return any(word.lower() in _VERBS for word in _WORDS.findall(text))


@dataclass(frozen=True)
class Values:
    """The values of one field in record order, None where a record has none. Shares are of those that are there."""

    name: str
    all: tuple[str | None, ...]

    @cached_property
    def given(self) -> list[str]:
        return [value.strip() for value in self.all if value is not None]

    @cached_property
    def filled(self) -> float:
        """In which part of the records it stands."""
        return len(self.given) / len(self.all) if self.all else 0.0

    @cached_property
    def distinct(self) -> int:
        return len(set(self.given))

    @cached_property
    def variety(self) -> float:
        """Distinct values by values: 1 where each is new."""
        return self.distinct / len(self.given) if self.given else 0.0

    def share(self, fits: Callable[[str], object]) -> float:
        """Which part of the values fit."""
        return sum(bool(fits(value)) for value in self.given) / len(self.given) if self.given else 0.0

    @cached_property
    def slashed(self) -> str:
        """Of times such as 25/03/2025 10:00:07 whether the day or the month stands first (`dmy`, `mdy`), as days past the twelfth tell, or
        where there are none, that one day of a log follows on another, and not on one a month before; `unknown` where neither does; empty
        for other values."""
        found = [_SLASHED.match(value) for value in self.given]
        known = [each for each in found if each is not None]
        if not known or len(known) < _SAME * len(found):
            return ""
        first, second = (max(int(each[place]) for each in known) > 12 for place in (1, 2))
        if first != second:
            return "dmy" if first else "mdy"
        return "unknown" if first else _nearer([(int(each[1]), int(each[2]), int(each[3])) for each in known])

    @cached_property
    def _texts(self) -> list[str]:
        """The values as times are read from them."""
        if self.slashed not in ("dmy", "mdy"):
            return [value[:48] for value in self.given]
        return [_iso(value, day_first=self.slashed == "dmy") for value in self.given]

    @cached_property
    def instants(self) -> list[int | None]:
        """The instants in microseconds, those without an offset as if in UTC; None where a value is no time of this age."""
        texts = self._texts
        if not texts:
            return []
        read, _ = read_times(pa.array(texts, pa.string()), None)
        years = 1970 + read.micros / _DAY_US / 365.2425
        fits = (read.understood | read.needs_zone) & (years >= _LEAST_YEAR) & (years < _MOST_YEAR)
        return [int(micros) if good else None for micros, good in zip(read.micros, fits, strict=True)]

    @cached_property
    def naive(self) -> bool:
        """Whether some time has no offset."""
        texts = self._texts
        return bool(read_times(pa.array(texts, pa.string()), None)[0].needs_zone.any()) if texts else False

    @cached_property
    def times(self) -> float:
        """Which part are times of this age; whole minutes and days alone are none: they are dates of something else."""
        known = [each for each in self.instants if each is not None]
        if not known or (all(each % _MINUTE_US == 0 for each in known) and self.is_("whole") == 1.0):
            return 0.0
        return len(known) / len(self.given)

    @cached_property
    def in_order(self) -> float:
        """Which part of the times is not before the one above."""
        known = [each for each in self.instants if each is not None]
        steps = list(itertools.pairwise(known))
        return sum(one <= two for one, two in steps) / len(steps) if steps else 1.0

    @cached_property
    def ascending(self) -> bool:
        """Whether whole numbers go up from record to record, as counters do."""
        numbers = [int(value) for value in self.given if _WHOLE.match(value)]
        return (
            len(numbers) > 2
            and len(numbers) == len(self.given)
            and all(a < b for a, b in itertools.pairwise(numbers))
        )

    @cached_property
    def named(self) -> Values:
        """The same without words that say that there is nobody."""
        return Values(
            self.name,
            tuple(
                None if each is not None and each.strip().lower() in _NOBODY else each for each in self.all
            ),
        )

    def is_(self, kind: str) -> float:
        """Which part of the values is of a kind."""
        return self.share(_KINDS[kind])


_KINDS: dict[str, Callable[[str], object]] = {
    "address": is_address,
    "addresses": lambda text: "," in text and all(is_address(one.strip()) for one in text.split(",")),
    "request": _REQUEST.match,
    "method": METHODS.__contains__,
    "status": lambda text: _WHOLE.match(text) and len(text) == 3 and int(text) in STATUSES,
    "path": lambda text: _PATH.match(text) and not text.startswith("//"),
    "url": _ABSOLUTE.match,
    "agent": lambda text: _AGENT.match(text) and not _PROTOCOL.match(text),
    "protocol": _PROTOCOL.match,
    "uuid": _UUID.match,
    "opaque": lambda text: _UUID.match(text) or _OPAQUE.match(text),
    "mail": _MAIL.match,
    "domain-user": _DOMAIN_USER.match,
    "realm-user": _REALM_USER.match,
    "arn": _ARN.match,
    "mac": _MAC.match,
    "public-host": _PUBLIC.match,
    # such as the labels of SELinux
    "label": lambda text: text.count(":") > 1 and not _ARN.match(text),
    "code": _CODE.match,
    "name": _NAME.match,
    "whole": _WHOLE.match,
    "number": _NUMBER.match,
    "host": lambda text: _HOST.match(text) and not is_address(text),
    "ported": lambda text: address_and_port(text) != plain_address(text),
    "level": lambda text: text.lower() in LEVELS,
    "date": _DATE.match,
    "clock": _CLOCK.match,
    "outcome": lambda text: text.lower() in _OUTCOMES,
    "boolean": lambda text: text.lower() in _BOOLEANS,
    "verb": has_verb,
}


def columns_of(rows: Sequence[dict[str, str]]) -> list[Values]:
    """The fields of records in the order in which they first stand."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [Values(name, tuple(row.get(name) for row in rows)) for name in names]
