"""What rules match is what pySigma's SQLite backend matches on the same events: hits, and events that miss by a letter."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from bench.public_rules import Compared, compared, rules_by_layout

from whosaw.actors.sigma.load_pack import load_pack

SOURCES = {
    "web": "{category: webserver}",
    "cloud": "{product: aws, service: cloudtrail}",
    "cluster": "{product: kubernetes, service: audit}",
    "signin": "{product: azure, service: signinlogs}",
    "m365": "{product: m365, service: audit}",
}
SELECTIONS: Mapping[str, tuple[str, str]] = {
    "wildcards": ("web", "cs-uri-stem: ['/a*z', '/b?d', '*/c/*', '/plain']"),
    "escaped": ("web", r"cs-uri-stem: ['/a\*z', '/b\?d', 'a_c%d']"),
    "contains": ("web", "cs-user-agent|contains: [sqlmap, Nikto]"),
    "contains all": ("web", "cs-uri-query|contains|all: ['union', 'select', \"'\"]"),
    "starts": ("web", "cs-host|startswith: [Evil., www.]"),
    "ends": ("web", "cs-host|endswith: [.test, .example]"),
    "number": ("web", "sc-status: [404, 500]"),
    "number as text": ("web", "sc-status|startswith: '4'"),
    "bounds": ("web", "sc-status|gte: 400"),
    "below": ("web", "sc-status|lt: 300"),
    "pattern": ("web", r"cs-uri-stem|re: '^/v1/users$'"),
    "pattern of any case": ("web", "cs-uri-stem|re|i: 'admin/(list|edit)'"),
    "network": ("web", "c-ip|cidr: ['192.0.2.0/24', '198.51.100.0/25']"),
    "base64": ("web", "cs-uri-query|base64offset|contains: 'password'"),
    "there": ("web", "cs-referer|exists: true"),
    "not there": ("web", "cs-referer|exists: false"),
    "nothing": ("web", "cs-username: null"),
    "cased": ("web", "cs-user-agent|cased: [Curl, curl]"),
    "of another field": ("web", "cs-username|fieldref: cs-host"),
    "extension": ("web", "c-uri-extension: [exe, ps1]"),
    "whole uri": ("web", "cs-uri|contains: '/a?b='"),
    "not that": ("web", "cs-method|neq: GET"),
    "source": ("cloud", "eventSource: [ec2.amazonaws.com, s3.amazonaws.com]"),
    "login": ("cloud", "responseElements.ConsoleLogin: Success"),
    "code": ("cluster", "responseStatus.code: [401, 403]"),
    "namespace": ("cluster", "objectRef.namespace|startswith: kube-"),
    "outcome": ("signin", "Status: Success"),
    "error": ("signin", "ResultType: [50057, '50126']"),
    "workload": ("m365", "{eventSource: Exchange, status: success}"),
}  # fmt: skip
CONDITIONS: Mapping[str, str] = {
    "1 of": "1 of word_*",
    "all of": "all of word_*",
    "them": "1 of them",
    "all of them": "all of them",
    "not 1 of": "method and not 1 of word_*",
    "nested": "method and (word_host or (word_path and not word_agent))",
    "not all of": "not all of word_*",
}
WORDS = """\
  method: {cs-method: [POST, PUT]}
  word_host: {cs-host|endswith: .test}
  word_path:
    - cs-uri-stem|startswith: /admin
    - cs-uri-stem|contains: /export
  word_agent: {cs-user-agent|contains: curl, sc-status: 200}
"""


def rule(source: str, detections: str, condition: str) -> str:
    return f"title: T\nlogsource: {SOURCES[source]}\ndetection:\n{detections}\n  condition: {condition}\n"


RULES = {
    **{name: rule(source, f"  s:\n    {text}" if text[0] != "{" else f"  s: {text}", "s") for name, (source, text) in SELECTIONS.items()},
    **{name: rule("web", WORDS, text) for name, text in CONDITIONS.items()},
    "keywords": rule("cloud", "  keywords: [AKIAEXAMPLE, 'Failed authentication']", "keywords"),
}  # fmt: skip


@pytest.fixture(scope="module")
def results() -> dict[str, Compared]:
    texts = {f"{name}.yml": text for name, text in RULES.items()}
    pack = load_pack(texts)
    assert [(each.rule.file, each.what) for each in pack.not_run] == []
    return {
        row.file.removesuffix(".yml"): row
        for layout, rules in rules_by_layout(pack, texts)
        for row in compared(pack, texts, layout, rules, seed="small", each=24, empty=False)
    }


@pytest.mark.parametrize("name", RULES)
def test_both_match_the_same_events(results: Mapping[str, Compared], name: str) -> None:
    assert results[name].fault == ""
    assert (results[name].whosaw, results[name].sqlite) == (0, 0)
    assert results[name].both > 2  # it was asked about some that fit


def test_an_empty_text_is_nothing_to_whosaw_and_a_value_to_sqlite() -> None:
    """Where the two differ, and why: writers of logs put nothing, `-` or an empty text where there is no value."""
    texts = {f"{name}.yml": RULES[name] for name in ("there", "not there")}
    pack = load_pack(texts)
    ((layout, rules),) = rules_by_layout(pack, texts)
    not_there, there = compared(pack, texts, layout, rules, seed="small", each=24)
    assert (there.whosaw, not_there.sqlite) == (0, 0)
    assert there.sqlite == not_there.whosaw > 0


def test_a_rule_that_is_another_is_told_apart() -> None:
    """The comparison sees a match that is wrong: here SQLite is asked for another text."""
    texts = {"contains.yml": RULES["contains"]}
    other = {"contains.yml": RULES["contains"].replace("Nikto", "Nikt")}
    pack = load_pack(texts)
    ((layout, rules),) = rules_by_layout(pack, texts)
    (row,) = compared(pack, other, layout, rules, seed="small", each=24)
    assert row.sqlite > 0
