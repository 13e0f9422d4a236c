"""Rule files: each rule runs, or says why it does not; none keeps another from running."""

from __future__ import annotations

from pathlib import Path

import pytest

from whosaw.actors.sigma.load_pack import load_pack
from whosaw.actors.sigma.pack import RulePack
from whosaw.actors.sigma.rule_file import Unread, read_texts
from whosaw.core.errors import FaultsError, WhosawError

RULE = """\
title: Traversal
id: 00000000-0000-4000-8000-000000000001
logsource:
  category: webserver
detection:
  selection:
    cs-uri-stem|contains: '../'
  condition: selection
level: high
tags:
  - attack.initial-access
  - attack.t1190
"""


def not_run(text: str, **more: str) -> list[tuple[str, str, int, str]]:
    pack = load_pack({"a.yml": text, **more})
    return [(each.rule.title, each.rule.file, each.line, each.what) for each in pack.not_run]


def one(condition: str, logsource: str = "{category: webserver}") -> str:
    return f"title: T\nlogsource: {logsource}\ndetection:\n  s:\n    {condition}\n  condition: s\n"


def test_a_rule_says_what_it_is() -> None:
    (rule,) = load_pack({"web/a.yml": RULE}).rules
    text = rule.text
    assert (text.key, text.title, text.file, text.line) == (
        "00000000-0000-4000-8000-000000000001", "Traversal", "web/a.yml", 1,
    )  # fmt: skip
    assert (text.level, text.technique, rule.source, rule.reports) == ("high", "T1190", "webserver", True)


def test_what_is_wrong_in_some_rules_keeps_no_other_from_running() -> None:
    pack = load_pack(
        {
            "a.yml": RULE.replace("title: Traversal\n", "").replace("level: high", "level: dreadful"),
            "b.yml": "title: [unclosed\n",
            "c.yml": "- no\n- rule\n",
            "d.yml": Unread(why="the file is not UTF-8"),
            "e.yml": RULE,
        }
    )
    assert [each.text.file for each in pack.rules] == ["e.yml"]
    told = {each.rule.file: (each.line, each.what) for each in pack.not_run}
    assert sorted(told) == ["a.yml", "b.yml", "c.yml", "d.yml"]
    assert "dreadful" in told["a.yml"][1]
    assert "title" in told["a.yml"][1]  # both of its faults
    assert told["b.yml"] == (2, "it is not valid YAML: expected ',' or ']', but got '<stream end>'")
    assert told["c.yml"] == (1, "it is no Sigma rule: a rule is a table of keys")
    assert told["d.yml"] == (1, "the file is not UTF-8")


def test_of_a_file_that_breaks_off_the_rules_before_run() -> None:
    pack = load_pack({"a.yml": RULE + "---\ntitle: [unclosed\n"})
    assert [each.text.title for each in pack.rules] == ["Traversal"]
    assert [(each.rule.title, each.line > 12) for each in pack.not_run] == [("a.yml", True)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (RULE.replace("level: high", "level: dreadful"), 9, "dreadful"),
        (RULE.replace("condition: selection", "condition: selction"), 8, "selction"),
        (RULE.replace("condition: selection", "condition: 1 of filter_*"), 8, "doesn't match any detection"),
        (RULE.replace("id: 0000", "id: nothing-"), 2, "UUID"),
        (RULE.replace("|contains", "|holds"), 5, "holds"),
        (RULE.replace("condition: selection", "condition: selection | count() by c-ip > 5"), 8, "deprecated"),
        (RULE + "title: Twice\n", 13, "title stands twice"),
        ("action: global\n" + RULE, 1, "taken out of Sigma"),
        ("title: T\ndetection: {s: {cs-host: a}, condition: s}\n", 2, "log source"),
    ],
)
def test_a_rule_that_is_wrong_says_what_and_where(text: str, line: int, words: str) -> None:
    ((_, _, at, why),) = not_run(text)
    assert words in why
    assert at == line


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(a{1,500}){1,500}", "repeat"),
        ("(a+)+", "repeats without end"),
        ("(unclosed", "not a regular expression"),
    ],
)
def test_a_bad_regular_expression_does_not_run_wherever_it_stands(pattern: str, words: str) -> None:
    for text in (
        one(f"cs-user-agent|re: '{pattern}'"), one(f"Image|re: '{pattern}'", "{category: process_creation}"),
    ):  # fmt: skip
        ((_, _, _, why),) = not_run(text)
        assert words in why


def test_of_two_rules_with_one_id_the_first_runs() -> None:
    pack = load_pack({"a.yml": RULE, "b.yml": RULE})
    assert [each.text.file for each in pack.rules] == ["a.yml"]
    assert [(each.rule.file, each.line, each.what) for each in pack.not_run] == [
        ("b.yml", 2, "00000000-0000-4000-8000-000000000001 is already a.yml:1")
    ]


def test_a_correlation_of_an_unknown_rule_says_so() -> None:
    text = "title: C\ncorrelation: {type: event_count, rules: [none], timespan: 1h, condition: {gte: 2}}\n"
    ((title, _, _, why),) = not_run(text)
    assert title == "C"
    assert "none" in why


def test_a_rule_whose_correlation_is_wrong_is_no_finding_of_its_own() -> None:
    text = (
        CORRELATION.replace("{type}", "event_cuont")
        .replace("{by}", "c-ip")
        .replace("{condition}", "{gte: 3}")
    )
    pack = load_pack({"a.yml": RULE, "c.yml": text})
    assert [each.rule.title for each in pack.not_run] == ["Many"]
    assert [each.reports for each in pack.rules] == [False]


