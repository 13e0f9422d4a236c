"""The rules of a format as one SQL statement over raw texts."""

from __future__ import annotations

from collections.abc import Callable

from whosaw.ingest.canonical_rows import BESIDE
from whosaw.ingest.outcome_words import DONE, NOT_DONE
from whosaw.store.sql import quote_name, quote_text

from .field_rules import FieldRules, OkRule, Part, Source

__all__ = ["select_columns"]

Ref = Callable[[str], str | None]
"""Gives the SQL of a raw text column, or None where this input does not have it."""

_NUMBERS = {"status": "SMALLINT", "bytes": "BIGINT", "rows": "BIGINT", "duration_us": "DOUBLE"}
_LONGEST = 320  # characters of the names in the reason of a reject
_MAY_BE_JSON = frozenset({"time", "object", "statement"})  # a statement of a document store is JSON itself
# a request line, as servers of HTTP/0.9 to 3 write it; other texts called "request" are none
_SLASHED = "'^(\\d{1,2})[-/.](\\d{1,2})[-/.](\\d{4}),?[ T]+'"
_REQUEST = "'^([A-Za-z]+) +(?:[/*]|[A-Za-z][A-Za-z0-9+.-]*://|.* HTTP/[0-9])'"
_TARGET = "'^[A-Za-z]+ +(.*?)(?: +HTTP/[0-9](?:[.][0-9])?)? *$'"
_PROTOCOL = "' (HTTP/[0-9](?:[.][0-9])?) *$'"


def select_columns(rules: FieldRules, ref: Ref, relation: str, *, refused: str = "") -> str:
    """A SELECT over `relation` (with a column `n`, the line number) that gives `n`, `reason` (null for an
    event), and every column of the rules. Times stay text. `refused` is SQL for a further column of that
    name."""
    flat = (rules.guessed if rules.nested else frozenset()) - _MAY_BE_JSON
    texts = {
        name: _column(sources, _plain(ref) if name in flat else ref, rules.null_texts)
        for name, sources in rules.columns.items()
    }
    inner = [f"{sql} AS {quote_name('x_' + name)}" for name, sql in texts.items() if sql]
    fields = {name: _column(sources, ref, rules.null_texts) for name, sources in sorted(rules.fields.items())}
    inner += [f"{sql} AS {quote_name('f_' + name)}" for name, sql in fields.items() if sql]
    inner += [f"{_unmet(rules, ref)} AS reason", f"{_ok(rules.ok, ref)} AS rules_ok"]
    known = {name for name, sql in texts.items() if sql}
    outer = ["n", f"{_reason(rules, known)} AS reason"]
    if refused:
        inner.append(f"{refused} AS refused")
        outer.append("refused")
    for name in sorted(known):
        x = quote_name("x_" + name)
        if name in ("status", "bytes", "rows"):
            outer.append(f"try_cast({x} AS {_NUMBERS[name]}) AS {name}")
        elif name == "duration_us":
            scaled = f"round(try_cast({x} AS DOUBLE) * {rules.duration_factor!r})"
            outer.append(f"try_cast({scaled} AS BIGINT) AS duration_us")
        elif name != "ok":
            outer.append(f"{x} AS {quote_name(name)}")
    outer.append(f"{_success(rules, known)} AS ok")
    if given := [name for name, sql in fields.items() if sql]:
        outer.append(f"{_object(given)} AS fields")
    return f"SELECT {', '.join(outer)} FROM (SELECT n, {', '.join(inner)} FROM {relation})"


def _plain(ref: Ref) -> Ref:
    """The same texts without those of objects and lists."""

    def plain(name: str) -> str | None:
        sql = ref(name)
        return (
            sql
            and f"(CASE WHEN substr({sql}, 1, 1) IN ('{{', '[') AND json_valid({sql}) THEN NULL ELSE {sql} END)"
        )

    return plain


def _column(sources: tuple[Source, ...], ref: Ref, nulls: tuple[str, ...]) -> str | None:
    """The first alternative that is there. A template is there when all of its parts are."""
    found = [sql for source in sources if (sql := _source(source, ref, nulls)) is not None]
    if not found:
        return None
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def _source(source: Source, ref: Ref, nulls: tuple[str, ...]) -> str | None:
    pieces = []
    for part in source:
        if isinstance(part, Part):
            if (sql := ref(part.ref)) is None:
                return None
            sql = _filled(sql, nulls)
            for name, argument in part.filters:
                sql = _filtered(sql, name, argument)
            pieces.append(sql)
        else:
            pieces.append(quote_text(part))
    return pieces[0] if len(pieces) == 1 else "(" + " || ".join(pieces) + ")"


