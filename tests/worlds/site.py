"""Made-up organisations: who their people are, which pages show them, and through which networks they come."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = [
    "RARE",
    "SCRIPTS",
    "STYLES",
    "Knobs",
    "Page",
    "Person",
    "Site",
    "draw_people",
    "knobs_of",
    "make_site",
]

_DAY = 86_400.0
KINDS = ("shop", "hospital", "bank", "saas", "club")
AUTHS = ("session", "token", "name", "nothing")
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{v}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/{w}.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS {w}_2 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (Linux; Android {a}; Pixel 8) AppleWebKit/537.36 Chrome/{v}.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
    "ExampleApp/{w}.{a} (Android {a})",
    "ExampleApp/{w}.{a} (iOS {w})",
)
SCRIPTS = (
    "python-requests/2.31.0",
    "curl/8.5.0",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "axios/1.6.8",
    "Java/17.0.9",
)
_WORDS = (
    "account",
    "profile",
    "orders",
    "invoices",
    "records",
    "cards",
    "visits",
    "letters",
    "devices",
    "contracts",
    "plan",
    "notes",
)
_NOUNS = {"shop": "customers", "hospital": "patients", "bank": "clients", "saas": "users", "club": "members"}
_KINDS_OF_DATA = {
    "shop": (("identity.name", "contact.email"), ("contact.address",), ("commerce.orders",)),
    "hospital": (("identity.name",), ("health.record",), ("health.prescription",)),
    "bank": (("identity.name", "contact.phone"), ("financial.balance",), ("financial.transactions",)),
    "saas": (("identity.name", "contact.email"), ("identity.username",), ("contact.phone",)),
    "club": (("identity.name",), ("contact.address", "contact.phone"), ("identity.birth-date",)),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """Everything about a world that is chosen; a world is a function of these and of its seed."""

    seed: int
    kind: str
    people: int
    days: int
    lines: int
    auth: str
    log: str
    ids: str
    breaches: tuple[str, ...]
    log_damage: str
    context_damage: str
    staff: int
    carriers: int
    quiet_nights: bool


def knobs_of(seed: int) -> Knobs:
    """The world of a seed: `random.Random` alone decides, so that a seed is enough to make it again."""
    dice = random.Random(f"knobs {seed}")
    log = dice.choice(
        ("combined", "combined", "kv", "kv", "kv", "json", "json", "json", "alb", "w3c", "own", "own")
    )
    named = ("name", "name", "nothing")
    auths = {"combined": named, "alb": ("nothing",), "w3c": named, "kv": AUTHS[:3]}.get(
        log, (*AUTHS, "session", "token")
    )
    people = round(50 * 60 ** dice.random())
    return Knobs(
        seed=seed,
        kind=dice.choice(KINDS),
        people=people,
        days=dice.choice((3, 7, 10, 14, 21, 35)),
        lines=dice.randrange(3_000, 9_000) + people * 3,
        auth=dice.choice(auths),
        log=log,
        ids=dice.choice(("gaps", "gaps", "dense", "uuid", "mail", "account")),
        breaches=_breaches(dice),
        log_damage=dice.choice(
            ("none", "none", "none", "lost-hours", "copies", "cut", "lost-file", "rotated")
        ),
        context_damage=dice.choice(("none", "none", "none", "rows", "late", "zone", "header")),
        staff=dice.choice((2, 3, 6, 12, 20)),
        carriers=dice.choice((1, 1, 2, 3)),
        quiet_nights=dice.random() < 0.5,
    )


STYLES = (
    "forged", "forged-walk", "own-login", "leaver", "insider", "spread", "slow-walk", "stuffing", "stolen-sessions",
    "partner", "bulk", "trio",
)  # fmt: skip


RARE = ("neighbours", "spread-wide")  # asked for by name, or drawn apart


def _breaches(dice: random.Random) -> tuple[str, ...]:
    draw = dice.random()
    if draw < 0.15:
        return ()
    if draw < 0.72:
        return (dice.choice(STYLES),)
    if draw < 0.82:
        return ("neighbours",)  # three parties that share a program and a network
    return tuple(dice.sample([each for each in STYLES if each != "trio"], 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that shows a person. `how`: the person stands in the path, in the query, or is whoever signed in (`me`); `list`
    names nobody. `desk`: for staff alone."""

    id: str
    how: str
    path: str  # {id} for the person, where it stands in it
    data: tuple[str, ...]
    key: str = ""  # the name in the query
    desk: bool = False
    at_most: int = 0  # further people in one answer

    def target(self, person: str) -> str:
        if self.how == "query":
            return f"{self.path}?{self.key}={person}&v=2"
        return self.path.replace("{id}", person)


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with an account. `homes` are addresses of where they live; `mobile` the carrier they use on the way."""

    id: str
    home: int
    carrier: int
    browsers: tuple[str, ...]
    kin: tuple[str, ...]
    weight: float
    scripted: bool = False
    made_up: bool = False  # a canary: an account that belongs to nobody


@dataclass(slots=True, kw_only=True)
class Site:
    """One organisation."""

    knobs: Knobs
    dice: random.Random
    begins: float
    people: list[Person]
    absent: list[str]  # ids in the range that nobody has
    pages: list[Page]
    homes: list[str]
    carriers: list[list[str]]
    office: str
    staff: list[str]
    key: str
    old_key: str
    open_pages: list[str]
    people_by_id: dict[str, Person] = field(default_factory=dict)

    @property
    def ends(self) -> float:
        return self.begins + self.knobs.days * _DAY

    def real_people(self) -> list[Person]:
        """Without canaries."""
        return [person for person in self.people if not person.made_up]

    def own_pages(self) -> list[Page]:
        return [page for page in self.pages if not page.desk and page.how != "list"]

    def named_pages(self) -> list[Page]:
        """Pages that trust an id in the request."""
        return [page for page in self.own_pages() if page.how != "me"]

    def desk_pages(self) -> list[Page]:
        return [page for page in self.pages if page.desk and page.how != "list"]

    def list_page(self) -> Page:
        return next(page for page in self.pages if page.how == "list")


def make_site(knobs: Knobs) -> Site:
    dice = random.Random(f"site {knobs.seed}")
    ids, absent = _ids(knobs, dice)
    homes_count = max(8, knobs.people * 2 // 3)
    homes = _homes(dice, homes_count)
    carriers = [
        [
            f"10.{200 + at}.{dice.randrange(250)}.{host}"
            for host in dice.sample(range(1, 250), dice.choice((2, 4, 8)))
        ]
        for at in range(knobs.carriers)
    ]
    agents = _agents(dice)
    people: list[Person] = []
    for identity in ids:
        home = (
            dice.randrange(homes_count)
            if dice.random() < 0.6
            else min(homes_count - 1, len(people) * homes_count // len(ids))
        )
        people.append(
            Person(
                id=identity,
                home=home,
                carrier=dice.randrange(knobs.carriers),
                browsers=tuple(
                    dice.choices(
                        agents, weights=[1 / (at + 1) for at in range(len(agents))], k=dice.choice((1, 1, 2))
                    )
                ),
                kin=tuple(f"kin:{identity}:{at}" for at in range(dice.choice((0, 0, 1, 2, 4)))),
                weight=dice.paretovariate(1.6),
                scripted=dice.random() < 0.01,
            )
        )
    for at in dice.sample(range(len(people)), 4 if dice.random() < 0.3 else 0):
        people[at].made_up, people[at].weight = True, 0.0
    pages = _pages(knobs, dice)
    site = Site(
        knobs=knobs, dice=dice,
        begins=dice.randrange(1_700_000_000, 1_760_000_000) // 86_400 * _DAY,
        people=people, absent=absent, pages=pages, homes=homes, carriers=carriers,
        office=f"172.16.{dice.randrange(200)}.{dice.randrange(1, 250)}",
        staff=[f"{dice.choice(('emp', 'ag', 'st'))}{100 + at}" for at in range(knobs.staff)],
        key=f"k{dice.randrange(100)}", old_key=f"old{dice.randrange(100)}",
        open_pages=["/", "/search?q=a", "/static/site.css", "/static/app.js", "/favicon.ico", "/help"]
        + [f"/items/{dice.randrange(9_000)}" for _ in range(60)],
    )  # fmt: skip
    site.people_by_id = {each.id: each for each in people}
    return site


def _ids(knobs: Knobs, dice: random.Random) -> tuple[list[str], list[str]]:
    many = knobs.people
    if knobs.ids in ("gaps", "dense"):
        span = many * (1 if knobs.ids == "dense" else dice.choice((2, 3, 6)))
        first = dice.choice((1, 1_000, 400_000))
        chosen = sorted(dice.sample(range(first, first + span + many // 10 + 5), many))
        taken = set(chosen)
        absent = [str(each) for each in range(first, chosen[-1]) if each not in taken]
        return [str(each) for each in chosen], absent
    if knobs.ids == "uuid":
        made = [str(uuid.UUID(int=dice.getrandbits(128), version=4)) for _ in range(many + 40)]
        return made[:many], made[many:]
    if knobs.ids == "mail":
        names = [
            f"{''.join(dice.choices('abcdefghiklmnoprstuw', k=6))}{at}@example.org" for at in range(many + 40)
        ]
        return names[:many], names[many:]
    numbers = sorted(dice.sample(range(10_000_000, 99_999_999), many + 40))
    dice.shuffle(numbers)
    made = [f"AC-{each}" for each in numbers]
    return made[:many], made[many:]


def _homes(dice: random.Random, many: int) -> list[str]:
    nets = [f"10.{dice.randrange(100)}.{dice.randrange(250)}" for _ in range(max(3, many // 25))]
    return [
        f"2001:db8:{dice.randrange(1, 60):x}:{at:x}::{dice.randrange(1, 65_000):x}"
        if dice.random() < 0.2
        else f"{dice.choice(nets)}.{dice.randrange(1, 255)}"
        for at in range(many)
    ]


def _agents(dice: random.Random) -> list[str]:
    return [
        dice.choice(BROWSERS).format(
            v=dice.randrange(110, 140), w=dice.randrange(14, 19), a=dice.randrange(10, 16)
        )
        for _ in range(dice.choice((8, 16, 40)))
    ]


def _pages(knobs: Knobs, dice: random.Random) -> list[Page]:
    noun, base = _NOUNS[knobs.kind], dice.choice(("", "/api", "/v2", "/portal/api"))
    words = dice.sample(_WORDS, 5)
    data = _KINDS_OF_DATA[knobs.kind]
    hows = ["path", dice.choice(("path", "query"))]
    if knobs.auth != "nothing":
        hows.append("me")
    pages = []
    for at, how in enumerate(hows):
        at_most = dice.choice((0, 0, 4)) if at == 0 else 0
        path = {
            "path": f"{base}/{noun}/{{id}}/{words[at]}",
            "query": f"{base}/{words[at]}",
            "me": f"{base}/me/{words[at]}",
        }[how]
        pages.append(
            Page(
                id=f"{how}-{words[at]}",
                how=how,
                path=path,
                data=data[at % 3],
                key="id" if how == "query" else "",
                at_most=at_most,
            )
        )
    pages.append(Page(id="desk-file", how="path", path=f"/desk/{noun}/{{id}}", data=data[0], desk=True))
    pages.append(
        Page(id="desk-more", how="path", path=f"/desk/{noun}/{{id}}/{words[3]}", data=data[1], desk=True)
    )
    pages.append(Page(id="desk-list", how="list", path=f"/desk/{noun}", data=data[0], key="size", desk=True))
    return pages


def draw_people(dice: random.Random, people: Sequence[Person], many: int) -> list[Person]:
    """Some of them, each once, in random order."""
    return dice.sample(list(people), min(many, len(people)))