def test_a_rule_whose_filter_is_wrong_does_not_run_without_it() -> None:
    text = (
        "title: Ours\nlogsource: {category: webserver}\nfilter:\n  rules: [00000000-0000-4000-8000-000000000001]\n"
        "  own: {c-ip|holds: 192.0.2.1}\n  condition: not own\n"
    )
    pack = load_pack({"a.yml": RULE, "f.yml": text})
    assert pack.rules == ()
    told = {each.rule.title: each.what for each in pack.not_run}
    assert told["Traversal"] == "its filter f.yml:1 cannot be applied"
    assert "holds" in told["Ours"]


def test_an_alias_bomb_does_not_run() -> None:
    bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert not_run("title: T\n" + bomb)


def test_names_of_selections_are_compared_in_linear_time() -> None:
    """With a pattern like this one Python's own engine would try some 10^20 ways."""
    text = (
        one("cs-host: a")
        .replace("  s:", f"  {'a' * 900}:")
        .replace("condition: s", f"condition: 1 of {'a*' * 40}b")
    )
    ((_, _, _, why),) = not_run(text)
    assert "match any detection" in why


def test_placeholders_that_are_wrong_are_a_fault_of_the_folder() -> None:
    with pytest.raises(FaultsError) as caught:
        load_pack({"a.yml": RULE, "placeholders.toml": "pages = [1]\n"})
    assert [each.where.file for each in caught.value.faults] == ["placeholders.toml"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (one("Image|endswith: x", "{category: process_creation, product: windows}"), 2, "category process_creation, product windows"),
        (one("cs-cookie|contains: x"), 5, "have no field cs-cookie"),
        (one("cs-user-agent|re: '(?=a)b'"), 5, "RE2"),
        (one("cs-uri-stem|expand: '%pages%'"), 5, "%pages%"),
        (one("sc-status|hour: 3"), 5, "parts of times"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_run_is_named_with_the_line_of_the_reason(
    text: str, line: int, what: str
) -> None:
    ((title, file, at, why),) = not_run(text)
    assert (title, file, at) == ("T", "a.yml", line)
    assert what in why


def test_the_other_rules_run_all_the_same() -> None:
    pack = load_pack({"a.yml": one("cs-cookie|contains: x"), "b.yml": RULE})
    assert [rule.text.title for rule in pack.rules] == ["Traversal"]
    assert [each.rule.title for each in pack.not_run] == ["T"]


CORRELATION = """\
title: Many
correlation:
  type: {type}
  rules: [00000000-0000-4000-8000-000000000001]
  group-by: [{by}]
  timespan: 5m
  condition: {condition}
"""


@pytest.mark.parametrize(
    ("kind", "by", "condition", "line", "what"),
    [
        ("value_sum", "c-ip", "{gte: 3, field: sc-bytes}", 3, "value_sum"),
        ("event_count", "c-ip", "{lt: 3}", 7, "lt"),
        ("event_count", "cs-cookie", "{gte: 3}", 5, "cs-cookie"),
        ("value_count", "c-ip", "{gte: 3, field: [cs-host, cs-uri-stem]}", 7, "several fields"),
    ],
)
def test_a_correlation_that_cannot_be_run_is_named(
    kind: str, by: str, condition: str, line: int, what: str
) -> None:
    text = CORRELATION.replace("{type}", kind).replace("{by}", by).replace("{condition}", condition)
    ((title, _, at, why),) = not_run(RULE, **{"c.yml": text})
    assert (title, at) == ("Many", line)
    assert what in why


def test_a_rule_of_a_correlation_is_no_finding_of_its_own_unless_it_says_so() -> None:
    text = (
        CORRELATION.replace("{type}", "event_count").replace("{by}", "c-ip").replace("{condition}", "{gt: 3}")
    )
    assert [rule.reports for rule in load_pack({"a.yml": RULE, "c.yml": text}).rules] == [False]
    pack = load_pack({"a.yml": RULE, "c.yml": text + "  generate: true\n"})
    assert [rule.reports for rule in pack.rules] == [True]
    (correlation,) = pack.correlations
    assert (correlation.least, correlation.seconds) == (4, 300)
    assert [(each.name, each.column) for each in correlation.group_by] == [("c-ip", "address")]


def digest(text: str) -> str:
    pack: RulePack = load_pack({"a.yml": text})
    return pack.digest


def test_the_digest_follows_what_matches_and_not_the_words_around_it() -> None:
    assert digest(RULE) == digest(RULE.replace("level: high", "level: low").replace("Traversal", "Other"))
    assert digest(RULE) != digest(RULE.replace("'../'", "'..%2f'"))


def test_a_folder_is_read_with_all_below_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.yaml").write_text(RULE)
    (tmp_path / "placeholders.toml").write_text('pages = ["/a/*"]\n')
    (tmp_path / "README.md").write_text("no rule")
    assert sorted(read_texts(tmp_path)) == ["deep/a.yaml", "placeholders.toml"]


def test_no_rules_are_not_the_same_as_rules_that_find_nothing(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(WhosawError) as caught:
            read_texts(folder)
        assert caught.value.code == "sigma.none"


def test_a_file_that_is_no_text_says_so_and_no_other_is_lost(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.yml").write_text(RULE)
    assert read_texts(tmp_path) == {"a.yml": Unread(why="the file is not UTF-8"), "b.yml": RULE}
