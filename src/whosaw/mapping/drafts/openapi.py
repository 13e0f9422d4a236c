"""Answers from OpenAPI 3 and Swagger 2.0 documents: paths, parameters, and the fields of response schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from whosaw.core.errors import Where, WhosawError

from .answer import Answer, Parameter
from .json_fields import AnswerFields, Field

__all__ = ["answers_of_openapi"]

_METHODS = ("get", "post", "put", "patch", "delete")
_MAX_DEPTH = 24
_MAX_NODES = 50_000


def answers_of_openapi(document: Any, *, name: str) -> Iterator[Answer]:
    """What each operation answers with, in document order; `name` is the document's."""
    version = document.get("openapi", document.get("swagger")) if isinstance(document, dict) else None
    if not isinstance(version, str) or not version.startswith(("3.", "2.")):
        raise WhosawError(
            "suggest.not-openapi", "is neither OpenAPI 3 nor Swagger 2.0", where=Where(file=name)
        )
    base = _base_path(document)
    paths = document.get("paths")
    for path, entry in (paths if isinstance(paths, dict) else {}).items():
        item = _Schemas(document).resolve(entry)
        if not isinstance(item, dict) or not isinstance(path, str):
            continue
        for method in _METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                yield _operation(document, base + path, method, item, operation)


def _operation(
    document: dict[str, Any],
    path: str,
    method: str,
    item: dict[str, Any],
    operation: dict[str, Any],
) -> Answer:
    schemas = _Schemas(document)
    parameters = _parameters(schemas, [*_list(item.get("parameters")), *_list(operation.get("parameters"))])
    answer = AnswerFields()
    responses = operation.get("responses")
    for status, entry in (responses if isinstance(responses, dict) else {}).items():
        if not str(status).upper().startswith("2") and status != "default":
            continue
        if status == "default" and any(str(other).startswith("2") for other in responses or {}):
            continue
        response = schemas.resolve(entry)
        content = response.get("content") if isinstance(response, dict) else None
        if isinstance(response, dict) and "schema" in response:  # Swagger 2.0
            schemas.walk(response["schema"], answer)
        for media, body in (content if isinstance(content, dict) else {}).items():
            if "json" in str(media) and isinstance(body, dict):
                schemas.walk(body.get("schema"), answer)
    answer.notes |= schemas.notes
    return Answer(
        method=method.upper(),
        path=path,
        parameters=tuple(parameters),
        fields=answer,
        sent=_sent(document, item, operation),
        source="OpenAPI",
    )


def _sent(document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]) -> AnswerFields:
    """The fields of what is sent: the body of OpenAPI 3, the parameter in the body of Swagger 2.0."""
    schemas, found = _Schemas(document, sent=True), AnswerFields()
    body = schemas.resolve(operation.get("requestBody"))
    content = body.get("content") if isinstance(body, dict) else None
    for media in content.values() if isinstance(content, dict) else ():
        if isinstance(media, dict):
            schemas.walk(media.get("schema"), found)
    for entry in map(schemas.resolve, [*_list(item.get("parameters")), *_list(operation.get("parameters"))]):
        if isinstance(entry, dict) and entry.get("in") == "body":
            schemas.walk(entry.get("schema"), found)
        elif isinstance(entry, dict) and entry.get("in") == "formData" and entry.get("name"):
            found.add((str(entry["name"]),), Field(kind=_type_of(entry)))
    return found


def _parameters(schemas: _Schemas, entries: list[Any]) -> list[Parameter]:
    out = []
    for entry in map(schemas.resolve, entries):
        if not isinstance(entry, dict) or entry.get("in") not in ("query", "header"):
            continue
        schema = schemas.resolve(entry.get("schema", entry))  # Swagger 2.0 has no schema of its own here
        schema = schema if isinstance(schema, dict) else {}
        most = schema.get("maximum")
        whole = most if isinstance(most, int) and not isinstance(most, bool) and 0 <= most < 2**31 else None
        if isinstance(entry.get("name"), str) and entry["name"]:
            many = schema.get("type") == "array"
            out.append(Parameter(place=entry["in"], name=entry["name"], at_most=whole, many=many))
    return out


