"""Events that are elements of XML: where each stands in the bytes, and the events as objects of JSON.

Attributes and children of an element are members of its object, without the prefixes of their names; children that an item calls
lists, or that come more than once, are lists; a text stands for an element that has nothing else, and under `#text` otherwise.
What stands around an element, such as a header of syslog or a declaration of XML, says nothing here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from whosaw.ingest.files.content import MAX_LINE_BYTES

from .json_records import Record

__all__ = ["XmlScanner", "element_of", "holds_elements", "line_as_json", "name_of"]

NO_ELEMENT = "no {} in it"
BREAKS_OFF = "the {} breaks off"
NOT_XML = "not XML"
DECLARES = "it declares a document type"
NESTED = "nested too deeply"
_LOOK_BYTES = 1 << 20
_MOST_DEPTH = 32
_BETWEEN = re.compile(rb"<\?.*?\?>|<!--.*?-->|</?[A-Za-z_][^<>]*>|\xef\xbb\xbf", re.DOTALL)
_TYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)")
_ESCAPED_ENDS = re.compile(r"#0(?:1[0-5]|09)")  # as rsyslog writes the ends of lines within a message


def name_of(element: str) -> str:
    """The name of a document of such elements, among those of other documents."""
    return f"<{element}>"


def element_of(names: tuple[str, ...]) -> str | None:
    """The element whose documents are among these names."""
    return next((name[1:-1] for name in names if name.startswith("<")), None)


def holds_elements(head: bytes, element: str) -> bool:
    """Whether bytes that begin so hold elements that go on over an end of a line, or several on one line."""
    begins, ends = _begin(element), _end(element)
    for line in head[:_LOOK_BYTES].split(b"\n")[:-1] or [head]:
        starts = sum(1 for _ in begins.finditer(line))
        if starts > 1 or starts != sum(1 for _ in ends.finditer(line)):
            return True
    return False


def _begin(element: str) -> re.Pattern[bytes]:
    return re.compile(rb"<(?:[\w-]+:)?" + element.encode() + rb"(?=[\s/>#])")


def _end(element: str) -> re.Pattern[bytes]:
    return re.compile(rb"</(?:[\w-]+:)?" + element.encode() + rb"\s*>")


class XmlScanner:
    """Takes the bytes of a document in pieces and gives the elements that end in each, and the lines between them that say
    something else."""

    def __init__(self, element: str) -> None:
        self._element, self._rest = element, b""
        self._begins, self._ends = _begin(element), _end(element)
        self._dead = False

    def feed(self, data: bytes) -> list[Record]:
        """The records that end in `data`."""
        return list(self._run(self._rest + data, final=False))

    def finish(self) -> list[Record]:
        """What is left at the end: an element that breaks off, lines of something else, or nothing."""
        return list(self._run(self._rest, final=True))

    def stop(self, why: str) -> list[Record]:
        """Nothing that follows is read."""
        self._dead, self._rest = True, b""
        return [Record(text=b"", why=why)]

    def _run(self, data: bytes, *, final: bool) -> Iterator[Record]:
        at = 0
        while not self._dead:
            begin = self._begins.search(data, at)
            if begin is None:
                kept = len(data) if final else _undecided(data, at)
                yield from self._others(data[at:kept])
                at = kept
                break
            end = self._ends.search(data, begin.end())
            following = self._begins.search(data, begin.end(), end.start() if end else len(data))
            if following is not None:  # one that does not end takes no other with it
                yield from self._others(data[at : begin.start()], header=True)
                yield Record(text=data[begin.start() : following.start()], why=self._why(BREAKS_OFF))
                at = following.start()
            elif end is not None:
                yield from self._others(data[at : begin.start()], header=True)
                yield Record(text=data[begin.start() : end.end()])
                at = end.end()
            elif final or len(data) - begin.start() > MAX_LINE_BYTES:
                yield from self._others(data[at : begin.start()], header=True)
                yield Record(text=data[begin.start() :], why=self._why(BREAKS_OFF))
                at = len(data)
            else:
                break
        self._rest = b"" if self._dead or final else data[at:]

    def _others(self, between: bytes, *, header: bool = False) -> Iterator[Record]:
        """Lines between two elements that say something; what stands on the line of an element, or of its declaration, before it is
        its header."""
        if header and (declared := between.rfind(b"<?xml")) >= 0:
            between = between[:declared]
        lines = between.split(b"\n")
        for line in lines[:-1] if header else lines:
            if _BETWEEN.sub(b"", line).strip():
                yield Record(text=line, why=self._why(NO_ELEMENT))

    def _why(self, reason: str) -> str:
        return reason.format(self._element)


def _undecided(data: bytes, at: int) -> int:
    """From where on bytes without an element may belong to the next one: its declaration, or a line that goes on."""
    declared = data.rfind(b"<?xml", at)
    if declared >= 0 and not _BETWEEN.sub(b"", data[declared:]).strip():
        return max(at, data.rfind(b"\n", at, declared) + 1)
    return max(at, data.rfind(b"\n", at) + 1)


def line_as_json(line: bytes, element: str, lists: frozenset[str]) -> tuple[str, str]:
    """The element on a line as an object of JSON on one line, or an empty text and why it is none."""
    begin = _begin(element).search(line)
    end = None if begin is None else _end(element).search(line, begin.end())
    if begin is None or end is None:
        return "", (NO_ELEMENT if begin is None else BREAKS_OFF).format(element)
    text = line[begin.start() : end.end()].decode("utf-8", "backslashreplace")
    if _TYPE.search(text):
        return "", DECLARES
    try:
        whole = _parsed(text)
        return json.dumps(_value(whole, lists, 1), ensure_ascii=False), ""
    except ET.ParseError:
        return "", NOT_XML
    except RecursionError:
        return "", NESTED


def _parsed(text: str) -> ET.Element:
    # no document type was declared, so that there are no entities that could grow
    try:
        return ET.fromstring(text)  # noqa: S314
    except ET.ParseError:
        return ET.fromstring(_ESCAPED_ENDS.sub(" ", text))  # noqa: S314


def _value(element: ET.Element, lists: frozenset[str], depth: int) -> Any:
    if depth > _MOST_DEPTH:
        raise RecursionError
    made: dict[str, Any] = {_plain(name): value for name, value in element.attrib.items()}
    for child in element:
        name, value = _plain(child.tag), _value(child, lists, depth + 1)
        if name in made and (name in lists or isinstance(made[name], list)):
            made[name].append(value)
        elif name in made:
            made[name] = [made[name], value]
        else:
            made[name] = [value] if name in lists else value
    text = (element.text or "").strip()
    if not made:
        return text
    return {**made, "#text": text} if text else made


def _plain(name: str) -> str:
    return name.rpartition("}")[2]
