"""Which field of a layout holds which column, told from what the values are and how they go together, with a confidence.

A name decides only between fields whose values say the same of two of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log10

from .values import Values, has_verb, words

__all__ = ["LEAST", "Guess", "guesses"]

LEAST = 0.5
"""A column of which one is less sure is not drafted, but named as a possibility."""
_MOST = 0.99
_DOUBTED = 0.4
_NEARLY = 0.9
_MANY = 3
_NUMBERED = re.compile(r"(.*[^\W\d_])\d{1,2}\Z")
_OFTEN = 0.5  # what stands in fewer records is not what the log is about
# words in names, for fields whose values say the same
_TIME = words("time timestamp ts at when date created occurred logged event start")
_ADDRESS = words("ip addr address client remote src source peer caller from")
_PRINCIPAL = words(
    "user sub principal actor account login employee staff operator agent member viewer uid who by name "
    "caller subject username"
)
_OBJECT = words(
    "object resource target record entity id ref document doc customer patient member account acct konto card policy "
    "employee kunde kundennummer kundennr mteja"
)
# of these, whose numbers may go up from record to record for no other reason than that somebody goes through them
_WHOSE_DATA = words(
    "customer patient member account acct konto card policy kunde kundennummer kundennr mteja"
)
# of these both may be meant: who did it, and whose record it was
_EITHER = words("employee staff account subject mitarbeiter mfanyakazi")
_OTHER_END = words("resp dst dest destination server upstream backend local listener target")
_NO_NAME = words("key keys token secret session request event trace agent password hash digest uuid")
_SECRETS = tuple(words("session token key hash"))
_SESSION = words("session sid sess")
_HOST = words("host domain vhost authority server")
_ACTION = words(
    "action event operation op verb activity act type method command kitendo tendo aktion vorgang "
    "\uc791\uc5c5 \uc791\uc5c5\uba85 \uc791\uc5c5\uad6c\ubd84 \ud589\uc704 \uc218\ud589\uc5c5\ubb34 \ucc98\ub9ac\uad6c\ubd84 \u64cd\u4f5c \u51e6\u7406 \u64cd\u4f5c\u5185\u5bb9"
)
_VAGUE = words("event type method command act op")  # names of other things as well
_SCREEN = words(
    "screen page view function transaction program menu task form dialog tcode maske ansicht formular bildschirm skrini pantalla ecran"
)
_SCREEN_NAME = re.compile(r"[^\W\d_][\w -]{1,59}\Z")
_RESULT = words(
    "outcome result status success ok done matokeo tokeo hali jibu ergebnis resultat erfolg resultado resultat estado statut "
    "\uacb0\uacfc \uc0c1\ud0dc \ucc98\ub9ac\uacb0\uacfc \uc131\uacf5\uc5ec\ubd80 \u7d50\u679c \u51e6\u7406\u7d50\u679c \u72b6\u614b"
)
_FEW_WORDS = 12  # an outcome is one of so many
_NO_PERSON = words(
    "level severity service app application logger host hostname server env environment region zone "
    "version pid thread msg message type kind role channel site terminal device status result outcome "
    "method os browser country city department office tenant org ctx context conn connection item inode mode mac "
    "ttl len size proto protocol suite cipher model agent upstream worker node id port duration overhead"
)
# words by which a field says itself that it holds who did it, and those that may stand behind them
_WHO = words(
    "user username userid login principal actor account employee staff operator teller clerk subject caller "
    "benutzer mitarbeiter utilisateur usuario mtumiaji mfanyakazi \uc0ac\uc6a9\uc790 \uc791\uc5c5\uc790 \ub2f4\ub2f9\uc790"
)
_WHOSE = words("name id email mail upn login arn no number nr")
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_NAME_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A column, the source of it as an item writes it, the fields that this stands on, and how sure that is (0 to 1)."""

    column: str
    source: str
    fields: tuple[str, ...]
    confidence: float


