"""What a scan is set up with: formats, zone, map. Everything is checked before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from pathlib import Path

from whosaw.actors.sigma.pack import RulePack
from whosaw.actors.sigma.rule_file import RuleTexts
from whosaw.core.canonical_json import canonical_json
from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.core.instants import parse_zone
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import FormatItem, load_formats, shipped_formats
from whosaw.mapping.data_map import DataMap, load_map

__all__ = ["ScanSettings", "all_formats", "config_digest", "load_settings"]

# Raised when a change of code gives other events, views or segments for the same line.
READING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """`zone` is None where none was stated, `forced` where the format is to be found by content."""

    formats: dict[str, FormatItem]
    forced: FormatItem | None
    zone: tzinfo | None
    zone_name: str | None
    map: DataMap | None
    map_text: bytes | None
    sigma: RulePack | None = None  # the Sigma rules in force
    sigma_texts: RuleTexts | None = None  # rules given now
    sigma_drop: bool = False  # no rules from now on


def load_settings(
    *,
    format_name: str | None = None,
    zone: str | None = None,
    map_path: Path | None = None,
    own_formats: Sequence[Path] = (),
) -> ScanSettings:
    """Load and check everything; raises one `FaultsError` with all faults of all files."""
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
    if faults:
        raise FaultsError("items.invalid", faults)
    return ScanSettings(
        formats=formats,
        forced=choose_format(format_name, formats) if format_name is not None else None,
        zone=parse_zone(zone) if zone else None,
        zone_name=zone,
        map=data_map,
        map_text=map_path.read_bytes() if map_path is not None else None,
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
    item: FormatItem, zone: str | None, data_map: DataMap | None, sigma: RulePack | None = None
) -> str:
    """What, besides the bytes of a log, decides its segments. Another digest means: read again."""
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
    return hashlib.sha256(canonical_json(body)).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
