"""Links: what two views must share to be taken for the same party's, and when sharing it says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from whosaw.core.client import COLUMNS
from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.packs.toml_file import TomlFile, load_toml

from .habit_clause import HabitClause, read_habit
from .link_cases import LinkCase, read_cases
from .walk_clause import WalkClause, read_walk

__all__ = ["Link", "load_links", "shipped_links"]

_KNOWN: Final = (
    "id", "title", "why", "limits", "confidence", "by", "joins", "least_views", "others_per_thousand", "possible", "walk", "habit",
    "case",
)  # fmt: skip
_LEVELS: Final = ("high", "medium", "low")
_JOINS: Final = ("views", "findings", "nothing")
_COLUMNS: Final = (*COLUMNS, "habit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Views whose clients have the same values in the columns `by` belong together where at least `least_views` of them are
    held, and of every thousand held ones at most `others_per_thousand` views are explained or cannot be told.

    `joins` "views": findings, and views that no finding counts and nothing explains. "findings": these alone. "nothing": what else would join is no
    more than possible.
    `possible`: where there are more, those that are not explained may still be the actor's, and count as possible.
    `walk`: views of an address belong where they stand at turns of the actor's number walk that chance does not explain;
    `least_views` is then how many stand there, and the others are all of that address that do not.
    `habit`: what the column of that name is.
    """

    id: str
    title: str
    why: str
    limits: tuple[str, ...]
    confidence: str
    by: tuple[str, ...]
    joins: str
    least_views: int
    others_per_thousand: int
    possible: bool
    walk: WalkClause | None = None
    habit: HabitClause | None = None
    cases: tuple[LinkCase, ...] = ()

    def accepts(self, group: Mapping[str, Any]) -> bool:
        """Whether this much in common says that it is the same party."""
        others = group["explained"] + group["cannot_tell"]
        enough = group["held"] >= self.least_views
        return bool(enough and others * 1000 <= self.others_per_thousand * group["held"])


def shipped_links() -> Path:
    """The folder of the items that come with whosaw."""
    return Path(str(files("whosaw") / "data" / "links"))


def load_links(folders: Sequence[Path] | None = None) -> dict[str, Link]:
    """The links of `folders` (None: those shipped) by id. Raises `FaultsError` with every fault."""
    faults: list[Fault] = []
    found: dict[str, Link] = {}
    for folder in [shipped_links()] if folders is None else folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                file = load_toml(path)
            except FaultsError as fault:
                faults.extend(fault.faults)
                continue
            if path.stem in found:
                faults.append(file.fault("item.twice", f"{path.stem} is defined twice", item=path.stem))
                continue
            found[path.stem] = _read(file, path.stem, faults)
    for table in ("walk", "habit"):
        having = sorted(each.id for each in found.values() if getattr(each, table) is not None)
        faults.extend(
            Fault(code="item.invalid", message=f"only one link can have a table {table}; {having[0]} has one", where=Where(item=each))
            for each in having[1:]
        )  # fmt: skip
    if faults:
        raise FaultsError("links.invalid", faults)
    return found


def _read(file: TomlFile, stem: str, faults: list[Fault]) -> Link:
    data = file.data

    def wrong(message: str, *path: str | int) -> None:
        faults.append(file.fault("item.invalid", message, *path, item=stem))

    if data.get("id") != stem:
        wrong("id must be the name of the file", "id")
    for key in data.keys() - set(_KNOWN):
        wrong(f"{key} is not known here", key)
    if data.get("confidence") not in _LEVELS:
        wrong(f"confidence must be one of {', '.join(_LEVELS)}", "confidence")
    if data.get("joins") not in _JOINS:
        wrong(f"joins must be one of {', '.join(_JOINS)}", "joins")
    by = _texts(data, "by", wrong)
    for each in by:
        if each not in _COLUMNS:
            wrong(f"by holds {each!r}, which is not one of {', '.join(_COLUMNS)}", "by")
    if ("habit" in by) != (data.get("habit") is not None):
        wrong("by must name habit where there is a table habit, and only there", "by")
    if data.get("walk") is not None and by != ("address",):
        wrong('by must be ["address"] where there is a walk', "by")
    if not isinstance(data.get("possible"), bool):
        wrong("possible must be true or false", "possible")
    return Link(
        id=stem,
        title=_text(data, "title", wrong),
        why=" ".join(_text(data, "why", wrong).split()),
        limits=_texts(data, "limits", wrong),
        confidence=str(data.get("confidence")),
        by=by,
        joins=str(data.get("joins")),
        least_views=_whole(data, "least_views", 1, wrong),
        others_per_thousand=_whole(data, "others_per_thousand", 0, wrong),
        possible=data.get("possible") is True,
        walk=read_walk(data.get("walk"), wrong),
        habit=read_habit(data.get("habit"), wrong),
        cases=read_cases(data.get("case"), wrong),
    )


Wrong = Callable[..., None]


def _text(data: dict[str, Any], key: str, wrong: Wrong) -> str:
    value = data.get(key)
    if not (isinstance(value, str) and value.strip()):
        wrong(f"{key} must be a text", key)
        return ""
    return value


def _texts(data: dict[str, Any], key: str, wrong: Wrong) -> tuple[str, ...]:
    value = data.get(key)
    if not (isinstance(value, list) and value and all(isinstance(each, str) for each in value)):
        wrong(f"{key} must be a list of texts", key)
        return ()
    return tuple(value)


def _whole(data: dict[str, Any], key: str, least: int, wrong: Wrong) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        wrong(f"{key} must be a whole number from {least} on", key)
        return least
    return value
