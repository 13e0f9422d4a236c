"""A language of one's own drafts filings without code, and everything wrong with its words is told at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from whosaw.cli.main import app
from whosaw.packs.filing_faults import filing_faults
from whosaw.packs.language_faults import language_faults
from whosaw.packs.languages import language_folder


def _french(folder: Path, **changed: str) -> Path:
    """The English files under another name; each text of `changed` is put in place of the one before its `=>`."""
    made = folder / "languages" / "fr"
    made.mkdir(parents=True)
    for name in ("language", "categories", "draft", "filing"):
        shutil.copy(language_folder("en") / f"{name}.toml", made / f"{name}.toml")
    path = made / "filing.toml"
    text = path.read_text(encoding="utf-8")
    for change in changed.values():
        before, _, after = change.partition("=>")
        assert before in text, before
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    return made.parent


def test_a_language_of_ones_own_drafts_to_the_authorities_that_it_names(shop: Any, tmp_path: Path) -> None:
    own = _french(
        tmp_path,
        heading='nature = "Nature of the breach"=>nature = "Nature de la violation"',
        ico='uk-ico = "Information Commissioner\'s Office"\n=>',
    )
    path = shop.write(
        circumstances='[[statement]]\nabout = "circumstances"\nsaid_by = "Shop"\ntext = { fr = "Une porte ouverte." }\n'
    )
    words = ["file", str(path), "--lang", "fr", "--languages", str(own), "--now", "2027-06-02T09:00:00Z"]
    done = CliRunner().invoke(app, [*words, "--for", "eu-sa", "--out", str(tmp_path / "out"), "--as", "txt"])
    assert done.exit_code == 0, done.stderr
    draft = (tmp_path / "out" / "shop-eu-sa-authority-fr.txt").read_text(encoding="utf-8")
    assert "Nature de la violation" in draft
    assert "Une porte ouverte." in draft
    refused = CliRunner().invoke(app, [*words, "--for", "uk-ico"])
    assert refused.exit_code == 2
    assert "no draft for it can be made in fr" in refused.stderr


def test_everything_wrong_with_the_words_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    own = _french(
        tmp_path,
        months='    "December",\n=>',
        gone='first = "First report, not a supplement"\n=>',
        fact='least = "at least {low} people"=>least = "at least {high} people"',
        empty='law = "Law"=>law = " "',
        closing='"{date}", "{organisation}"=>"{date}"',
        right='    "Mediation=>    7,\n    "Mediation',
        table="[article]\n=>",
        title='default = "Notification of a personal data breach"\n=>',
    )
    found = filing_faults("fr", own)
    assert {each.message for each in found} == {
        "time.months is no list of twelve names",
        "sentence.first is missing",
        "count.persons.least: {high} stands in it or not, unlike in English",
        "count.persons.least: {low} stands in it or not, unlike in English",
        "label.law is empty",
        "closing.lines has {date} and {organisation}, and nothing else",
        "rights.kr must be a list of texts, and holds 7",
        "[article] is missing",
        "title.default is missing",
    }
    assert all(each.where.line for each in found if "[article]" not in each.message)
    assert set(found) <= set(language_faults("fr", own))


def test_a_language_without_words_for_filings_has_no_faults_and_drafts_none(
    shop: Any, tmp_path: Path
) -> None:
    own = _french(tmp_path)
    (own / "fr" / "filing.toml").unlink()
    assert filing_faults("fr", own) == []
    done = CliRunner().invoke(app, ["file", str(shop.write()), "--lang", "fr", "--languages", str(own)])
    assert done.exit_code == 2
    assert "no words for filings in the language 'fr'" in done.stderr


@pytest.mark.parametrize("text", ["= broken", "\xff"])
def test_a_file_that_is_no_toml_is_said_with_its_line(text: str, tmp_path: Path) -> None:
    own = _french(tmp_path)
    (own / "fr" / "filing.toml").write_bytes(text.encode("latin-1"))
    (found,) = filing_faults("fr", own)
    assert found.where.line == 1


def test_a_folder_that_is_none_is_said(shop: Any, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["file", str(shop.write()), "--languages", str(tmp_path / "none")])
    assert done.exit_code == 2
    assert "is no folder" in done.stderr
