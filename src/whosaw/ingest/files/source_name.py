"""From a file name to the stream of logs it belongs to, and the order in which a rotated stream was written.

Rotation schemes: logrotate (numbers, `dateext`, `dateformat` with an epoch, `extension`), log4j and logback
(date, then a rising index), multilog and svlogd (`@` and a TAI64N stamp beside `current`), Tomcat, IIS (`u_exYYMMDD.log`), and the names that AWS gives to objects (load
balancers and CloudTrail, CloudFront, S3 access logs, folders YYYY/MM/DD).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["RotatedName", "read_member_name", "read_name", "rotated_order"]

_PACKED = re.compile(
    r"\.(?:gz|zstd?|bz2|xz|lzma|Z|lz4|zip|tar|tgz|tbz2?|tb2|txz|tzst|parquet)$", re.IGNORECASE
)
_DAY = r"(?P<y>(?:19|20)\d\d)(?P<s>[-_.]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])"
_TIME = r"[-_.T]?(?P<H>[01]\d|2[0-3])(?:[-_.:]?(?P<M>[0-5]\d)(?:[-_.:]?(?P<S>[0-5]\d))?)?"
_AWS_TAIL = (
    r"Z(?:_\d{1,3}(?:\.\d{1,3}){3})?_[A-Za-z0-9]{6,24}(?=\.|$)"  # load balancer, CloudTrail
    r"|-[0-9A-F]{16}$"  # S3 access log
    r"|\.[0-9a-f]{8}(?=\.|$)"  # CloudFront
)
_DATED = re.compile(rf"(?<!\d){_DAY}(?:-(?P<epoch>\d{{10}})|{_TIME}(?:{_AWS_TAIL}|Z)?)?(?!\d)")
_MONTH = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)[-_](?P<m>0[1-9]|1[0-2])(?![-_]?\d)")
_IIS = re.compile(
    r"^(?P<stem>u_(?:ex|in|nc))(?P<y>\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?P<H>\d\d)?(?=_x|\.|$)"
)
_NUMBER = re.compile(
    r"(?<!\d)\.(?P<n>\d{1,3})(?P<extension>\.(?:log|txt|json|jsonl|csv|tsv|out|err))?$", re.IGNORECASE
)
_DAY_FOLDERS = re.compile(
    r"(?:^|(?<=/))(?P<y>(?:19|20)\d\d)/(?P<m>0[1-9]|1[0-2])/(?P<d>[0-3]\d)(?:/(?P<H>[01]\d|2[0-3]))?/"
)
_DAY_FOLDER = re.compile(rf"(?:^|(?<=/)){_DAY}/")
_TAI64 = re.compile(r"@(?P<stamp>[0-9a-f]{16,24})(?:\.[su])?\Z")
_DATED_RANK, _NUMBERED_RANK, _CURRENT_RANK = 0, 1, 2

Rank = tuple[int, str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedName:
    """`source` is the name of the stream, `ranks` sorts its parts, oldest first."""

    source: str
    ranks: tuple[Rank, ...]


def read_name(name: str) -> RotatedName:
    """What a name (relative, with `/`) says about rotation.

    Dates sort before numbers, those before the current file; of numbers the highest is the oldest, but after
    a date in the same name the lowest.
    """
    name, folder_stamp = _without_folder_dates(name)
    folder, slash, base = name.rpartition("/")
    base = _without_packing(base)
    rank: Rank
    if (tai := _TAI64.match(base)) is not None:
        rank = (_DATED_RANK, tai["stamp"], 0, 0)
        return RotatedName(source=f"{folder}{slash}current", ranks=(rank,))
    base, stamp = _without_date(base)
    number = _NUMBER.search(base)
    if number is not None and number.start() > 0:
        base = base[: number.start()] + (number["extension"] or "")
    base = _without_packing(base)
    n = int(number["n"]) if number is not None else 0
    if stamp:
        rank = (_DATED_RANK, stamp, 0, n)
    elif number is not None:
        rank = (_DATED_RANK if folder_stamp else _NUMBERED_RANK, folder_stamp, 0, -n)
    else:
        rank = (_DATED_RANK if folder_stamp else _CURRENT_RANK, folder_stamp, 1, 0)
    source = folder + slash + base if base else folder
    return RotatedName(source=source or "log", ranks=(rank,))


def read_member_name(archive: str, member: str) -> RotatedName:
    """The same for a member of an archive.

    `logs-20250101.tar.gz` and `logs-20250102.tar.gz` that hold the same member are parts of one source, in
    the order of the archives.
    """
    outer, inner = read_name(archive), read_name(member.lstrip("./"))
    return RotatedName(source=f"{outer.source}/{inner.source}", ranks=outer.ranks + inner.ranks)


def rotated_order(names: Iterable[str]) -> list[str]:
    """Names by source, each source oldest first. The order of the input does not matter."""

    def key(name: str) -> tuple[str, tuple[Rank, ...], str]:
        parts = read_name(name)
        return parts.source, parts.ranks, name

    return sorted(names, key=key)


def _without_packing(base: str) -> str:
    while (shorter := _PACKED.sub("", base)) and shorter != base:
        base = shorter
    return base


def _without_date(base: str) -> tuple[str, str]:
    """The base name without its (last) date, and the date as digits that sort."""
    iis = _IIS.match(base)
    if iis is not None:
        return iis["stem"] + base[iis.end() :], "20" + _digits(iis, "ymdH")
    found = [*_DATED.finditer(base)] or [*_MONTH.finditer(base)]
    if not found:
        return base, ""
    match = found[-1]
    before, after = base[: match.start()].rstrip("-_."), base[match.end() :]
    if not before:
        after = after.lstrip("-_.")
    stamp = _digits(match, "ymdHMS")
    epoch = match.groupdict().get("epoch")
    return before + after, f"{stamp}{epoch}" if epoch else stamp


def _without_folder_dates(name: str) -> tuple[str, str]:
    for pattern in (_DAY_FOLDERS, _DAY_FOLDER):
        match = pattern.search(name)
        if match is not None:
            return name[: match.start()] + name[match.end() :], _digits(match, "ymdH")
    return name, ""


def _digits(match: re.Match[str], groups: str) -> str:
    found = match.groupdict()
    return "".join(found.get(group) or "" for group in groups)
