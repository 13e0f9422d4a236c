"""What a project says of its logs as the rules that a ledger keeps: which source a file is of, and when one has no traffic."""

from __future__ import annotations

from whosaw.core.errors import Fault, FaultsError, WhosawError
from whosaw.ingest.files.sources import SourceRule
from whosaw.logs.coverage.quiet_hours import QuietRule, read_quiet

from .file import Project

__all__ = ["quiet_rules_of", "source_rules"]


def source_rules(project: Project | None) -> tuple[SourceRule, ...]:
    """One for each pattern of logs whose source is named."""
    if project is None:
        return ()
    return tuple(
        SourceRule(source=logs.source, pattern=pattern, paths=True)
        for logs in project.logs
        if logs.source is not None
        for pattern in logs.files
    )


def quiet_rules_of(project: Project | None, zone: str | None) -> tuple[QuietRule, ...]:
    """The quiet hours of each source, on the clock of its own zone or else of `zone`. Raises `FaultsError`."""
    found: list[QuietRule] = []
    faults: list[Fault] = []
    for number, logs in enumerate(project.logs if project is not None else ()):
        for text in logs.quiet:
            try:
                found += read_quiet([f"{logs.source}={text}"], logs.zone or zone)
            except WhosawError:
                key = f"logs.{number}.quiet"
                message = f"{text!r} does not say when there is no traffic"
                assert project is not None
                faults.append(
                    project.fault(key, message, hint='Write it like "22:00-06:00" or "sat;sun 00:00-24:00"')
                )
    if faults:
        raise FaultsError("project.invalid", faults)
    return tuple(found)
