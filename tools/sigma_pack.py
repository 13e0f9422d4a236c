"""Our detectors that can be said in Sigma, and docs/reference/sigma.md: `python -m tools.sigma_pack --write | --check`."""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

import yaml

from tools.generated import DATA, ROOT, main, table
from whosaw.core import client

_PACK = DATA / "sigma"
_PAGE = ROOT / "docs" / "reference" / "sigma.md"
_HOME = "https://whosaw.readthedocs.io/"
_FIELDS = {"address": "c-ip", "agent": "cs-user-agent", "principal": "cs-username"}

# What a detector loses when it is said in Sigma.
LOST = {
    "persons-per-client": "Sigma knows no explanation: customers at their own pages, jobs on record and agents with tickets count, too. "
    "Persons are counted by the page's path, so one person on two pages counts twice, and persons whom the path does not name do not count.",
    "canary-hit": "Sigma knows no explanation: a job that reads everybody reads a canary, too. The page of a canary must be known.",
    "account-of-leaver": "Sigma knows no dates of staff: list only accounts that nobody may use any more.",
}
# Why a detector cannot be said at all.
NOT_SAID = {
    "bulk-records": "Sigma adds up no numbers of records that are known from a data map",
    "colleague-record": "which customers work here, and whether a ticket was open, stand in tables",
    "contract-ended": "the end of a contract is a date in a table, and Sigma compares no times with tables",
    "hollow-session": "Sigma cannot ask that a session has no line of another kind in the whole log, and knows no baseline",
    "key-of-leaver": "who holds which key, and until when they worked here, stands in tables",
    "key-out-of-use": "which key signed a token, and until when it was in use, stands in no field of a web server's log",
    "list-to-its-end": "Sigma does not compare how many records a line held with the line before it",
    "number-walk": "Sigma does not compare the number in a line with that of lines before it",
    "numbers-nobody-has": "whether a person was ever shown to anybody stands in the whole log, not in lines before or beside the one that failed",
    "one-manner": "Sigma does not put lines together by the order and pace of pages, and knows no baseline",
    "one-way": "Sigma does not ask at which page a session began, and compares no network with others",
    "own-record": "which customers work here stands in a table",
    "page-surge": "Sigma compares no hour with that of weeks before",
    "passwords-tried": "which login issued a session stands in a table, and Sigma knows no baseline of logins that fail",
    "public-figure": "who is a public figure, and whether a ticket was open, stand in tables",
    "reads-another": "whose data a page showed, and who was signed in, are two values that Sigma does not compare",
    "relative-record": "who lives where, and whether a ticket was open, stand in tables",
    "session-in-two-hands": "Sigma does not look for a second user agent of a session in another network, and knows no baseline",
    "staff-without-reason": "whether a ticket was open stands in a table",
    "token-never-issued": "which logins issued which tokens stands in a table",
    "token-of-another": "which logins issued which tokens stands in a table",
    "token-out-of-time": "when a token was issued and ended stands in a table, and Sigma compares no times with tables",
}

