"""Whether counts contradict themselves or each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .canonical_json import Json

__all__ = ["count_faults", "document_faults"]

_UNITS = ("views", "accounts", "persons")


def count_faults(count: Json, where: str) -> Iterator[str]:
    """What one count says that contradicts itself."""
    lower, upper = count["lower"], count["upper"]
    if count["unit"] not in _UNITS or not isinstance(lower, int) or lower < 0:
        yield f"{where}: not a count"
    elif upper is not None and upper < lower:
        yield f"{where}: the lower bound {lower} is above the upper bound {upper}"
    elif count["exact"] is not (upper == lower):
        yield f"{where}: it says exact={count['exact']} of {lower} to {upper}"
    elif upper != lower and not count["reasons"]:
        yield f"{where}: its bounds differ and no reason is given"


def document_faults(document: Json, sizes: Mapping[str, int]) -> Iterator[str]:
    """What a version says that contradicts itself. The counts of one kind bound those of another."""
    total = {count["unit"]: count for count in document["counts"]}
    if set(total) != set(_UNITS) or len(document["counts"]) != 3:
        yield "counts: not one each of views, accounts and persons"
        return
    for unit, count in total.items():
        yield from count_faults(count, unit)
    # an account is a person; nobody is seen without a view only where one view carried several
    if _above(total["accounts"]["lower"], total["persons"]["upper"]):
        yield f"counts: at least {total['accounts']['lower']} accounts, but at most {total['persons']['upper']} persons"
    for kind, rows in document["by"].items() if isinstance(document["by"], dict) else ():
        names = [row["name"] for row in rows]
        if len(set(names)) != len(names):
            yield f"by {kind}: a name stands there twice"
        for row in rows:
            for unit in _UNITS:
                where = f"by {kind}, {row['name']}: {unit}"
                yield from count_faults(row[unit], where)
                if _above(row[unit]["lower"], total[unit]["upper"]):
                    yield f"{where}: at least {row[unit]['lower']}, more than the {total[unit]['upper']} of the whole"
            if row["first"] is not None and row["last"] is not None and row["first"] > row["last"]:
                yield f"by {kind}, {row['name']}: it ends before it begins"
        if kind in ("route", "day", "part"):  # each view is of one of them
            yield from _sum_faults(kind, [row["views"] for row in rows], total["views"])
    yield from _group_faults(document, total["accounts"], sizes)


def _above(lower: int, upper: int | None) -> bool:
    return upper is not None and lower > upper


def _sum_faults(kind: str, rows: Sequence[Json], total: Json) -> Iterator[str]:
    lower = sum(row["lower"] for row in rows)
    uppers = [row["upper"] for row in rows]
    if _above(lower, total["upper"]):
        yield f"by {kind}: views add up to at least {lower}, and the whole is at most {total['upper']}"
    if None not in uppers and total["lower"] > sum(uppers):
        yield f"by {kind}: views add up to at most {sum(uppers)}, and the whole is at least {total['lower']}"


def _group_faults(document: Json, accounts: Json, sizes: Mapping[str, int]) -> Iterator[str]:
    named = sum(group["accounts"] for group in document.get("groups", []))
    held = sizes.get("held")
    if held is not None and document.get("groups") and named != held:
        yield f"groups: they add up to {named} people, and the set of those seen holds {held}"
    whole = named if document.get("groups") else held
    if whole is None:
        return
    if accounts["lower"] > whole:
        yield f"counts: at least {accounts['lower']} accounts, and only {whole} are named"
    if _above(whole, accounts["upper"]):
        yield f"counts: {whole} accounts are named, and there are at most {accounts['upper']}"
    lowered = any(reason["code"] == "honest-among-them" for reason in accounts["reasons"])
    if accounts["lower"] != whole and not lowered:
        yield f"counts: {whole} accounts are named, and the lower bound is {accounts['lower']}"
