"""A made case that the law of every place reaches, from parts of which each can be left out or put in another's place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from whosaw.app.law.filing import Filings, file_drafts
from whosaw.law import Law, load_law, loaded_case
from whosaw.law.account import DETAILS

AWARE = "2027-06-01T09:00:00+00:00"
NOW = datetime.fromisoformat("2027-06-02T09:00:00+00:00")
SEEN = ("identity.name", "contact.email", "contact.phone")
_ABOUT = (
    "circumstances",
    "awareness",
    "cause",
    "consequences",
    "intruder",
    "measure-taken",
    "people-can-do",
    "redress",
    "notice-plan",
)


def _statement(about: str) -> str:
    return (
        f'[[statement]]\nabout = "{about}"\nsaid_by = "Shop"\n'
        f'text = {{ en = "About {about}.", ko = "{_KOREAN[about]}", sw = "Kuhusu jambo hili." }}\n'
    )


_KOREAN = dict(zip(_ABOUT, ["가", "나", "다", "라", "마", "바", "사", "아", "자"], strict=True))
_PLACES = [
    "AU",
    "BR",
    "CA",
    "CA-QC",
    "CH",
    "CL",
    "CN",
    "CO",
    "IE",
    "GH",
    "HK",
    "IN",
    "JP",
    "KE",
    "KR",
    "MY",
    "NG",
    "PH",
    "RW",
    "SG",
    "TR",
    "TW",
    "TZ",
    "UG",
    "GB",
    "US",
    "US-CA",
    "US-NY",
    "US-TX",
    "ZA",
]


def _head() -> str:
    places = ", ".join(f'"{each}"' for each in _PLACES)
    return f"""\
case = "shop"
zone = "UTC"

[organisation]
name = "Shop"
roles = ["controller"]
sectors = [
    "online-services", "credit-information", "health", "financial", "telecom", "nis2", "digital-products", "high-risk-ai",
    "trust-services", "us-bank", "ftc-financial", "us-credit-union", "critical-infrastructure",
]
established = [{places}]
listed = ["US"]
lead_authority = "IE"

[names]
Shop = {{ ko = "가게" }}
"""


def parts() -> dict[str, str]:
    """The parts of the case file by name."""
    return {
        "head": _head(),
        "aware": f'[[event]]\nkind = "aware"\nat = {AWARE}\nsaid_by = "Shop"\n',
        "determined": f'[[event]]\nkind = "determined"\nat = {AWARE}\nsaid_by = "Shop"\n',
        "first-report": f'[[event]]\nkind = "first-report"\nat = {AWARE}\nsaid_by = "Shop"\n',
        "second-report": f'[[event]]\nkind = "second-report"\nat = {AWARE}\nsaid_by = "Shop"\n',
        "measure-available": f'[[event]]\nkind = "measure-available"\nat = {AWARE}\nsaid_by = "Shop"\n',
        "began": '[[event]]\nkind = "began"\nat = 2027-05-30T10:00:00Z\nsaid_by = "Shop"\n',
        "ended": '[[event]]\nkind = "ended"\nat = 2027-05-31T10:00:00Z\nsaid_by = "Shop"\n',
        "contact": (
            '[contact]\nofficer = "Shop"\ntelephone = "+1 555 0100"\nemail = "privacy@shop.example.org"\n'
            'department = { en = "Privacy office", ko = "개인정보보호팀", sw = "Ofisi ya faragha" }\n'
        ),
        **{about: _statement(about) for about in _ABOUT},
        "chronology": (
            '[[statement]]\nabout = "chronology"\nat = 2027-06-01T12:00:00Z\nsaid_by = "Shop"\n'
            'text = { en = "The door was closed.", ko = "차단하였습니다.", sw = "Mlango ulifungwa." }\n'
        ),
        "details": "[details]\n"
        + "".join(f'{key} = {{ en = "{key}", ko = "답변", sw = "Jibu" }}\n' for key in DETAILS),
        "scope": '[[scope]]\nfile = "scope-1.json"\n',
    }


def _count(unit: str, bounds: tuple[int, int | None]) -> dict[str, Any]:
    return {"unit": unit, "lower": bounds[0], "upper": bounds[1]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Writes the made case into a folder, and drafts its filings."""

    folder: Path

    @staticmethod
    def scope(
        version: int = 1,
        *,
        persons: tuple[int, int | None] = (1000, 1200),
        accounts: tuple[int, int | None] = (1000, 1000),
        seen: tuple[str, ...] = SEEN,
        unclear: tuple[str, ...] = (),
        unseen: tuple[str, ...] = (),
        places: Mapping[str, tuple[int, int | None]] | None = None,
        made: str = "2027-06-01T09:00:00Z",
        more: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A scope version as JSON, with only what the law reads."""
        by = places if places is not None else {"KR": persons}
        answers = [(each, "seen") for each in seen] + [(each, "cannot tell") for each in unclear]
        answers += [(each, "not seen") for each in unseen]
        return {
            "case": "shop",
            "version": version,
            "made": made,
            "final": None,
            "open": [],
            "counts": [
                _count("accounts", accounts),
                {**_count("persons", persons), "reasons": [{"code": "secondary-subjects-not-named"}]},
                _count("views", (5000, 5000)),
            ],
            "by": {
                "category": [],
                "jurisdiction": [
                    {"name": place, "persons": _count("persons", each), "accounts": _count("accounts", each)}
                    for place, each in by.items()
                ],
            },
            "categories_held": [{"category": key, "answer": answer} for key, answer in answers],
            **(more or {}),
        }

    def write(self, *scopes: dict[str, Any], **changed: str | None) -> Path:
        """`write(late="...", aware=None)` adds the part late and leaves the part aware out."""
        named = {key.replace("_", "-"): text for key, text in changed.items()}
        for one in scopes or (self.scope(),):
            (self.folder / f"scope-{one['version']}.json").write_text(json.dumps(one), encoding="utf-8")
        if len(scopes) > 1:
            files = "".join(f'[[scope]]\nfile = "scope-{one["version"]}.json"\n' for one in scopes)
            named.setdefault("scope", files)
        path = self.folder / "case.toml"
        texts = [text for text in {**parts(), **named}.values() if text]
        path.write_text("\n".join(texts), encoding="utf-8")
        return path

    @staticmethod
    def drafted(
        path: Path, *wanted: str, lang: str = "", now: datetime = NOW, form: str = "as it stands"
    ) -> Filings:
        return file_drafts(
            path,
            workspace=path.parent / "none",
            now=now,
            wanted=wanted,
            languages=[lang] if lang else [],
            form=form,
        )


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law()


@pytest.fixture
def shop(tmp_path: Path, law: Law, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The made case, in a folder of its own; the items of law are read once for all tests."""
    monkeypatch.setattr(loaded_case, "load_law", lambda: law)
    return Shop(folder=tmp_path)