_HEAD = """\
# Sigma

<!-- Made by `python -m tools.sigma_pack --write`. -->

`whosaw scan LOG --sigma FOLDER` runs Sigma rules over the events of every log that is read. How to: [Sigma](../howto/sigma.md).
A rule that is wrong, or asks for something that is not on this page, does not run, and is named with file, line and reason; all others run.

## What is understood

- Every file that ends in `.yml` or `.yaml` below the folder; several rules in a file; filters (`filter:`). Conditions with `1 of`,
  `any of` and `all of`, of `them` or of names with `*`. `action:` was taken out of Sigma and does not run, nor does the old `| count() by`
  in a condition.
- Modifiers: `contains`, `startswith`, `endswith`, `all`, `cased`, `neq`, `re` (with `i`, `m`, `s`), `cidr`, `exists`, `expand`,
  `fieldref`, `lt`, `lte`, `gt`, `gte`, `base64`, `base64offset`, `wide`, `utf16`, `utf16be`, `windash`; wildcards `*` and `?`; keywords. Not: parts of
  times (`hour`, `day` and the like).
- Regular expressions are RE2's. A rule with one that looks around or back, is wrong, or repeats a part more than 1,000 times does
  not run.
- Text is compared without regard to case, unless `cased` is there. The values `''` and `'-'` match where the log has nothing.
- Of a field that a log does not have at all (an agent, in the common format) nothing is told: neither that it is empty nor `not` of
  anything. A rule that so was told of no line did not apply, and says which field is missing.
- Placeholders (`%name%`): from `placeholders.toml` in the folder, a table of lists. `%personal_pages%` is, where the file does not give it,
  the paths of the data map.
- Correlations: `event_count`, `value_count`, `temporal`, `temporal_ordered`, with `gt` or `gte`, `group-by` and `aliases`. The window
  slides: it ends with each line, and both its ends belong to it. Not: other types and operators, correlations of correlations, conditions that
  join rules.

## Findings

A rule gives one finding for each client (address and agent), a correlation one for each group, at most 100 of each, those with the most lines. The detector is
`sigma:` and the rule's id. Counts in views, accounts and persons are those of its lines that are views. Its level becomes the confidence: critical and high
are high, medium is medium, all else is low. A rule that belongs to a correlation gives findings of its own only with `generate: true`.

"""
_RESULTS = ROOT / "docs" / "performance" / "sigma.json"
_PUBLIC_HEAD = """
## Public rules

What becomes of the rules of {repository} (commit {commit:.12}) for web, applications, clouds and identity. `python -m bench.public_rules SIGMA`
measures it.

"""
_COMPARED = """
{compared:,} of them were asked about {events:,} made-up events, hits and near misses, by whosaw and by pySigma's SQLite backend; {with_hits:,} matched
something. Of {equal:,} both match the same events. The others:

"""
# Why whosaw and SQLite may differ about a rule.
WHY_DIFFERENT = {
    "proxy_ua_empty.yml": "it looks for an empty text: whosaw finds lines without any agent as well, for log writers put nothing, `-` or an empty text there",
    "aws_cloudtrail_bucket_deleted.yml": "it asks that there is no error: an empty text is none to whosaw, and a value to SQLite",
}
_PACK_HEAD = """
## Our detectors as rules

`src/whosaw/data/sigma/` holds the detectors that can be said in Sigma, for use elsewhere. Give `%personal_pages%`, `%canary_pages%` and
`%leavers%` their values there.

"""


def rules() -> dict[str, list[dict[str, Any]]]:
    """The documents of each file of the pack."""
    page = {
        **_head("personal-page", "A page with personal data was shown", "informational"),
        "name": "personal_page",
        "description": "A page of the data map answered with success. Part of correlations; says nothing alone.",
        "logsource": {"category": "webserver"},
        "detection": {
            "selection": {
                "cs-uri-stem|expand": "%personal_pages%",
                "sc-status|gte": 200,
                "sc-status|lt": 300,
            },
            "condition": "selection",
        },
    }
    detectors = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in _detectors()}
    found: dict[str, list[dict[str, Any]]] = {"personal-page": [page]}
    for name, item in detectors.items():
        if name == "persons-per-client":
            for clause in item["clause"]:
                if clause["counts"] == "not-explained" and set(clause["group_by"]) <= set(_FIELDS):
                    found[f"{name}-{clause['id']}"] = [
                        _per_client(item, clause, *one) for one in clause["persons"].items()
                    ]
        elif name in LOST:
            found[name] = [_plain(item, item["clause"][0])]
    return found


def _plain(item: dict[str, Any], clause: dict[str, Any]) -> dict[str, Any]:
    leaver = item["id"] == "account-of-leaver"
    selection = {
        "cs-uri-stem|expand": "%personal_pages%" if leaver else "%canary_pages%",
        **({"cs-username|expand": "%leavers%"} if leaver else {}),
        "sc-status|gte": 200,
        "sc-status|lt": 300,
    }
    return {
        **_head(item["id"], item["title"], clause["confidence"]),
        "description": _description(item, clause),
        "tags": [f"attack.{item['technique'].lower()}"],
        "logsource": {"category": "webserver"},
        "detection": {"selection": selection, "condition": "selection"},
    }


def _per_client(item: dict[str, Any], clause: dict[str, Any], window: str, persons: int) -> dict[str, Any]:
    return {
        **_head(
            f"{item['id']}-{clause['id']}-{window}",
            f"{item['title']} ({clause['id']}, {window})",
            clause["confidence"],
        ),
        "description": _description(item, clause),
        "tags": [f"attack.{item['technique'].lower()}"],
        "correlation": {
            "type": "value_count",
            "rules": ["personal_page"],
            "group-by": [_FIELDS[each] for each in clause["group_by"]],
            "timespan": window,
            "condition": {"gte": persons, "field": "cs-uri-stem"},
        },
    }


def _head(name: str, title: str, level: str) -> dict[str, Any]:
    return {
        "title": title,
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{_HOME}sigma/{name}")),
        "status": "test",
        "license": "Apache-2.0",
        "author": "The whosaw project",
        "references": [_HOME],
        "level": level,
    }


def _description(item: dict[str, Any], clause: dict[str, Any]) -> str:
    return " ".join(f"{clause['why']} Lost in Sigma: {LOST[item['id']]}".split())


