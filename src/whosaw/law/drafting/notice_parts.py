"""The parts that notices are put together from. Each part says something, or says what is missing to say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from whosaw.core.draft import Block, BlockKind, Missing
from whosaw.packs.notice_further import Further, addresses_of
from whosaw.packs.notice_topics import topics_of

from .notice_case import Addressed, NoticeCase, Wording
from .notice_groups import Group
from .telling import Filled, joined

__all__ = ["NAMED", "PARTS", "Writer"]

NAMED: Final = ("credit-bureaus", "agencies")  # keys of what is asked further for which somebody is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes the parts of one notice: for one group, or for all of them where it is `public`."""

    case: NoticeCase
    wording: Wording
    addressed: Addressed
    groups: tuple[Group, ...]
    public: bool = False

    @property
    def kind(self) -> str:
        return "page" if self.public else self.groups[0].kind

    def further(self, key: str) -> Further | None:
        """What the law asks of this notice under a key beside its contents; nothing in one that says that nothing leaked."""
        categories = {each for group in self.groups for each in group.categories}
        asked = (each for each in self.addressed.further if each.key == key and each.about(categories))
        return None if self.kind == "cleared" else next(asked, None)

    def set_words(self) -> Further | None:
        """Title and headings that the law sets, in their language."""
        asked = self.further("headings")
        return asked if asked is not None and asked.set_in == self.wording.code else None

    def say(self, key: str, **values: str) -> tuple[Block, ...]:
        return tuple(Block(kind="text", text=each) for each in self.wording.words.say(key, **values))

    def lacks(self, key: str, where: str, **values: str) -> Missing:
        """What is missing, in the language of the notice, and where to give it."""
        return Missing(needs=self.wording.words.one(f"need.{key}", **values), where=where)

    def items(self, key: str) -> tuple[Block, ...]:
        return tuple(Block(kind="item", text=each) for each in self.wording.words.say(key))

    def named(self, categories: Sequence[str], source: str) -> Filled:
        """The categories as a list, each by its name in this language."""
        blocks, missing = [], []
        for key in categories:
            name = self.wording.category(key)
            if name is None:
                where = f"categories.toml of the language {self.wording.code}"
                missing.append(self.lacks("category", where, category=key))
            else:
                blocks.append(Block(kind="item", text=name, sources=(source,)))
        # two categories can have one name, that of their parent
        return Filled(blocks=tuple(dict.fromkeys(blocks)), missing=tuple(missing))

    def stated(self, *kinds: str, needed: bool = False, as_items: bool = False) -> Filled:
        """What the organisation says of this, in this language alone. Where it is `needed` and nothing is said, it is missing."""
        blocks: list[Block] = []
        missing: list[Missing] = []
        for each in self.case.about(*kinds):
            text = each.texts.get(self.wording.code)
            if text is None:
                what = self.wording.words.one(f"need.{_need_of(each.about)}")
                missing.append(
                    self.lacks("in-language", f"{each.place}: text.{self.wording.code}", what=what)
                )
            else:
                kind: BlockKind = "item" if as_items else "text"
                blocks.append(Block(kind=kind, text=text, sources=(each.place,)))
        if not blocks and not missing and needed:
            missing.append(self.lacks(_need_of(kinds[0]), f'case file: [[statement]] about = "{kinds[0]}"'))
        return Filled(blocks=tuple(blocks), missing=tuple(missing))


def _need_of(about: str) -> str:
    return "measures" if about.startswith("measure-") else about


def _headed(writer: Writer, key: str, told: Filled) -> Filled:
    return Filled(blocks=(*writer.say(key), *told.blocks), missing=told.missing) if told else told


def _seen(writer: Writer) -> Filled:
    scope = f"scope version {writer.case.version}"
    told = []
    for group in writer.groups:
        if group.kind == "cleared":
            continue
        source = (
            f"{scope}: secondary" if group.kind == "secondary" else f"{scope}: groups and categories_held"
        )
        found = writer.named(group.categories, source)
        if not group.categories:
            place = (
                "secondary.categories"
                if group.kind == "secondary"
                else "categories of the routes in the data map"
            )
            missing = writer.lacks("seen", f"{scope}: {place}")
            found = joined([found, Filled(missing=(missing,))])
        told.append(
            _headed(writer, f"seen.page-{group.kind}" if writer.public else f"seen.{group.kind}", found)
        )
    if writer.public:
        told.append(_ask(writer))
    if writer.case.statistical:
        told.append(Filled(blocks=writer.say("seen.statistical")))
    if writer.case.records_open:
        told.append(Filled(blocks=writer.say("seen.records-open")))
    return joined(told)


