"""Who takes part, where each is found, and the command by which each answers a question."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

__all__ = ["Contender", "ledger_of", "line_up", "scan_command"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MAP = HERE.parent / "shop_map.toml"
WHOSAW = str(Path(sys.executable).parent / "whosaw")

Commands = Callable[[Path, str, Path], list[str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One who answers. `absent` says why it cannot take part here; empty where it can.

    `command` makes the command for log, question and a folder of its own that is empty at the start; None
    where it has no answer to the question. `read` picks the answer out of what the command printed. Of `own`
    questions it has an answer by a rule of its own, which is shown and not compared.
    """

    name: str
    label: str
    how: str
    version: str
    command: Commands
    absent: str = ""
    read: Callable[[str], str] = str
    env: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    ledger: bool = False  # asks a ledger that was read before, not the log


def scan_command(log: Path, workspace: Path) -> list[str]:
    """whosaw's reading of the log, before any question."""
    return [WHOSAW, "scan", str(log), "--map", str(MAP), "--workspace", str(workspace), "--json"]


def ledger_of(folder: Path) -> Path:
    """Where the ledger is that whosaw is asked from."""
    return folder / "workspace"


def line_up(peers: Path) -> tuple[Contender, ...]:
    """All contenders, whosaw first; `peers` is the Python of the environment that holds Polars and chDB."""
    return (
        Contender(
            name="whosaw",
            label="whosaw",
            how="a scan of the log, once; then SQL on the ledger, opened as its commands open it",
            version=version("whosaw"),
            command=_module("whosaw_ledger", sys.executable),
            ledger=True,
        ),
        Contender(
            name="duckdb",
            label="DuckDB",
            how="one SQL statement on the log as a CSV file, fields at spaces",
            version=version("duckdb"),
            command=_module("duckdb_sql", sys.executable),
        ),
        _of_pypi("polars", "Polars", "a lazy frame on the log as a CSV file, fields at spaces", "polars_frame", peers),
        _of_pypi("chdb", "chDB", "one SQL statement on the log as separated text, fields at spaces", "chdb_sql", peers),
        _mawk(),
        _lnav(),
        _goaccess(),
    )  # fmt: skip


def _module(name: str, python: str) -> Commands:
    def command(log: Path, question: str, folder: Path) -> list[str]:
        asked = ledger_of(folder) if name == "whosaw_ledger" else log
        return [python, "-m", f"bench.contenders.{name}", str(asked), question]

    return command


def _said(*command: str, env: Mapping[str, str] | None = None) -> str:
    """What a short command prints on either stream; empty where it fails."""
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **(env or {})}
    )
    return done.stdout + done.stderr if done.returncode == 0 else ""


def _of_pypi(name: str, label: str, how: str, module: str, peers: Path) -> Contender:
    ask = f"from importlib.metadata import version; print(version({name!r}))"
    found = _said(str(peers), "-c", ask).strip() if peers.exists() else ""
    return Contender(
        name=name,
        label=label,
        how=how,
        version=found,
        command=_module(module, str(peers)),
        absent="" if found else f"{name} is not installed (`python -m bench.peers` installs it into .build)",
        env={"PYTHONPATH": str(ROOT)},
    )


def _of_debian(name: str, flag: str) -> tuple[str, str]:
    """Version, and why it is absent; one of the two is empty."""
    if shutil.which(name) is None:
        return "", f"{name} is not installed (Debian and Ubuntu: apt-get install {name})"
    found = re.search(r"\d+(\.\d+)+", _said(name, *flag.split()))
    return (found[0] if found else "unknown"), ""


def _mawk() -> Contender:
    found, absent = _of_debian("mawk", "-W version")

    def command(log: Path, question: str, _folder: Path) -> list[str]:
        return ["mawk", "-v", f"question={question}", "-f", str(HERE / "shop.awk"), str(log)]

    return Contender(
        name="mawk",
        label="mawk",
        how="one script over the lines, split at quotation marks; takes every time for UTC",
        version=found,
        absent=absent,
        command=command,
        env={"LC_ALL": "C", "TZ": "UTC"},
    )


# Of a line whose request is no request, lnav leaves all fields empty: they are taken out of the line then.
_LNAV_CLIENTS = r"""SELECT count(*) FROM (SELECT DISTINCT
    coalesce(c_ip, regexp_match('^(\S+)', log_body)),
    coalesce(cs_user_agent, regexp_match('"([^"]*)"$', log_body)) FROM access_log)"""
_LNAV_VIEWS = """SELECT CASE cs_uri_stem WHEN '/my/info/edit' THEN 'my-info' WHEN '/my/orders/list' THEN 'my-orders'
        ELSE 'customer-address-list' END AS page,
    CASE WHEN cs_uri_stem LIKE '/my/%' THEN nullif(cs_username, '-')
        ELSE cast(regexp_match('^/api/v2/customers/([^/]+)/addresses$', cs_uri_stem) AS TEXT) END AS person, log_time
    FROM access_log WHERE sc_status = 200 AND cs_method = 'GET' AND (cs_uri_stem IN ('/my/info/edit', '/my/orders/list')
    OR cs_uri_stem LIKE '/api/v2/customers/%/addresses')"""
_LNAV = {
    "clients": _LNAV_CLIENTS,
    "pages": f"SELECT page || char(9) || count(DISTINCT person) FROM ({_LNAV_VIEWS}) WHERE person IS NOT NULL GROUP BY page",
    "persons": "SELECT person || char(9) || strftime('%s', min(log_time)) || char(9) || strftime('%s', max(log_time)) "
    f"FROM ({_LNAV_VIEWS}) WHERE person IS NOT NULL GROUP BY person",
}


def _lnav() -> Contender:
    found, absent = _of_debian("lnav", "-V")

    def command(log: Path, question: str, folder: Path) -> list[str]:
        # it keeps what it learns about a file in its home; each run starts without
        home = f"HOME={folder}", f"XDG_CONFIG_HOME={folder}"
        sql = " ".join(_LNAV[question].split())
        return ["env", *home, "lnav", "-n", "-N", "-c", f";{sql}", "-c", ":write-raw-to -", str(log)]

    return Contender(
        name="lnav",
        label="lnav",
        how="one SQL statement on its table of access logs, without its screen",
        version=found,
        absent=absent,
        command=command,
        env={"TZ": "UTC"},
    )


def _goaccess() -> Contender:
    found, absent = _of_debian("goaccess", "--version")

    def command(log: Path, question: str, _folder: Path) -> list[str] | None:
        if question != "clients":
            return None
        options = ("--log-format=COMBINED", "--no-global-config", "--no-progress", "-o", "json")
        return ["goaccess", str(log), *options]

    return Contender(
        name="goaccess",
        label="GoAccess",
        how="its whole report as JSON, of which one number is taken: the unique visitors of its own definition",
        version=found,
        absent=absent,
        command=command,
        read=lambda output: f"{json.loads(output)['general']['unique_visitors']}\n",
        own=frozenset({"clients"}),
    )
