"""Sigma conditions as DuckDB SQL over the columns of one log source.

Text is compared in lower case unless `cased` is asked for. A comparison with a value that is not there is false, so that
`not` of it is true, as Sigma has it. Of a field that the log does not have at all neither is told: each test stands behind a mark
with the columns that its field is made of, between two NUL, which stand in no value (`lacking_in` says which are not there), and is null without them. What cannot be said raises `NotSupportedError` with the field or value it is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, cast

from sigma.conditions import ConditionFieldEqualsValueExpression, ConditionValueExpression
from sigma.conversion.base import TextQueryBackend
from sigma.conversion.state import ConversionState
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import FieldMappingTransformation, ValueListPlaceholderTransformation
from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaFieldReference,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

from whosaw.store.patterns import pattern_fault
from whosaw.store.sql import quote_text

from .field_form import FieldSql, columns_in
from .logsource import LogSource
from .narrowing import ANY_FIELD

__all__ = ["Columns", "NotSupportedError", "SqlBackend", "pipeline_of"]

_OPERATORS = {
    CompareOperators.LT: "<",
    CompareOperators.LTE: "<=",
    CompareOperators.GT: ">",
    CompareOperators.GTE: ">=",
    CompareOperators.NEQ: "<>",
}
_ABSENT = ("", "-")  # what log writers put where there is nothing; events have null there


class NotSupportedError(SigmaError):
    """A part of a rule that cannot be run. `field` is where it stands, if it stands at a field."""

    def __init__(self, what: str, field: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.field = field


class Columns:
    """The fields that the rules of one log source use, each under a short name: r as it is, l in lower case, n as a number."""

    def __init__(self, source: LogSource) -> None:
        self.source = source
        self.names: dict[str, int] = {}  # field -> number
        self.fields: list[FieldSql] = []
        self.used: set[str] = set()  # r0, l0, n2, ...
        self.networks: list[tuple[str, str]] = []  # column and network of each test that SQL does not have

    def field(self, name: str) -> int:
        """The number of a field; raises `NotSupportedError` where events of this source have no such field."""
        if name not in self.names:
            found = self.source.any_field if name == ANY_FIELD else self._known(name)
            self.names[name] = len(self.fields)
            self.fields.append(found)
        return self.names[name]

    def raw(self, name: str) -> str:
        return self._use("r", name)

    def lower(self, name: str) -> str:
        return self._use("l", name)

    def number(self, name: str) -> str:
        return self._use("n", name)

    def made_of(self, name: str) -> tuple[str, ...]:
        """The canonical columns that a field stands in."""
        return columns_in(self.fields[self.field(name)].text)

    def network(self, name: str, network: str) -> str:
        """The column that says whether an address lies in a network."""
        column = self.fields[self.field(name)].column
        if column is None:
            raise NotSupportedError(f"cidr is for fields that hold an address, and {name} does not", name)
        if (column, network) not in self.networks:
            self.networks.append((column, network))
        used = f"net{self.networks.index((column, network))}"
        self.used.add(used)
        return used

    def _use(self, kind: str, name: str) -> str:
        used = f"{kind}{self.field(name)}"
        self.used.add(used)
        return used

    def _known(self, name: str) -> FieldSql:
        found = self.source.fields.get(name)
        if found is None:
            raise NotSupportedError(f"events of the log source {self.source.id} have no field {name}", name)
        return found


def pipeline_of(source: LogSource, placeholders: Mapping[str, list[str]]) -> ProcessingPipeline:
    """Fields of the taxonomy that hold the same column get one name; placeholders get their values."""
    first: dict[str, str] = {}
    mapping: dict[str | None, str | list[str]] = {}
    for name, field in source.fields.items():
        mapping[name] = first.setdefault(field.text, name)
    return ProcessingPipeline(
        items=[
            ProcessingItem(FieldMappingTransformation(mapping)),
            ProcessingItem(ValueListPlaceholderTransformation(include=sorted(placeholders))),
        ],
        vars={name: list(values) for name, values in placeholders.items()},
    )


class SqlBackend(TextQueryBackend):
    """Converts one rule at a time. `columns` collects what the SQL refers to."""

    name: ClassVar[str] = "whosaw events"
    formats: ClassVar[dict[str, str]] = {"default": "conditions in DuckDB SQL"}
    group_expression: ClassVar[str] = "({expr})"
    parenthesize: bool = True
    or_token: ClassVar[str] = "OR"
    and_token: ClassVar[str] = "AND"
    not_token: ClassVar[str] = "NOT"
    eq_token: ClassVar[str] = "="

    def __init__(self, pipeline: ProcessingPipeline, columns: Columns) -> None:
        super().__init__(processing_pipeline=pipeline)
        self.columns = columns

    # -- a field and a value

    def convert_condition_field_eq_val_str(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        return self._text(cond.field, cast(SigmaString, cond.value), cased=False)

    def convert_condition_field_eq_val_str_case_sensitive(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        return self._text(cond.field, cast(SigmaString, cond.value), cased=True)

    def convert_condition_field_eq_val_num(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        test = f"{self.columns.number(cond.field)} = {_number(cast(SigmaNumber, cond.value))}"
        return self._told(cond.field, test)

    def convert_condition_field_eq_val_bool(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        wanted = "true" if cast(SigmaBool, cond.value) else "false"
        return self._told(cond.field, f"{self.columns.lower(cond.field)} = '{wanted}'")

    def convert_condition_field_eq_val_re(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        return self._regex(cond.field, cast(SigmaRegularExpression, cond.value))

    def convert_condition_field_eq_val_cidr(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        network = str(cast(SigmaCIDRExpression, cond.value).network)
        return self._told(cond.field, self.columns.network(cond.field, network))

    def convert_condition_field_compare_op_val(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        value = cast(SigmaCompareExpression, cond.value)
        if isinstance(value.number, SigmaTimestampPart):
            _no("parts of times", cond.field)
        test = f"{self.columns.number(cond.field)} {_OPERATORS[value.op]} {_number(value.number)}"
        return self._told(cond.field, test)

    def convert_condition_field_eq_field(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        value = cast(SigmaFieldReference, cond.value)
        one, other = self.columns.lower(cond.field), self.columns.lower(value.field)
        if value.starts_with and value.ends_with:
            test = f"contains({one}, {other})"
        elif value.starts_with or value.ends_with:
            test = f"{'starts_with' if value.starts_with else 'ends_with'}({one}, {other})"
        else:
            test = f"{one} = {other}"
        return self._marked(value.field, self._told(cond.field, test))

    def convert_condition_field_eq_val_null(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        return self._marked(cond.field, f"{self.columns.raw(cond.field)} IS NULL")

    def convert_condition_field_exists(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        return self._marked(cond.field, f"{self.columns.raw(cond.field)} IS NOT NULL")

    def convert_condition_field_eq_expansion(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        return f"({super().convert_condition_field_eq_expansion(cond, state)})"  # it may stand behind a NOT

    def convert_condition_field_eq_val_timestamp_part(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        _no("parts of times", cond.field)

    def convert_condition_field_eq_query_expr(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        _no("query expressions", cond.field)

    # -- a value alone: in any field

    def convert_condition_val_str(self, cond: ConditionValueExpression, state: ConversionState) -> str:
        value = cast(SigmaString, cond.value)
        parts = list(value.s)
        around = SpecialChars.WILDCARD_MULTI
        parts = [
            *([] if parts[:1] == [around] else [around]),
            *parts,
            *([] if parts[-1:] == [around] else [around]),
        ]
        return self._like(ANY_FIELD, parts, cased=isinstance(value, SigmaCasedString))

    def convert_condition_val_num(self, cond: ConditionValueExpression, state: ConversionState) -> str:
        return self._told(ANY_FIELD, f"contains({self.columns.lower(ANY_FIELD)}, {_quoted(str(cond.value))})")

    def convert_condition_val_re(self, cond: ConditionValueExpression, state: ConversionState) -> str:
        return self._regex(ANY_FIELD, cast(SigmaRegularExpression, cond.value))

    def convert_condition_query_expr(self, cond: ConditionValueExpression, state: ConversionState) -> str:
        _no("query expressions")

    # -- how it is said

    def _text(self, field: str, value: SigmaString, *, cased: bool) -> str:
        if value.contains_special() or value.contains_placeholder():
            return self._like(field, list(value.s), cased=cased)
        text = "".join(cast(list[str], list(value.s)))
        if text in _ABSENT:
            raw = self.columns.raw(field)
            return self._marked(field, f"{raw} IS NULL OR {raw} IN ('', '-')")
        if cased:
            return self._told(field, f"{self.columns.raw(field)} = {_quoted(text)}")
        return self._told(field, f"{self.columns.lower(field)} = lower({_quoted(text)})")

    def _told(self, field: str, test: str) -> str:
        return self._marked(field, f"coalesce({test}, false)")

    def _marked(self, field: str, test: str) -> str:
        """A test of a field, null where the log has none of the columns that the field is made of."""
        made_of = () if field == ANY_FIELD else self.columns.made_of(field)
        return f"(CASE WHEN \0{','.join(made_of)}\0 THEN {test} END)" if made_of else f"({test})"

    def _like(self, field: str, parts: list[Any], *, cased: bool) -> str:
        many = SpecialChars.WILDCARD_MULTI
        for part in parts:
            if isinstance(part, Placeholder):
                _no(f"the placeholder %{part.name}%, which placeholders.toml gives no value", field)
        if all(part == many for part in parts):
            return self._marked(field, f"{self.columns.raw(field)} IS NOT NULL")
        column = self.columns.raw(field) if cased else self.columns.lower(field)

        def literal(text: str) -> str:
            return _quoted(text) if cased else f"lower({_quoted(text)})"

        match parts:
            case [str(text), last] if last == many:
                return self._told(field, f"starts_with({column}, {literal(text)})")
            case [first, str(text)] if first == many:
                return self._told(field, f"ends_with({column}, {literal(text)})")
            case [first, str(text), last] if first == last == many:
                return self._told(field, f"contains({column}, {literal(text)})")
        pattern = "".join(
            "%" if part == many else "_" if part == SpecialChars.WILDCARD_SINGLE else _escaped(str(part))
            for part in parts
        )
        return self._told(field, f"{column} LIKE {literal(pattern)} ESCAPE '!'")

    def _regex(self, field: str, value: SigmaRegularExpression) -> str:
        if value.contains_placeholder():
            _no("placeholders in regular expressions", field)
        flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
        pattern = (f"(?{flags})" if flags else "") + value.to_plain()
        if (fault := pattern_fault(pattern)) is not None:
            _no(f"a regular expression that RE2 does not know ({fault})", field)
        return self._told(field, f"regexp_matches({self.columns.raw(field)}, {_quoted(pattern)})")


def _escaped(text: str) -> str:
    return re.sub(r"([%_!])", r"!\1", text)


def _quoted(text: str) -> str:
    if "\0" in text:
        _no("a value with a NUL character")
    return quote_text(text)


def _number(value: SigmaNumber) -> str:
    return repr(float(value.number)) if isinstance(value.number, float) else str(int(value.number))


def _no(what: str, field: str | None = None) -> NoReturn:
    raise NotSupportedError(f"it uses {what}", field or None)
