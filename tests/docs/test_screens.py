"""Pictures of a terminal show what the page says, readable in both colour schemes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tools import screens, terminal
from tools.terminal import DARK, LIGHT, Scheme

SVG = "{http://www.w3.org/2000/svg}"
COLOURS = Path(__file__).resolve().parents[2] / "docs" / "theme" / "colours.css"


def test_every_picture_is_drawn_from_what_its_page_prints() -> None:
    assert screens.SCREENS
    assert screens.faults() == []
    assert all(path.read_text(encoding="utf-8") == text for path, text in screens.pictures().items())


@pytest.mark.parametrize(
    "screen", [each for each in screens.SCREENS if each.answers], ids=lambda each: each.name
)
def test_a_picture_of_answers_is_what_a_terminal_shows_where_they_are_typed(screen: screens.Screen) -> None:
    assert terminal.plain(screens.asked(screen)) == terminal.plain(screen.text.read_text(encoding="utf-8"))


def test_a_page_that_prints_something_else_makes_its_picture_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- run -->\n```console\n$ echo yes\nyes\n```\n", encoding="utf-8")
    monkeypatch.setattr(screens, "ROOT", tmp_path)
    monkeypatch.setattr(screens, "_TEXTS", tmp_path)
    monkeypatch.setattr(screens, "SCREENS", (screens.Screen(name="yes", page="page.md", command="echo yes"),))
    (tmp_path / "yes.ansi").write_text("\x1b[1myes\x1b[0m\n", encoding="utf-8")
    assert screens.faults() == []
    page.write_text("<!-- run -->\n```console\n$ echo yes\nno\n```\n", encoding="utf-8")
    assert [fault.partition(":")[0] for fault in screens.faults()] == ["yes"]
    page.write_text("nothing is run here\n", encoding="utf-8")
    with pytest.raises(LookupError, match="does not run: echo yes"):
        screens.faults()


# by hand, from the definition of the ratio in WCAG 2.2
@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)],
)
def test_the_contrast_of_two_colours(one: str, other: str, ratio: float) -> None:
    assert round(terminal.contrast(one, other), 2) == ratio
    assert terminal.contrast(one, other) == terminal.contrast(other, one)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_each_colour_of_a_terminal_can_be_read_on_its_ground(scheme: Scheme) -> None:
    for colour in (scheme.ink, scheme.faint, scheme.prompt, *scheme.named.values()):
        assert terminal.contrast(colour, scheme.ground) >= 4.5, colour


def test_columns_stand_below_one_another_and_colours_are_kept() -> None:
    told = "\x1b[1ma  b\x1b[0m\n\x1b[31m한  b\x1b[0m <&\n"
    root = ET.fromstring(terminal.drawn(told, LIGHT, title="a & b"))
    first, second = root.iter(f"{SVG}text")
    assert [(each.text, each.get("x")) for each in first] == [("a", "18"), ("b", "43.2")]
    # a Korean letter takes two columns, so what follows its two spaces stands one further right
    assert [(each.text, each.get("x")) for each in second] == [("한", "18"), ("b", "51.6"), ("<&", "68.4")]
    assert {each.get("font-weight") for each in first} == {"700"}
    assert [each.get("fill") for each in second] == [LIGHT.named["red"], LIGHT.named["red"], None]
    assert root.findtext(f"{SVG}title") == "a & b"
    assert terminal.plain(told) == "a  b\n한  b <&\n"


def test_a_picture_is_as_wide_as_its_longest_line_or_as_the_terminal() -> None:
    def wide(told: str, columns: int = 0) -> float:
        return float(ET.fromstring(terminal.drawn(told, LIGHT, title="", columns=columns)).get("width", ""))

    assert wide("a\nabc\n") - wide("a\n") == pytest.approx(2 * 8.4, abs=1)
    assert wide("a\n", 80) == wide("a" * 80)
    assert terminal.drawn("a\n", replace(LIGHT, ground="#123456"), title="").count("#123456") == 1


def test_what_a_command_prints_is_taken_in_colours(tmp_path: Path) -> None:
    told = terminal.printed(
        ["sh", "-c", 'echo "$COLUMNS $FORCE_COLOR [$NO_COLOR]"; echo to-stderr >&2'],
        tmp_path,
        72,
        {"PATH": "/usr/bin:/bin", "NO_COLOR": "1"},
    )
    assert told == "72 1 []\nto-stderr\n"


def _theme(scheme: str) -> dict[str, str]:
    rule = re.search(
        rf'^\[data-md-color-scheme="{scheme}"\] \{{(.*?)\}}',
        COLOURS.read_text("utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    assert rule is not None
    return dict(re.findall(r"--md-([\w-]+): (#[0-9a-f]{6});", rule[1]))


@pytest.mark.parametrize("scheme", ["default", "slate"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("default-fg-color", "default-bg-color"),
        ("default-fg-color--light", "default-bg-color"),
        ("typeset-color", "default-bg-color"),
        ("typeset-a-color", "default-bg-color"),
        ("typeset-a-color", "code-bg-color"),
        ("accent-fg-color", "default-bg-color"),
        ("code-fg-color", "code-bg-color"),
        ("primary-bg-color", "primary-fg-color"),
        ("primary-bg-color--light", "primary-fg-color"),
        ("footer-fg-color", "footer-bg-color"),
        ("footer-fg-color--light", "footer-bg-color"),
        ("footer-fg-color--lighter", "footer-bg-color--dark"),
    ],
)
def test_each_colour_of_the_docs_can_be_read_on_its_ground(scheme: str, text: str, ground: str) -> None:
    colours = _theme(scheme)
    assert terminal.contrast(colours[text], colours[ground]) >= 4.5
