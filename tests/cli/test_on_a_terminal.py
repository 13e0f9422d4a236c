"""What asks a person is asked on a real terminal: the questions of `init` and of `map review`, the progress of a scan, and Ctrl-C."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.waiting import HANG
from tools import console
from tools.pseudo_terminal import Answer, left_on_screen, typed
from tools.terminal import plain

WEB = '192.0.2.{n} - - [03/Mar/2025:09:00:{n:02} +0000] "GET /customers/100{n:02}/addresses HTTP/1.1" 200 512 "-" "Firefox/136.0"\n'
DESK = "03.03.2025 09:00:{n:02};T-04{n:02};192.0.2.{n};VIEW;{number};OK\n"
AROUND = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ZONE, NAME, KEYS = "Zone of the times in logs/desk/screens*.csv* (such as Asia/Seoul): ", "]: ", "[q]uit: "
QUIET = "such as 23:00-06:00; or none: "
NONE = "Which of these are there none of, such as: roles, shifts (empty: not known yet): "
LANGUAGE = "Language of letters and drafts: en, ko, sw"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A web server whose log says its zone, and a table whose times do not."""
    for service, name, lines in (
        ("web", "access.log", [WEB.format(n=n) for n in range(10, 30)]),
        ("desk", "screens-20250303.csv", ["When;Teller;Workstation;Screen;Account No;Outcome\n"]
         + [DESK.format(n=n, number=100200300 + n) for n in range(10, 30)]),
    ):  # fmt: skip
        (tmp_path / "logs" / service).mkdir(parents=True)
        (tmp_path / "logs" / service / name).write_text("".join(lines))
    return tmp_path


def on_terminal(
    folder: Path, *words: str, answers: list[tuple[str, str]], columns: int = 80
) -> tuple[int, str, str]:
    """The exit code, what then stands on the screen without colours, and everything that was written."""
    code, told = typed(
        [sys.executable, "-m", "whosaw", *words],
        [Answer(after=after, keys=keys) for after, keys in answers],
        folder,
        columns=columns,
        environment=console.environment(str(folder), in_tree=False) | AROUND,
        patience=HANG,
    )
    return code, plain(left_on_screen(told, columns)), told


def frames(told: str) -> Iterator[str]:
    """Each line of the progress as it was drawn."""
    for line in re.split(r"[\r\n]", ESCAPES.sub("", told)):
        if line and (line[0] == "✓" or 0x2800 <= ord(line[0]) <= 0x28FF):
            yield line.rstrip()


def test_init_asks_for_what_the_logs_do_not_say(logs: Path) -> None:
    code, screen, told = on_terminal(
        logs, "init", "logs",
        answers=[
            (ZONE, "Nairobi\n"), (ZONE, "Africa/Nairobi\n"), (NAME, "\n"), (QUIET, "at night\n"), (QUIET, "22:00-06:00\n"),
            (NAME, "shop\n"), (QUIET, "\n"), (NONE, "shift\n"), (NONE, "shifts, keys\n"), (f"{LANGUAGE} [en]: ", "de\n"),
            (f"{LANGUAGE}: ", "ko\n"),
        ], columns=100,
    )  # fmt: skip
    assert code == 0
    asked = screen.splitlines()[screen.splitlines().index(f"{ZONE}Nairobi") :]
    assert asked == [
        f"{ZONE}Nairobi",
        "'Nairobi' is not a time zone. Did you mean Africa/Nairobi?",
        f"{ZONE}Africa/Nairobi",
        "Name of the source logs/desk/screens*.csv* [desk]:",
        "Hours without traffic in desk, such as 23:00-06:00; or none: at night",
        "'at night' does not say when a source has no traffic. Write it like --quiet-hours 22:00-06:00 or",
        "  --quiet-hours 'web=sat;sun 00:00-24:00'",
        "Hours without traffic in desk, such as 23:00-06:00; or none: 22:00-06:00",
        "Name of the source logs/web/access.log* [web]: shop",
        "Hours without traffic in shop, such as 23:00-06:00; or none:",
        f"{NONE}shift",
        "shift is none of them. They are canaries, delegations, keys, logins, roles, services, shifts,",
        "  staff, subjects, tickets",
        f"{NONE}shifts, keys",
        f"{LANGUAGE} [en]: de",
        "there are no words in 'de'. Known: en, ko, sw",
        f"{LANGUAGE}: ko",
        "written: whosaw.toml",
        "written: formats/desk.toml (drafted from the values; read it before you trust it)",
        "written: map.toml (1 drafted route; read it before you trust it)",
        "next: whosaw scan",
    ]
    project = (logs / "whosaw.toml").read_text()
    assert 'zone = "Africa/Nairobi"' in project
    assert 'source = "shop"' in project
    assert 'quiet = ["22:00-06:00"]' in project
    assert 'context = { none = ["shifts", "keys"] }' in project
    assert 'language = "ko"' in project
    assert any("of 2" in line for line in frames(told))


