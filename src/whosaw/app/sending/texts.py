"""The texts that are sent: those that a person completed, each held against the case. One that fails stops all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Final

from whosaw.app.law.notices import NoticePlan
from whosaw.core.errors import Fault, FaultsError, Where
from whosaw.law import answer_duties, for_this_organisation
from whosaw.law.checking.asked_by_case import choose_duties, expected_of, form_of
from whosaw.law.checking.judge import judge
from whosaw.law.checking.opening import read_text, sent_part
from whosaw.law.checking.verdict import FAILS
from whosaw.packs.languages import language_codes, load_language
from whosaw.report.draft_words import draft_words
from whosaw.sending.mail import read_mail_text
from whosaw.store.files import ContentStore

__all__ = ["CHANNELS", "Audience", "Channel", "SentText", "read_texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to reach one person: which column of addresses it needs, and the files that its text may stand in, by the channel in their
    name and their kind, the first that is there."""

    address: str
    files: tuple[tuple[str, str], ...]

    def path(self, folder: Path, named: Callable[[str], str]) -> Path | None:
        """The file of a text in a folder, where there is one. `named` puts a channel into the rest of the name."""
        paths = (folder / f"{named(channel)}.{kind}" for channel, kind in self.files)
        return next((each for each in paths if each.is_file()), None)


CHANNELS: Final[Mapping[str, Channel]] = {
    "e-mail": Channel(address="email", files=(("e-mail", "eml"),)),
    "text-message": Channel(address="phone", files=(("text-message", "txt"),)),
    "messenger": Channel(address="phone", files=(("messenger", "txt"), ("text-message", "txt"))),
    "letter": Channel(address="post", files=(("letter", "txt"),)),
}
"""The channels that reach one person. `messenger` is an app that goes by telephone numbers, such as KakaoTalk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """People who get the same text on one channel: of one group, under the law of one place, in one language."""

    group: str
    place: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentText:
    """A text as it was frozen: `sha256` of its file, kept under `kept`, and how many checks held."""

    audience: Audience
    channel: str
    file: str
    sha256: str
    kept: str
    held: int


def read_texts(
    plan: NoticePlan, folder: Path, channels: Sequence[str], files: ContentStore, *, now: datetime
) -> tuple[SentText, ...]:
    """Every text of the plan that stands in `folder` under the name that `whosaw notice --out` gave it. Raises `FaultsError` with all that
    fail their check; one that is not there is not sent, and whoever needs it is told so later."""
    checker = _Checker(plan, now)
    found: list[SentText] = []
    faults: list[Fault] = []
    for audience in _audiences(plan):
        for channel in channels:
            beginning = f"{_name(plan)}-notice-{audience.place}-{audience.language}-{audience.group}"
            path = CHANNELS[channel].path(folder, f"{beginning}-{{}}".format)
            if path is None:
                continue
            raw = sent_part(path.read_bytes())
            failed = checker.check(path, raw, audience)
            if failed:
                faults += failed
                continue
            if channel == "e-mail":
                read_mail_text(raw, path.name)
            found.append(
                SentText(
                    audience=audience,
                    channel=channel,
                    file=path.name,
                    sha256=hashlib.sha256(raw).hexdigest(),
                    kept=files.put("notice", raw),
                    held=checker.held,
                )
            )
    if faults:
        raise FaultsError("notice.text-fails", faults)
    return tuple(found)


def _audiences(plan: NoticePlan) -> Iterable[Audience]:
    for group in plan.groups:
        for place in plan.places:
            for language in plan.languages:
                yield Audience(group=group.id, place=place.id, language=language)


def _name(plan: NoticePlan) -> str:
    draft = plan.drafts[0].id
    return draft.partition("-notice-")[0]


class _Checker:
    def __init__(self, plan: NoticePlan, now: datetime) -> None:
        self._plan = plan
        self._languages = {code: load_language(code) for code in language_codes()}
        loaded = plan.loaded
        self._answers = for_this_organisation(
            answer_duties(loaded.law, loaded.case.facts, now=now), loaded.case.facts.roles
        )
        self._drafts = {code: draft_words(code).draft for code in plan.languages}
        self.held = 0

    def check(self, path: Path, raw: bytes, audience: Audience) -> list[Fault]:
        """What fails in a text, each with its place."""
        plan, version = self._plan, int(self._plan.scope["version"])
        form = form_of(plan.loaded, "notice", version=version, group=audience.group)
        chosen = choose_duties(self._answers, form, [audience.place])
        expected = expected_of(plan.loaded, chosen, form, version=version, group=audience.group)
        text = read_text(raw, str(path), path.suffix.lower())
        judged = judge(text, expected, self._languages, audience.language)
        self.held = sum(each.verdict != FAILS for each in judged.verdicts)
        faults = [
            Fault(
                code="notice.text-fails",
                message=f"{each.about}: {each.because}",
                where=Where(file=path.name),
            )
            for each in judged.verdicts
            if each.verdict == FAILS
        ]
        if path.suffix == ".eml" and _is_draft(raw, self._drafts[audience.language]):
            faults.append(
                Fault(
                    code="notice.still-a-draft",
                    message="its subject says that it is a draft",
                    where=Where(file=path.name),
                    hint="Complete it, and take the word out of the subject",
                )
            )
        return faults


def _is_draft(raw: bytes, word: str) -> bool:
    subject = message_from_bytes(raw, policy=default)["Subject"]
    return str(subject or "").strip().startswith(f"[{word}]")
