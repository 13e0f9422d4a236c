"""Runs the detectors over logs that nobody here wrote and writes docs/performance/labelled.json:
`python -m bench.labelled [--data FOLDER] [--only NAME ...]`.

Each row is a set of such logs, what its labels say, how many of the labelled parties a finding names, and how many
findings name anybody else. No context is given, for the sets have none. Where a set says nothing of persons, its
pages, objects or secrets are read as if each were somebody's record. There is no time in the results. What they find is
kept as `days`, beside what one run over each whole ledger found before (`rows`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from whosaw.app.scan import scan
from whosaw.store.ledger import LedgerReader
from whosaw.store.workspace import Workspace

__all__ = ["DATA", "RESULTS", "SETS", "Labelled", "measured"]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance" / "labelled.json"
DATA = Path(os.environ.get("WHOSAW_TEST_DATA", ROOT.parent / "shared" / "data"))
_NOW: Final = datetime(2025, 11, 17, tzinfo=UTC)
_ROUTE: Final = """
[[route]]
id = "{id}"
match = {{ {match} }}
subject = {{ {subject} }}
categories = ["behaviour.search"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One row. `logs`: how many were scanned, each by itself; `hits` and `benign`: how many of them the labels call an
    incident of reading data, or none; `hits_found`, `benign_found`: how many of these gave a finding; `findings`: how many there were on logs without one."""

    name: str
    what: str
    why: str
    logs: int
    events: int
    views: int
    persons: int  # named in views, summed over logs
    hits: int
    hits_found: int
    benign: int
    benign_found: int
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """One thing to scan: files, the map, and whether the labels call it an incident of reading data."""

    paths: Sequence[Path]
    hit: bool
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    name: str
    what: str
    why: str
    data_map: str
    logs: Callable[[Path, Path], Iterator[_Log]]  # of the data folder, and of one to write into


def _route(id_: str, match: str, subject: str) -> str:
    return _ROUTE.format(id=id_, match=match, subject=subject)


def _fixed(path: str, *, hit: bool, zone: str | None = None) -> Callable[[Path, Path], Iterator[_Log]]:
    def logs(data: Path, _folder: Path) -> Iterator[_Log]:
        yield _Log(paths=[data / path], hit=hit, zone=zone)

    return logs


_WEB_FORMATS: Final = frozenset((
    "nginx", "apache2", "traefik", "haproxy", "litespeed", "bunkerweb", "nginx-proxy-manager", "upsun-httplog",
))  # fmt: skip
_WEB_READING: Final = ("crawl", "sensitive-files", "wordpress_user-enum", "wordpress_wpconfig")


def _crowdsec(data: Path, _folder: Path) -> Iterator[_Log]:
    """Tests with a web log that raise no alert at all, or one about reading what should not be read."""
    head, *rows = (data / "_truth/dev_crowdsec.tsv").read_text(encoding="utf-8").splitlines()
    names = head.split("\t")
    for row in rows:
        told = dict(zip(names, row.split("\t"), strict=False))
        path = data / "crowdsec_hub" / told["test"] / told["log_file"]
        scenarios = told.get("scenario|sources|events", "")
        reading = any(word in scenarios for word in _WEB_READING)
        if told["log_type"] in _WEB_FORMATS and path.is_file() and (reading or not scenarios):
            yield _Log(paths=[path], hit=reading, zone="UTC")


def _fail2ban(data: Path, folder: Path) -> Iterator[_Log]:
    """Logs of web servers whose lines are labelled in the comment above each, as failures of one sender or not; none is of reading."""
    for path in sorted((data / "fail2ban_logs").iterdir()):
        if path.name.startswith(("apache-", "nginx-")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            log = folder / f"{path.name}.log"
            log.write_text(
                "".join(f"{line}\n" for line in lines if line and not line.startswith("#")), encoding="utf-8"
            )
            yield _Log(paths=[log], hit=False, zone="UTC")


_PANTHER_READING: Final = (
    "AWS.SecretsManager.", "AWS.SSM.DecryptSSMParams", "AWS.EC2.ManyPasswordReadAttempts",
    "AWS.EC2.DownloadInstanceUserData", "AWS.CloudTrail.VPCE.S3ExternalIP",
)  # fmt: skip


def _panther(data: Path, folder: Path) -> Iterator[_Log]:
    """Single CloudTrail events of rules about reading data, a log each; events without a time are left out."""
    with (data / "_truth/dev_panther_tests.jsonl").open(encoding="utf-8") as rows:
        for at, row in enumerate(rows):
            told: Mapping[str, Any] = json.loads(row)
            if not told["rule"].startswith(_PANTHER_READING) or "eventTime" not in told["log"]:
                continue
            path = folder / f"{at:05}.jsonl"
            path.write_text(json.dumps(told["log"]) + "\n", encoding="utf-8")
            yield _Log(paths=[path], hit=told["expected"])


_OBJECTS: Final = "".join(
    _route(id_, f'action = "{action}", object = "{place}"', 'from = "object", name = "id", kind = "object"')
    for id_, action, place in (
        ("secret", "secretsmanager:GetSecretValue", "{id}"),
        ("parameter", "ssm:GetParameter", "{id}"),
        ("object", "s3:GetObject", "{bucket}/{id}"),
        ("password", "ec2:GetPasswordData", "{id}"),
        ("user-data", "ec2:DescribeInstanceAttribute", "{id}"),
    )
)
_PAGES: Final = "".join(
    _route(id_, f'path = "{path}"', 'from = "path", name = "id"')
    for id_, path in (("top", "/{id}"), ("second", "/{a}/{id}"), ("third", "/{a}/{b}/{id}"))
)
SETS: Final = (
    _Set(
        name="public site",
        what="requests of readers, crawlers and feed readers to a public site; pictures are read as records",
        why="",
        data_map=_route(
            "picture", 'path = "/presentations/{talk}/images/{id}"', 'from = "path", name = "id"'
        ),
        logs=_fixed("elastic_examples/semicomplete_apache_access.log", hit=False),
    ),
    _Set(
        name="public site, each page",
        what="the same log; each page that anybody may read is taken for a record of somebody",
        why="programs that follow old links meet one dead page for every four that are there, which is how guessing looks; "
        "no data map says so of public pages",
        data_map=_PAGES,
        logs=_fixed("elastic_examples/semicomplete_apache_access.log", hit=False),
    ),
    _Set(
        name="bastion host",
        what="sshd: 226 logins accepted from 4 addresses, among thousands that failed",
        why="",
        data_map=_route("login", 'action = "ssh.accepted"', 'from = "principal"'),
        logs=_fixed("elastic_examples/ec2_sshd_auth.log", hit=False, zone="UTC"),
    ),
    _Set(
        name="secrets of a cloud account",
        what="CloudTrail of a lab attack: one named user reads 20 secrets, each once",
        why="20 objects by one name within minutes are what a deployment reads, too; without a record of who may read "
        "them, thresholds lie above. With a table of staff and none of reasons it is a finding, and a Sigma rule "
        "that names the call finds it without",
        data_map=_OBJECTS,
        logs=_fixed("invictus_aws/CloudTrail", hit=True),
    ),
    _Set(
        name="object read off-host",
        what="CloudTrail: one object is read twice with a role that was stolen from its machine",
        why="one object is one object, and the set has one address for everybody, so that it cannot be told from where",
        data_map=_OBJECTS,
        logs=_fixed("otrf_security_datasets/aws", hit=True),
    ),
    _Set(
        name="crowdsec web logs",
        what="small web logs that raise no alert, or one about reading what should not be read",
        why="hardly any request of these incidents was answered with a page, and what was not answered showed nobody",
        data_map=_PAGES,
        logs=_crowdsec,
    ),
    _Set(
        name="fail2ban web logs",
        what="lines of web servers, labelled as failures of one sender or not; each page is taken for a record of somebody",
        why="",
        data_map=_PAGES,
        logs=_fail2ban,
    ),
    _Set(
        name="panther events",
        what="single CloudTrail events of rules about secrets, passwords, parameters and objects, each labelled",
        why="an event of its own is one read of one object; what makes it remarkable is company, and it has none",
        data_map=_OBJECTS,
        logs=_panther,
    ),
)


def measured(one: _Set, data: Path, folder: Path) -> Labelled:
    """Scan each log of a set by itself; `folder` must be empty."""
    data_map = folder / "map.toml"
    data_map.write_text(one.data_map, encoding="utf-8")
    (folder / "logs").mkdir()
    sums = {each.name: 0 for each in fields(Labelled) if each.name not in ("name", "what", "why")}
    for at, log in enumerate(one.logs(data, folder / "logs")):
        root = folder / f"ledger-{at}"
        paths = [str(path) for path in log.paths]
        report = scan(paths, root, now=_NOW, zone=log.zone, map_path=data_map)
        findings = len(report.findings)
        sums["logs"] += 1
        sums["events"] += report.total("events")
        sums["views"] += sum(source.views for source in report.coverage)
        sums["persons"] += _persons(root)
        sums["hits" if log.hit else "benign"] += 1
        sums["findings"] += 0 if log.hit else findings
        sums["hits_found" if log.hit else "benign_found"] += bool(findings)
    return Labelled(name=one.name, what=one.what, why=one.why, **sums)


def _persons(root: Path) -> int:
    with closing(Workspace.open(root)) as workspace, closing(LedgerReader(workspace)) as reader:
        asked = reader.session.query("SELECT count(DISTINCT person) AS n FROM views WHERE NOT duplicate")
        return int(asked["n"][0].as_py())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.labelled")
    parser.add_argument("--data", type=Path, default=DATA, help="where the sets are")
    parser.add_argument("--only", nargs="+", choices=[each.name for each in SETS], help="these sets alone")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the numbers go")
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"there is no folder {options.data}")
    kept = json.loads(options.results.read_text(encoding="utf-8")) if options.results.is_file() else {}
    rows = {each["name"]: each for each in kept.get("days", ())} if options.only else {}
    for one in SETS:
        if options.only and one.name not in options.only:
            continue
        with tempfile.TemporaryDirectory(prefix="whosaw-labelled-") as folder:
            row = measured(one, options.data, Path(folder))
        print(
            f"{row.name:28} logs {row.logs:4} events {row.events:7,} views {row.views:6,} persons {row.persons:6,} "
            f"incidents found {row.hits_found} of {row.hits} benign with a finding {row.benign_found} of {row.benign} ({row.findings})",
            flush=True,
        )
        rows[one.name] = asdict(row)
        kept["days"] = [rows[each.name] for each in SETS if each.name in rows]
        options.results.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