def _filled(sql: str, nulls: tuple[str, ...]) -> str:
    for text in nulls:
        sql = f"nullif({sql}, {quote_text(text)})"
    return sql


def _filtered(sql: str, name: str, argument: str) -> str:
    quoted = quote_text(argument)
    absolute = "'^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)'"
    if name == "before":
        return f"split_part({sql}, {quoted}, 1)"
    if name == "after":
        rest = f"substr({sql}, instr({sql}, {quoted}) + {len(argument)})"
        return f"(CASE WHEN contains({sql}, {quoted}) THEN {rest} END)"
    if name == "first":
        return f"trim(split_part({sql}, ',', 1))"
    if name == "last":
        return f"trim(split_part({sql}, ',', -1))"
    if name in ("lower", "upper"):
        return f"{name}({sql})"
    if name == "unplus":
        return f"replace({sql}, '+', ' ')"
    if name == "unpercent":
        return f"coalesce(try(url_decode({sql})), {sql})"
    if name in ("dmy", "mdy"):
        return _iso(sql, day_first=name == "dmy")
    if name == "query":
        return f"(CASE WHEN contains({sql}, '?') THEN nullif(substr({sql}, instr({sql}, '?') + 1), '') END)"
    if name == "host":
        return f"nullif(regexp_extract({sql}, {absolute}, 1), '')"
    if name in ("method", "target", "protocol"):
        part = {"method": _REQUEST, "target": _TARGET, "protocol": _PROTOCOL}[name]
        found = f"nullif(regexp_extract({sql}, {part}, 1), '')"
        return f"(CASE WHEN regexp_matches({sql}, {_REQUEST}) THEN {found} END)"
    # dashes alone say that there was none
    sql = f"(CASE WHEN regexp_matches({sql}, '[^-\u2010-\u2015. ]') THEN {sql} END)"
    plain = f"split_part({sql}, '?', 1)"
    cut = f"regexp_replace({plain}, {absolute}, '')"
    far = f"coalesce(nullif({cut}, ''), '/')"
    return f"(CASE WHEN starts_with({sql}, '/') THEN {plain} WHEN {sql} IS NOT NULL THEN {far} END)"


def _iso(sql: str, *, day_first: bool) -> str:
    """A time such as 03/04/2025 2:05:11 PM, of which the text does not say whether the day or the month stands first, as ISO 8601 writes it.
    Any other text stays what it is."""
    day = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    clocks = ("%H:%M:%S", "%I:%M:%S %p", "%H:%M", "%I:%M %p", "%H:%M:%S.%f", "%I:%M:%S.%f %p")
    forms = ", ".join(quote_text(f"{day} {clock}") for clock in clocks)
    plain = f"regexp_replace(trim({sql}), {_SLASHED}, '\\1/\\2/\\3 ')"
    read = f"CAST(try_strptime({plain}, [{forms}]) AS VARCHAR)"
    return f"(CASE WHEN regexp_matches(trim({sql}), {_SLASHED}) THEN coalesce({read}, {sql}) ELSE {sql} END)"


def _unmet(rules: FieldRules, ref: Ref) -> str:
    """Why a row is not of this format at all, or null."""
    whens = [
        (f"coalesce({sql} IN ({', '.join(map(quote_text, values))}), false)", BESIDE)
        for name, values in rules.besides.items()
        if (sql := ref(name)) is not None
    ]
    for names in rules.require:
        there = [_filled(sql, rules.null_texts) for name in names if (sql := ref(name)) is not None]
        test = f"coalesce({', '.join(there)}) IS NULL" if there else "true"
        told = names if sum(map(len, names)) <= _LONGEST else (*names[:2], f"one of {len(names) - 2} others")
        whens.append((test, f"no {' or '.join(told)}"))
    whens += [
        (f"{sql} IS NOT NULL", f"{name} belongs to another format")
        for name in rules.absent
        if (sql := ref(name)) is not None
    ]
    for name, values in rules.where.items():
        sql = ref(name)
        listed = ", ".join(quote_text(value) for value in values)
        test = f"coalesce({sql} NOT IN ({listed}), true)" if sql is not None else "true"
        whens.append((test, f"{name} is not one that this format holds"))
    for name, values in rules.where_not.items():
        if (sql := ref(name)) is not None:
            listed = ", ".join(quote_text(value) for value in values)
            whens.append((f"coalesce({sql} IN ({listed}), false)", f"{name} is one of another format"))
    if not whens:
        return "CAST(NULL AS VARCHAR)"
    return "CASE " + " ".join(f"WHEN {test} THEN {quote_text(why)}" for test, why in whens) + " END"


