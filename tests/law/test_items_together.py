"""Laws that no single file of law can keep: versions, names, and what a user's own folder may not do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.generated import drift
from tools.law_index import page

from whosaw.core.errors import FaultsError
from whosaw.law import Law, load_law, shipped_law

COMPLETE = ("kr", "ke", "eu", "uk")


def _copy(folder: Path, *names: str) -> Path:
    for name in ("questions", "kr/jurisdiction", *names):
        target = folder / f"{name}.toml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((shipped_law() / f"{name}.toml").read_bytes())
    return folder


def _faults(folder: Path) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        load_law(folder)
    return [fault.message for fault in caught.value.faults]


def test_two_versions_in_force_at_once_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path, "kr/network-preservation-crime-before", "kr/network-preservation-crime-2026")
    assert load_law(folder).payments
    path = folder / "kr" / "network-preservation-crime-before.toml"
    path.write_text(path.read_text().replace("until = 2026-10-01", "until = 2026-10-02"))
    assert _faults(folder) == ["is in force at the same time as kr/network-preservation-crime-before"]


def test_a_consequence_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    assert any("no penalty or right" in said for said in _faults(_copy(tmp_path, "kr/pipa-report-2026")))


def test_a_question_nobody_asks_and_a_sector_nobody_is_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path, "kr/network-money-2026")
    path = folder / "kr" / "network-money-2026.toml"
    path.write_text(
        path.read_text()
        .replace('applies = { is = "sector.online-services" }', 'applies = { is = "sector.online-service" }')
        .replace('{ is = "conduct.two-in-five-years" }', '{ is = "conduct.two" }')
    )
    said = _faults(folder)
    assert any("'sector.online-service' is no question of law" in each for each in said)
    assert any("'conduct.two' is no question of law" in each for each in said)


def test_an_id_that_is_not_its_path_and_a_misspelt_key_are_refused(tmp_path: Path) -> None:
    folder = _copy(tmp_path, "kr/pipa-mediation")
    path = folder / "kr" / "pipa-mediation.toml"
    path.write_text("articel = 1\n" + path.read_text().replace('id = "kr/pipa-mediation"', 'id = "kr/other"'))
    said = _faults(folder)
    assert any("the file is kr/pipa-mediation.toml" in each for each in said)
    assert any("articel is not known here" in each for each in said)


@pytest.mark.parametrize("place", COMPLETE)
def test_complete_places_have_a_regulator_people_and_a_penalty(law: Law, place: str) -> None:
    duties = [duty for duty in law.duties.values() if duty.origin.jurisdiction == place]
    assert {"regulator", "individuals"} <= {duty.audience for duty in duties}
    silent = {
        duty.of for duty in duties if duty.audience in ("regulator", "individuals") and not duty.contents
    }
    assert silent <= {"kr/network-users", "kr/credit-report"}  # no source that was read lists theirs
    assert any(payment.origin.jurisdiction == place for payment in law.payments.values())


def test_a_place_that_is_not_read_at_all_says_unverified_everywhere(law: Law) -> None:
    british = [
        item
        for items in (law.duties, law.payments)
        for item in items.values()
        if item.origin.act == "uk/gdpr"
    ]
    assert british
    assert {item.origin.confidence for item in british} == {"unverified"}


def test_every_version_of_a_duty_has_the_same_recipient_and_audience(law: Law) -> None:
    by_family: dict[str, set[tuple[str, str]]] = {}
    for duty in law.duties.values():
        by_family.setdefault(duty.of, set()).add((duty.recipient, duty.audience))
    assert [of for of, found in by_family.items() if len(found) > 1] == []


def test_contents_have_keys_that_are_used_once_in_an_item(law: Law) -> None:
    for duty in law.duties.values():
        keys = [content.key for content in duty.contents]
        assert len(keys) == len(set(keys)), duty.origin.id


def test_the_page_of_the_law_counts_every_item_once(law: Law) -> None:
    (text, *places) = page().values()
    (total,) = [line for line in text.splitlines() if line.startswith("| **all** |")]
    cells = [int(each) for each in total.split("|")[2:-1]]
    kinds, sure = cells[:5], cells[5:]
    penalties = [each for each in law.payments.values() if each.kind == "penalty"]
    assert kinds == [
        len(law.duties), len(penalties), len(law.payments) - len(penalties), len(law.precedents),
        len(law.unchecked),
    ]  # fmt: skip
    assert sum(kinds) == sum(sure)
    for item in (*law.duties, *law.payments, *law.precedents, *law.unchecked):
        assert sum(each.count(f"| [`{item}`](#{item.replace('/', '-')}) |") for each in places) == 1


def test_the_page_of_the_law_is_as_the_items_are() -> None:
    assert drift(page()) == []
