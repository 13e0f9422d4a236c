"""What a scan is set up with: formats, zone, map. Everything is checked before anything is written."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cache
from pathlib import Path

from whosaw.actors.sigma.pack import RulePack
from whosaw.actors.sigma.rule_file import RuleTexts
from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.instants import parse_zone
from whosaw.ingest.files.content import Content
from whosaw.ingest.files.name_patterns import fits
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import FormatItem, load_formats, shipped_formats
from whosaw.mapping.data_map import DataMap, load_map, read_map
from whosaw.packs.suggestion import did_you_mean
from whosaw.packs.toml_file import parse_toml

from .project.file import Logs, Project

__all__ = ["LogSettings", "ScanSettings", "all_formats", "config_digest", "load_settings", "own_digest"]

# Raised when a change of code gives other events, views or segments for the same line.
READING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """How the files below `folder` that fit `files` are read, as a project says."""

    folder: str
    files: tuple[str, ...]
    source: str | None
    forced: FormatItem | None
    zone: tzinfo | None
    zone_name: str | None

    def fits(self, content: Content) -> bool:
        if content.stored is not None:
            return fits(content.name, self.files)
        return content.path is not None and fits(os.path.relpath(content.path, self.folder), self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """`zone` is None where none was stated, `forced` where the format is to be found by content. `logs` say otherwise of some
    files."""

    formats: dict[str, FormatItem]
    forced: FormatItem | None
    zone: tzinfo | None
    zone_name: str | None
    map: DataMap | None
    map_text: bytes | None
    sigma: RulePack | None = None  # the Sigma rules in force
    sigma_texts: RuleTexts | None = None  # rules given now
    sigma_drop: bool = False  # no rules from now on
    logs: tuple[LogSettings, ...] = ()

    def of(self, content: Content) -> ScanSettings:
        """The settings of one content: those of the first logs whose patterns it fits."""
        said = self.logs_of(content)
        if said is None:
            return self
        return replace(self, forced=said.forced, zone=said.zone, zone_name=said.zone_name, logs=())

    def logs_of(self, content: Content) -> LogSettings | None:
        """The logs of the project that a content belongs to."""
        return next((each for each in self.logs if each.fits(content)), None)

    def sourced(self, content: Content) -> Content:
        """The content under the source that the project gives it."""
        said = self.logs_of(content)
        return content if said is None or said.source is None else replace(content, source=said.source)


def load_settings(
    *,
    format_name: str | None = None,
    zone: str | None = None,
    map_path: Path | None = None,
    own_formats: Sequence[Path] = (),
    project: Project | None = None,
) -> ScanSettings:
    """Load and check everything; raises one `FaultsError` with all faults of all files. What is given goes before what the project
    says of its logs."""
    faults: list[Fault] = []
    formats: dict[str, FormatItem] = {}
    data_map: DataMap | None = None
    try:
        formats = all_formats(own_formats)
    except FaultsError as fault:
        faults.extend(fault.faults)
    if map_path is not None:
        try:
            data_map = load_map(map_path)
        except FaultsError as fault:
            faults.extend(fault.faults)
    map_text = map_path.read_bytes() if data_map is not None and map_path is not None else None
    if project is not None and map_path is not None and map_text is not None:
        map_text, data_map = _with_twins(project, map_path, map_text, data_map, faults)
    forced = choose_format(format_name, formats) if format_name is not None and formats else None
    general = zone or (project.zone if project is not None else None)
    logs = tuple(_logs_of(project, formats, forced, zone, faults)) if project is not None and formats else ()
    if faults:
        raise FaultsError("items.invalid", faults)
    return ScanSettings(
        formats=formats,
        forced=forced,
        zone=parse_zone(general) if general else None,
        zone_name=general,
        map=data_map,
        map_text=map_text,
        logs=logs,
    )


def _logs_of(
    project: Project,
    formats: dict[str, FormatItem],
    forced: FormatItem | None,
    zone: str | None,
    faults: list[Fault],
) -> Iterator[LogSettings]:
    """How the logs of a project are read: by the format and the zone that were given, or else by what it says."""
    for number, logs in enumerate(project.logs):
        own = forced
        if own is None and logs.format is not None:
            own = _format_of(project, number, logs, formats, faults)
        name = zone or logs.zone or project.zone
        yield LogSettings(
            folder=str(project.folder.resolve()),
            files=logs.files,
            source=logs.source,
            forced=own,
            zone=parse_zone(name) if name else None,
            zone_name=name,
        )


def _format_of(
    project: Project, number: int, logs: Logs, formats: dict[str, FormatItem], faults: list[Fault]
) -> FormatItem | None:
    try:
        return choose_format(logs.format or "", formats)
    except FaultsError as fault:
        key = f"logs.{number}.format"
        faults.extend(project.fault(key, each.message, hint=each.hint) for each in fault.faults)
        return None
    except WhosawError as fault:
        key = f"logs.{number}.format"
        faults.append(project.fault(key, fault.message, hint=_near(logs.format or "", formats) or fault.hint))
        return None


def _near(name: str, formats: dict[str, FormatItem]) -> str:
    return did_you_mean(name, formats) if ":" not in name else ""


def _with_twins(
    project: Project, path: Path, text: bytes, data_map: DataMap | None, faults: list[Fault]
) -> tuple[bytes, DataMap | None]:
    """The map with the twins of the project written behind it, so that it is one text wherever it is read again."""
    pairs = [(number, logs) for number, logs in enumerate(project.logs) if logs.twins is not None]
    if not pairs:
        return text, data_map
    lines = text.count(b"\n") + 1
    whole = text.rstrip() + b"\n" + "".join(_twins_table(logs) for _, logs in pairs).encode()
    try:
        return whole, read_map(parse_toml(whole.decode(), name=str(path)))
    except FaultsError as fault:
        key = f"logs.{pairs[0][0]}.twins"
        faults.extend(
            each if (each.where.line or 0) <= lines else project.fault(key, each.message, hint=each.hint)
            for each in fault.faults
        )
        return text, data_map


def _twins_table(logs: Logs) -> str:
    twins = logs.twins
    assert twins is not None
    told = {"sources": [logs.source, twins.source], "by": twins.by}
    if twins.within is not None:
        told["within"] = twins.within
    if twins.fields:
        told["field"] = list(twins.fields)
    return "\n[[twins]]\n" + "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in told.items()
    )


def all_formats(own: Sequence[Path]) -> dict[str, FormatItem]:
    """The shipped formats and those in the folders `own`; raises one `FaultsError` with all faults."""
    absent = [
        Fault(code="formats.none", message="is not a folder", where=Where(file=str(each)))
        for each in own
        if not each.is_dir()
    ]
    if absent:
        raise FaultsError("items.invalid", absent)
    return load_formats([shipped_formats(), *own]) if own else dict(_shipped())


@cache
def _shipped() -> dict[str, FormatItem]:
    """The shipped formats, read once in a process."""
    return load_formats([shipped_formats()])


def config_digest(
    item: FormatItem,
    zone: str | None,
    data_map: DataMap | None,
    sigma: RulePack | None = None,
    own: str | None = None,
) -> str:
    """What, besides the bytes of a log, decides its segments. Another digest means: read again. `own` is of the formats that are not shipped,
    for a content that one of them might read better."""
    body = {
        "reading": READING,
        "format": item.id,
        "table": canonical_json(_plain(item.table)).decode(),
        "zone": zone,
        "map": data_map.digest if data_map else None,
    }
    if item.second is not None:
        body["second"] = canonical_json(_plain(item.second.table)).decode()
    if sigma is not None:
        body["sigma"] = sigma.digest
    if own is not None:
        body["own"] = own
    return hashlib.sha256(canonical_json(body)).hexdigest()


def own_digest(formats: Mapping[str, FormatItem]) -> str | None:
    """One digest of all formats that are not shipped; None where there is none."""
    own = {id_: _plain(item.table) for id_, item in sorted(formats.items()) if id_ not in _shipped()}
    return hashlib.sha256(canonical_json(own)).hexdigest() if own else None


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