def guesses(fields: Sequence[Values]) -> list[Guess]:
    """For each column the likeliest field, surest first for each; no field serves two columns but where one value holds both."""
    found: list[Guess] = []
    left = [each for each in fields if each.given]

    def take(*chosen: Guess | None) -> None:
        for guess in chosen:
            if guess is not None:
                found.append(guess)
                if guess.confidence >= LEAST:
                    left[:] = [each for each in left if each.name not in guess.fields]

    take(_time(left))
    take(_address(left))
    take(*_request(left))
    take(_plain("agent", left, "agent", least=0.8))
    take(_plain("protocol", left, "protocol", least=_NEARLY))
    address = _named(fields, found, "address")
    take(_action(left, known=any(each.column == "path" for each in found)) or _screen(left))
    take(_principal(left, address))
    take(_session(left, _named(fields, found, "principal")))
    if not any(each.column == "path" for each in found):
        take(_object(left))
    if not any(each.column == "status" for each in found):
        take(_outcome(left))
    return found


def _named(fields: Iterable[Values], found: Iterable[Guess], column: str) -> Values | None:
    names = {
        name
        for guess in found
        if guess.column == column and guess.confidence >= LEAST
        for name in guess.fields
    }
    return next((each for each in fields if each.name in names), None)


def _hint(field: Values, words: frozenset[str]) -> bool:
    """Whether the name says so, too."""
    return any(piece.lower() in words for piece in _NAME_PIECE.findall(field.name))


def _sure(value: float) -> float:
    return round(min(max(value, 0.0), _MOST), 2)


def _time(fields: Sequence[Values]) -> Guess | None:
    """The field that is a time in nearly every record and goes on with the lines; or a date and a clock beside each other."""
    fit = [each for each in fields if each.times >= _NEARLY and each.filled >= _OFTEN]
    most = max((each.distinct for each in fit), default=0)
    best = max(
        fit,
        key=lambda each: (
            round(each.filled * each.times, 1),
            each.distinct * 2 > most,  # what stands still is when something else was
            round(each.in_order, 1),
            _hint(each, _TIME),
            -fields.index(each),
        ),
        default=None,
    )
    if best is not None:
        alike = sum(each.in_order >= best.in_order and each.distinct * 2 > most for each in fit)
        sure = best.times * min(1.0, best.filled + 0.1) * (0.97 if alike == 1 else 0.85)
        source = f"{{{best.name}|{best.slashed}}}" if best.slashed else best.name
        return Guess(column="time", source=source, fields=(best.name,), confidence=_sure(sure))
    doubted = next((each for each in fields if each.slashed == "unknown" and each.filled >= _OFTEN), None)
    if doubted is not None:  # day or month first: nobody may guess it
        source = f"{{{doubted.name}|dmy}}"
        return Guess(column="time", source=source, fields=(doubted.name,), confidence=_DOUBTED)
    for one in fields:
        for two in fields:
            if one.is_("date") >= _NEARLY and two.is_("clock") >= _NEARLY:
                source = f"{{{one.name}}} {{{two.name}}}"
                return Guess(column="time", source=source, fields=(one.name, two.name), confidence=0.9)
    return None


def _address(fields: Sequence[Values]) -> Guess | None:
    """The addresses of many: those of a server are always the same few. Services may stand among them by name."""
    plain = [each for each in fields if each.is_("address") * each.filled >= _OFTEN]
    lists = [
        each
        for each in fields
        if each.is_("addresses") > 0 and (each.is_("addresses") + each.is_("address")) * each.filled >= _OFTEN
    ]
    best = max(
        plain or lists,
        key=lambda each: (
            round(each.filled * each.is_("address"), 1),
            not _hint(each, _OTHER_END),
            min(each.distinct, 1 + int(len(each.given) ** 0.5)),
            -each.is_("ported"),
            _hint(each, _ADDRESS),
            each.distinct,
        ),
        default=None,
    )
    if best is None:
        return None
    if best not in plain:
        source = f"{{{best.name}|first}}"
        return Guess(column="address", source=source, fields=(best.name,), confidence=0.6)
    others = [each for each in plain if each is not best and each.distinct > 1]
    sure = 0.6 if others else 0.95 if best.distinct > 1 else 0.7
    return Guess(
        column="address",
        source=best.name,
        fields=(best.name,),
        confidence=_sure(sure * (0.3 + 0.7 * best.is_("address"))),
    )


