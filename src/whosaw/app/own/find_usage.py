"""Views as the answer of `findUsage`, by which Estonia's registers tell people through eesti.ee who used their data.

Source: e-gov/AJ, protocol for telling of use, version 1.6 of 19 January 2026, and `dumonitor-openapi.yaml` 2.1.0: `totalUsages`, and
`usages` with `logtime`, `action`, `receiverCode`, `receiverSystem` (all of them asked for) and `receiverName`, the newest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant

from .settings import OwnSettings
from .views import OwnRow, OwnViews

__all__ = ["find_usage"]

_BY: Final = {
    "self": "by yourself",
    "perhaps": "with your account",
    "claimed": "with your account, without a sign-in on record",
    "staff": "by a member of staff",
    "service": "by an automatic job or a partner",
    "unknown": "by somebody whom the records do not name",
}


def find_usage(views: OwnViews, settings: OwnSettings, _now: datetime) -> Mapping[str, Any]:
    """The answer to one question for all of it. Raises `WhosawError` where the registry code of the organisation is not set, which the
    protocol asks for."""
    if not settings.code:
        raise WhosawError(
            "own.no-code",
            "findUsage asks for the registry code of the organisation, and none is set",
            hint="Set it: whosaw me set --code 12345678",
        )
    usages = [_usage(row, settings) for row in views.rows if row.kind != "gap"]
    return {"totalUsages": len(usages), "usages": usages}


def _usage(row: OwnRow, settings: OwnSettings) -> dict[str, str]:
    name = settings.organisation
    told = {
        "logtime": format_instant(row.time),
        "action": _action(row),
        "receiverCode": settings.code,
        "receiverSystem": row.source,
    }
    return {**told, "receiverName": name} if name else told


def _action(row: OwnRow) -> str:
    """What for, of which data, and by whom; where nobody set what a page is for, its name stands."""
    who = "" if row.who is None else f", {_BY[row.who.kind]}" + (f" ({row.who.role})" if row.who.role else "")
    many = f", {row.views} views" if row.views > 1 else ""
    return f"{row.purpose or row.route or 'your own account'}: {', '.join(row.categories)}{who}{many}"
