"""What stands on a page in which language: pieces of text that are marked as English, and those that are not."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["Page"]

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_AS_IT_IS = {"code", "pre", "script", "style", "textarea"}  # what is shown there is nobody's sentence


class Page(HTMLParser):
    """`english` is marked `lang="en"`, `plain` is not; neither holds code. `links` are paths."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.english: list[str] = []
        self.plain: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, str | None, bool]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and (given.get("href") or "").startswith("/"):
            self.links.append(str(given["href"]).partition("#")[0].partition("?")[0])
        if tag in _VOID:
            return
        _, language, code = self._open[-1] if self._open else ("", None, False)
        self._open.append((tag, given.get("lang", language), code or tag in _AS_IT_IS))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and self._open and not self._open[-1][2]:
            (self.english if self._open[-1][1] == "en" else self.plain).append(text)