def _ask(writer: Writer) -> Filled:
    contact = writer.case.contact
    ways = {"page": contact.page, "telephone": contact.telephone, "email": contact.email}
    blocks = [
        Block(kind="item", text=each, sources=("case file: contact",))
        for name, value in ways.items()
        if value
        for each in writer.wording.words.say(f"ask.{name}", **{name: value})
    ]
    return Filled(blocks=(*writer.say("ask.intro"), *blocks)) if blocks else Filled()


def _common(writer: Writer, which: Callable[[Group], Iterable[str]]) -> list[str]:
    """What holds of every group, in order."""
    each = [set(which(group)) for group in writer.groups if group.kind != "cleared"]
    return sorted(set.intersection(*each)) if each else []


def _not_seen(writer: Writer) -> Filled:
    source = f"scope version {writer.case.version}: categories_held"
    told = writer.named(_common(writer, lambda group: group.not_seen), source)
    return _headed(writer, "seen.page-not-seen" if writer.public else "seen.not-seen", told)


def _cannot_tell(writer: Writer) -> Filled:
    source = f"scope version {writer.case.version}: categories_held"
    told = writer.named(_common(writer, lambda group: group.cannot_tell), source)
    return _headed(writer, "seen.page-cannot-tell" if writer.public else "seen.cannot-tell", told)


def _when(writer: Writer) -> Filled:
    case, words = writer.case, writer.wording.words
    if case.first is None or case.last is None:
        where = f"scope version {case.version}: window, or case file: events began and ended"
        return Filled(missing=(writer.lacks("when", where),))
    doubtful = "possible-" if writer.kind == "possible" else ""
    first, last = words.day(case.first), words.day(case.last)
    if case.first == case.last:
        text = words.one(f"when.{doubtful}one", first=first)
    else:
        text = words.one(f"when.{doubtful}span", first=first, last=last)
    blocks = [Block(kind="text", text=text, sources=(case.when,))]
    blocks += [*writer.say("when.earlier")] if case.earlier else []
    blocks += [*writer.say("when.later")] if case.later else []
    found = _found(writer) if writer.further("date-of-discovery") is not None else Filled()
    return Filled(blocks=(*blocks, *found.blocks), missing=found.missing)


def _found(writer: Writer) -> Filled:
    """When it was found."""
    if writer.case.found is None:
        return Filled(missing=(writer.lacks("found", "case file: event aware"),))
    text = writer.wording.words.one("when.found", day=writer.wording.words.day(writer.case.found))
    return Filled(blocks=(Block(kind="text", text=text, sources=("case file: event aware",)),))


def _people(writer: Writer) -> Filled:
    low, high = writer.case.people
    words = writer.wording.words
    if not low and high is None:
        text = words.one("people.unknown")
    else:
        text = words.one("people.number", number=words.number(low, high))
    source = f"scope version {writer.case.version}: persons"
    return Filled(blocks=(Block(kind="text", text=text, sources=(source,)),))


def _categories(writer: Writer) -> list[str]:
    return sorted({each for group in writer.groups for each in group.categories})


def _consequences(writer: Writer) -> Filled:
    words = writer.wording.words
    risks = tuple(
        Block(kind="item", text=words.one(f"risk.{topic.id}")) for topic in topics_of(_categories(writer))
    )
    own = Filled(blocks=(*writer.say("risk.intro"), *risks)) if risks else Filled()
    return joined([own, writer.stated("consequences")])


def _advice(writer: Writer) -> Filled:
    """What to do against what was surely seen of somebody; of what nobody can prove, whoever completes the notice decides."""
    topics = topics_of(sorted({each for group in writer.groups for each in group.proven}))
    items = [block for topic in topics for block in writer.items(f"advice.{topic.id}")]
    own = writer.stated("people-can-do", as_items=True)
    named = [_named(writer, key) for key in NAMED if writer.further(key) is not None]
    told = (*writer.say("advice.intro"), *items, *own.blocks, *writer.items("advice.always"))
    return joined([Filled(blocks=told, missing=own.missing), *named])