def _detectors() -> list[Path]:
    return sorted((DATA / "detectors").glob("*.toml"))


def _sources() -> str:
    out = ["## Log sources\n"]
    for path in sorted((DATA / "logsources").glob("*.toml")):
        item = tomllib.loads(path.read_text("utf-8"))
        own = {each: each for each in client.SENT} if item.get("client") else {}
        asked = "; ".join(
            " ".join(f"`{key}: {value}`" for key, value in each.items()) for each in item["match"]
        )
        out.append(
            f"\n### {item['title']}\n\nRules: {asked}. Formats: {', '.join(f'`{each}`' for each in item['formats'])}.\n\n"
        )
        out.append(
            table(
                ["field", "where it stands"],
                [[f"`{name}`", f"`{_shown(form)}`"] for name, form in (own | item["fields"]).items()],
            )
        )
    return "".join(out).replace("`*`", "all")


def _public() -> str:
    """What became of public rules, as it was measured."""
    if not _RESULTS.is_file():
        return ""
    found = json.loads(_RESULTS.read_text(encoding="utf-8"))
    folders = [
        [f"`{each['folder']}`", each["rules"], each["run"], each["not_run"]] for each in found["folders"]
    ]
    total = ["all", *(sum(each[at] for each in folders) for at in (1, 2, 3))]
    reasons = [
        [
            each["why"]
            + (f": {', '.join(f'`{name}`' for name in each['fields'])}" if each["fields"] else ""),
            each["rules"],
        ]
        for each in found["reasons"]
    ]
    different: dict[str, list[int]] = {}
    for each in found["differences"]:
        counts = different.setdefault(Path(each["file"]).name, [0, 0, 0])
        for at, name in enumerate(("both", "whosaw", "sqlite")):
            counts[at] += each[name]
    rows = [[f"`{name}`", *counts, WHY_DIFFERENT.get(name, "")] for name, counts in sorted(different.items())]
    return "".join(
        [
            _PUBLIC_HEAD.format(**found),
            _table(["folder", "rules", "run", "do not run"], [*folders, total]),
            "\n",
            _table(["why rules do not run", "rules"], reasons),
            _COMPARED.format(**found),
            _table(["rule", "events of both", "of whosaw alone", "of SQLite alone", "why"], rows),
        ]
    )


def _table(head: list[str], rows: list[list[Any]]) -> str:
    return table(head, [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows])


def _shown(form: Any) -> str:
    if isinstance(form, list):
        return ", or else ".join(_shown(each) for each in form)
    if isinstance(form, dict):
        if "ok" in form:
            return " or ".join(form["ok"]) + ", from ok"
        if "extension" in form:
            return f"what stands behind the last dot of {form['value']}"
        more = f" / {form['divide']}" if "divide" in form else f", where action begins with {form['action']}"
        return f"{_shown(form['value'])}{more}"
    return str(form)


def page() -> dict[Path, str]:
    pack = rules()
    wanted = {
        _PACK / f"{name}.yml": "---\n".join(
            yaml.safe_dump(each, sort_keys=False, allow_unicode=True, width=110) for each in documents
        )
        for name, documents in pack.items()
    }
    said = [[f"`{name}`", what] for name, what in sorted(LOST.items())]
    not_said = [[f"`{name}`", why] for name, why in sorted(NOT_SAID.items())]
    wanted[_PAGE] = "".join(
        [
            _HEAD,
            _sources(),
            _public(),
            _PACK_HEAD,
            table(["detector", "what is lost"], said),
            "\n",
            table(["detector", "why it is not there"], not_said),
        ]
    )
    return wanted


def faults() -> list[str]:
    """Detectors of which nobody said whether Sigma can say them, and files that nobody makes."""
    known = LOST.keys() | NOT_SAID.keys()
    there = {path.stem for path in _detectors()}
    found = [f"say in tools/sigma_pack.py whether Sigma can say {name}" for name in sorted(there - known)]
    found += [f"{name} is no detector any more" for name in sorted(known - there)]
    if _RESULTS.is_file():
        measured = json.loads(_RESULTS.read_text(encoding="utf-8"))["differences"]
        different = {Path(each["file"]).name for each in measured}
        found += [
            f"say in tools/sigma_pack.py why {name} differs from SQLite"
            for name in sorted(different - WHY_DIFFERENT.keys())
        ]
    made = {path for path in page() if path.parent == _PACK}
    return found + [f"{path.name} is made by nothing" for path in sorted(set(_PACK.glob("*")) - made)]


if __name__ == "__main__":
    sys.exit(main("sigma_pack", page, faults))
