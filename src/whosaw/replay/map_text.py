"""The data map of a shop: which pages and statements give whose data."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .breach_item import Breach
from .shop_item import Page, Shop
from .write.pgaudit import object_of

__all__ = ["map_text"]

_KEY = re.compile(r"\bwhere\s+([A-Za-z_]\w*)\s*(?:=|between\b|>=)", re.IGNORECASE)
_SIZE = re.compile(r"[?&](\w+)=\{records\}")


def map_text(shop: Shop, breach: Breach | None) -> str:
    """A route for each page that carries personal data, and one for each table that statements read."""
    lines = [f"# Which pages of {shop.service[0].host} return whose data. Written by whosaw replay.", ""]
    tables: dict[tuple[str, str, str], list[Page]] = {}
    for page in shop.page:
        if not page.categories:
            continue
        if page.statement:
            found = _KEY.search(page.statement)
            tables.setdefault((page.method, object_of(page), found[1] if found else ""), []).append(page)
        else:
            lines += _page_route(page, _most_records(shop, breach, page))
    for (command, table, key), pages in tables.items():
        lines += _table_route(command, table, key, pages)
    return "\n".join(lines)


def _page_route(page: Page, most: int) -> list[str]:
    carried = _texts(page.categories)
    many = page.number_is in ("list", "range")
    path = page.path.partition("?")[0].replace("{number}", "{id}")
    lines = ["[[route]]", f'id = "{page.id}"', f'match = {{ method = "{page.method}", path = "{path}" }}']
    if many:
        lines.append('subject = { from = "unknown" }')
        size = _SIZE.search(page.path)
        if most:
            # where no size is asked for, the bound of the page holds
            lines.append(
                f'records = {{ from = "query", name = "{size[1] if size else "size"}", at_most = {most} }}'
            )
        elif size:
            lines.append(f'records = {{ from = "query", name = "{size[1]}" }}')
    elif page.number_is == "member":
        place = "path" if "{id}" in path else "query"
        name = "id" if place == "path" else _parameter(page.path)
        lines.append(f'subject = {{ from = "{place}", name = "{name}" }}')
    else:
        lines.append('subject = { from = "principal" }')
    lines.append(f"categories = {carried}")
    if page.secondary_at_most:
        lines.append(f"secondary = {{ at_most = {page.secondary_at_most}, categories = {carried} }}")
    return [*lines, "since = 2024-01-01", ""]


def _table_route(command: str, table: str, key: str, pages: list[Page]) -> list[str]:
    """A log does not name the columns that came back, so a table's route has the categories of all its statements."""
    categories = dict.fromkeys(each for page in pages for each in page.categories)
    subject = f'{{ from = "statement", name = "{key}" }}' if key else '{ from = "unknown" }'
    return [
        "[[route]]",
        f'id = "{command.lower()}-{table.rpartition(".")[2]}"',
        f'match = {{ action = "{command}", object = "{table}" }}',
        f"subject = {subject}",
        'records = { from = "log" }',
        f"categories = {_texts(categories)}",
        "since = 2024-01-01",
        "",
    ]


def _most_records(shop: Shop, breach: Breach | None, page: Page) -> int:
    """How many records the page gives at most, as the shop's own program limits it; 0 where nothing does."""
    asked = [partner.records for partner in shop.partner if partner.page == page.id]
    asked += [step.records for step in (breach.step if breach else ()) if step.page == page.id]
    return max(asked) if asked and min(asked) > 0 else 0


def _parameter(path: str) -> str:
    found = re.search(r"[?&](\w+)=\{number\}", path)
    return found[1] if found else "id"


def _texts(values: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"
