"""Whether inputs, ledger, findings and configuration agree, and no line is lost."""

from __future__ import annotations

from collections.abc import Mapping

from .answers import Guard, Told
from .canonical_json import Json, load_json
from .counts import count_faults
from .digests import sha256

__all__ = ["check_configuration", "check_findings", "check_inputs"]


def check_findings(told: Told, data: bytes) -> None:
    """No count of a finding contradicts itself."""
    findings = load_json(data)
    if not isinstance(findings, list):
        raise TypeError("no list of findings")
    for finding in findings:
        for count in finding["counts"]:
            for fault in count_faults(count, f"{finding['id']}: {count['unit']}"):
                told.broken("findings.json", fault)


def check_inputs(told: Told, parts: Mapping[str, bytes]) -> None:
    """No line is lost: lines = events + rejects + comments + continued lines, for every content and altogether."""
    names = ("lines", "events", "rejects", "comments", "continued", "duplicates", "views")
    total = dict.fromkeys(names, 0)
    for content in load_json(parts["inputs.json"])["contents"]:
        for name in names:
            if sum(segment[name] for segment in content["segments"]) != content[name]:
                told.broken("inputs.json", f"{content['name']}: its segments do not add up to its {name}")
            total[name] += content[name]
        parted = sum(content[name] for name in names[1:5])
        if content["lines"] != parted:
            why = f"{content['name']}: {content['lines']} lines, of which {parted} are accounted for"
            told.broken("inputs.json", why)
    with Guard(told, "ledger.json"):
        ledger = load_json(parts["ledger.json"])
        for name in names:
            if ledger["totals"][name] != total[name]:
                why = f"it counts {ledger['totals'][name]} {name}, and its inputs have {total[name]}"
                told.broken("ledger.json", why)
        if sum(row["views"] for row in ledger["routes"]) != ledger["views"]:
            told.broken("ledger.json", "the views of its routes do not add up")


def check_configuration(told: Told, configuration: Json, parts: Mapping[str, bytes]) -> None:
    """The items and the map are those that were in force."""
    for row in configuration["items"]:
        name = f"items/{row['name']}"
        if name in parts and sha256(parts[name]) != row["sha256"]:
            told.broken(name, "it is not the item that was in force")
    if ("map.toml" in parts) is (configuration["map"] is None):
        told.broken("configuration.json", "it says of the map what is not so")
