"""Sigma rules from the log to the finding: who, how many lines, whose data, and where to read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.chain.shop_log import NOW

from whosaw.app.reading.lines import open_line
from whosaw.app.scan import ScanReport, scan
from whosaw.core.document import document
from whosaw.core.errors import WhosawError
from whosaw.core.finding import CategoryCount, Finding
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.repositories.findings import stored_findings
from whosaw.store.workspace import Workspace

Root = Callable[[str], Path]
START = datetime(2025, 3, 1, tzinfo=UTC)
MAP = """\
[[route]]
id = "member"
match = { method = "GET", path = "/members/{id}" }
subject = { from = "path", name = "id" }
categories = ["contact.email"]
"""
SCRIPT = """\
title: A script reads members
id: 00000000-0000-4000-8000-000000000001
logsource: {category: webserver}
detection:
  page:
    cs-uri-stem|expand: '%personal_pages%'
    sc-status: 200
  script:
    cs-user-agent|startswith: [python-requests, curl/]
  condition: page and script
level: high
tags: [attack.t1119]
"""
PAGES = """\
title: A member's page
name: page
logsource: {category: webserver}
detection:
  s: {cs-uri-stem|startswith: /members/, sc-status: 200}
  condition: s
"""
LOGINS = """\
title: A login failed
name: failed
logsource: {category: webserver}
detection:
  s: {cs-uri-stem: /login, sc-status: 401}
  condition: s
---
title: A login succeeded
name: succeeded
logsource: {category: webserver}
detection:
  s: {cs-uri-stem: /login, sc-status: 200}
  condition: s