@pytest.mark.parametrize("keys", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_who_stops_at_a_question_has_nothing_written(keys: str, logs: Path) -> None:
    code, screen, _ = on_terminal(logs, "init", "logs", answers=[(ZONE, keys)], columns=100)
    assert code == 130
    assert screen.splitlines()[-1].endswith("whosaw: stopped")
    assert [each.name for each in logs.iterdir()] == ["logs"]


def test_drafts_are_gone_through_on_a_narrow_terminal(logs: Path) -> None:
    (logs / "map.toml").write_text(MAP)
    answers = [(KEYS, "e\n"), ("(TOML): ", 'categories = ["identity.nam"]\n'), (KEYS, "e\n"),
               ("(TOML): ", 'categories = ["contact.address"]\n'), (KEYS, "a\n"), (KEYS, "?\n"), (KEYS, "s\n")]  # fmt: skip
    code, screen, _ = on_terminal(logs, "map", "review", "map.toml", answers=answers, columns=60)
    assert code == 0
    assert all(len(line) <= 60 for line in screen.splitlines())
    assert screen.splitlines()[:9] == [
        "",
        "2 to go",
        '  id = "addresses"',
        '  match = { method = "GET", path = "/customers/{id}/a" }',
        '  subject = { from = "path", name = "id" }',
        '  categories = ["identity.name"]',
        '  why = "logs: 20 requests succeeded; what they returned',
        '    is guessed from words of the path"',
        "[a]ccept  [e]dit  [r]eject  [s]kip  [q]uit: e",
    ]
    assert "'identity.nam' is not a category. Did you mean" in screen
    assert screen.count("a, e, r, s or q") == 1
    assert screen.splitlines()[-2:] == [
        "1 decided, 1 still drafts. Go on at any time: whosaw map",
        "  review map.toml",
    ]
    kept = (logs / "map.toml").read_text()
    assert kept.count("draft = true") == 1
    assert 'categories = ["contact.address"]' in kept


@pytest.mark.parametrize("columns", [40, 80])
def test_the_progress_of_a_scan_keeps_to_its_line_and_cuts_no_number(columns: int, logs: Path) -> None:
    code, screen, told = on_terminal(logs, "scan", "logs/web", answers=[], columns=columns)
    assert code == 0
    drawn = list(frames(told))
    assert drawn
    for line in drawn:
        assert len(line) <= columns
        assert "…" not in line[line.index("  ") if "  " in line else len(line) :], line
    assert any(re.fullmatch(r"✓ read 1 file  100% of 2\.\d kB( .*)?", line) for line in drawn), drawn
    assert "✓" not in screen  # what was shown meanwhile is gone
    assert not [line for line in drawn if "bytes" in line or "?" in line]


MAP = """\
[[route]]
id = "addresses"
match = { method = "GET", path = "/customers/{id}/a" }
subject = { from = "path", name = "id" }
categories = ["identity.name"]
draft = true
why = "logs: 20 requests succeeded; what they returned is guessed from words of the path"

[[route]]
id = "orders"
match = { method = "GET", path = "/orders/{id}" }
subject = { from = "unknown" }
categories = ["commerce.orders"]
draft = true
why = "so"
"""