def _named(writer: Writer, key: str) -> Filled:
    """Whom the law wants named beside the organisation, with the ways to reach them."""
    addresses = addresses_of(key, writer.addressed.jurisdiction)
    if addresses is None:
        return Filled(missing=(writer.lacks(key, "by hand: no addresses are known for this place"),))
    rows = [
        Block(kind="row", label=each.name, text="; ".join(each.ways), sources=("data/notice/addresses.toml",))
        for each in addresses.named
    ]
    return Filled(blocks=(*writer.say(f"named.{key}"), *rows))


def _measures(writer: Writer) -> Filled:
    taken = _headed(writer, "measure.taken", writer.stated("measure-taken", as_items=True))
    planned = _headed(writer, "measure.planned", writer.stated("measure-planned", as_items=True))
    if not taken and not planned:
        return writer.stated("measure-taken", needed=True)
    return joined([taken, planned])


def _rights(writer: Writer) -> Filled:
    key = f"right.{writer.addressed.rights.id}"
    return Filled(blocks=(*writer.say("right.intro"), *writer.items(key)))


def _further(writer: Writer) -> Filled:
    return Filled(blocks=writer.say("further.text"))


def _real(writer: Writer) -> Filled:
    contact, source = writer.case.contact, ("case file: contact",)
    blocks, missing = [], []
    if contact.page:
        text = writer.wording.words.one("real.page", page=contact.page)
        blocks.append(Block(kind="item", text=text, sources=source))
    else:
        missing.append(writer.lacks("page", "case file: [contact] page"))
    if contact.telephone:
        text = writer.wording.words.one("real.telephone", telephone=contact.telephone)
        blocks.append(Block(kind="item", text=text, sources=source))
    told = (*writer.say("real.intro"), *blocks, *writer.items("real.never"), *writer.items("real.otherwise"))
    return Filled(blocks=told, missing=tuple(missing))


def _row(writer: Writer, name: str, text: str) -> Block:
    label = writer.wording.words.one(f"contact.{name}")
    return Block(kind="row", label=label, text=text, sources=("case file: contact",))


def _organisation(writer: Writer) -> Filled:
    told = writer.case.organisation
    return Filled(blocks=(_row(writer, "organisation", told.get(writer.wording.code, told[""])),))


def _contact(writer: Writer) -> Filled:
    contact, code = writer.case.contact, writer.wording.code
    by_language: Mapping[str, Mapping[str, str]] = {
        "department": contact.department, "address": contact.address, "hours": contact.hours,
    }  # fmt: skip
    plain = {
        "officer": contact.officer, "telephone": contact.telephone, "email": contact.email, "page": contact.page,
    }  # fmt: skip
    rows, missing = [], []
    for name in ("department", "officer", "telephone", "email", "address", "hours", "page"):
        if text := plain.get(name):
            rows.append(_row(writer, name, text))
        elif texts := by_language.get(name):
            if code in texts:
                rows.append(_row(writer, name, texts[code]))
            else:
                what = writer.wording.words.one(f"need.{name}")
                missing.append(writer.lacks("in-language", f"case file: [contact] {name}.{code}", what=what))
    if not contact.telephone and not contact.email:
        missing.append(writer.lacks("reach", "case file: [contact]"))
    if not contact.department and not contact.officer:
        missing.append(writer.lacks("department", f"case file: [contact] department.{code}"))
    return Filled(blocks=(*writer.say("contact.intro"), *rows) if rows else (), missing=tuple(missing))


def _cleared(writer: Writer) -> Filled:
    return Filled(blocks=writer.say("seen.cleared"))


# in the order in which a reader wants to know them
PARTS: Final[Mapping[str, Callable[[Writer], Filled]]] = {
    "cleared": _cleared,
    "seen": _seen,
    "not-seen": _not_seen,
    "cannot-tell": _cannot_tell,
    "people": _people,
    "when": _when,
    "found": _found,
    "circumstances": lambda writer: writer.stated("circumstances", needed=True),
    "cause": lambda writer: writer.stated("cause", needed=True),
    "intruder": lambda writer: writer.stated("intruder", needed=True),
    "consequences": _consequences,
    "advice": _advice,
    **{key: partial(_named, key=key) for key in NAMED},
    "measures": _measures,
    "redress": lambda writer: writer.stated("redress", needed=True),
    "rights": _rights,
    "further": _further,
    "real": _real,
    "organisation": _organisation,
    "contact": _contact,
}
