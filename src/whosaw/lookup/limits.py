"""When a request is answered: at once within the limits, later beyond them, and not before somebody looked where it is being harvested.

Each limit is a share that grows back (the generic cell rate algorithm of ITU-T I.371): one instant by contact, network and device says how much
of it is used. Nobody is refused. Who asks for many contacts waits for them day by day, and whoever asks for few goes first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from whosaw.store.lookup.lookup_store import MERGED, WAITING, Request, Turn

__all__ = [
    "BRAKE",
    "DAY",
    "Judged",
    "Known",
    "Limits",
    "PageWarning",
    "Share",
    "WarningKind",
    "brake_until",
    "judge",
    "rate_keys",
]

_SECOND: Final = 1_000_000
DAY: Final = 86_400 * _SECOND
_MINUTE: Final = 60 * _SECOND
BRAKE: Final = "brake"  # the setting that says until when nothing is answered
_RECENT: Final = "recent"
_DOUBTS: Final = "doubts"
_USUAL, _HARVEST = (
    0.2,
    0.6,
)  # the share of unknown contacts, or of browsers without a mark: usually, and in a harvest
_ODD: Final = math.log(_HARVEST / _USUAL)
_EVEN: Final = math.log((1 - _HARVEST) / (1 - _USUAL))
_HOURS: Final = 20  # of usual requests that are between two false warnings, at least
_LEAST: Final = 500  # requests between them, however few come
WarningKind = Literal["canary", "crowd", "strangers", "network", "networks", "guessing", "programs"]
_BRAKING: Final = ("canary", "crowd", "strangers", "networks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is answered at once. `a_minute` answers leave, `expected` requests are no surprise; a contact gets one answer a day, a
    network and a device so many. More than `strangers` unknown contacts of the last `strangers_of`, and more than `networks` networks that use up
    their share on one day, are a harvest. Of codes on paper and of sign-ins a network has so many a day. After a warning nothing is answered for `brake` seconds. What is kept goes after `keep_days`."""

    a_minute: int = 60
    expected: int = 600
    network_a_day: int = 20
    device_a_day: int = 5
    strangers: int = 40
    strangers_of: int = 80
    networks: int = 50
    brake: int = 6 * 3_600
    codes_a_day: int = 20
    sign_ons_a_day: int = 200
    keep_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many at once, and each grows back after `each` microseconds."""

    many: int
    each: int

    def take(self, until: int, now: int) -> tuple[int, int]:
        """Until when the share is used once one more is taken (`until` before), and when that one is due."""
        after = max(until, now) + self.each
        return after, max(now, after - self.many * self.each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the table says of a request: whether its contact is in it, and whether it is a canary."""

    there: bool
    canary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWarning:
    """Something that a person has to look at. `many` is how much of it there was."""

    kind: WarningKind
    at: int
    many: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of new requests, what is counted from now on, and what went beyond a limit."""

    turns: tuple[Turn, ...]
    rates: Mapping[str, int]
    settings: Mapping[str, str]
    warnings: tuple[PageWarning, ...]


@dataclass(slots=True)
class _Doubts:
    """Two cumulative sums (E. S. Page, Biometrika 41, 1954) of how much likelier requests are in a harvest than usually: by whether their contacts
    are unknown, and by whether they come without the mark that every browser is given. Each is small evidence; a run of it is not. A sum that passes
    its bar warns and begins anew. The bar grows with `hourly`, the requests of the last hour: Wald's bound on a false warning is e to minus the bar."""

    unknown: float = 0.0
    unmarked: float = 0.0
    hourly: float = 0.0
    last: int = 0

    @classmethod
    def of(cls, text: str) -> _Doubts:
        unknown, unmarked, hourly, last = text.split() if text else ("0", "0", "0", "0")
        return cls(float(unknown), float(unmarked), float(hourly), int(last))

    def text(self) -> str:
        return f"{self.unknown:.3f} {self.unmarked:.3f} {self.hourly:.3f} {self.last}"

    def take(self, *, unknown: bool, unmarked: bool, now: int) -> tuple[WarningKind, ...]:
        """One more request; what it makes certain enough to be told."""
        passed = max(0, now - self.last)
        self.hourly, self.last = self.hourly * math.exp(-passed / (3_600 * _SECOND)) + 1, max(now, self.last)
        bar = math.log(_LEAST + _HOURS * self.hourly)
        self.unknown = max(0.0, self.unknown + (_ODD if unknown else _EVEN))
        self.unmarked = max(0.0, self.unmarked + (_ODD if unmarked else _EVEN))
        told: list[WarningKind] = []
        if self.unknown > bar:
            self.unknown = 0.0
            told.append("guessing")
        if self.unmarked > bar:
            self.unmarked = 0.0
            told.append("programs")
        return tuple(told)