def _request(fields: Sequence[Values]) -> list[Guess]:
    """Method, path, query, status, host and referer of a request of HTTP."""
    found: list[Guess] = []
    line = _best(fields, "request", 0.8)
    if line is not None:
        name, sure = line.name, _sure(line.is_("request"))
        parts = {"method": "method", "path": "target|path", "query": "target|query", "protocol": "protocol"}
        for column, how in parts.items():
            if column != "query" or line.share(lambda text: "?" in text):
                found.append(
                    Guess(column=column, source=f"{{{name}|{how}}}", fields=(name,), confidence=sure)
                )
    else:
        method = _best(fields, "method", _NEARLY)
        path = _best(fields, "path", 0.8, lambda each: each.distinct > 1) or _best(
            fields, "url", 0.8, lambda each: each.distinct > 1
        )
        if method is not None:
            found.append(
                Guess(
                    column="method",
                    source=method.name,
                    fields=(method.name,),
                    confidence=_sure(method.is_("method")),
                )
            )
        if path is not None:
            sure = _sure((0.95 if method is not None else 0.7) * max(path.is_("path"), path.is_("url")))
            found.append(
                Guess(column="path", source=f"{{{path.name}|path}}", fields=(path.name,), confidence=sure)
            )
            if path.share(lambda text: "?" in text):
                found.append(
                    Guess(
                        column="query", source=f"{{{path.name}|query}}", fields=(path.name,), confidence=sure
                    )
                )
    http = bool(found)
    taken = {name for guess in found for name in guess.fields}
    rest = [each for each in fields if each.name not in taken]
    status = _best(rest, "status", 0.98, lambda each: each.distinct <= 20)
    if status is not None:
        sure = (
            0.5
            + 0.2 * http
            + 0.15 * (status.distinct > 1)
            + 0.12 * bool({"200", "201", "204", "302", "404"} & set(status.given))
        )
        found.append(
            Guess(column="status", source=status.name, fields=(status.name,), confidence=_sure(sure))
        )
    if http and (referer := _best(rest, "url", 0.8)) is not None:
        found.append(Guess(column="referer", source=referer.name, fields=(referer.name,), confidence=0.6))
    if (
        http
        and (host := _best(rest, "host", _NEARLY, lambda each: each.distinct <= 20 and each.filled > _NEARLY))
        is not None
    ):
        found.append(
            Guess(
                column="host",
                source=host.name,
                fields=(host.name,),
                confidence=0.6 if _hint(host, _HOST) else 0.4,
            )
        )
    return found


def _best(fields: Iterable[Values], kind: str, least: float, also: object = None) -> Values | None:
    fit = [
        each
        for each in fields
        if each.filled >= _OFTEN and each.is_(kind) >= least and (not callable(also) or also(each))
    ]
    return max(fit, key=lambda each: (round(each.filled, 1), each.distinct), default=None)


def _plain(
    column: str, fields: Sequence[Values], kind: str, *, least: float, most: float = 0.9
) -> Guess | None:
    best = _best(fields, kind, least)
    if best is None:
        return None
    return Guess(
        column=column, source=best.name, fields=(best.name,), confidence=_sure(min(most, best.is_(kind)))
    )


def _outcome(fields: Sequence[Values]) -> Guess | None:
    """Words that say whether it was done: all of them, or, where the name says so as well, most of a few. What only answers a question
    is an outcome by its name alone."""
    named = [each for each in fields if _says_outcome(each)]
    few = [each for each in named if each.distinct <= _FEW_WORDS]
    return (
        _plain(
            "ok",
            [each for each in named if each.is_("outcome") >= _NEARLY] or fields,
            "outcome",
            least=_NEARLY,
        )
        or _plain("ok", few, "outcome", least=_OFTEN, most=0.75)
        or _plain("ok", named, "boolean", least=_NEARLY, most=0.7)
        or _plain("ok", fields, "boolean", least=_NEARLY, most=_DOUBTED)
    )


def _says_outcome(field: Values) -> bool:
    return any(piece.lower() in _RESULT for piece in _NAME_PIECE.findall(field.name.rpartition(".")[2]))


