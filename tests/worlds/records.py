"""What other systems of the organisation recorded: the tables of a context folder, whole or damaged."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .attackers import Attackers
from .diary import Diary
from .honest import Life
from .site import Site

__all__ = ["Records", "records_of", "write_context"]

_DAY = 86_400.0
Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Tables by name; `damaged` names the one that is not what it should be."""

    tables: Mapping[str, Sequence[Row]]
    columns: Mapping[str, Sequence[str]]
    damaged: str


def _iso(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def records_of(site: Site, diary: Diary, life: Life, attackers: Attackers) -> Records:
    """The tables as they truly are, then the damage that the world wants done to one of them."""
    dice = random.Random(f"records {site.knobs.seed}")
    tables: dict[str, list[Row]] = {
        "logins": [
            {"created_at": _iso(each.at), "user_id": each.who, "sid": each.sid, "jti": each.jti, "kid": each.kid, "ip": each.ip, "expires_at": _iso(each.ended)}
            for each in sorted(diary.logins, key=lambda each: (each.at, each.sid))
        ],
        "staff": [{"employee": name, "role": "desk", "hired": _iso(site.begins - 400 * _DAY), "left": _iso(attackers.left.get(name))} for name in site.staff],
        "tickets": [
            {"assignee": agent, "customer": subject, "opened_at": _iso(opened), "closed_at": _iso(closed)}
            for agent, subject, opened, closed in sorted(diary.tickets, key=lambda each: each[2])
        ],
        "subjects": [{"member_id": each.id, "household": f"home-{each.home}", "country": "KE"} for each in site.people],
    }  # fmt: skip
    if site.knobs.auth == "token":
        tables["keys"] = [
            {"kid": site.key, "created": _iso(site.begins - 90 * _DAY), "revoked_at": "", "owner": ""},
            {
                "kid": site.old_key,
                "created": _iso(site.begins - 900 * _DAY),
                "revoked_at": _iso(site.begins - 80 * _DAY),
                "owner": "",
            },
        ]
    tables["canaries"] = [
        {"canary_id": each.id, "placed_at": _iso(site.begins - 60 * _DAY)}
        for each in site.people
        if each.made_up
    ]
    services: list[Row] = []
    if life.has_job:
        services.append(
            {
                "client_id": "svc-mailer",
                "source_ip": "172.18.0.40",
                "valid_from": _iso(site.begins - 300 * _DAY),
                "valid_until": "",
            }
        )
    if life.has_partner:
        services.append(
            {
                "client_id": life.partner,
                "source_ip": life.partner_gate.ip,
                "valid_from": _iso(site.begins - 300 * _DAY),
                "valid_until": _iso(life.partner_ends),
            }
        )
    if services:
        tables["services"] = services
        if "keys" in tables and life.has_partner:
            tables["keys"].append(
                {
                    "kid": "pk-7",
                    "created": _iso(site.begins - 300 * _DAY),
                    "revoked_at": "",
                    "owner": life.partner,
                }
            )
    columns = {name: list(rows[0]) for name, rows in tables.items() if rows}
    tables = {name: rows for name, rows in tables.items() if rows}
    damaged = _damage(site.knobs.context_damage, tables, dice)
    return Records(tables=tables, columns=columns, damaged=damaged)


def _damage(kind: str, tables: dict[str, list[Row]], dice: random.Random) -> str:
    if kind == "none":
        return ""
    name = dice.choice(sorted(each for each in tables if each in ("logins", "tickets", "staff", "services")))
    rows = tables[name]
    if kind == "header":
        tables[name] = []
    elif kind == "rows":
        share = dice.choice((0.01, 0.1, 0.4))
        tables[name] = [row for row in rows if dice.random() > share]
    elif kind == "late":
        tables[name] = rows[len(rows) // 3 :]
    else:
        hours = dice.choice((-8, 1, 9)) * 3600
        tables[name] = [{key: _shifted(value, hours) for key, value in row.items()} for row in rows]
    return name


def _shifted(value: str, seconds: int) -> str:
    try:
        return (
            _iso(datetime.fromisoformat(value).timestamp() + seconds)
            if "T" in value and "+" in value
            else value
        )
    except ValueError:
        return value


def write_context(records: Records, names: Sequence[str], folder: Path, seed: int) -> Path:
    """These tables, each as CSV, TSV or JSON lines."""
    dice = random.Random(f"context {seed}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(records.tables):
        ending = dice.choice(("csv", "tsv", "jsonl"))
        rows = records.tables[name]
        if name not in names:
            continue
        if not rows:
            ending = "csv"
        (folder / f"{name}.{ending}").write_text(_text(rows, records.columns[name], ending), encoding="utf-8")
    return folder


def _text(rows: Sequence[Row], columns: Sequence[str], ending: str) -> str:
    if ending == "jsonl":
        return "".join(json.dumps({key: value for key, value in row.items() if value}) + "\n" for row in rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter="," if ending == "csv" else "\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