def _reason(rules: FieldRules, known: set[str]) -> str:
    whens = ["WHEN reason IS NOT NULL THEN reason"]
    whens.append("WHEN x_time IS NULL THEN 'no time'" if "time" in known else "WHEN true THEN 'no time'")
    for name, kind in _NUMBERS.items():
        if name in known and name not in rules.guessed:
            told = "duration" if name == "duration_us" else name
            whens.append(
                f"WHEN x_{name} IS NOT NULL AND {_is_no_number(name, kind)} THEN '{told} is not a number'"
            )
    return f"CASE {' '.join(whens)} END"


def _is_no_number(name: str, kind: str) -> str:
    if kind != "DOUBLE":
        return f"try_cast(x_{name} AS {kind}) IS NULL"
    number = f"try_cast(x_{name} AS DOUBLE)"
    return f"coalesce(NOT isfinite({number}) OR abs({number}) > 9e15, true)"


def _ok(rules: tuple[OkRule, ...], ref: Ref) -> str:
    """True, false or null (cannot tell) by the rules alone."""
    whens, told = [], []
    for rule in rules:
        sql = ref(rule.ref)
        if rule.absent:
            told.append("true")
            if sql is not None:
                whens.append(f"WHEN {sql} IS NOT NULL THEN {_answer(rule.otherwise)}")
            continue
        if sql is None:
            if rule.missing != "skip":
                whens.append(f"WHEN true THEN {_answer(rule.missing)}")
            continue
        told.append(f"{sql} IS NOT NULL")
        if rule.missing != "skip":
            whens.append(f"WHEN {sql} IS NULL THEN {_answer(rule.missing)}")
        if rule.between is not None:
            low, high = rule.between
            fits = f"coalesce(try_cast({sql} AS BIGINT) BETWEEN {low} AND {high}, false)"
        else:
            fits = f"lower({sql}) IN ({', '.join(quote_text(value.lower()) for value in rule.equals)})"
        whens.append(f"WHEN {sql} IS NOT NULL AND NOT {fits} THEN {_answer(rule.otherwise)}")
    if not told:
        return "CAST(NULL AS BOOLEAN)"
    return f"CASE {' '.join(whens)} WHEN {' OR '.join(told)} THEN true END"


def _answer(word: str) -> str:
    return "false" if word == "fail" else "CAST(NULL AS BOOLEAN)"


def _success(rules: FieldRules, known: set[str]) -> str:
    """The rules of success; without them what the source says itself; without that the HTTP status."""
    if rules.ok:
        return "rules_ok"
    answers = []
    if "ok" in known:
        true, false = (", ".join(map(quote_text, sorted(words))) for words in (DONE, NOT_DONE))
        answers.append(
            f"CASE WHEN lower(x_ok) IN ({true}) THEN true WHEN lower(x_ok) IN ({false}) THEN false END"
        )
    if "status" in known:
        answers.append("try_cast(x_status AS SMALLINT) BETWEEN 200 AND 299")
    return f"coalesce({', '.join(answers)})" if answers else "CAST(NULL AS BOOLEAN)"


def _object(names: list[str]) -> str:
    """A JSON object of texts in name order, without those that are null; null where all are."""
    pieces = []
    for name in names:
        x = quote_name("f_" + name)
        key = quote_text('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '":')
        pieces.append(f"{key} || CAST(to_json({x}) AS VARCHAR)")
    return "'{' || nullif(concat_ws(',', " + ", ".join(pieces) + "), '') || '}'"
