"""Types and operations of a GraphQL schema (GraphQL October 2021, section 3). Only what a map needs is read of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .answer import Answer, Parameter
from .json_fields import AnswerFields, Field

__all__ = ["answers_of_graphql", "is_graphql", "types_of_graphql"]

_BLOCK = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*', re.DOTALL)
_TYPE = re.compile(
    r"(?:^|(?<=[\s}]))(?:extend\s+)?(type|interface|input)\s+([A-Za-z_]\w*)[^{}]*\{([^{}]*)\}", re.MULTILINE
)
_FIELD = re.compile(r"([A-Za-z_]\w*)\s*(\(([^()]*)\))?\s*:\s*([\[\]!\w]+)")
_DIRECTIVE = re.compile(r"@\w+(?:\s*\([^()]*\))?")
_ARGUMENT = re.compile(r"([A-Za-z_]\w*)\s*:\s*([\[\]!\w]+)")
_ROOTS = ("Query", "Mutation", "Subscription")
_KINDS = {"Boolean": "boolean", "Int": "number", "Float": "number", "String": "string", "ID": "string"}
_MOST_DEEP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    kind: str
    many: bool
    arguments: tuple[str, ...] = ()


@dataclass(slots=True)
class _Schema:
    types: dict[str, list[_Field]] = field(default_factory=dict)
    inputs: set[str] = field(default_factory=set)


def is_graphql(text: str) -> bool:
    """Whether a text declares types of GraphQL."""
    return _TYPE.search(_BLOCK.sub(" ", text)) is not None


def types_of_graphql(text: str) -> Iterator[Answer]:
    """Each type with its own fields, and each operation with its arguments."""
    schema = _schema(text)
    for name, fields in sorted(schema.types.items()):
        if name in _ROOTS:
            for each in fields:
                parameters = tuple(Parameter(place="argument", name=argument) for argument in each.arguments)
                yield Answer(
                    name=each.name, fields=AnswerFields(), parameters=parameters, source="GraphQL",
                    frame=(each.name, each.kind),
                )  # fmt: skip
            continue
        found = AnswerFields()
        for each in fields:
            if each.kind not in schema.types:
                found.add(
                    (each.name,), Field(kind=_KINDS.get(each.kind), form=_form(each.kind), in_list=each.many)
                )
        yield Answer(name=name, fields=found, source="GraphQL", frame=(name,), at=f"{name}.")


def answers_of_graphql(text: str) -> Iterator[Answer]:
    """Each operation with all that its type leads to: what a client may be shown by it at most."""
    schema = _schema(text)
    for root in _ROOTS[:2]:
        for each in schema.types.get(root, ()):
            found = AnswerFields(listed=each.many)
            _walk(
                schema,
                each.kind,
                (each.kind,) if each.kind in schema.types else (),
                found,
                (),
                in_list=each.many,
            )
            parameters = tuple(Parameter(place="argument", name=argument) for argument in each.arguments)
            yield Answer(
                name=each.name, action=each.name, fields=found, parameters=parameters, source="GraphQL",
                frame=(each.name,),
            )  # fmt: skip


def _schema(text: str) -> _Schema:
    schema = _Schema()
    for kind, name, body in _TYPE.findall(_DIRECTIVE.sub(" ", _BLOCK.sub(" ", text))):
        held = schema.types.setdefault(name, [])
        if kind == "input":
            schema.inputs.add(name)
        for found in _FIELD.finditer(body):
            told = found.group(4)
            held.append(
                _Field(
                    name=found.group(1),
                    kind=re.sub(r"[\[\]!\s]", "", told),
                    many="[" in told,
                    arguments=tuple(name for name, _ in _ARGUMENT.findall(found.group(3) or "")),
                )
            )
    return schema


def _walk(
    schema: _Schema,
    kind: str,
    path: tuple[str, ...],
    into: AnswerFields,
    above: tuple[str, ...],
    *,
    in_list: bool,
) -> None:
    if kind in above or len(above) >= _MOST_DEEP or into.full:
        return
    for each in schema.types.get(kind, ()):
        many = in_list or each.many
        if each.kind in schema.types:
            _walk(schema, each.kind, (*path, each.name), into, (*above, kind), in_list=many)
        else:
            into.add(
                (*path, each.name), Field(kind=_KINDS.get(each.kind), form=_form(each.kind), in_list=many)
            )


def _form(kind: str) -> str | None:
    """Scalars of one's own that are named for what they hold, such as `EmailAddress`."""
    return {
        "EmailAddress": "email",
        "Email": "email",
        "PhoneNumber": "phone",
        "IPv4": "ipv4",
        "IPv6": "ipv6",
    }.get(kind)
