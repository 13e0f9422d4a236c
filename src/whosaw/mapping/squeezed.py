"""Every path that a lax server may have read in a request, beside the one that the strict reading gives.

The strict reading (`normal_path`) is what standards say. Servers do more: they decode twice, fold case and width, take
`\\` or `%2F` for a separator, hand `/page/x.css` or `/index.php/page` to a page, take a host out of `//host/page`. A path
that is a mapped one in any of these readings may have been answered with that page. docs/why/spelling.md says more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .normal_path import normal_path
from .path_template import STAR, Template

__all__ = ["PathRoute", "Squeezer", "decoded_once", "path_pattern", "readings", "text_readings"]

_MOST_ROUNDS = 8  # of decoding; who encodes more often is not decoded by any server either
_MOST_PATHS = 8  # mapped paths that one target may stand for
_MOST_TAIL = 3  # further segments that a page may take as its path info
_MOST_TEXT = 16  # paths in a text that is no request line
_MOST_FRONTS = 4  # scripts in one path, behind each of which another may begin
_LONGEST = 1 << 14  # no usual server takes a longer request line
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_WIDE = re.compile(r"%u([0-9A-Fa-f]{4})", re.IGNORECASE)  # of IIS
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]{2}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FRONT = re.compile(
    r"[^/]*\.(?:php\d?|phtml|cgi|fcgi|wsgi|pl|py|rb|dll|exe|aspx?|ashx|jsp|do)", re.IGNORECASE
)
_FILE = re.compile(r"(.+)\.[A-Za-z][A-Za-z0-9]{0,5}", re.DOTALL)
_IN_TEXT = re.compile(r"[^\s\"'<>]*[/\\%][^\s\"'<>]*")
_NUMBER = re.compile(r"\+?\d+|[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_EDGES = " \t\r\n\v\f."
# a server that escapes nothing wrote a backslash and a letter, which were taken for an escape
_UNESCAPED = str.maketrans(
    dict(zip("\a\b\f\n\r\t\v", ("\\a", "\\b", "\\f", "\\n", "\\r", "\\t", "\\v"), strict=True))
)
_NO_TEXT = re.compile(r"\\x[0-9A-Fa-f]{2}")  # a byte of no UTF-8, as it is kept in events
_ENDS = re.compile(r"[\x00?#]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRoute:
    """A template of the map, and whether the page takes further segments as its own (None: it may where they name a file)."""

    template: Template
    tail: bool | None = None


def readings(target: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """The segments of each reading, the most literal first, each once; and whether more than the path itself was cut off
    at the end to come to it (a suffix or further segments that name a file)."""
    target = target[:_LONGEST].partition("#")[0]
    whole = {tuple(filter(None, normal_path(target).split("/"))): None}
    for text in _texts(_plain(target.translate(_UNESCAPED))):
        for form in _forms(text):
            for segments in _resolved(form):
                whole.setdefault(segments)
                fronts = [at for at, segment in enumerate(segments[:-1]) if _FRONT.fullmatch(segment)]
                for at in fronts[:_MOST_FRONTS]:
                    whole.setdefault(segments[at + 1 :])
                    whole.setdefault(segments[: at + 1])  # what follows a script is its own
    found = [(segments, False) for segments in whole]
    for segments in whole:
        found += [(cut, True) for cut in _without_tail(segments) if cut not in whole]
    return tuple(dict.fromkeys(found))


def text_readings(text: str) -> tuple[str, ...]:
    """What may be targets in a text that is no request line."""
    return tuple(dict.fromkeys(each[0] for each in _IN_TEXT.finditer(text)))[:_MOST_TEXT]


def _plain(text: str) -> list[str]:
    """Decoded once, twice and on until it no longer changes, in one width."""
    text = _NO_TEXT.sub("\ufffd", text)
    found = [text]
    for _ in range(_MOST_ROUNDS):
        if text.isascii() and "%" not in text:
            break
        before = text
        text = decoded_once(text)
        if text == before:
            break
        found.append(text)
    return found[1:] or found


def decoded_once(text: str) -> str:
    """One round of percent decoding, and the one width of letters that come in several."""
    text = _ENCODED.sub(_decoded, _WIDE.sub(lambda found: chr(int(found[1], 16)), text))
    return unicodedata.normalize("NFKC", text)


def _texts(decoded: Sequence[str]) -> Iterator[str]:
    """Decoded texts as servers go on with them: cut where a query, a fragment or a string of C ends, or not, with its backslashes
    for separators, or not."""
    for each in dict.fromkeys(part for text in decoded for part in (_ENDS.split(text, maxsplit=1)[0], text)):
        for form in dict.fromkeys((each.replace("\\", "/"), each)):
            yield form if form.isprintable() else "".join(filter(_shows, form))


def _shows(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs")


def _decoded(found: re.Match[str]) -> str:
    raw = _OVERLONG.sub(_shortened, bytes.fromhex(found[0].replace("%", "")))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def _shortened(found: re.Match[bytes]) -> bytes:
    first, *rest = found[0]
    code = first & (0xFF >> (len(rest) + 2))
    for byte in rest:
        code = code << 6 | byte & 0x3F
    return chr(code).encode()


def _forms(text: str) -> Iterator[str]:
    """The text as a path, and what stays of it without a scheme, without an authority."""
    yield text
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :]
        yield text
    if text.startswith("//"):
        yield text.lstrip("/").partition("/")[2]
    elif not text.startswith("/"):
        yield text.partition("/")[2]


def _resolved(text: str) -> Iterator[tuple[str, ...]]:
    """Without dot segments. Where there are any: also as servers resolve them for which `;x`, blanks and `...` are names."""
    whole = text.split("/")
    yield _names(_parent_free([_name(raw) for raw in whole], _EDGES))
    if ".." in text:
        yield _names(_parent_free(whole, ""))


def _parent_free(parts: Sequence[str], nothing: str) -> list[str]:
    """The segments that no `..` takes away; what holds nothing but letters of `nothing` is no segment."""
    segments: list[str] = []
    for part in parts:
        if part == "..":
            if segments:
                segments.pop()
        elif part != "." and part.strip(nothing):
            segments.append(part)
    return segments


def _name(part: str) -> str:
    """A segment without its parameters and, on Windows, the stream of a file."""
    return part.partition(";")[0].partition("::$")[0].strip(" \t+")


def _names(parts: Sequence[str]) -> tuple[str, ...]:
    """The names of segments, without what file systems cut off; those that are empty then are none."""
    names = (_name(part).rstrip(_EDGES).lstrip() for part in parts)
    return tuple(name for name in names if name)


def _without_tail(segments: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Without the suffix of a file, and without segments that end in one."""
    if not segments or (named := _FILE.fullmatch(segments[-1])) is None:
        return
    yield (*segments[:-1], named[1])
    for many in range(1, min(_MOST_TAIL, len(segments) - 1) + 1):
        yield segments[:-many]


