"""In which language pictures speak: in English, or as the page says that shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Self

__all__ = ["Say", "Worded", "saying", "worded"]

Say = Callable[[str], str | None]  # None: it has no words for that
_SAY: Final[ContextVar[Say | None]] = ContextVar("say", default=None)
_WORDS: Final = re.compile(r"\b[A-Za-z]+ [a-z]+\b")


class Worded(str):
    """A text as it is shown. `lang` is set where it stayed English among words of another language."""

    __slots__ = ("lang",)
    lang: str | None

    def __new__(cls, text: str, lang: str | None = None) -> Self:
        made = super().__new__(cls, text)
        made.lang = lang
        return made


@contextmanager
def saying(say: Say | None) -> Iterator[None]:
    """What is drawn within speaks as `say` does; None is English."""
    token = _SAY.set(say)
    try:
        yield
    finally:
        _SAY.reset(token)


def worded(text: str) -> Worded:
    """The text in the language that is spoken now. A name or a number is the same in each."""
    if isinstance(text, Worded):
        return text
    if (say := _SAY.get()) is None:
        return Worded(text)
    if (told := say(text)) is not None:
        return Worded(told)
    return Worded(text, "en" if _WORDS.search(text) else None)
