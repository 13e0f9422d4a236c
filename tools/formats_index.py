"""docs/reference/formats.md from the format items, and columns.md from the list of columns: `python -m tools.formats_index --write | --check`."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.generated import ROOT, main, table
from whosaw.ingest.column_list import COLUMNS
from whosaw.ingest.format_cases import values_right
from whosaw.ingest.format_item import load_formats, shipped_formats

_REFERENCE = ROOT / "docs" / "reference"
_FORMATS, _COLUMNS = _REFERENCE / "formats.md", _REFERENCE / "columns.md"
_HEAD = """\
# Formats

<!-- Made by `python -m tools.formats_index --write`. -->

Each format is a file in `src/whosaw/data/formats/` with its source, the date on which it was last held
against that source, and cases: lines together with the event, or the reject, that each must become. `values` says how many
values of columns its cases state, by hand or from the document, and how many of them come out so.
`whosaw formats` prints this list. How one is found, and how to force one: [Formats](../howto/formats.md). What the columns hold:
[Columns](columns.md).

"""
_COLUMNS_HEAD = """\
# Columns

<!-- Made by `python -m tools.formats_index --write`. -->

What a format makes of a line: an event with these columns, each of which may be empty but the time. `whosaw formats columns`
prints this list, and `whosaw formats try FILE` shows which field of your log each of them is from. A source of a column is a name
(`user.id`, of JSON a path), or a text with names in braces and what is done to their values:

| written | gives |
| --- | --- |
| `a.b`, `a[0].b`, `"a.b"` | a value in JSON: below another, in a list, under a name with a dot |
| `a[kind=user].b`, `a[kind!=x,y].b` | of a list, that of the first member whose `kind` is `user`, or is there and none of these |
| `{bucket}/{key}` | several values in one text, where all of them are there |
| `{url\\|path}`, `{url\\|query}`, `{url\\|host}` | a piece of an address; `path` is without host and query |
| `{request\\|method}`, `{request\\|target\\|path}`, `{request\\|protocol}` | a piece of a request line such as `GET /a?b=1 HTTP/1.1` |
| `{x\\|first}`, `{x\\|last}` | the first, the last of several with commas between them |
| `@before.time`, `@before.level`, `@before.tag`, `@before.message`, `@after.x` | of JSON behind text: what is known of the text, and of an object behind the JSON; of containers the time alone |
| `{x\\|before:@}`, `{x\\|after:@}` | what stands before or after the first `@`, or another text |
| `{x\\|lower}`, `{x\\|upper}`, `{x\\|unplus}`, `{x\\|unpercent}` | another spelling |
| `{x\\|dmy}`, `{x\\|mdy}` | a time such as `03/04/2025 2:05:11 PM`, of which the day or the month stands first |
| `word_1`, `word_2` | of key=value lines: the words before the first pair |

"""


def page() -> dict[Path, str]:
    """Both pages."""
    rows = []
    for item in load_formats([shipped_formats()]).values():
        stated, right = values_right(item)
        cells = [
            f"`{item.id}`",
            item.title,
            item.kind,
            str(len(item.cases)),
            f"{right} of {stated}",
            item.source,
            str(item.checked),
        ]
        rows.append(cells)
    columns = [[f"`{each.name}`", each.kind, each.about] for each in COLUMNS]
    heads = ["id", "what writes it", "kind", "cases", "values", "source", "checked"]
    return {
        _FORMATS: _HEAD + table(heads, rows),
        _COLUMNS: _COLUMNS_HEAD + table(["column", "holds", "meaning"], columns),
    }


if __name__ == "__main__":
    sys.exit(main("formats_index", page))