@dataclass(slots=True)
class _Counting:
    rates: dict[str, int]
    recent: str
    full: set[str]
    doubts: _Doubts
    warnings: dict[WarningKind, PageWarning] = field(default_factory=dict)

    def warning(self, kind: WarningKind, at: int, many: int = 1) -> None:
        before = self.warnings.get(kind)
        self.warnings[kind] = PageWarning(
            kind=kind, at=at, many=many + (before.many if before and kind != "strangers" else 0)
        )


def rate_keys(request: Request) -> tuple[str, str, str]:
    """By which the shares of a request are kept."""
    return f"c{request.key}", f"n{request.network}", f"d{request.device}"


def judge(
    requests: Sequence[Request],
    known: Sequence[Known],
    limits: Limits,
    *,
    rates: Mapping[str, int],
    settings: Mapping[str, str],
    open_keys: set[str],
    now: int,
) -> Judged:
    """Give each request its turn. `rates` are the shares of `rate_keys` and of `all`, `open_keys` contacts with an answer under way."""
    counting = _Counting(
        dict(rates),
        settings.get(_RECENT, ""),
        _full_today(settings, now),
        _Doubts.of(settings.get(_DOUBTS, "")),
    )
    under_way = set(open_keys)
    turns = [
        _turn(request, found, limits, counting, under_way, now)
        for request, found in zip(requests, known, strict=True)
    ]
    if len(counting.full) > limits.networks:
        counting.warning("networks", now, len(counting.full))
    kept = {
        _RECENT: counting.recent,
        _DOUBTS: counting.doubts.text(),
        "full": f"{now // DAY}:" + " ".join(sorted(counting.full)[: 4 * limits.networks]),
    }
    if any(each in _BRAKING for each in counting.warnings):
        kept[BRAKE] = str(now + limits.brake * _SECOND)
    return Judged(
        turns=tuple(turns), rates=counting.rates, settings=kept, warnings=tuple(counting.warnings.values())
    )


def _turn(
    request: Request, found: Known, limits: Limits, counting: _Counting, under_way: set[str], now: int
) -> Turn:
    rates = counting.rates
    contact, network, device = rate_keys(request)
    of_all = Share(many=limits.expected, each=_MINUTE // limits.expected)
    rates["all"], beyond = of_all.take(rates.get("all", 0), now)
    if beyond > now:
        counting.warning("crowd", now)
    if found.canary:
        counting.warning("canary", now)
    of_network = Share(many=limits.network_a_day, each=DAY // limits.network_a_day)
    used = max(0, rates.get(network, 0) - now) // of_network.each
    if request.key in under_way:
        return Turn(id=request.id, state=MERGED, due=0, turn=0)
    under_way.add(request.key)
    dues = [now]
    if rates.get(contact, 0) <= now:  # who asks for the same again is nobody new
        counting.recent = (counting.recent + ("1" if found.there else "0"))[-limits.strangers_of :]
        if counting.recent.count("0") >= limits.strangers:
            counting.warning("strangers", now, counting.recent.count("0"))
        unmarked = request.device == request.network
        for kind in counting.doubts.take(unknown=not found.there, unmarked=unmarked, now=now):
            counting.warning(kind, now)
    for key, share in (
        (contact, Share(many=1, each=DAY)),
        (network, of_network),
        (device, Share(many=limits.device_a_day, each=DAY // limits.device_a_day)),
    ):
        rates[key], due = share.take(rates.get(key, 0), now)
        dues.append(due)
    if used >= limits.network_a_day:
        counting.full.add(request.network)
        counting.warning("network", now)
    return Turn(id=request.id, state=WAITING, due=max(dues), turn=int(used))


def _full_today(settings: Mapping[str, str], now: int) -> set[str]:
    day, _, networks = settings.get("full", "").partition(":")
    return set(networks.split()) if day == str(now // DAY) else set()


def brake_until(settings: Mapping[str, str]) -> int:
    """Until when nothing is answered; 0 where nothing hinders."""
    return int(settings.get(BRAKE, "0"))
