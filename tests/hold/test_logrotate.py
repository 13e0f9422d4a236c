"""Dates worked out by hand from logrotate(8). 2026-11-24 is a Tuesday."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from whosaw.logs.hold import Strike, Target, read_settings
from whosaw.logs.hold.rotation import nth_rotation

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def target(name: str = "access.log", generation: int = 0, **more: object) -> Target:
    path = f"/var/log/nginx/{name}"
    given = {
        "live": "/var/log/nginx/access.log",
        "size": 1000,
        "modified": datetime(2026, 11, 20, tzinfo=UTC),
        "number": generation or None,
        **more,
    }
    return Target(name=path, path=path, generation=generation, **given)  # type: ignore[arg-type]


def strike(tmp_path: Path, text: str, at: Target) -> Strike | None:
    conf = tmp_path / "logrotate.conf"
    conf.write_text(text)
    read = read_settings([conf])
    assert not read.notes
    found = [each for rule in read.rules if (each := rule.strike(at, now=NOW)) is not None]
    assert len(found) <= 1
    return found[0] if found else None


def block(options: str, pattern: str = "/var/log/nginx/access.log") -> str:
    return f"{pattern} {{\n{options}\n}}\n"


@pytest.mark.parametrize(
    ("options", "generation", "day"),
    [
        ("daily\nrotate 7", 0, date(2026, 12, 2)),  # rotated on the 25th, removed at the seventh after that
        ("daily\nrotate 7", 7, date(2026, 11, 25)),
        ("daily\nrotate 7", 9, date(2026, 11, 25)),  # left over from when more were kept
        ("daily\nrotate 0", 0, date(2026, 11, 25)),
        ("daily", 0, date(2026, 11, 25)),  # rotate is 0 where nobody says more
        ("weekly\nrotate 1", 0, date(2026, 12, 6)),  # Sundays: 29 November, 6 December
        ("weekly 3\nrotate 1", 1, date(2026, 11, 25)),  # Wednesdays
        ("weekly 2\nrotate 1", 1, date(2026, 12, 1)),  # today is a Tuesday and may be over
        ("monthly\nrotate=2", 1, date(2027, 1, 1)),
        ("yearly\nrotate 1", 0, date(2028, 1, 1)),
        ("hourly\nrotate 24", 0, date(2026, 11, 25)),
        ("daily\nrotate 7\nstart 0", 1, date(2026, 11, 30)),  # .1 has been through two rotations
        ("daily\nrotate 90\nmaxage 10", 2, date(2026, 12, 1)),  # more than ten whole days after the 20th
        ("weekly\nrotate 90\nmaxage 10", 2, date(2026, 12, 6)),  # only looked at on Sundays
        ("daily\nrotate 90\nmaxage 10", 0, date(2026, 12, 6)),  # counts from its rotation on the 25th
        ("daily\nrotate -1\nmaxage 10", 1, date(2026, 12, 1)),
    ],
)
def test_the_day_on_which_a_log_is_removed(options: str, generation: int, day: date, tmp_path: Path) -> None:
    name = f"access.log.{generation}" if generation else "access.log"
    found = strike(tmp_path, block(options), target(name, generation))
    assert found is not None
    assert (found.day, found.by) == (day, "path")


def test_a_log_that_is_never_removed_has_no_strike(tmp_path: Path) -> None:
    assert strike(tmp_path, block("daily\nrotate -1"), target()) is None


def test_by_size_no_date_is_told_but_an_estimate_from_growth(tmp_path: Path) -> None:
    text = block("size 10k\nrotate 2")
    unknown = strike(tmp_path, text, target())
    assert unknown is not None
    assert (unknown.day, unknown.estimate) == (None, None)
    assert "depends on growth" in unknown.why
    # three rotations: 10,240 - 1,024 bytes are missing for the first, 10,240 for each of the others, at 1,024 a day
    known = strike(tmp_path, text, target(live_size=1024, growth=1024.0))
    assert known is not None
    assert (known.day, known.estimate) == (None, date(2026, 12, 23))


def test_without_a_frequency_it_is_by_size_and_the_last_one_said_wins(tmp_path: Path) -> None:
    for options, dated in (("rotate 1", False), ("size 1k\ndaily", True), ("daily\nsize 1k", False)):
        found = strike(tmp_path, block(options), target())
        assert found is not None
        assert (found.day is not None) is dated, options


def test_globals_hold_from_where_they_stand_and_not_before(tmp_path: Path) -> None:
    text = "daily\nrotate 2\n" + block("", "/var/log/a.log") + "rotate 9\n" + block("missingok")
    found = strike(tmp_path, text, target())
    assert found is not None
    assert found.day == date(2026, 12, 4)


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        ("/var/log/nginx/*.log", "path"),
        ('"/var/log/nginx/access.log" /var/log/other', "path"),
        ("/var/log/*/access.log", "path"),
        ("/var/log/*.log", None),  # an asterisk does not cross a slash
        ("/srv/logs/access.log", "name"),  # a copy, perhaps
        ("/srv/logs/*.log", None),
    ],
)
def test_which_logs_a_pattern_covers(pattern: str, by: str | None, tmp_path: Path) -> None:
    found = strike(tmp_path, block("daily", pattern), target("access.log.3.gz", 3))
    assert (found.by if found else None) == by


def test_a_log_that_was_moved_to_olddir_is_covered(tmp_path: Path) -> None:
    old = Target(
        name="o", path="/var/log/nginx/old/access.log.2", live="/var/log/nginx/old/access.log", generation=2,
        number=2, size=1, modified=NOW,
    )  # fmt: skip
    found = strike(tmp_path, block("daily\nrotate 3\nolddir old", "/var/log/nginx/*.log"), old)
    assert found is not None
    assert found.day == date(2026, 11, 26)


def test_includes_are_read_in_order_and_taboo_names_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "logrotate.d"
    folder.mkdir()
    (folder / "nginx").write_text(block("postrotate\n  rotate 9 }\nendscript\ndaily\nrotate 3"))
    (folder / "nginx.dpkg-old").write_text(block("daily\nrotate 1"))
    (folder / "sub").mkdir()
    conf = tmp_path / "logrotate.conf"
    conf.write_text(
        "rotate 5\ninclude /etc/logrotate.d\n"
    )  # a copy from elsewhere: what lies beside it is read, whatever this machine has there
    read = read_settings([conf])
    found = [rule.strike(target(), now=NOW) for rule in read.rules]
    assert [each.day for each in found if each] == [date(2026, 11, 28)]
    assert len(read.notes) == 1
    assert "logrotate.d was read for /etc/logrotate.d" in read.notes[0]


def test_what_is_not_understood_is_said(tmp_path: Path) -> None:
    conf = tmp_path / "logrotate.conf"
    conf.write_text(
        "include /no/such/file\n" + block("frobnicate 3\nrotate many\ndaily") + "/var/log/x {\n daily\n"
    )
    notes = read_settings([conf]).notes
    said = "\n".join(notes)
    for words in (
        "/no/such/file cannot be read",
        "'frobnicate' is not known",
        "'many' of rotate",
        "never closed",
    ):
        assert words in said
    assert len(notes) == 4
    assert f"{conf}:3" in said


def test_a_block_on_one_line_is_a_block(tmp_path: Path) -> None:
    found = strike(tmp_path, "/var/log/nginx/access.log { daily\n rotate 1 }\n~/x.log {}\n", target())
    assert found is not None
    assert found.day == date(2026, 11, 26)


def test_months_and_years_go_over_their_ends() -> None:
    late = datetime(2026, 12, 31, tzinfo=UTC)
    assert nth_rotation(late, "monthly", 14) == date(2028, 2, 1)
    assert nth_rotation(late, "weekly", 1) == date(2027, 1, 3)
    assert nth_rotation(late, "weekly", 2, weekday=7) == date(2027, 1, 8)
