"""Every key of the project file, with what it says: the reference page is made from this, and a test holds the reader to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["KEYS", "Key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key by its dotted name (`logs.format`), the kind of its value, what it says, and an example as TOML writes it."""

    name: str
    kind: str
    says: str
    example: str


KEYS: Final = (
    Key(
        name="workspace",
        kind="folder",
        says="Where the ledger is. Without it, `whosaw-data` beside the project file.",
        example='"whosaw-data"',
    ),
    Key(name="map", kind="file", says="The data map: which page carried whose data.", example='"map.toml"'),
    Key(
        name="context",
        kind="folder, or the table below",
        says="The folder with logins, staff, tickets and so on.",
        example='"context"',
    ),
    Key(
        name="context.folder",
        kind="folder",
        says="The same, where `context` is a table.",
        example='"context"',
    ),
    Key(
        name="context.none",
        kind="texts",
        says="Tables of the context that there are none of: [what that decides](../howto/context-from-logs.md#we-have-none-of-these). It is refused where the folder holds one of them.",
        example='["canaries"]',
    ),
    Key(
        name="accounts",
        kind='"required"',
        says="Commands open the ledger with a token alone, as they do where `whosaw gate set --accounts required` was said once and for all ([who may do what](../howto/gate.md)).",
        example='"required"',
    ),
    Key(
        name="zone",
        kind="zone",
        says="Zone of times without an offset, where the logs do not say otherwise.",
        example='"Africa/Nairobi"',
    ),
    Key(
        name="language",
        kind="language",
        says="Language of letters and drafts, such as `ko`, `en` or `sw`.",
        example='"sw"',
    ),
    Key(
        name="runner",
        kind="runner",
        says="Who reads the logs of `scan`, goes through views for `scope new` and makes days for `replay make`, as their `--runner` takes it ([on your cluster](../howto/spark.md)).",
        example='"spark://spark.example.org:7077"',
    ),
    Key(name="formats", kind="folders", says="Folders with formats of your own.", example='["formats"]'),
    Key(
        name="logs.files",
        kind="patterns",
        says="Files, folders and patterns. `*` stops at a slash, `**` goes over any depth. Must be given.",
        example='["logs/web/access.log*"]',
    ),
    Key(
        name="logs.format",
        kind="format",
        says="As `--format` takes it. Without it each file's format is found by its content.",
        example='"nginx-main"',
    ),
    Key(name="logs.zone", kind="zone", says="Zone of their times without an offset.", example='"UTC"'),
    Key(
        name="logs.source",
        kind="text",
        says="The source that all these files are. Without it their names and times tell ([sources](../howto/sources.md)).",
        example='"web"',
    ),
    Key(
        name="logs.quiet",
        kind="texts",
        says="When the source has no traffic, on the clock of its zone, as `--quiet-hours` takes it. Needs `source`.",
        example='["23:00-06:00", "sun 00:00-24:00"]',
    ),
    Key(
        name="logs.twins.with",
        kind="text",
        says="The source behind this one that logs the same acts ([twins](../howto/sources.md#two-logs-of-one-act)). Needs `source` and `map`.",
        example='"app"',
    ),
    Key(
        name="logs.twins.by",
        kind="text",
        says="What two lines of one act share: `request_id` or `client-path-time`.",
        example='"request_id"',
    ),
    Key(name="logs.twins.within", kind="length of time", says="How far apart they may be.", example='"2s"'),
    Key(name="logs.twins.field", kind="texts", says="The fields that hold the request id.", example='"rid"'),
    Key(
        name="keeping.identifiers.days",
        kind="number",
        says="How many days after the last view of a person their identifiers are kept ([keep no more than one may](../howto/erase.md#keep-by-a-rule)).",
        example="1095",
    ),
    Key(
        name="keeping.identifiers.ground",
        kind="ground",
        says="The ground on which they go then, as `whosaw erase --ground` takes it.",
        example='"no-longer-needed"',
    ),
    Key(
        name="keeping.addresses.days",
        kind="number",
        says="How many days after recipients were frozen their addresses are kept ([keep no more than one may](../howto/erase.md#keep-by-a-rule)).",
        example="1095",
    ),
    Key(
        name="keeping.addresses.ground",
        kind="ground",
        says="The ground on which they go then, as `whosaw erase --ground` takes it.",
        example='"no-longer-needed"',
    ),
)
