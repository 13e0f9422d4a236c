"""What a line must hold before a rule can match it, so that most lines are passed over by one expression for all rules.

A rule that looks for `../` in the path matches no line without it. Of each rule such texts are taken, each with its field;
one regular expression per field over the texts of all rules (RE2, one pass over the text) leaves few lines for the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from whosaw.store.sql import quote_text

__all__ = ["ANY_FIELD", "Needed", "one_test"]

ANY_FIELD = ""  # stands for the texts of all fields of an event, where a keyword is looked for
Needed = frozenset[
    tuple[str, str]
]  # (field, text in lower case): a line that matches holds at least one of them


def one_test(column: str, texts: Iterable[str]) -> str:
    """A condition over an SQL expression of type text: it holds one of these texts, in whatever case.

    `lower` turns one more letter into an ASCII one than RE2 does when it ignores case: a capital I with a dot.
    """
    pattern = "|".join(re.escape(text).replace("i", "[i\u0130]") for text in sorted(set(texts)))
    return f"coalesce(regexp_matches({column}, {quote_text('(?i)' + pattern)}), false)"
