"""For mkdocs (`hooks:` in mkdocs.yml): a page under docs/ko or docs/sw is a page in that language, and the language switch of each page
leads to the same page in another language where there is one, else to that language's front page.

Plain folders need no plugin: two pages in two languages are translated, and tests/docs holds each beside the English one.
"""

from __future__ import annotations

from typing import Any

__all__ = ["LANGUAGES", "alternates", "language_of", "on_page_context", "on_post_page"]

LANGUAGES = {"en": "English", "ko": "한국어", "sw": "Kiswahili"}
_THEMED = ("en", "ko")  # languages in which the theme has its own words; elsewhere these stay English


def language_of(src: str) -> str:
    """The language of a page by its path below docs/."""
    first = src.partition("/")[0]
    return first if first in LANGUAGES else "en"


def alternates(src: str, pages: set[str]) -> list[dict[str, str]]:
    """The entries of the language switch on a page, each with the path of a built page."""
    bare = src.removeprefix(f"{language_of(src)}/")
    found = []
    for code, name in LANGUAGES.items():
        folder = "" if code == "en" else f"{code}/"
        twin = f"{folder}{bare}" if f"{folder}{bare}" in pages else f"{folder}index.md"
        found.append({"name": name, "link": twin.removesuffix(".md") + ".html", "lang": code})
    return found


def on_page_context(context: Any, page: Any, config: Any, nav: Any) -> Any:
    """Before a page is laid out: its language and its twins."""
    src = page.file.src_uri
    language = language_of(src)
    config.extra["alternate"] = alternates(src, {each.file.src_uri for each in nav.pages})
    config.theme["language"] = language if language in _THEMED else "en"
    return context


def on_post_page(output: str, page: Any, config: Any) -> str:  # noqa: ARG001  (mkdocs calls it with these names)
    """After: a language that the theme has no words in is still the language of the page."""
    return output.replace('<html lang="en"', f'<html lang="{language_of(page.file.src_uri)}"', 1)
