"""The parts of a filing that come from scope versions: people, records, countries, kinds of data, and what changed."""

from __future__ import annotations

from whosaw.core.draft import Block, Missing

from .case_material import Bounds, Version
from .telling import Filled, Telling, joined, no_scope

__all__ = ["categories", "changes", "people", "places", "views"]

_ANSWERS = (
    ("seen", "seen"),
    ("cannot tell", "cannot-tell"),
    ("said not seen", "said-not-seen"),
    ("not seen", "not-seen"),
)


def people(telling: Telling) -> Filled:
    """How many people, in all and in the place whose law asks, and how many accounts; each with why its bounds differ."""
    now, words = telling.now, telling.words
    if now is None:
        return no_scope(telling, "people")
    rows = [_count(telling, "persons", now.persons, now)]
    if len(now.places) > 1 or not now.here.same_as(now.persons):
        label = words.label("persons-here", place=_place_name(telling))
        rows.append(telling.row(label, words.count_and_reasons(now.here), f"{now.source}: by country"))
    rows.append(_count(telling, "accounts", now.accounts, now))
    return Filled(blocks=tuple(rows))


def views(telling: Telling) -> Filled:
    """How many records were shown. A version that holds no such count says nothing of them."""
    now = telling.now
    if now is None:
        return no_scope(telling, "views")
    if now.views is None:
        return Filled()
    return Filled(blocks=(_count(telling, "views", now.views, now),))


def places(telling: Telling) -> Filled:
    """People by country, where there is more than one."""
    now, words = telling.now, telling.words
    if now is None or len(now.places) < 2:
        return Filled()
    return Filled(
        blocks=tuple(
            telling.row(
                words.label("place"),
                words.say("place-row", place=words.place(place), count=words.count_and_reasons(bounds)),
                f"{now.source}: by country",
            )
            for place, bounds in now.places
        )
    )


def categories(telling: Telling) -> Filled:
    """What was seen, what was not, and of what it cannot be told, in the words of the language."""
    now = telling.now
    if now is None:
        return no_scope(telling, "categories")
    if not now.categories:
        where = "a data map that says it (`whosaw map check`), then a new scope version"
        return Filled(missing=(telling.missing("categories", where),))
    blocks: list[Block] = []
    missing: list[Missing] = []
    said: list[str] = []
    for answer, label in _ANSWERS:
        found, gaps = _names(telling, now.with_answer(answer))
        missing.extend(gaps)
        # two keys may share the name of their parent; what was seen is not said to be unseen as well
        names = [each for each in found if each not in said]
        said += names
        if names:
            text = ", ".join(names)
            blocks.append(telling.row(telling.words.label(label), text, f"{now.source}: categories"))
    blocks += _by_category(telling, now)
    if not now.complete:
        text = telling.words.say("incomplete")
        blocks.append(Block(kind="text", text=text, sources=(f"{now.source}: open items",)))
    return Filled(blocks=tuple(blocks), missing=tuple(missing))


def changes(telling: Telling) -> Filled:
    """What is otherwise than in the report before: counts before and after, kinds of data, countries, people added, new facts."""
    facts = _new_facts(telling)
    now, before, words = telling.now, telling.before, telling.words
    if now is None:
        return joined([no_scope(telling, "changes"), facts])
    if before is None or before.number == now.number:
        return facts or Filled(missing=(_nothing_new(telling),))
    rows = [telling.row(words.label("known"), telling.time(now.known), now.source)]
    pairs = (
        ("persons", before.persons, now.persons),
        ("accounts", before.accounts, now.accounts),
        ("views", before.views, now.views),
    )
    sources = (before.source, now.source)
    for unit, old, new in pairs:
        if old is not None and new is not None:
            rows.append(telling.row(words.label(f"changed-{unit}"), _change(telling, old, new), *sources))
    if telling.added is not None:
        rows.append(telling.row(words.label("added"), words.count(telling.added), *sources))
    moved = _moved(telling, before, now)
    new_places = [place for place, _ in now.places if place not in {each for each, _ in before.places}]
    if new_places:
        text = ", ".join(words.place(place) for place in new_places)
        rows.append(telling.row(words.label("newly-places"), text, *sources))
    same = all(old is None or new is None or old.same_as(new) for _, old, new in pairs)
    if same and not moved.blocks and not new_places and not facts.blocks:
        rows.append(Block(kind="text", text=words.say("no-change"), sources=sources))
    return joined([Filled(blocks=tuple(rows)), moved, facts])


def _nothing_new(telling: Telling) -> Missing:
    return telling.not_said("new-fact")


def _new_facts(telling: Telling) -> Filled:
    """What the organisation says has become known since the report before; all of it where there is none on record."""
    since = telling.since
    newer = [
        each
        for each in telling.material.account.about("new-fact")
        if since is None or each.when is None or each.when.latest >= since.earliest
    ]
    return telling.told(newer, "new-fact", required=False)


def _change(telling: Telling, before: Bounds, now: Bounds) -> str:
    words = telling.words
    values = {"before": words.count(before), "after": words.count_and_reasons(now)}
    if before.same_as(now):
        return words.say("same", **values)
    return words.say("lower" if now.lower < before.lower else "changed", **values)


def _moved(telling: Telling, before: Version, now: Version) -> Filled:
    """Kinds of data whose answer is another than before; what is new and not seen was not in doubt and is left out."""
    blocks: list[Block] = []
    missing: list[Missing] = []
    for answer, label in (
        ("seen", "newly-seen"),
        ("cannot tell", "newly-open"),
        ("not seen", "newly-not-seen"),
    ):
        keys = tuple(
            key
            for key, each in now.categories.items()
            if _settled(each) == answer
            and _settled(before.categories.get(key, "")) != answer
            and (key in before.categories or each in ("seen", "cannot tell"))
        )
        names, gaps = _names(telling, keys)
        missing.extend(gaps)
        if names:
            sources = (before.source, now.source)
            blocks.append(telling.row(telling.words.label(label), ", ".join(names), *sources))
    return Filled(blocks=tuple(blocks), missing=tuple(missing))


def _settled(answer: str) -> str:
    return "cannot tell" if answer == "said not seen" else answer


def _count(telling: Telling, label: str, bounds: Bounds, version: Version) -> Block:
    words = telling.words
    return telling.row(words.label(label), words.count_and_reasons(bounds), f"{version.source}: counts")


def _place_name(telling: Telling) -> str:
    members = telling.asked.members
    named = [telling.words.place(each) for each in members[:1]]
    return named[0] if named else telling.asked.place


def _by_category(telling: Telling, now: Version) -> list[Block]:
    rows = []
    for key in now.with_answer("seen"):
        bounds, name = now.persons_by_category.get(key), telling.words.category(key)
        if bounds is not None and name is not None:
            count = telling.words.count_and_reasons(bounds)
            rows.append(telling.row(name, count, f"{now.source}: by category"))
    return rows


def _names(telling: Telling, keys: tuple[str, ...]) -> tuple[list[str], list[Missing]]:
    """Their names; a kind of data without a word in the language is missing, and not shown in another one."""
    names, missing = [], []
    for key in keys:
        name = telling.words.category(key)
        if name is None:
            language = telling.words.language
            where = f"data/languages/{language.code}/categories.toml"
            missing.append(telling.missing("category-word", where, category=key))
        elif name not in names:
            names.append(name)
    return names, missing
