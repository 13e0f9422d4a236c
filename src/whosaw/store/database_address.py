"""Which database holds the journal, the cases and the manifest of a workspace: SQLite in its folder, unless a file there names a server.

That file holds no password. It comes from where PostgreSQL's own programs take it: `~/.pgpass`, `PGPASSFILE`, `PGPASSWORD` or a service
file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import WhosawError
from whosaw.core.extras import load_extra

from .files import write_atomically

__all__ = [
    "ADDRESS",
    "SCHEMA",
    "ServerAddress",
    "address_in",
    "forget_address",
    "keep_address",
    "read_address",
]

ADDRESS: Final = "database.json"
SCHEMA: Final = "whosaw"
_SECRET: Final = ("password", "sslpassword")
_SCHEMES: Final = ("postgresql://", "postgres://")
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """A schema of a PostgreSQL database. `server` are libpq's own parameters without a secret. `copy` is a number drawn when the workspace
    moved there, kept on both sides: another schema, or the same one after somebody exchanged it, is not taken for it. `joined`: the folder came later, to read alone."""

    server: Mapping[str, str] = field(repr=False)
    schema: str
    copy: str
    joined: bool = False

    def __str__(self) -> str:
        """As it is shown."""
        told = {"host": "", "port": "", "user": "", "dbname": "", **self.server}
        user = f"{told['user']}@" if told["user"] else ""
        port = f":{told['port']}" if told["port"] else ""
        return f"postgresql://{user}{told['host']}{port}/{told['dbname']}, schema {self.schema}"


def read_address(text: str, *, schema: str, copy: str) -> ServerAddress:
    """The address that somebody wrote as postgresql://[USER@]HOST[:PORT]/DATABASE. Nothing of it is told again: it may hold a password,
    which is refused."""
    if not _NAME.fullmatch(schema) or schema.startswith("pg_"):
        raise WhosawError(
            "database.schema",
            "a schema has up to 63 small letters, digits and underscores, and begins with no digit",
            hint=f"Such as --schema {SCHEMA}",
        )
    psycopg = load_extra("psycopg", missing_driver())
    bad = WhosawError(
        "database.address",
        "this is no address of a PostgreSQL database",
        hint="Write it like postgresql://whosaw@db.example.org/whosaw",
    )
    if not text.startswith(_SCHEMES):
        raise bad
    try:
        told = psycopg.conninfo.conninfo_to_dict(text)
    except psycopg.Error:
        raise bad from None  # its words repeat parts of the address
    if any(told.get(each) for each in _SECRET):
        raise WhosawError(
            "database.password",
            "this address holds a password, which others would read in the history of the shell and in the list of processes",
            hint="Leave it out: PostgreSQL's own ~/.pgpass, PGPASSFILE or PGPASSWORD give it",
        )
    return ServerAddress(
        server={name: str(value) for name, value in sorted(told.items())}, schema=schema, copy=copy
    )


def missing_driver() -> WhosawError:
    """What is said where the driver is not installed."""
    return WhosawError(
        "database.missing",
        "a workspace in PostgreSQL needs a library that is not installed",
        hint="pip install 'whosaw[postgres]'",
    )


def address_in(root: Path) -> ServerAddress | None:
    """Where the journal of the workspace in `root` is; None for SQLite in the folder."""
    path = root / ADDRESS
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        return ServerAddress(
            server={str(name): str(value) for name, value in told["server"].items()},
            schema=str(told["schema"]),
            copy=str(told["joined"] if "joined" in told else told["copy"]),
            joined="joined" in told,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise WhosawError(
            "workspace.damaged",
            f"{path} cannot be read, which says in which database the journal is",
            hint="Restore it from a backup of this folder",
        ) from fault


def keep_address(root: Path, address: ServerAddress) -> None:
    """From now on the journal is there; it is so, or it is not, whenever the machine stops."""
    # an earlier release must not take a folder that joined for one that writes
    name = "joined" if address.joined else "copy"
    told = {"server": dict(address.server), "schema": address.schema, name: address.copy}
    write_atomically(root / ADDRESS, canonical_json(told), mode=0o600)


def forget_address(root: Path) -> None:
    """From now on the journal is SQLite in the folder."""
    (root / ADDRESS).unlink()