class _Schemas:
    """Follows `$ref` inside one document, and walks schemas with limits on depth and size."""

    def __init__(self, document: dict[str, Any], *, sent: bool = False) -> None:
        self._document = document
        self._nodes = 0
        self._sent = sent
        self.notes: set[str] = set()

    def resolve(self, node: Any) -> Any:
        """What a reference stands for; None where it leads nowhere or in a circle."""
        seen = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            if reference in seen:
                return None
            seen.add(reference)
            if not reference.startswith("#"):
                self.notes.add(f"a schema in another document was not read: {reference[:100]}")
                return None
            node = self._at(reference[1:])
        return node

    def _at(self, pointer: str) -> Any:
        node: Any = self._document
        for step in (raw.replace("~1", "/").replace("~0", "~") for raw in pointer.split("/")[1:]):
            if isinstance(node, dict):
                node = node.get(step)
            elif isinstance(node, list) and step.isdigit() and len(step) < 7 and int(step) < len(node):
                node = node[int(step)]
            else:
                return None
        return node

    def walk(self, schema: Any, into: AnswerFields) -> None:
        """Add the fields of a response schema."""
        into.listed = into.listed or self._is_list(schema)
        self._walk(schema, (), into, (), in_list=False)

    def _walk(
        self, node: Any, path: tuple[str, ...], into: AnswerFields, above: tuple[int, ...], *, in_list: bool
    ) -> None:
        node = self.resolve(node)
        self._nodes += 1
        if (
            not isinstance(node, dict)
            or id(node) in above
            or len(above) > _MAX_DEPTH
            or self._nodes > _MAX_NODES
        ):
            if self._nodes > _MAX_NODES:
                self.notes.add("the schema is too large to be read whole")
            return
        above = (*above, id(node))
        for word in ("allOf", "oneOf", "anyOf"):
            for part in _list(node.get(word)):
                self._walk(part, path, into, above, in_list=in_list)
        properties = node.get("properties")
        for name, inner in (properties if isinstance(properties, dict) else {}).items():
            self._walk(inner, (*path, str(name)), into, above, in_list=in_list)
        if isinstance(node.get("additionalProperties"), dict):
            self._walk(node["additionalProperties"], path, into, above, in_list=True)
        if isinstance(items := node.get("items"), dict):
            most = node.get("maxItems")
            if isinstance(most, int) and not isinstance(most, bool) and 0 <= most < 2**31:
                into.list_at_most = max(into.list_at_most or 0, most)
            self._walk(items, path, into, above, in_list=True)
        elif (
            not isinstance(properties, dict)
            and _type_of(node) not in ("object", "array")
            and not any(word in node for word in ("allOf", "oneOf", "anyOf"))
            and (self._sent or not node.get("writeOnly"))
        ):
            form = node.get("format")
            into.add(
                path,
                Field(form=form if isinstance(form, str) else None, kind=_type_of(node), in_list=in_list),
            )

    def _is_list(self, schema: Any, depth: int = 0) -> bool:
        """An array, or an object that is a wrapper around one array of objects."""
        node = self.resolve(schema)
        if not isinstance(node, dict) or depth > 8:
            return False
        if node.get("type") == "array" or "items" in node:
            return True
        if any(self._is_list(part, depth + 1) for part in _list(node.get("allOf"))):
            return True
        properties = node.get("properties")
        inner = [self.resolve(v) for v in properties.values()] if isinstance(properties, dict) else []
        arrays = [v for v in inner if isinstance(v, dict) and "items" in v]
        records = [v for v in arrays if isinstance(self.resolve(v["items"]), dict)]
        objects = [v for v in inner if isinstance(v, dict) and "properties" in v]
        plain = [v for v in inner if isinstance(v, dict) and v.get("type") == "string"]
        return (
            len(arrays) == len(records) == 1
            and not objects
            and not plain
            and _holds_objects(self, records[0])
        )


def _type_of(node: dict[str, Any]) -> str | None:
    """The type of a schema; of the several that OpenAPI 3.1 allows, the one that is not null."""
    told = node.get("type")
    named = [each for each in told if each != "null"] if isinstance(told, list) else [told]
    return named[0] if len(named) == 1 and isinstance(named[0], str) else None


def _holds_objects(schemas: _Schemas, array: dict[str, Any]) -> bool:
    entry = schemas.resolve(array["items"])
    return isinstance(entry, dict) and any(
        word in entry for word in ("properties", "allOf", "oneOf", "anyOf")
    )


def _base_path(document: dict[str, Any]) -> str:
    """The path that the first server puts before every other, with its variables at their defaults."""
    if isinstance(base := document.get("basePath"), str):  # Swagger 2.0
        return base.rstrip("/")
    servers = _list(document.get("servers"))
    first = servers[0] if servers and isinstance(servers[0], dict) else {}
    url = first.get("url")
    if not isinstance(url, str):
        return ""
    variables = first.get("variables")
    for name, variable in (variables if isinstance(variables, dict) else {}).items():
        default = variable.get("default") if isinstance(variable, dict) else None
        url = url.replace("{" + str(name) + "}", str(default if default is not None else ""))
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
