"""Writes a diary as the log of a server, and damages it."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from .diary import Act
from .site import Knobs

__all__ = ["Written", "write_log"]

OWN = "json:time=at.when,address=from.ip,agent=from.ua,principal=who.id,session=who.session,token=who.token,key=who.key,method=http.verb,path={http.url|path},query={http.url|query},status=http.code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The log on disk: which act stands in which line of which file (None: a header), and how it has to be read."""

    paths: tuple[Path, ...]
    lines: Mapping[str, Sequence[Act | None]]  # by file name
    format_name: str | None  # where it has to be stated
    lost: int  # acts of which no line is left


def write_log(acts: Sequence[Act], knobs: Knobs, folder: Path) -> Written:
    """Lines in order of time, in one file or several, with the damage that the world wants."""
    dice = random.Random(f"paper {knobs.seed}")
    offset = timedelta(hours=dice.choice((0, 0, 1, 3, 9, -5)))
    line_of = _WRITERS[knobs.log](timezone(offset))
    kept: list[tuple[Act, str]] = [(act, line_of(act)) for act in sorted(acts, key=lambda act: act.at)]
    whole = len(kept)
    if knobs.log_damage == "lost-hours":
        hours = sorted({int(act.at // 3600) for act, _ in kept})
        gone = set(dice.sample(hours, max(1, len(hours) // 20)))
        kept = [each for each in kept if int(each[0].at // 3600) not in gone]
    if knobs.log_damage == "cut":
        kept = [
            (act, line[: dice.randrange(20, len(line))]) if dice.random() < 0.01 else (act, line)
            for act, line in kept
        ]
    if knobs.log_damage == "copies":
        first = dice.randrange(len(kept))
        kept[first:first] = kept[first : first + dice.randrange(20, 200)]
    several = knobs.log_damage in ("lost-file", "rotated") or dice.random() < 0.3
    parts = _parts(kept, dice.randrange(3, 8) if several else 1)
    folder.mkdir(parents=True)
    lines: dict[str, Sequence[Act | None]] = {}
    paths = []
    ending = "jsonl" if knobs.log in ("json", "own") else "log"
    for at, part in enumerate(parts):
        age = len(parts) - 1 - at
        if knobs.log_damage == "lost-file" and age == len(parts) // 2:
            continue
        name = f"access.{ending}" + (f".{age}" if age else "") + (".gz" if age > 1 else "")
        head = ["#Version: 1.0", _FIELDS] if knobs.log == "w3c" else []
        text = "".join(f"{line}\n" for line in (*head, *(line for _, line in part)))
        data = text.encode()
        (folder / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        lines[name] = [*([None] * len(head)), *(act for act, _ in part)]
        paths.append(folder / name)
    seen = {id(act) for each in lines.values() for act in each if act is not None}
    return Written(
        paths=tuple(paths),
        lines=lines,
        format_name=OWN if knobs.log == "own" else None,
        lost=whole - len(seen),
    )


def _parts(kept: Sequence[tuple[Act, str]], many: int) -> list[Sequence[tuple[Act, str]]]:
    step = -(-len(kept) // many)
    return [kept[at : at + step] for at in range(0, len(kept), step)]


def _when(act: Act, zone: timezone) -> datetime:
    return datetime.fromtimestamp(act.at, UTC).astimezone(zone)


def _combined(zone: timezone) -> Callable[[Act], str]:
    def line(act: Act) -> str:
        at = _when(act, zone).strftime("%d/%b/%Y:%H:%M:%S %z")
        return f'{act.gate.ip} - {act.gate.who} [{at}] "{act.verb} {act.target} HTTP/1.1" {act.status} {act.size} "-" "{act.gate.agent}"'

    return line


def _kv(zone: timezone) -> Callable[[Act], str]:
    plain = _combined(zone)

    def line(act: Act) -> str:
        gate = act.gate
        return (
            plain(act).replace(f" - {gate.who} [", " - - [", 1)
            + f" sub={gate.who} sid={gate.sid} jti={gate.jti} kid={gate.kid}"
        )

    return line


def _json(zone: timezone) -> Callable[[Act], str]:
    def line(act: Act) -> str:
        gate = act.gate
        body = {
            "time": _when(act, zone).isoformat(timespec="milliseconds"), "remote_addr": gate.ip,
            "request": f"{act.verb} {act.target} HTTP/2.0", "status": act.status, "body_bytes_sent": act.size,
            "http_user_agent": gate.agent, "sub": gate.who, "sid": gate.sid, "jti": gate.jti, "kid": gate.kid,
        }  # fmt: skip
        return json.dumps({name: value for name, value in body.items() if value != "-"})

    return line


def _own(zone: timezone) -> Callable[[Act], str]:
    def line(act: Act) -> str:
        gate = act.gate
        who = {"id": gate.who, "session": gate.sid, "token": gate.jti, "key": gate.kid}
        body = {
            "at": {"when": _when(act, zone).isoformat(timespec="seconds")},
            "from": {"ip": gate.ip, "ua": gate.agent},
            "who": {name: value for name, value in who.items() if value != "-"},
            "http": {"verb": act.verb, "url": act.target, "code": act.status},
        }
        return json.dumps(body, separators=(",", ":"))

    return line


def _alb(_: timezone) -> Callable[[Act], str]:
    def line(act: Act) -> str:
        at = _when(act, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        ip = f"[{act.gate.ip}]" if ":" in act.gate.ip else act.gate.ip
        return (
            f"https {at} app/web/77 {ip}:40212 172.18.0.2:80 0.001 0.020 0.000 {act.status} {act.status} 120 {act.size} "
            f'"{act.verb} https://www.example.org:443{act.target} HTTP/2.0" "{act.gate.agent}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
            f'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/1 "Root=1-{int(act.at * 1000):x}" "www.example.org" "-" 0 {at} "forward" "-" "-" '
            f'"172.18.0.2:80" "{act.status}" "-" "-"'
        )

    return line


_FIELDS = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"


def _w3c(_: timezone) -> Callable[[Act], str]:
    def line(act: Act) -> str:
        at = _when(act, UTC).strftime("%Y-%m-%d %H:%M:%S")
        path, _, query = act.target.partition("?")
        agent = act.gate.agent.replace(" ", "+")
        return f"{at} 172.18.0.2 {act.verb} {path} {query or '-'} 443 {act.gate.who} {act.gate.ip} {agent} - {act.status} 0 0 {act.size % 900}"

    return line


_WRITERS: dict[str, Callable[[timezone], Callable[[Act], str]]] = {
    "combined": _combined, "kv": _kv, "json": _json, "own": _own, "alb": _alb, "w3c": _w3c,
}  # fmt: skip
