"""Sigma rules in a workspace: kept like the map, run where logs are read, and told as findings.

What matched is stored with each segment, so that a second scan reads nothing again; other rules mean that logs are read
again. The rules of the last scan stay in force until others are given, or none at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pyarrow as pa

from whosaw.core.canonical_json import canonical_json
from whosaw.core.counts import Seen
from whosaw.core.document import document
from whosaw.core.finding import Actor, CategoryCount, Confidence, Finding, Level, Place, finding_id
from whosaw.core.finding_title import MOST_TITLE, shortened
from whosaw.core.instants import format_instant, from_micros
from whosaw.store.files import parquet_bytes
from whosaw.store.journal import Connection, Journal
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_files import files_in_force
from whosaw.store.numbers.history import load_history
from whosaw.store.numbers.segments import NumbersFiles
from whosaw.store.repositories.segments import live_segments
from whosaw.store.schemas import COUNTED, MEMBERS
from whosaw.store.sql import Session
from whosaw.store.vault import Vault
from whosaw.store.workspace import Workspace

from .correlation import Correlation
from .hits import MOST_HITS, Hit, SegmentMatches, find_hits
from .load_pack import load_pack
from .logsource import LogSource
from .matching import match_events
from .pack import RulePack, RuleText
from .rule_file import RuleTexts, Unread, read_texts

__all__ = [
    "RuleTold",
    "RulesTold",
    "SigmaFindings",
    "check_rules",
    "keep_rules",
    "keep_told",
    "merged",
    "rule_files",
    "rules_of",
    "sigma_findings",
    "sigma_notes",
    "sigma_state",
    "sigma_told",
]

_SETTING, _TOLD = "sigma", "sigma_told"
_LEVELS: Mapping[str, Level] = {"critical": "high", "high": "high", "medium": "medium"}
Digests = Callable[[str, pa.Array], pa.Array]
_DIGEST_KIND = "sigma"  # its own key, so that a value of a rule cannot be held against an identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTold:
    """What became of one rule: it ran, or `why` says why not. `lines` it matched and `parties` it held for; None where that was not
    counted. `line` is where it begins, or where that stands for which it does not run."""

    id: str
    title: str
    file: str
    line: int
    level: str
    state: Literal["ran", "did not apply", "not run"]
    why: str | None
    lines: int | None
    parties: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesTold:
    """What became of every rule, in the order in which they stand."""

    rules: tuple[RuleTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigmaFindings:
    """Findings, their clients (MEMBERS), their lines (COUNTED), and what became of each rule."""

    findings: tuple[Finding, ...]
    members: pa.Table
    counted: pa.Table
    told: RulesTold


def check_rules(folder: Path, pages: tuple[str, ...]) -> RuleTexts:
    """The rule files of a folder, after all of them were checked. `pages` are patterns of paths that show personal data.

    Raises `FaultsError` with what is wrong in no single rule; a rule that is wrong says so in `sigma_told`.
    """
    texts = read_texts(folder)
    _compiled(_packed(texts), pages)
    return texts


def keep_rules(
    workspace: Workspace, texts: RuleTexts | None, pages: tuple[str, ...], *, drop: bool = False
) -> RulePack | None:
    """Make `texts` the rules of the workspace, or leave those of the last scan in force, or drop them; returns those in force."""
    journal = workspace.journal
    known = journal.setting(_SETTING)
    if drop or (texts is None and not known):
        if known:
            with journal.transaction() as connection:
                journal.set_setting(connection, _SETTING, "")
        return None
    file = (
        workspace.files.put("sigma", _packed(texts).encode())
        if texts is not None
        else str(json.loads(known or "{}")["file"])
    )
    setting = json.dumps({"file": file, "pages": list(pages)}, sort_keys=True)
    if setting != known:
        with journal.transaction() as connection:
            journal.set_setting(connection, _SETTING, setting)
    return rules_of(workspace)


def rules_of(workspace: Workspace) -> RulePack | None:
    """The rules in force; None where there are none."""
    known = workspace.journal.setting(_SETTING)
    if not known:
        return None
    setting = json.loads(known)
    return _compiled(workspace.files.read(setting["file"]).decode(), tuple(setting["pages"]))


def rule_files(
    pack: RulePack,
    events: pa.Table,
    format_name: str,
    session: Session,
    vault: Vault,
    *,
    guessed: bool,
) -> dict[str, bytes | memoryview]:
    """The files that a segment gets beside its own: what the rules matched (if anything), and what they were asked about."""
    found = match_events(
        pack,
        events,
        format_name,
        session,
        lambda texts: vault.digest_all(_DIGEST_KIND, texts),
        guessed=guessed,
    )
    files: dict[str, bytes | memoryview] = {"asked": parquet_bytes(found.asked)}
    if found.matches.num_rows:
        files["matches"] = parquet_bytes(found.matches)
    return files


def sigma_state(workspace: Workspace) -> list[str] | None:
    """What decides the findings of rules; None without rules."""
    known = workspace.journal.setting(_SETTING)
    if not known:
        return None
    files = [json.dumps(files, sort_keys=True) for _, files in _segments(workspace.journal)]
    return [known, hashlib.sha256(canonical_json(files)).hexdigest(), *_duplicates(workspace.journal)]


def sigma_told(journal: Journal) -> RulesTold | None:
    """What became of each rule in the last scan; None without rules."""
    known = journal.setting(_TOLD) if journal.setting(_SETTING) else None
    if not known:
        return None
    return RulesTold(rules=tuple(RuleTold(**each) for each in json.loads(known)["rules"]))


def sigma_findings(reader: LedgerReader, digests: Digests) -> SigmaFindings | None:
    """Run correlations and put matches together. `digests` gives stable texts for ledger numbers, as detectors have them."""
    workspace = reader.workspace
    pack = rules_of(workspace)
    if pack is None:
        return None
    store = workspace.files
    numbers = NumbersFiles(store)
    numbered = load_history(workspace.journal, store).numbered
    segments = (
        SegmentMatches(
            segment=number,
            matches=store.path(files["matches"]),
            events=store.path(files["events"]),
            clients=numbers.of(number, numbered[number]).clients,
        )
        for number, files in _segments(workspace.journal)
        if "matches" in files
    )
    duplicates = [store.path(name) for name in _duplicates(workspace.journal)]
    found = find_hits(reader.session, pack, segments, duplicates)
    findings = [_finding(hit, digests) for hit in found.hits]
    ids = pa.array([each.id for each in findings], pa.string())
    members, counted = (
        pa.table(
            [
                ids.take(rows["hit"].combine_chunks().cast(pa.int64())),
                *(rows[name] for name in schema.names[1:]),
            ],
            schema.names,
        ).cast(schema)
        for rows, schema in ((found.members, MEMBERS), (found.counted, COUNTED))
    )
    asked = _asked(reader)
    told = RulesTold(rules=_rules_told(pack, found.lines, found.groups, asked))
    return SigmaFindings(findings=tuple(findings), members=members, counted=counted, told=told)


def keep_told(journal: Journal, connection: Connection, told: RulesTold | None) -> None:
    """Store what became of each rule."""
    journal.set_setting(connection, _TOLD, json.dumps(document(told), sort_keys=True) if told else "")


def sigma_notes(told: RulesTold | None) -> tuple[str, ...]:
    """One sentence about all rules."""
    if told is None:
        return ()
    states = [each.state for each in told.rules]
    held = sum(bool(each.parties) for each in told.rules)
    sentence = f"Sigma: {states.count('ran'):,} of {len(states):,} rules ran, {held:,} held for somebody"
    silent = [
        f"{states.count(name):,} {words}"
        for name, words in (("not run", "cannot be run"), ("did not apply", "ask for logs that are not here"))
        if name in states
    ]
    cut = [each.title for each in told.rules if (each.parties or 0) > MOST_HITS]
    notes = [sentence + (f"; {' and '.join(silent)}" if silent else "")]
    notes += [
        f"Sigma: {title}: of more than {MOST_HITS} actors, those with the most lines are findings"
        for title in cut
    ]
    return tuple(notes)


def _packed(texts: RuleTexts) -> str:
    """One text for a folder: of each file its text, or why there is none."""
    shown = {name: {"unread": each.why} if isinstance(each, Unread) else each for name, each in texts.items()}
    return canonical_json(shown).decode()


def _unpacked(packed: str) -> RuleTexts:
    return {
        name: each if isinstance(each, str) else Unread(why=each["unread"])
        for name, each in json.loads(packed).items()
    }


@lru_cache(maxsize=2)
def _compiled(packed: str, pages: tuple[str, ...]) -> RulePack:
    return load_pack(_unpacked(packed), {"personal_pages": list(pages)} if pages else {})


def _segments(journal: Journal) -> list[tuple[int, dict[str, str]]]:
    return [(each.id, each.file_names) for each in live_segments(journal)]


def _duplicates(journal: Journal) -> list[str]:
    return files_in_force(journal, ("duplicates",))


@dataclass(slots=True)
class _Asked:
    """Events of each log source that were asked about; and by rule those of which it is not told, with the columns that their logs lack."""

    events: dict[str, int] = field(default_factory=dict)
    untold: dict[int, int] = field(default_factory=dict)
    lacks: dict[int, set[str]] = field(default_factory=dict)


def _asked(reader: LedgerReader) -> _Asked:
    import pyarrow.parquet as pq

    found = _Asked()
    store = reader.workspace.files
    for _, files in _segments(reader.workspace.journal):
        if "asked" in files:
            for row in pq.read_table(store.path(files["asked"])).to_pylist():
                rule = row.get("rule")
                if rule is None:
                    found.events[row["source"]] = found.events.get(row["source"], 0) + row["events"]
                else:
                    found.untold[rule] = found.untold.get(rule, 0) + row["events"]
                    found.lacks.setdefault(rule, set()).update(row["lacks"].split(", "))
    return found


def _rules_told(
    pack: RulePack, lines_of: Mapping[int, int], groups: Mapping[str, int], asked: _Asked
) -> tuple[RuleTold, ...]:
    present = {rule.number for rule in pack.rules if asked.events.get(rule.source)}
    out: list[RuleTold] = []
    for rule in pack.rules:
        source: LogSource = pack.columns[rule.source].source
        ran = rule.number in present
        why = None if ran else f"no event here is of its log source ({source.title})"
        lines = lines_of.get(rule.number, 0) if ran else None
        if ran and not lines and asked.untold.get(rule.number, 0) >= asked.events[rule.source]:
            ran, lines, why = False, None, _not_told(sorted(asked.lacks[rule.number]))
        out.append(_told(rule.text, why=why, lines=lines, parties=groups.get(rule.text.key) if ran else None))
    for each in pack.correlations:
        ran = any(number in present for number in each.rules)
        why = None if ran else "no event here is of the log sources of its rules"
        out.append(_told(each, why=why, lines=None, parties=groups.get(each.key, 0) if ran else None))
    out += [
        replace(_told(each.rule, why=each.what, lines=None, parties=None), line=each.line, state="not run")
        for each in pack.not_run
    ]
    return tuple(sorted(out, key=lambda each: (each.file, each.line, each.id)))


def _not_told(lacks: Sequence[str]) -> str:
    return f"not told: the logs of its log source have no {' and no '.join(lacks)}"


def _told(
    rule: RuleText | Correlation, *, why: str | None, lines: int | None, parties: int | None
) -> RuleTold:
    return RuleTold(
        id=rule.key,
        title=rule.title,
        file=rule.file,
        line=rule.line,
        level=rule.level,
        state="ran" if why is None else "did not apply",
        why=why,
        lines=lines,
        parties=parties,
    )


def _finding(hit: Hit, digests: Digests) -> Finding:
    row = hit.counts
    detector = f"sigma:{hit.rule.key}"
    actor = _actor(hit, digests)
    counts = Seen(
        views=row["views"],
        accounts=row["accounts"],
        secondary=hit.secondary[0],
        open_secondary=hit.secondary[1],
        unnamed=row["unnamed_views"],
        unnamed_persons=row["unnamed_at_most"],
        open_unnamed=row["unbounded_views"],
        possible_views=row["possible_views"],
        possible_accounts=row["possible_accounts"],
        twin_views=row["twin_views"],
    ).counts()
    first = row["first_view"] if row["first_view"] is not None else row["first"]
    last = row["last_view"] if row["last_view"] is not None else row["last"]
    return Finding(
        id=finding_id(detector, "", actor.digest),
        detector=detector,
        technique=hit.rule.technique,
        actor=actor,
        first_view=from_micros(first),
        last_view=from_micros(last),
        raised_at=from_micros(hit.raised_at),
        persons_before=row["persons_before"],
        counts=counts,
        categories=tuple(
            CategoryCount(category=each["category"], persons=each["persons"], views=each["views"])
            for each in hit.categories
        ),
        confidence=Confidence(
            level=_LEVELS.get(hit.rule.level, "low"),
            reasons=(
                f"the Sigma rule gives its level as {hit.rule.level}"
                if hit.rule.level != "none"
                else "the Sigma rule gives no level",
                "no explanation was tried: a Sigma rule knows of no login, ticket or job",
            ),
        ),
        tried=(),
        crossings=(),
        places=tuple(Place(content=segment, line=line) for segment, line in hit.places),
        title=shortened(hit.rule.title),
        facts=_facts(hit),
    )


def _actor(hit: Hit, digests: Digests) -> Actor:
    shown: list[str] = []
    for name, value in zip(hit.by, hit.values, strict=True):
        if isinstance(value, int):
            shown.append(f"{name}={digests(name, pa.array([value], pa.int64()))[0].as_py()}")
        else:
            shown.append(f"{name}={value}")
    shown += [f"{name}={digest}" for name, digest in hit.kept]
    return Actor(
        by=hit.by, values=hit.values, digest=hashlib.sha256("\x1f".join(shown).encode()).hexdigest()[:32]
    )


def _facts(hit: Hit) -> tuple[str, ...]:
    row, correlation = hit.counts, hit.correlation
    first, last = (format_instant(from_micros(row[each])) for each in ("first", "last"))
    count = "1 line" if row["lines"] == 1 else f"{row['lines']:,} lines"
    span = f"at {first}" if first == last else f"between {first} and {last}"
    facts = [] if len(hit.rule.title) <= MOST_TITLE else [f"The rule: {hit.rule.title}."]
    facts.append(f"{count} {span}.")
    if correlation is not None:
        unit = {
            "event_count": "events",
            "value_count": f"values of {correlation.value.name if correlation.value else ''}",
        }.get(
            correlation.kind, "of its rules" + (" in order" if correlation.kind == "temporal_ordered" else "")
        )
        grouped = [name for name, _ in hit.kept]
        one = f"With one {' and one '.join(grouped)}: up" if grouped else "Up"
        facts.append(f"{one} to {hit.most:,} {unit} within {correlation.timespan}.")
        facts.append(f"The rule asks for {correlation.least:,}.")
    if not row["views"]:
        return (*facts, "None of the lines is known to have shown personal data.")
    people = "1 person" if row["accounts"] == 1 else f"{row['accounts']:,} people"
    views = "1 line is a view" if row["views"] == 1 else f"{row['views']:,} lines are views"
    return (*facts, f"{views} of the data of {people}.")


def merged(findings: Sequence[Finding], more: Sequence[Finding], levels: Sequence[str]) -> list[Finding]:
    """Findings of detectors and of rules in one order: those about most people first."""

    def key(finding: Finding) -> tuple[int, int, str, str]:
        level = levels.index(finding.confidence.level)
        return (-finding.persons.lower, -level, finding.detector, finding.id)

    return sorted([*findings, *more], key=key)