"""


def correlation(kind: str, rules: str, condition: str = "", span: str = "60s", by: str = "[c-ip]") -> str:
    tail = f"\n  condition: {condition}" if condition else ""
    return (
        f"title: Together\nid: 00000000-0000-4000-8000-000000000009\nlevel: medium\ncorrelation:\n  type: {kind}\n"
        f"  rules: {rules}\n  group-by: {by}\n  timespan: {span}{tail}\n"
    )


def line(
    second: int, path: str, *, address: str = "192.0.2.1", status: int = 200, agent: str = "Mozilla/5.0"
) -> str:
    at = f"{START + timedelta(seconds=second):%d/%b/%Y:%H:%M:%S}"
    return f'{address} - - [{at} +0000] "GET {path} HTTP/1.1" {status} 10 "-" "{agent}"'


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text)
    return folder


def run(tmp_path: Path, root: Path, lines: list[str], rules: Path | None, **more: Any) -> ScanReport:
    log = tmp_path / "access.log"
    log.write_text("".join(f"{each}\n" for each in lines))
    return again(tmp_path, root, rules, **more)


def again(tmp_path: Path, root: Path, rules: Path | None, **more: Any) -> ScanReport:
    path = tmp_path / "map.toml"
    path.write_text(MAP)
    return scan([str(tmp_path / "access.log")], root, now=NOW, map_path=path, sigma=rules, threads=1, **more)


def opened(root: Path, finding: Finding) -> list[str]:
    workspace = Workspace.open(root)
    try:
        return [open_line(workspace, each).text.decode() for each in finding.locators]
    finally:
        workspace.close()


def test_a_rule_gives_one_finding_for_each_client_with_its_lines_and_its_persons(
    tmp_path: Path, new_root: Root
) -> None:
    lines = [
        line(0, "/members/7", agent="curl/8"),
        line(1, "/members/8", agent="curl/8"),
        line(2, "/members/8", agent="curl/8"),
        line(2, "/members/8", agent="curl/8"),  # the same line twice is one, or two
        line(3, "/members/7", address="192.0.2.2", agent="python-requests/2"),
        line(4, "/members/9"),
        line(5, "/members/9", agent="curl/8", status=404),
    ]
    root = new_root("w")
    report = run(tmp_path, root, lines, written(tmp_path / "rules", a=SCRIPT))
    one, other = report.findings
    assert one.detector == other.detector == "sigma:00000000-0000-4000-8000-000000000001"
    assert (one.technique, one.confidence.level) == ("T1119", "high")
    assert [(each.unit, each.lower, each.upper) for each in one.counts] == [
        ("views", 3, 4), ("accounts", 2, 2), ("persons", 2, 2),
    ]  # fmt: skip
    assert one.actor.by == ("address", "agent")
    assert one.categories == (CategoryCount(category="contact.email", persons=2, views=3),)
    assert opened(root, one) == lines[:3]
    assert opened(root, other) == [lines[4]]
    assert report.sigma is not None
    assert [(each.state, each.lines, each.parties) for each in report.sigma.rules] == [("ran", 4, 2)]


def test_lines_of_two_files_that_overlap_count_once(tmp_path: Path, new_root: Root) -> None:
    lines = [line(second, f"/members/{second}", agent="curl/8") for second in range(5)]
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "access.log").write_text("".join(f"{each}\n" for each in [*lines[2:], line(9, "/x")]))
    (tmp_path / "access.log").write_text("".join(f"{each}\n" for each in lines))
    rules = written(tmp_path / "rules", a=SCRIPT)
    (tmp_path / "map.toml").write_text(MAP)
    report = scan(
        [str(tmp_path / "access.log"), str(tmp_path / "b")], new_root("w"), now=NOW, map_path=tmp_path / "map.toml", sigma=rules, threads=1,
    )  # fmt: skip
    assert report.sigma is not None
    assert report.sigma.rules[0].lines == 5
    assert report.findings[0].views.lower == 5


@pytest.mark.parametrize(("persons", "holds"), [(4, False), (5, True)])
def test_many_values_within_the_window(tmp_path: Path, new_root: Root, persons: int, holds: bool) -> None:
    lines = [line(10 * n, f"/members/{n % persons}") for n in range(12)]
    lines += [line(10 * n, f"/members/{n}", address=f"192.0.2.{n + 10}") for n in range(12)]
    rules = written(
        tmp_path / "rules", a=PAGES, b=correlation("value_count", "[page]", "{gte: 5, field: cs-uri-stem}")
    )
    report = run(tmp_path, new_root("w"), lines, rules)
    assert len(report.findings) == holds
    if holds:
        (finding,) = report.findings
        assert finding.raised_at == datetime(2025, 3, 1, 0, 0, 40, tzinfo=UTC)
        assert finding.persons_before == 5
        assert finding.actor.by == ("address",)
        assert "Up to 5 values of cs-uri-stem within 60s." in finding.facts


@pytest.mark.parametrize(("apart", "holds"), [(20, True), (21, False)])
def test_the_window_holds_both_its_ends(tmp_path: Path, new_root: Root, apart: int, holds: bool) -> None:
    lines = [line(apart * n, "/members/1") for n in range(4)]
    rules = written(tmp_path / "rules", a=PAGES, b=correlation("event_count", "[page]", "{gt: 3}"))
    assert len(run(tmp_path, new_root("w"), lines, rules).findings) == holds


@pytest.mark.parametrize(
    ("kind", "found"),
    [("temporal", ["192.0.2.1", "192.0.2.2"]), ("temporal_ordered", ["192.0.2.1"])],
)
def test_rules_together_and_in_their_order(
    tmp_path: Path, new_root: Root, kind: str, found: list[str]
) -> None:
    lines = [
        line(0, "/login", status=401),
        line(50, "/login", status=200),
        line(0, "/login", address="192.0.2.2", status=200),
        line(50, "/login", address="192.0.2.2", status=401),
        line(0, "/login", address="192.0.2.3", status=401),
        line(90, "/login", address="192.0.2.3", status=200),
        line(0, "/login", address="192.0.2.4", status=401),
        line(9, "/login", address="192.0.2.5", status=200),
    ]
    rules = written(tmp_path / "rules", a=LOGINS, b=correlation(kind, "[failed, succeeded]"))
    root = new_root("w")
    report = run(tmp_path, root, lines, rules)
    assert sorted(opened(root, each)[0].split()[0] for each in report.findings) == found
    assert {len(each.locators) for each in report.findings} == {2}


def test_groups_by_a_field_that_the_ledger_does_not_keep(tmp_path: Path, new_root: Root) -> None:
    lines = [line(n, "/members/1", address=f"192.0.2.{n}") for n in range(1, 5)]
    lines += [line(n, "/members/2", address="192.0.2.9") for n in range(1, 5)]
    rules = written(
        tmp_path / "rules",
        a=PAGES,
        b=correlation("value_count", "[page]", "{gte: 3, field: c-ip}", by="[cs-uri-stem]"),
    )
    (finding,) = run(tmp_path, new_root("w"), lines, rules).findings
    assert (finding.actor.by, finding.actor.values) == ((), ())
    assert any("With one cs-uri-stem: up to 4 values of c-ip" in fact for fact in finding.facts)
    assert "/members/1" not in str(finding)


def test_a_second_scan_reads_nothing_again_and_says_the_same(tmp_path: Path, new_root: Root) -> None:
    lines = [line(n, f"/members/{n}", agent="curl/8") for n in range(5)]
    root = new_root("w")
    first = run(tmp_path, root, lines, written(tmp_path / "rules", a=SCRIPT))
    second = again(tmp_path, root, None)
    assert [each.outcome for each in second.contents] == ["unchanged"]
    assert (second.findings, second.sigma) == (first.findings, first.sigma)


def test_other_rules_are_asked_about_every_line_again_and_none_about_none(
    tmp_path: Path, new_root: Root
) -> None:
    lines = [line(n, f"/members/{n}", agent="curl/8") for n in range(5)]
    root = new_root("w")
    run(tmp_path, root, lines, written(tmp_path / "rules", a=SCRIPT))
    other = written(tmp_path / "other", a=SCRIPT.replace("curl/", "wget/"))
    changed = again(tmp_path, root, other)
    assert [each.outcome for each in changed.contents] == ["read"]
    assert changed.findings == ()
    back = again(tmp_path, root, tmp_path / "rules")
    assert len(back.findings) == 1
    none = again(tmp_path, root, None, no_sigma=True)
    assert (none.findings, none.sigma) == ((), None)


def test_a_new_title_reads_nothing_again(tmp_path: Path, new_root: Root) -> None:
    root = new_root("w")
    run(tmp_path, root, [line(0, "/members/1", agent="curl/8")], written(tmp_path / "rules", a=SCRIPT))
    report = again(tmp_path, root, written(tmp_path / "rules", a=SCRIPT.replace("A script", "A program")))
    assert [each.outcome for each in report.contents] == ["unchanged"]
    assert report.findings[0].title == "A program reads members"
    assert report.findings[0].facts[0].startswith("1 line at 20")


def files_of(root: Path) -> list[str]:
    workspace = Workspace.open(root)
    try:
        segments = workspace.journal.rows(sa.select(tables.segment.c.files).order_by(tables.segment.c.id))
        findings = stored_findings(workspace.journal)
    finally:
        workspace.close()
    return [*(row["files"] for row in segments), *(str(each) for each in findings)]


def test_the_same_input_gives_the_same_bytes_and_other_cuts_the_same_findings(
    tmp_path: Path, new_root: Root
) -> None:
    lines = [line(n, f"/members/{n % 40}", address=f"192.0.2.{n % 3}", agent="curl/8") for n in range(400)]
    rules = written(
        tmp_path / "rules",
        a=SCRIPT,
        b=PAGES,
        c=correlation("value_count", "[page]", "{gte: 9, field: cs-uri-stem}"),
    )
    first = run(tmp_path, new_root("a"), lines, rules, chunk_bytes=5_000)
    again(tmp_path, new_root("b"), rules, chunk_bytes=5_000)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    whole = again(tmp_path, new_root("c"), rules)

    def told(report: ScanReport) -> list[Any]:
        return [(replace(each, locators=()), len(each.locators)) for each in report.findings]

    assert len(first.findings) == 6
    assert told(first) == told(whole)


def test_rules_of_other_logs_and_faulty_ones_are_named_and_the_others_run(
    tmp_path: Path, new_root: Root
) -> None:
    (tmp_path / "access.log").write_text(line(0, "/x") + "\n")
    cloud = "title: C\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: GetObject}, condition: s}\n"
    odd = "title: O\nlogsource: {category: webserver}\ndetection: {s: {cs-cookie: a}, condition: s}\n"
    rules = written(
        tmp_path / "rules", a=cloud, b=odd, c=SCRIPT.replace("level: high", "level: loud"), e=PAGES
    )
    (rules / "d.yml").write_bytes(b"title: \xff\n")
    told = []
    root = new_root("w")
    for given in (rules, None):  # the second scan has only what the first one kept
        report = again(tmp_path, root, given)
        assert report.sigma is not None
        told.append([(each.title, each.state) for each in report.sigma.rules])
    assert told[0] == told[1] == [
        ("C", "did not apply"),
        ("O", "not run"),
        ("A script reads members", "not run"),
        ("d.yml", "not run"),
        ("A member's page", "ran"),
    ]  # fmt: skip
    assert (
        "Sigma: 1 of 5 rules ran, 0 held for somebody; 3 cannot be run and 1 ask for logs that are not here"
        in report.notes
    )


def test_rules_and_no_rules_at_once_are_refused(tmp_path: Path, new_root: Root) -> None:
    with pytest.raises(WhosawError) as caught:
        run(tmp_path, new_root("w"), [line(0, "/x")], written(tmp_path / "rules", a=SCRIPT), no_sigma=True)
    assert caught.value.code == "sigma.both"


def test_the_report_fits_its_schema(tmp_path: Path, new_root: Root) -> None:
    folder = Path(__file__).resolve().parents[2] / "docs" / "reference" / "json"
    schemas = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.schema.json"))]
    registry: Registry[Any] = Registry().with_resources(
        [(each["$id"], Resource.from_contents(each)) for each in schemas]
    )
    (schema,) = (each for each in schemas if each["title"] == "whosaw scan --json")
    rules = written(
        tmp_path / "rules", a=SCRIPT, b=PAGES.replace("cs-uri-stem", "cs-cookie"), c=LOGINS, d=correlation("temporal", "[failed, succeeded]"),
    )  # fmt: skip
    lines = [line(0, "/members/1", agent="curl/8"), line(1, "/login", status=401), line(2, "/login")]
    report = run(tmp_path, new_root("w"), lines, rules)
    assert len(report.findings) == 2
    Draft202012Validator(schema, registry=registry).validate(document(report))


def test_a_rule_about_a_field_that_no_log_here_has_is_not_told(tmp_path: Path, new_root: Root) -> None:
    """Lines of the common format have no agent; of lines that have one the rule is told."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "empty.yml").write_text(
        "title: No agent\nid: 00000000-0000-4000-8000-000000000009\nlogsource: {category: webserver}\n"
        "detection:\n  s: {cs-user-agent: ''}\n  condition: s\n"
    )
    common = '192.0.2.7 - - [01/Mar/2025:09:00:00 +0000] "GET /members/1 HTTP/1.1" 200 5\n'
    (tmp_path / "map.toml").write_text(MAP)
    for more, state, why, matched in (
        ("", "did not apply", "not told: the logs of its log source have no agent", None),
        (common.replace(" 200 5", ' 200 5 "-" "-"'), "ran", None, 1),
    ):
        (tmp_path / "a.log").write_text(common)
        if more:
            (tmp_path / "b.log").write_text(more)
        root = new_root(state)
        report = scan(
            [str(each) for each in sorted(tmp_path.glob("*.log"))],
            root,
            map_path=tmp_path / "map.toml",
            sigma=rules,
            now=NOW,
        )
        assert report.sigma is not None
        (told,) = report.sigma.rules
        assert (told.state, told.why, told.lines) == (state, why, matched)
