"""The words of drafts: those of the list are used, those it avoids are not, and a language that slips is told so."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from whosaw.app.law.filing import file_drafts
from whosaw.app.law.notices import plan_notices
from whosaw.core.document import document
from whosaw.packs.languages import language_codes, words_file
from whosaw.packs.terms import DRAFTED, Term, load_terms, term_faults

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime.fromisoformat("2026-11-24T00:00:00+00:00")
SHIPPED = ("en", "ko", "sw")


def _terms(code: str) -> tuple[Term, ...]:
    faults: list[object] = []
    found = load_terms(code, faults)  # type: ignore[arg-type]
    assert faults == []
    return found


def _said(code: str) -> str:
    paths = [words_file(code, name) for name in DRAFTED]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.is_file()).casefold()


def test_every_shipped_language_has_its_terms_with_a_source() -> None:
    assert set(language_codes()) == set(SHIPPED)
    for code in SHIPPED:
        assert len(_terms(code)) >= 4
        assert all(term.source for term in _terms(code))


@pytest.mark.parametrize("code", SHIPPED)
def test_each_term_is_used_and_what_it_avoids_is_nowhere(code: str) -> None:
    assert [term.use for term in _terms(code) if term.use.casefold() not in _said(code)] == []
    assert term_faults(code) == []


@pytest.mark.parametrize("code", SHIPPED)
def test_drafts_of_the_examples_hold_no_word_that_is_avoided(code: str) -> None:
    held: list[str] = []
    for example, places in (("coupang", ["kr"]), ("kenya-shop", ["ke"])):
        case = ROOT / "examples" / example / "case.toml"
        drafts = plan_notices(case, workspace=ROOT / "none", now=NOW, places=places, languages=[code]).drafts
        if (example, code) in (("coupang", "ko"), ("kenya-shop", "sw")):
            drafts = (*drafts, *file_drafts(case, workspace=ROOT / "none", now=NOW, languages=[code]).drafts)
        assert drafts
        for draft in drafts:
            text = str(document(draft)).casefold()
            held += [word for term in _terms(code) for word in term.avoid if word.casefold() in text]
    assert held == []


@pytest.mark.parametrize(
    ("code", "name", "old", "new", "says"),
    [
        (
            "ko",
            "notice",
            "금전 피해를 입으셨거나",
            "돈을 잃었거나",
            "'돈을 잃었', and '금전 피해를 입으셨거나' is the word",
        ),
        (
            "sw",
            "notice",
            "Wenu waaminifu",
            "Wako mwaminifu",
            "'Wako mwaminifu', and 'Wenu waaminifu' is the word",
        ),
        ("en", "notice", "contact us:", "turn to us:", "'turn to us', and 'contact us' is the word"),
    ],
)
def test_a_sentence_that_slips_is_a_fault(
    tmp_path: Path, code: str, name: str, old: str, new: str, says: str
) -> None:
    own = tmp_path / "languages"
    shutil.copytree(words_file(code, name).parent, own / code)
    path = own / code / f"{name}.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    (fault,) = term_faults(code, own)
    assert says in fault.message
    assert fault.where.file == str(path)
    assert fault.where.line
