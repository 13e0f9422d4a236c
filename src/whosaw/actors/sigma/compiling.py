"""From rule files to a pack: pySigma reads and checks them, and what they ask for is looked up here.

A rule that is wrong, or asks for what cannot be said, does not run and says why; no rule keeps another from running but one
that it needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from sigma.collection import SigmaCollection
from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
)
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import RegexEngine, RegexPattern
from sigma.rule import SigmaRule
from sigma.rule.base import check_alias_expansion

from whosaw.core import client
from whosaw.core.errors import Fault, Where
from whosaw.store.patterns import pattern_fault

from .backend import Columns, NotSupportedError, SqlBackend, pipeline_of
from .correlation import Correlation, CorrelationKind, GroupField
from .logsource import LogSource, load_log_sources
from .narrowing import Needed
from .needed import needed_texts
from .pack import MAX_RULES, CompiledRule, NotRun, RulePack, RuleText, SourceColumns, digest_of
from .rule_file import NoRule, RuleDocument, RuleTexts, read_documents, read_placeholders

__all__ = ["compile_pack"]

_COMMON_COLUMNS = ("method", "protocol", "status", "host")  # one value stands in nearly all lines
_KINDS: Mapping[SigmaCorrelationType, CorrelationKind] = {
    SigmaCorrelationType.EVENT_COUNT: "event_count",
    SigmaCorrelationType.VALUE_COUNT: "value_count",
    SigmaCorrelationType.TEMPORAL: "temporal",
    SigmaCorrelationType.TEMPORAL_ORDERED: "temporal_ordered",
}
_KEYS = {"identifier": "id", "tag": "tags", "rulenotfound": "rules"}  # where a class is not named as its key
_OF_NAMES = re.compile(
    r"(?:[0-9A-Za-z_]|\.\*)*"
)  # what pySigma makes of the pattern of `1 of`, and of `them`
_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?", re.IGNORECASE)


class _RefusedError(ValueError):
    """A regular expression that is refused."""


class _Patterns(RegexEngine):
    """Checks regular expressions where pySigma would compile them, and matches the names of selections for `1 of NAME*`.

    One that Python reads and RE2 does not (it looks around, or back) is no fault of its author: its rule is named later.
    """

    def compile(self, pattern: str, flags: int = 0) -> RegexPattern:  # noqa: ARG002  # pySigma's signature
        if _OF_NAMES.fullmatch(pattern):
            return cast(RegexPattern, _Names(tuple(pattern.split(".*"))))
        if (fault := _pattern_fault(pattern)) is not None:
            raise _RefusedError(fault)
        return cast(RegexPattern, re.compile(""))  # only its faults are asked for

    @property
    def error(self) -> type[Exception]:
        return _RefusedError


@dataclass(frozen=True, slots=True)
class _Names:
    """Names with any text between these parts. Python's own engine tries them in all places, and a rule is a stranger's text."""

    parts: tuple[str, ...]

    def fullmatch(self, name: str) -> bool:
        first, *rest = self.parts
        if not rest:
            return name == first
        *middle, last = rest
        if not name.startswith(first):
            return False
        at = len(first)
        for part in middle:
            found = name.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return len(name) - at >= len(last) and name.endswith(last)


@cache
def _pattern_fault(pattern: str) -> str | None:
    fault = pattern_fault(pattern)
    if fault is None or "RE2" not in fault:
        return fault
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return "is not a regular expression"
    return None


@dataclass(slots=True)
class _Read:
    """A document that pySigma read."""

    document: RuleDocument
    rule: SigmaRule | SigmaCorrelationRule
    text: RuleText


@dataclass(slots=True)
class _Rule:
    """A rule under way."""

    read: _Read
    number: int
    source: LogSource
    columns: Columns
    condition: str
    needed: Needed | None
    values: list[str] = field(default_factory=list)


def compile_pack(texts: RuleTexts, defaults: Mapping[str, list[str]], faults: list[Fault]) -> RulePack | None:
    """The pack, or None with `faults`: what is wrong in no single rule."""
    placeholders = {**defaults, **read_placeholders(texts, faults)}
    documents = list(read_documents(texts))
    if len(documents) > MAX_RULES:
        where = Where(file=documents[MAX_RULES].file, line=documents[MAX_RULES].line)
        faults.append(Fault(code="sigma.too-many", message=f"more than {MAX_RULES:,} rules", where=where))
    if faults:
        return None
    made = _Compiling(placeholders)
    reads = _read_all(documents, made)
    for read in reads:
        if isinstance(read.rule, SigmaRule):
            made.rule(read, read.rule)
    for read in reads:
        if isinstance(read.rule, SigmaCorrelationRule):
            made.correlation(read, read.rule)
    return made.pack()


def _read_all(documents: Sequence[RuleDocument | NoRule], made: _Compiling) -> list[_Read]:
    """The rules that are right. `made` is told of all others."""
    policy = SigmaPolicy(regex_engine=_Patterns())
    reads: list[_Read] = []
    filters: list[SigmaFilter] = []
    known: dict[str, RuleDocument] = {}
    for document in documents:
        if isinstance(document, NoRule):
            made.not_run.append(_no_rule(document))
            continue
        wrong: list[tuple[int, str]] = list(document.faults)
        found = None if wrong else _read(document, policy, wrong)
        if isinstance(found, SigmaFilter):
            filters.append(found)
        elif found is not None:
            text = _text(document, found)
            names = {text.key, found.name or text.key}
            wrong += [
                (document.line_of("id", "name"), f"{key} is already {known[key].file}:{known[key].line}")
                for key in sorted(names & known.keys())
            ]
            if not wrong:
                known.update(dict.fromkeys(names, document))
                reads.append(_Read(document=document, rule=found, text=text))
        if wrong:
            made.wrong(document, wrong)
    return _resolve(reads, filters, made)


def _no_rule(found: NoRule) -> NotRun:
    text = RuleText(
        key=f"{found.file}:{found.line}", title=found.file, file=found.file, line=found.line, level="none", technique="",
    )  # fmt: skip
    return NotRun(rule=text, what=found.why, line=found.line)


def _read(
    document: RuleDocument, policy: SigmaPolicy, wrong: list[tuple[int, str]]
) -> SigmaRule | SigmaCorrelationRule | SigmaFilter | None:
    """A document as pySigma reads it; None with all that is `wrong` in it, each with its line."""
    data = document.data
    if "action" in data:
        wrong.append(
            (document.line_of("action"), "`action` was taken out of Sigma: each rule is written in full")
        )
        return None
    rule: SigmaRule | SigmaCorrelationRule | SigmaFilter | None = None
    try:
        check_alias_expansion(data, SigmaError, None)
        if "correlation" in data:
            rule = SigmaCorrelationRule.from_dict(data, collect_errors=True)
        elif "filter" in data:
            rule = SigmaFilter.from_dict(data, collect_errors=True, policy=policy)
        else:
            rule = SigmaRule.from_dict(data, collect_errors=True, policy=policy)
        errors: Sequence[Exception] = rule.errors
        if isinstance(rule, SigmaRule) and not errors:
            for condition in rule.detection.parsed_condition:
                condition.parsed  # noqa: B018  # read for its faults
    except (SigmaError, TypeError, ValueError, AttributeError, KeyError, RecursionError) as fault:
        errors = [fault]
    wrong.extend((document.line_of(*_place(document, error)), _message(error)) for error in errors)
    return None if errors else rule


def _message(error: Exception) -> str:
    text = str(error.args[0]) if error.args else type(error).__name__
    return " ".join(text.split()).rstrip(".") or type(error).__name__


def _place(document: RuleDocument, error: Exception) -> list[str]:
    """Keys at which the fault may stand, the likeliest first: the one that its class is named for, then those it names."""
    kind = (
        type(error).__name__.removeprefix("Sigma").removesuffix("Error").lower().removeprefix("correlation")
    )
    text = str(error.args[0]) if error.args else ""
    words = re.findall(r"[\w.()-]+", text.lower())
    named = [key for key in document.lines if key.lower() in words]
    return [_KEYS.get(kind, kind), *named, "detection", "correlation"]


def _named_in(table: object) -> set[str]:
    """The rules that a correlation or a filter names, if it can be told."""
    named = table.get("rules") if isinstance(table, dict) else None
    return {each for each in (named if isinstance(named, list) else [named]) if isinstance(each, str)}


def _text(document: RuleDocument, rule: SigmaRule | SigmaCorrelationRule | None) -> RuleText:
    """What a rule says of itself; of one that was not read, what can be told from its keys."""
    if rule is None:
        names = (document.data.get("id"), document.data.get("name"), f"{document.file}:{document.line}")
        return RuleText(
            key=next(each for each in names if isinstance(each, str) and each),
            title=document.title or document.file,
            file=document.file,
            line=document.line,
            level="none",
            technique="",
        )
    technique = next(
        (
            tag.name.upper()
            for tag in rule.tags
            if tag.namespace == "attack" and _TECHNIQUE.fullmatch(tag.name)
        ),
        "",
    )
    return RuleText(
        key=str(rule.id) if rule.id else rule.name or f"{document.file}:{document.line}",
        title=document.title,
        file=document.file,
        line=document.line,
        level=rule.level.name.lower() if rule.level else "none",
        technique=technique,
    )


def _resolve(reads: Sequence[_Read], filters: Sequence[SigmaFilter], made: _Compiling) -> list[_Read]:
    """Apply filters, and find the rules that correlations name."""
    collection = SigmaCollection([read.rule for read in reads], resolve_references=False)
    resolved: list[_Read] = []
    for read in reads:
        rule = read.rule
        lost = sorted({read.text.key, rule.name or read.text.key} & made.filters_lost.keys())
        try:
            if lost:
                raise NotSupportedError(f"its filter {made.filters_lost[lost[0]]} cannot be applied")
            if isinstance(rule, SigmaRule):
                for each in filters:
                    rule = each.apply_on_rule(rule)
                read.rule = rule
            elif isinstance(rule, SigmaCorrelationRule):
                rule.resolve_rule_references(collection)
        except SigmaError as fault:
            made.wrong(read.document, [(read.document.line_of("rules"), _message(fault))])
        else:
            resolved.append(read)
    return resolved


class _Compiling:
    def __init__(self, placeholders: Mapping[str, list[str]]) -> None:
        self.placeholders = placeholders
        self.rules: list[_Rule] = []
        self.by_key: dict[str, _Rule] = {}
        self.not_run: list[NotRun] = []
        self.columns: dict[str, Columns] = {}
        self.backends: dict[str, SqlBackend] = {}
        self.correlations: list[Correlation] = []
        self.reporting: dict[str, bool] = {}
        self.silent: set[str] = set()  # rules that correlations name which do not run
        self.filters_lost: dict[str, str] = {}  # rule -> the filter that it should have had

    def wrong(self, document: RuleDocument, found: Sequence[tuple[int, str]]) -> None:
        """A rule that does not run, for all that is wrong in it; the line is that of the first."""
        texts = list(dict.fromkeys(text for _, text in found))
        self.not_run.append(NotRun(rule=_text(document, None), what="; ".join(texts), line=found[0][0]))
        self.silent |= _named_in(document.data.get("correlation"))
        where = f"{document.file}:{document.line}"
        self.filters_lost |= dict.fromkeys(_named_in(document.data.get("filter")), where)

    def _not_run(self, read: _Read, what: str, *keys: str) -> None:
        self.not_run.append(NotRun(rule=read.text, what=what, line=read.document.line_of(*keys)))

    def rule(self, read: _Read, rule: SigmaRule) -> None:
        asked = rule.logsource
        ranked = sorted(
            (
                (each.fits(asked.category, asked.product, asked.service), each.id, each)
                for each in load_log_sources().values()
            ),
            key=lambda one: (-one[0], one[1]),
        )
        if not ranked or ranked[0][0] == 0:
            words = ", ".join(
                f"{name} {value}"
                for name, value in (
                    ("category", asked.category),
                    ("product", asked.product),
                    ("service", asked.service),
                )
                if value
            )
            self._not_run(read, f"no log that whosaw reads is of the log source {words}", "logsource")
            return
        source = ranked[0][2]
        columns = self.columns.setdefault(source.id, Columns(source))
        backend = self.backends.get(source.id)
        if backend is None:
            backend = self.backends[source.id] = SqlBackend(pipeline_of(source, self.placeholders), columns)
        try:
            backend.convert_rule(rule)
        except NotSupportedError as fault:
            self._not_run(read, fault.what, *_spellings(source, fault.field), "detection")
            return
        except (SigmaError, NotImplementedError) as fault:
            self._not_run(read, _message(fault), "detection")
            return
        conditions = [str(each) for each in rule.get_conversion_result()]
        common = [name for name, each in source.fields.items() if each.column in _COMMON_COLUMNS]
        made = _Rule(
            read=read,
            number=len(self.rules),
            source=source,
            columns=columns,
            condition=" OR ".join(f"({each})" for each in conditions),
            needed=_all_of([needed_texts(each.parsed, common) for each in rule.detection.parsed_condition]),
        )
        self.rules.append(made)
        for key in (read.text.key, rule.name):
            if key:
                self.by_key[key] = made

    def correlation(self, read: _Read, rule: SigmaCorrelationRule) -> None:
        try:
            made = self._correlation(read, rule)
        except NotSupportedError as fault:
            self._not_run(read, fault.what, *([fault.field] if fault.field else []), "correlation")
            # what it asked for alone is not a finding of its own, so its rules are silent as well
            for each in rule.referenced_rules:
                self._part_of(each.reference, rule.generate)
            return
        self.correlations.append(made)
        for each in rule.referenced_rules:
            self._part_of(each.reference, rule.generate)

    def _part_of(self, reference: str, generate: bool) -> None:
        found = self.by_key.get(reference)
        if found is not None:
            key = found.read.text.key
            self.reporting[key] = self.reporting.get(key, False) or generate

    def _correlation(self, read: _Read, rule: SigmaCorrelationRule) -> Correlation:
        kind = _KINDS.get(rule.type)
        if kind is None:
            raise NotSupportedError(f"correlations of type {rule.type.name.lower()} are not run", "type")
        condition = rule.condition
        if not isinstance(condition, SigmaCorrelationCondition):
            raise NotSupportedError("conditions that join rules with and, or, not are not run", "condition")
        over = {SigmaCorrelationConditionOperator.GTE: 0, SigmaCorrelationConditionOperator.GT: 1}.get(
            condition.op
        )
        if over is None:
            raise NotSupportedError(
                f"the condition {condition.op.name.lower()} is not run: a window without enough events is no line",
                "condition",
            )
        if not isinstance(condition.count, int) or condition.count < 1:
            raise NotSupportedError(f"the count {condition.count} is not a whole number above 0", "condition")
        if kind == "temporal_ordered" and condition.count + over != len(rule.referenced_rules):
            raise NotSupportedError("only some of the rules in their order are not looked for", "condition")
        rules = [self._referred(each.reference) for each in rule.referenced_rules]
        value = condition.fieldref
        if isinstance(value, list):
            raise NotSupportedError("values of several fields together are not counted", "field")
        if kind != "value_count":
            value = None
        return Correlation(
            key=read.text.key,
            title=read.text.title,
            file=read.text.file,
            line=read.text.line,
            level=read.text.level,
            technique=read.text.technique,
            kind=kind,
            rules=tuple(each.number for each in rules),
            seconds=rule.timespan.seconds,
            timespan=rule.timespan.spec,
            least=condition.count + over,
            group_by=tuple(self._field(rule, rules, name, "group-by") for name in rule.group_by or []),
            value=self._field(rule, rules, value, "field") if value else None,
        )

    def _referred(self, reference: str) -> _Rule:
        found = self.by_key.get(reference)
        if found is None:
            raise NotSupportedError(
                f"it needs {reference}, which does not run, or is a correlation itself", "rules"
            )
        return found

    def _field(self, rule: SigmaCorrelationRule, rules: Sequence[_Rule], name: str, key: str) -> GroupField:
        """The field of each rule that stands for `name`; as the client's column where it is one and the same."""
        names: list[tuple[_Rule, str]] = []
        for each in rules:
            own = name
            for alias in rule.aliases:
                if alias.alias == name:
                    found = {ref.reference: field_name for ref, field_name in alias.mapping.items()}
                    own = found.get(each.read.text.key) or found.get(each.read.rule.name or "") or name
            if own not in each.source.fields:
                raise NotSupportedError(f"events of the log source {each.source.id} have no field {own}", key)
            names.append((each, own))
        columns = {each.source.fields[own].column for each, own in names}
        if len(columns) == 1 and (column := next(iter(columns))) in client.SENT:
            return GroupField(name=name, column=column)
        places = []
        for each, own in names:
            text = each.source.fields[own].text
            if text not in each.values:
                each.values.append(text)
            places.append((each.number, each.values.index(text)))
        return GroupField(name=name, column=None, places=tuple(places))

    def pack(self) -> RulePack:
        rules = tuple(
            CompiledRule(
                text=each.read.text,
                number=each.number,
                source=each.source.id,
                condition=each.condition,
                needed=each.needed,
                values=tuple(each.values),
                reports=self.reporting.get(each.read.text.key, not self.silent & _names(each)),
            )
            for each in self.rules
        )
        columns = {name: _columns(each) for name, each in sorted(self.columns.items()) if each.fields}
        return RulePack(
            rules=rules,
            correlations=tuple(self.correlations),
            not_run=tuple(sorted(self.not_run, key=lambda each: (each.rule.file, each.line, each.rule.key))),
            columns=columns,
            digest=digest_of(rules, columns),
        )


