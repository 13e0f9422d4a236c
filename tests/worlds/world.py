"""A world: an organisation with its weeks, its breaches, its logs and its records, and the truth about all of them."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .attackers import Attackers, Campaign
from .diary import Act, Diary
from .honest import Life
from .paper import Written, write_log
from .records import Records, records_of
from .site import Knobs, Site, make_site

__all__ = ["World", "make_world", "seen_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`views` are all views of each party, lost lines and all."""

    knobs: Knobs
    site: Site
    campaigns: Sequence[Campaign]
    views: Mapping[str, Sequence[Act]]
    written: Written
    records: Records
    map: Path


def make_world(knobs: Knobs, folder: Path) -> World:
    """Make the world of these knobs below `folder`."""
    site = make_site(knobs)
    diary = Diary(random.Random(f"diary {knobs.seed}"))
    life = Life(site, diary)
    life.write()
    attackers = Attackers(site, diary, life)
    campaigns = attackers.send()
    diary.acts = [act for act in diary.acts if site.begins <= act.at < site.ends]
    views: dict[str, list[Act]] = defaultdict(list)
    for act in diary.acts:
        if act.is_view:
            views[act.party].append(act)
    place = folder / "map.toml"
    folder.mkdir(parents=True, exist_ok=True)
    place.write_text(_map(site), encoding="utf-8")
    return World(
        knobs=knobs,
        site=site,
        campaigns=[each for each in campaigns if views[each.party]],
        views=views,
        written=write_log(diary.acts, knobs, folder / "logs"),
        records=records_of(site, diary, life, attackers),
        map=place,
    )


def _map(site: Site) -> str:
    out = []
    for page in site.pages:
        path = page.path
        out.append(f'[[route]]\nid = "{page.id}"\nmatch = {{ method = "GET", path = "{path}" }}')
        if page.how == "me":
            out.append('subject = { from = "principal" }')
        elif page.how == "list":
            out.append(
                'subject = { from = "unknown" }\nrecords = { from = "query", name = "size", at_most = 500 }'
            )
        else:
            out.append(f'subject = {{ from = "{page.how}", name = "{page.key or "id"}" }}')
        out.append(f"categories = {json.dumps(page.data)}")
        if page.at_most:
            out.append(f'secondary = {{ at_most = {page.at_most}, categories = ["identity.name"] }}')
        out.append("")
    return "\n".join(out)


def seen_by(acts: Iterable[Act]) -> tuple[int, int, int]:
    """Views, accounts and persons of these views: what is really true."""
    many = 0
    accounts: set[str] = set()
    kin: set[str] = set()
    for act in acts:
        many += 1
        accounts.update(act.shown)
        accounts.update(act.listed)
        kin.update(act.kin)
    return many, len(accounts), len(accounts) + len(kin)