class Squeezer:
    """The templates of a map, made ready to be looked for in targets."""

    def __init__(self, routes: Sequence[PathRoute]) -> None:
        self._routes = [
            (route, path_pattern(route, ignore_case=True), _word(route.template))
            for route in dict.fromkeys(routes)
        ]
        words = sorted({word for _, _, word in self._routes})
        # finds, in a path read strictly, all that may be a mapped one in another reading
        self.hint = (
            ""
            if not words or "" in words
            else "(?i)" + "|".join([r"[^\x20-\x7e]|[%\\]", *map(re.escape, words)])
        )

    def paths(self, target: str) -> tuple[str, ...]:
        """The mapped paths, spelled as the map spells them, that the target may stand for; the most literal first."""
        found: dict[str, None] = {}
        for segments, cut in readings(target):
            path = "/" + "/".join(segments)
            folded = path.casefold()
            for route, pattern, word in self._routes:
                if word not in folded or (cut and (not word or route.tail is False)):
                    continue
                if (match := pattern.fullmatch(path)) and not (
                    cut and _open_end(route.template, segments[-1:])
                ):
                    found.setdefault(_spelled(route.template, match))
                    if len(found) >= _MOST_PATHS:
                        return tuple(found)
        return tuple(found)


def _open_end(template: Template, last: tuple[str, ...]) -> bool:
    """Whether what was cut off may be a page of its own below a folder: the template ends in an open place, and what would
    stand there is a name. Files lie below folders with names, hardly below numbers."""
    return bool(template.holes) and not template.suffix and not all(_NUMBER.fullmatch(each) for each in last)


def _word(template: Template) -> str:
    """The longest literal segment, folded: without it no reading is of this template. Empty where there is none."""
    words = [
        part
        for literal in template.literals
        for part in re.split(r"[/\\%;.\s]", unicodedata.normalize("NFKC", literal).casefold())
        if part.isascii()
    ]
    return max(words, key=lambda each: (len(each), each), default="")


def path_pattern(route: PathRoute, *, ignore_case: bool) -> re.Pattern[str]:
    """For a full match of a path; a group for each hole of the template."""
    template = route.template
    literals, holes, end = template.literals, template.holes, "(?:/.*)?" if route.tail else ""
    if template.bare_end:
        literals, holes, end = (*literals[:-2], literals[-2][:-1]), holes[:-1], "(/.*)?"
    out = [re.escape(literals[0])]
    for hole, literal in zip(holes, literals[1:], strict=True):
        out += ["(.*)" if hole == STAR else "([^/]+)", re.escape(literal)]
    return re.compile("".join(out) + end, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _spelled(template: Template, match: re.Match[str]) -> str:
    """The matched path with the literals of the template."""
    literals, groups = template.literals, [each or "" for each in match.groups()]
    if template.bare_end:
        literals = (*literals[:-2], literals[-2][:-1], "")
    out = [literals[0]]
    for group, literal in zip(groups, literals[1:], strict=True):
        out += [group, literal]
    return "".join(out)