def _action(fields: Sequence[Values], *, known: bool) -> Guess | None:
    """Few words, of which most say what somebody did."""
    fit = [
        each for each in fields
        if each.share(lambda text: has_verb(text) and len(text) <= 60 and text.count(" ") <= (0 if known else 2)) >= LEAST
        and each.is_("level") < LEAST and each.distinct <= max(40, len(each.given) // 2) and each.filled >= _OFTEN
    ]  # fmt: skip
    best = max(
        fit,
        key=lambda each: (round(each.filled, 1), min(each.distinct, 4), _hint(each, _ACTION), each.distinct),
        default=None,
    )
    if best is None:
        return None
    sure = (
        0.5 + 0.3 * best.is_("verb") + 0.1 * (best.distinct > 1) + 0.05 * _hint(best, _ACTION) - 0.2 * known
    )
    return Guess(column="action", source=best.name, fields=(best.name,), confidence=_sure(sure))


def _screen(fields: Sequence[Values]) -> Guess | None:
    """Few texts in the manner of names of screens or functions, in a field that is called so, or says that it is what was done."""
    fit = [
        each for each in fields
        if _hint(each, _SCREEN | (_ACTION - _VAGUE)) and not _is_other(each) and each.share(_SCREEN_NAME.match) >= _NEARLY and each.filled >= _OFTEN
        and each.distinct <= max(5, len(each.given) // 2)
    ]  # fmt: skip
    best = max(fit, key=lambda each: (round(each.filled, 1), each.distinct), default=None)
    if best is None:
        return None
    return Guess(column="action", source=best.name, fields=(best.name,), confidence=0.7)


_SHAPES = (
    ("mail", 0.95),
    ("domain-user", 0.9),
    ("arn", 0.9),
    ("realm-user", 0.85),
    ("uuid", 0.55),
    ("code", 0.68),
    ("name", 0.6),
    ("whole", 0.5),
)


def _shape(field: Values) -> float:
    shape = next((worth for kind, worth in _SHAPES if field.is_(kind) >= 0.8), 0.0)
    return min(shape, 0.5) if shape < 0.9 and field.is_("opaque") >= 0.8 else shape


def _says_who(field: Values) -> bool:
    """Whether the name says itself that it holds who did it: `user`, `principalName`, `actors[0].name`."""
    *above, last = field.name.split(".")
    pieces = [piece.lower() for piece in _NAME_PIECE.findall(last)]
    before = [piece.lower().removesuffix("s") for piece in _NAME_PIECE.findall(above[-1])] if above else []
    if any(piece in _WHO for piece in pieces):
        return all(piece in _WHO | _WHOSE for piece in pieces)
    return bool(pieces) and all(piece in _WHOSE for piece in pieces) and bool(before) and before[-1] in _WHO


def _principal(fields: Sequence[Values], address: Values | None) -> Guess | None:
    """Who did it: texts that come again, that look like somebody, and that keep to their addresses."""
    counted = _counted(fields)
    scored = [
        (score, each)
        for each in fields
        if each.name not in counted and (score := _person_score(each, address)) > 0
    ]
    if not scored:
        return None
    score, best = max(scored, key=lambda each: (each[0], each[1].distinct))
    if _hint(best, _EITHER):  # where another field says that it is who did it, this is whose record it was
        others = [
            (each, field)
            for each, field in scored
            if each >= LEAST and _says_who(field) and not _hint(field, _EITHER)
        ]
        score, best = max(others, key=lambda each: (each[0], each[1].distinct), default=(score, best))
    second = max(
        (each for each, field in scored if field is not best and not _alike(field, best)), default=0.0
    )
    doubt = 0.15 * (second > score - 0.08 and not _says_who(best))
    return Guess(column="principal", source=best.name, fields=(best.name,), confidence=_sure(score - doubt))


def _counted(fields: Sequence[Values]) -> set[str]:
    """The fields that are numbered through, as arguments of a call are (`a0`, `a1`, `a2`), unless they say who."""
    stems: dict[str, list[str]] = defaultdict(list)
    for each in fields:
        if (found := _NUMBERED.match(each.name)) is not None and not _says_who(each):
            stems[found[1]].append(each.name)
    return {name for names in stems.values() if len(names) >= _MANY for name in names}


def _alike(one: Values, two: Values) -> bool:
    """Whether two fields say the same wherever both say something."""
    both = [(a, b) for a, b in zip(one.all, two.all, strict=True) if a is not None and b is not None]
    return bool(both) and sum(a == b for a, b in both) >= _NEARLY * len(both)


def _person_score(field: Values, address: Values | None) -> float:
    says_who, filled = _says_who(field), field.filled
    field = field.named
    shape = _shape(field)
    few = field.distinct < 2 and field.is_("mail") < _NEARLY and not says_who
    if not field.given or not shape or few or field.ascending or _is_other(field):
        return 0.0
    again = (
        1.0
        if field.variety <= 0.7 and field.distinct > 2
        else 0.75
        if field.variety < 1
        else 0.4
        if shape > 0.8
        else 0.2
    )
    score = shape * again + 0.03 * log10(max(1, field.distinct))
    if address is not None and (lift := _keeps_to(field, address)) is not None:
        score += 0.2 * min(lift * 2, 1.0) if lift > 0.05 else -0.1 * (not says_who)
    score += 0.25 if says_who else 0.08 * _hint(field, _PRINCIPAL)
    last = {piece.lower() for piece in _PIECE.findall(field.name.rpartition(".")[2])}
    if not says_who:
        score -= 0.25 * any(piece in _NO_NAME or piece.endswith(_SECRETS) for piece in last)
        score -= 0.35 * bool(last & _NO_PERSON) + 0.25 * field.name.startswith("word_")
    # what says itself that it is who did it may be empty in all that nobody did
    return score * (1.0 if says_who and len(field.given) >= _MANY else min(1.0, filled + 0.3))


def _is_other(field: Values) -> bool:
    """Whether the values are something else than somebody, whatever they keep to."""
    if field.is_("level") > 0 or any(field.is_(kind) >= LEAST for kind in ("boolean", "outcome", "verb")):
        return True
    if field.is_("protocol") or field.times >= LEAST or field.is_("agent") > 0.1:
        return True
    if any(field.is_(kind) >= LEAST for kind in ("address", "mac", "public-host", "label")):
        return True
    # what stands bare before the pairs of a line: numbers there are those of processes
    return field.is_("whole") >= LEAST and field.name.startswith("word_")


def _keeps_to(field: Values, other: Values) -> float | None:
    """How much more often two records of one value share the other's value than any two records do; None where none comes again."""
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    everything: Counter[str] = Counter()
    for one, two in zip(field.all, other.all, strict=True):
        if one is not None and two is not None:
            groups[one][two] += 1
            everything[two] += 1
    within = [_same(group) for group in groups.values() if group.total() > 1]
    if not within or everything.total() < 2:
        return None
    pairs = sum(pair for pair, _ in within)
    return sum(same for _, same in within) / pairs - _same(everything)[1] / _same(everything)[0]


def _same(group: Counter[str]) -> tuple[int, int]:
    """How many pairs there are, and how many of these are alike."""
    whole = group.total()
    return whole * (whole - 1), sum(each * (each - 1) for each in group.values())


def _session(fields: Sequence[Values], principal: Values | None) -> Guess | None:
    """Long made-up texts that come again, each of one person."""
    fit = [
        each
        for each in fields
        if each.is_("opaque") >= _NEARLY and each.distinct > 2 and 0.02 < each.variety < 0.9
    ]
    scored = []
    for each in fit:
        sure = 0.55
        if principal is not None and (lift := _keeps_to(each, principal)) is not None:
            sure += 0.25 if lift > 0.3 else -0.25
        scored.append((sure, _hint(each, _SESSION), each))
    if not scored:
        return None
    sure, _, best = max(scored, key=lambda each: each[:2])
    return Guess(column="session", source=best.name, fields=(best.name,), confidence=_sure(sure))


def _object(fields: Sequence[Values]) -> Guess | None:
    """What it was done to: identifiers of many things, which are neither counters nor the event's own."""
    fit = []
    for each in fields:
        shape = (
            0.7
            if each.is_("code") >= 0.8
            else 0.6
            if each.is_("uuid") >= 0.8
            else 0.4
            if each.is_("whole") >= 0.8
            else 0.0
        )
        counter = each.ascending and not _hint(each, _WHOSE_DATA)
        own = each.variety == 1.0 and (each.is_("opaque") >= _NEARLY or counter)
        if (
            not shape
            or own
            or each.distinct < 4 - _hint(each, _OBJECT)
            or each.variety < 0.05
            or each.times >= LEAST
        ):
            continue
        if shape == 0.4 and len({len(value) for value in each.given}) <= 2 and len(each.given[0]) >= 4:
            shape = 0.55  # numbers of one length are seldom sizes or durations
        score = shape + 0.1 * _hint(each, _OBJECT) + 0.1 * min(each.variety, 1.0)
        fit.append((score, each.distinct, each))
    if not fit:
        return None
    score, _, best = max(fit, key=lambda each: each[:2])
    return Guess(column="object", source=best.name, fields=(best.name,), confidence=_sure(score))
