"""Each law that once was missing: what the list of missing laws says of it stands in the record, and without it a case goes silent.

A row is named by the place where it stands in that list. Figures are copied from there by hand, not from the items; where a text that was
read says otherwise than the list, the row says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

import pytest

from whosaw.law import Law, answer_duties, answer_payments
from whosaw.law.conditions import Condition
from whosaw.law.items import Duty, ItemCase
from whosaw.law.unchecked import unchecked_laws

NOW: Final = datetime.fromisoformat("2100-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty: its period or words of its clock, how many people it takes at least, to whom, and from when it is law."""

    item: str
    period: tuple[int, str] | None = None
    words: str = ""
    least: int | None = None
    to: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Pays:
    """A penalty: its terms as (kind, value), years of prison."""

    item: str
    terms: tuple[tuple[str, str], ...] = ()
    prison: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A law that stands by name alone, with words that what is believed of it holds."""

    item: str
    believed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ByTest:
    """A row that is no law: the test that walks it with the command."""

    room: str
    test: str


HOURS, DAYS, WORKING, MONTHS = "hours", "calendar-days", "working-days", "months"


def _states(names: str, item: str, period: tuple[int, str] | None, least: int | None = None) -> list[Owed]:
    return [Owed(f"us-{name.lower()}/{item}", period, least=least) for name in names.split()]


def _authorities(names: str, least: int | None) -> list[Owed]:
    return [Owed(f"us-{name.lower()}/authority", least=least) for name in names.split()]


ROWS: Final[Mapping[str, list[Owed | Pays | Named | ByTest]]] = {
    "3.01": [Owed("kr/network-relief-2026", words="decree", to="MSIT", since="2026-10-01")],
    "3.02": [
        Owed("kr/network-material-2026", words="the time that the order sets", to="MSIT", since="2026-10-01"),
        Pays("kr/network-daily-2026", (("percent_per_day", "0.03"),)),
    ],
    "3.03": [
        Owed("kr/network-manual-2026", words="made or changed", to="KISA"),
        Pays("kr/network-fine-manual-2026", (("fixed", "20000000"),)),
    ],
    "3.04": [Owed("kr/credit-public", least=10_000, to="public")],
    "3.05": [
        Owed("kr/pipa-domestic-agent", (72, HOURS), to="국내대리인"),
        Pays("kr/pipa-fine-agent", (("fixed", "20000000"),)),
    ],
    "3.06": [
        Owed("kr/efinance-report", words="without delay", to="FSC"),
        Owed(
            "kr/medical-report", words="즉시", to="보건복지부"
        ),  # the text says at once, the list without delay
        Owed("kr/infrastructure-report", words="names no time", to="관계 행정기관"),
    ],
    "3.07": [
        Owed("ke/cmca-report", (24, HOURS), to="NC4"),
        Pays("ke/cmca-offence", (("fixed", "200000"),), prison=2),
    ],
    "3.08": [Owed("ke/cbk-report", (24, HOURS), to="Central Bank"), Pays("ke/compensation")],
    "3.09": [
        Owed("eu/nis2-warning", (24, HOURS), to="CSIRT"),
        Owed("eu/nis2-notification", (72, HOURS), to="CSIRT"),
        Owed("eu/nis2-final", (1, MONTHS), to="CSIRT"),
        Pays("eu/nis2-fine-essential", (("fixed", "10000000"), ("percent", "2"))),
        Pays("eu/nis2-fine-important", (("fixed", "7000000"), ("percent", "1.4"))),
    ],
    "3.10": [
        Owed("eu/dora-initial", (4, HOURS), to="authority"),
        Owed("eu/dora-initial-aware", (24, HOURS), to="authority"),
        Owed("eu/dora-intermediate", (72, HOURS), to="authority"),
        Owed("eu/dora-final", (1, MONTHS), to="authority"),
        Named("eu/dora-fines", ("member state",)),
    ],
    "3.11": [
        Owed("eu/telecom-authority", (24, HOURS), to="authority"),
        Owed("eu/telecom-second", (3, DAYS), to="authority"),
        Owed("eu/telecom-individuals", words="undue delay", to="individuals"),
    ],
    "3.12": [
        Owed("eu/cra-warning", (24, HOURS), to="ENISA", since="2026-09-11"),
        Owed("eu/cra-notification", (72, HOURS), to="ENISA", since="2026-09-11"),
        Owed("eu/cra-vulnerability-final", (14, DAYS), to="ENISA", since="2026-09-11"),
        Owed("eu/cra-incident-final", (1, MONTHS), to="ENISA", since="2026-09-11"),
        Pays("eu/cra-fine", (("fixed", "15000000"), ("percent", "2.5"))),
    ],
    "3.13": [
        Owed("eu/ai-incident", (15, DAYS), to="surveillance"),
        Owed("eu/ai-death", (10, DAYS), to="surveillance"),
        Owed("eu/ai-widespread", (2, DAYS), to="surveillance"),
        Pays("eu/ai-fine-operators", (("fixed", "15000000"), ("percent", "3"))),
    ],
    "3.14": [
        Owed("uk/pecr-authority", (72, HOURS), to="ICO"),
        Named("uk/pecr-individuals", ("17.5 M", "4 %")),
    ],
    "3.15": [Named("uk/nis", ("72 hours", "24 and 72 hours", "NCSC"))],
    "3.16": [Named("us/circia", ("72 hours", "24 hours", "CISA", "pending"))],
    "3.17": [
        Owed("us/bank-incident", (36, HOURS), to="FDIC"),
        Owed("us/bank-service-provider", words="as soon as possible", to="bank"),
        Owed("us/ncua", (72, HOURS), to="NCUA"),
    ],
    "3.18": [
        Owed("us/nydfs", (72, HOURS), to="Superintendent"),
        Named("us/nydfs-ransom", ("24 hours",)),
    ],
    "3.19": [Owed("us/glba", (30, DAYS), least=500, to="FTC")],
    "3.20": [Owed("us/hbnr-individuals", (60, DAYS), to="people"), Named("us/hbnr", ("500", "FTC", "media"))],
    "3.21": [Named("us/regulation-s-p", ("30 days", "72 hours"))],
    "3.22": [
        Owed("us/fcc-law-enforcement", (7, WORKING), to="FBI"),
        Named("us/fcc-customers", ("30 days", "500")),
    ],
    "3.23": [
        Owed("us/hipaa-associate", (60, DAYS), to="controller"),
        Named("us/hipaa-penalties", ("tiers",)),
    ],
    "3.24": [ByTest("law/test_contract_entries.py", "test_each_kind_of_entry_has_its_clock_and_its_letter")],
    "3.25": [
        # the list has Rhode Island here: 30 days bind authorities alone, by the text
        *_states("CO FL ME WA", "individuals", (30, DAYS)),
        *_states("RI", "individuals", (45, DAYS)),
        Pays("us-fl/late", (("fixed", "500000"),)),
    ],
    "3.26": _states("AL AZ IN MD NM OH OR TN VT WI", "individuals", (45, DAYS)),
    "3.27": [
        *_states("CT DE LA SD", "individuals", (60, DAYS)),
        *_states(
            "AK AR DC GA GU HI IA ID IL KS KY MA MI MN MO MS MT NC ND NE NH NJ NV OK PA PR SC UT VA VI WV WY",
            "individuals",
            None,
        ),
        *_states("CA NY", "individuals", (30, DAYS)),  # both have days since, by the sources
        *_states("TX", "individuals", (60, DAYS)),
    ],
    "3.28": [
        Owed("us-fl/authority", (30, DAYS), least=500),
        Owed("us-co/authority", (30, DAYS), least=500),
        Owed("us-wa/authority", (30, DAYS), least=501),
        Owed("us-ia/authority", (5, WORKING), least=501),
        *_authorities("DE IL RI PA", 501),
        *_authorities("UT", 500),
    ],
    "3.29": [
        *_authorities("ND SD OR", 251),
        *_authorities("AL AZ NM MO SC", 1_001),
        # the list has 1,000: more than 1,000, by the text
        *_authorities("HI", 1_001),
        *_authorities("CT IN LA ME MA MD MT NE NH NJ NC VA", None),
        Owed("us-vt/authority", (14, WORKING)),
    ],
    "3.30": [Owed("us-dc/authority", least=50), Owed("us-pr/authority", (10, DAYS), to="DACO")],
    "3.31": [
        Owed("ch/authority", words="as quickly as possible", to="FDPIC"),
        Owed("ch/isa-report", (24, HOURS), to="National Cyber Security Centre"),
        Pays("ch/fine-security", (("fixed", "250000"),)),
        Named("ch/isa-fine", ("CHF 100,000",)),
    ],
    "3.32": [
        Owed("ca-qc/authority", words="promptly", to="Commission d'accès"),
        Named("ca-qc/penalties", ("10 M", "2 %", "25 M", "4 %")),
        Named("ca-ab/breach", ("real risk", "Commissioner")),
    ],
    "3.33": [
        Named("au/ransom", ("72 hours", "AUD 3 M", "ASD", "60 penalty units")),
        Named("au/soci", ("12 hours", "72 hours")),
    ],
    "3.34": [Named("au/tort", ("478,550",))],
    "3.35": [
        Owed("in/cert-in", (6, HOURS), to="CERT-In"),
        Named("in/cert-in-penalty", ("one year", "1 crore", "43A")),
    ],
    "3.36": [Named("cn/data-regulations", ("24 hours", "department"))],
    "3.37": [Named("th/breach", ("72 hours", "PDPC", "THB 3 to 5 M"))],
    "3.38": [Named("vn/breach", ("72 hours", "A05", "share of revenue"))],
    "3.39": [Named("id/breach", ("3 times 24 hours", "2 %"))],
    "3.40": [
        Owed("ph/authority", (72, HOURS), to="National Privacy Commission"),
        Owed("ph/individuals", (72, HOURS), to="people"),
        Pays("ph/fine-grave", (("percent", "3"), ("fixed", "5000000"))),
        Pays("ph/fine-major", (("percent", "2"), ("fixed", "5000000"))),
    ],
    "3.41": [
        Owed("my/authority", (72, HOURS), least=1_001, to="Commissioner"),
        Owed("my/individuals", (7, DAYS), to="people"),
        Pays("my/offence", (("fixed", "250000"),), prison=2),
    ],
    "3.42": [
        # the Act names no hours, the Board is said to read 72 into it: a note says so
        Owed("tr/authority", words="as soon as possible", to="KVKK"),
        Named("tr/penalties", ("raised each year",)),
        Named("il/breach", ("at once", "severe", "Amendment 13")),
    ],
    "3.43": [Named("ae/breach", ("at once", "DIFC")), Named("sa/breach", ("72 hours", "SDAIA", "SAR 5 M"))],
    "3.44": [Named("eg/breach", ("72 hours",)), Named("gh/bill", ("72 hours", "not law"))],
    "3.45": [
        Owed("mx/individuals", words="at once", to="people"),
        Named("ar/breach", ("none in the Act", "AAIP")),
        Owed(
            "co/authority", words="names no time", to="SIC"
        ),  # the 15 days are of a circular: a note says so
        Named("pe/breach", ("48 hours", "ANPD")),
    ],
    "3.46": [
        Owed("cl/authority", words="undue delay", to="Agencia", since="2026-12-01"),
        Owed("cl/individuals", words="undue delay", since="2026-12-01"),
        Pays("cl/fine-gravest", (("fixed", "20000"),)),
    ],
    "3.47": [
        Owed("jp/entrustee", words="promptly", to="controller"),
        Named("jp/penalties", ("JPY 100 M",)),
    ],
    "3.48": [ByTest("law/test_contract_entries.py", "test_each_kind_of_entry_has_its_clock_and_its_letter")],
}
# how many rows the list has there; a row that is added needs a line above
LISTED: Final = 48


def test_every_row_stands_here() -> None:
    assert list(ROWS) == [f"3.{number:02}" for number in range(1, LISTED + 1)]
    assert all(ROWS.values())


def _least(condition: Condition | None) -> int | None:
    """How many people a condition takes at least, where it asks for a number."""
    if condition is None:
        return None
    if condition.kind == "people":
        return condition.least
    return next((found for part in condition.parts if (found := _least(part)) is not None), None)


def _figures(duty: Duty, row: Owed) -> Iterator[str]:
    """What the record says otherwise than the row."""
    period = None if duty.clock.period is None else (duty.clock.period.limit, duty.clock.period.unit)
    if row.period is not None and period != row.period:
        yield f"{row.item}: {period}"
    if row.words and row.words not in f"{duty.clock.words} {duty.notes}":
        yield f"{row.item}: {duty.clock.words}"
    if row.least is not None and _least(duty.threshold) != row.least:
        yield f"{row.item}: {_least(duty.threshold)} people"
    if row.to not in duty.recipient:
        yield f"{row.item}: to {duty.recipient}"
    if row.since and str(duty.in_force.start) != row.since:
        yield f"{row.item}: from {duty.in_force.start}"


def _case(cases: Iterator[ItemCase]) -> ItemCase:
    return next(cases)


def _owed(law: Law, row: Owed) -> Iterator[str]:
    duty = law.duties[row.item]
    yield from _figures(duty, row)
    case = _case(each for each in duty.cases if each.expect.get("owed") == "owed")
    place = duty.origin.jurisdiction
    here = {name: each for name, each in law.duties.items() if each.origin.jurisdiction == place}
    states = [
        {
            each.duty.origin.id: each.state
            for each in answer_duties(replace(law, duties=duties), case.facts, now=NOW, law_of=case.law_of)
        }
        for duties in (here, {name: each for name, each in here.items() if each.of != duty.of})
    ]
    if states[0].get(row.item) != "owed" or row.item in states[1]:
        yield f"{row.item}: {states[0].get(row.item)} with it, {states[1].get(row.item)} without"


def _pays(law: Law, row: Pays) -> Iterator[str]:
    payment = law.payments[row.item]
    terms = {(term.kind, term.value) for term in payment.amount.terms} if payment.amount else set()
    if not {(kind, Decimal(value)) for kind, value in row.terms} <= terms:
        yield f"{row.item}: {terms}"
    if row.prison is not None and payment.prison_years != row.prison:
        yield f"{row.item}: {payment.prison_years} years"
    case = _case(each for each in payment.cases if each.expect.get("applies") == "met")
    place = payment.origin.jurisdiction
    here = {name: each for name, each in law.payments.items() if each.origin.jurisdiction == place}
    found = [
        {
            each.payment.origin.id
            for each in answer_payments(
                replace(law, payments=payments), case.facts, now=NOW, law_of=case.law_of
            )
        }
        for payments in (here, {name: each for name, each in here.items() if each.of != payment.of})
    ]
    if row.item not in found[0] or row.item in found[1]:
        yield f"{row.item}: not told"


def _named(law: Law, row: Named) -> Iterator[str]:
    item = law.unchecked[row.item]
    believed = " ".join(item.believed.values())
    yield from (f"{row.item}: {word}" for word in row.believed if word not in believed)
    case = _case(each for each in item.cases if each.expect.get("reaches") == "met")
    told = {each.law.origin.id for each in unchecked_laws(law, case.facts, now=NOW, law_of=case.law_of)}
    if row.item not in told:
        yield f"{row.item}: not named"


@pytest.mark.parametrize("row", ROWS)
def test_what_was_missing_is_told_as_the_row_has_it(law: Law, row: str) -> None:
    otherwise: list[str] = []
    for held in ROWS[row]:
        match held:
            case Owed():
                otherwise += _owed(law, held)
            case Pays():
                otherwise += _pays(law, held)
            case Named():
                otherwise += _named(law, held)
            case ByTest():
                pass  # walked by a test of its own, which test_correction_walks.py looks for
    assert otherwise == []


def test_a_figure_that_slips_is_told(law: Law) -> None:
    duty = law.duties["us/glba"]
    assert duty.clock.period is not None
    slipped = replace(duty, clock=replace(duty.clock, period=replace(duty.clock.period, limit=31)))
    assert list(_figures(duty, Owed("us/glba", (30, DAYS), least=500))) == []
    assert list(_figures(slipped, Owed("us/glba", (30, DAYS)))) == ["us/glba: (31, 'calendar-days')"]
    assert list(_figures(duty, Owed("us/glba", least=501, to="FTX"))) == [
        "us/glba: 500 people",
        "us/glba: to FTC",
    ]
