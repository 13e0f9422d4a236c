"""The words of drafts: those of the list are used, those it avoids are not, and a language that slips is told so."""

from __future__ import annotations

import re
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


# what drafts said once, and what they say now: the whole table of better wordings, by hand
BETTER = {
    "ko": (
        ("개인정보 유출 안내", "개인정보 유출 통지"),
        (
            "권한이 없는 사람이 귀하의 정보를 보았습니다",
            "권한 없는 제3자가 귀하의 개인정보를 조회한 사실을 확인하였습니다",
        ),
        ("유출은 {first}부터 {last}까지 있었습니다", "유출된 것으로 확인되었습니다"),
        ("어떤 항목이 유출되었는지 아직 가려내지 못했습니다", "유출된 항목을 현재 확인하고 있습니다"),
        ("제1차 산정 기준", "차 집계 기준"),
        (
            "유출되지 않았다고 하나 접속기록으로 확인되지 않는 항목",
            "유출되지 않은 것으로 파악하였으나 접속기록상 확인되지 않은 항목",
        ),
        ("돈을 잃었거나", "금전 피해를 입으셨거나"),
        ("귀하의 이름을 부르며 믿게 할 수 있습니다", "귀하의 이름을 언급하며 신뢰를 얻으려 할 수 있습니다"),
        ("개인정보보호위원회", "개인정보 보호위원회"),
    ),
    "sw": (
        ("Mpendwa msomaji", "Mpendwa mteja"),
        ("data zilizoonwa", "zilizofikiwa"),
        ("Zilizoonekana", "zilizofikiwa"),
        ("Hazikuonekana", "zilizofikiwa"),
        ("data binafsi", "data za kibinafsi"),
        ("mateso ya akili", "dhiki au msongo wa mawazo"),
        ("Wako mwaminifu", "Wenu waaminifu"),
        ("Kwa data hizi, watu wengine", "Kwa kutumia data hizi"),
        ("piga oda mpya", "agizo"),
        ("msimbo wa siri", "nambari ya siri"),
        ("Toleo la upeo", "Toleo la hesabu"),
    ),
    "en": (
        ("Leak of personal data: who is concerned", "Personal data breach: who is affected"),
        ("Without any right, somebody looked at data", "An unauthorised person accessed"),
        ("turn to us", "contact us"),
    ),
}


@pytest.mark.parametrize("code", BETTER)
def test_each_better_wording_is_used_and_what_stood_before_is_a_fault(tmp_path: Path, code: str) -> None:
    own = tmp_path / "languages"
    shutil.copytree(words_file(code, "notice").parent, own / code)
    path = own / code / "notice.toml"
    before = path.read_text(encoding="utf-8")
    for number, (old, better) in enumerate(BETTER[code]):
        assert better.casefold() in _said(code), better
        path.write_text(f'{before}\n[again-{number}]\ntext = "{old}"\n', encoding="utf-8")
        assert any(
            fault.message.startswith(f"again-{number}.text says") for fault in term_faults(code, own)
        ), old


def test_a_korean_note_cites_article_paragraph_and_item_as_korea_does() -> None:
    case = ROOT / "examples" / "coupang" / "case.toml"
    drafts = (
        *file_drafts(case, workspace=ROOT / "none", now=NOW, languages=["ko"]).drafts,
        *plan_notices(case, workspace=ROOT / "none", now=NOW, places=["kr"], languages=["ko"]).drafts,
    )
    sent = [f"{each.heading} {each.article}" for draft in drafts for each in draft.sections]
    assert any("제34조제1항제5호" in each for each in sent)
    assert [each for each in sent if re.search(r"\d+\(\d+\)", each)] == []


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