def _names(rule: _Rule) -> set[str]:
    return {rule.read.text.key, rule.read.rule.name or rule.read.text.key}


def _spellings(source: LogSource, field: str | None) -> list[str]:
    """All names of a field: in a condition it stands under the first that holds the same."""
    known = source.fields.get(field or "")
    same = [name for name, each in source.fields.items() if known is not None and each.text == known.text]
    return [*([field] if field else []), *same]


def _all_of(parts: Sequence[Needed | None]) -> Needed | None:
    """A rule with several conditions matches where one of them does."""
    if not parts or any(part is None for part in parts):
        return None
    return frozenset[tuple[str, str]]().union(*(part for part in parts if part is not None))


def _columns(columns: Columns) -> SourceColumns:
    raw: dict[str, str] = {}
    lower: dict[str, str] = {}
    networks: dict[str, tuple[str, str]] = {}
    for used in sorted(columns.used):
        if used.startswith("net"):
            networks[used] = columns.networks[int(used[3:])]
            continue
        at = int(used[1:])
        found = columns.fields[at]
        if used[0] == "n":
            raw[used] = found.number
        else:
            raw[f"r{at}"] = found.text
            if used[0] == "l":
                lower[used] = f"r{at}"
    texts = {name: columns.fields[at].text for name, at in columns.names.items()}
    return SourceColumns(source=columns.source, raw=raw, lower=lower, networks=networks, texts=texts)
