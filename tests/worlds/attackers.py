"""Attackers of different styles. Each writes what one party did into the diary under that party's name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .diary import Diary, Gate
from .honest import Life
from .site import SCRIPTS, Page, Person, Site, draw_people

__all__ = ["Attackers", "Campaign"]

_HOUR, _DAY = 3_600.0, 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One party and what it is up to. `also` is the same human as an honest customer."""

    party: str
    style: str
    also: str = ""


class Attackers:
    """Sends each attacker of a world."""

    def __init__(self, site: Site, diary: Diary, life: Life) -> None:
        self.site, self.diary, self.life = site, diary, life
        self.dice = random.Random(f"attackers {site.knobs.seed}")
        self.left: dict[str, float] = {}  # staff who left, and when
        self.snoops = 0
        self.also: dict[str, str] = {}  # by party: who it is as a customer

    def send(self) -> list[Campaign]:
        campaigns = []
        for at, style in enumerate(self.site.knobs.breaches):
            party = f"breach {at + 1}"
            if style == "neighbours":
                campaigns += self._neighbours()
                continue
            self._by_style(style)(party)
            campaigns.append(Campaign(party=party, style=style, also=self.also.get(party, "")))
        return campaigns

    def _by_style(self, style: str) -> Callable[[str], None]:
        return {
            "forged": self._forged, "forged-walk": self._forged_walk, "own-login": self._own_login, "leaver": self._leaver,
            "insider": self._insider, "spread": self._spread, "slow-walk": self._slow, "stuffing": self._stuffing,
            "stolen-sessions": self._stolen, "partner": self._partner, "bulk": self._bulk, "trio": self._trio,
            "spread-wide": self._spread_wide,
        }[style]  # fmt: skip

    # What attackers have in common.

    def _net(self) -> str:
        return f"172.{self.dice.choice((20, 21, 22))}.{self.dice.randrange(250)}"

    def _addresses(self, most: int) -> list[str]:
        if self.dice.random() < 0.15:  # a telephone, like thousands of customers
            carrier = self.dice.choice(self.site.carriers)
            return sorted(self.dice.sample(carrier, min(len(carrier), self.dice.choice((1, 2)))))
        nets = [self._net() for _ in range(self.dice.choice((1, 1, 2, 5)))]
        return sorted(
            {
                f"{self.dice.choice(nets)}.{self.dice.randrange(1, 255)}"
                for _ in range(self.dice.choice((1, 2, most)))
            }
        )

    def _corner(self) -> tuple[str, str]:
        """A network and a program: rented and a script, or those of many customers."""
        if self.dice.random() < 0.5:
            return self._net(), self.dice.choice(SCRIPTS)
        homes = [each for each in self.site.homes if ":" not in each]
        return self.dice.choice(homes).rpartition(".")[0], self.dice.choice(self.site.people).browsers[0]

    def _agent(self) -> str:
        if self.dice.random() < 0.5:
            return self.dice.choice(SCRIPTS)
        return self.dice.choice(self.dice.choice(self.site.people).browsers)

    def _victims(self, least: int = 8) -> list[Person]:
        most = max(least, min(500, len(self.site.people) * 3 // 4))
        return draw_people(self.dice, self.site.people, round(least * (most / least) ** self.dice.random()))

    def _in_order(self, victims: Sequence[Person]) -> list[Person]:
        """The same number of people, one after another as they stand in the range of ids."""
        first = self.dice.randrange(max(1, len(self.site.people) - len(victims)))
        return self.site.people[first : first + len(victims)]

    def _times(self, many: int) -> Iterator[float]:
        """Moments of a campaign: one run, or several nights."""
        runs = self.dice.choice((1, 1, 2, 5))
        starts = sorted(self.dice.uniform(0.25, 0.9) for _ in range(runs))
        pause = self.dice.choice((0.5, 4, 30, 120))
        for at, start in enumerate(starts):
            now = self.site.begins + start * self.site.knobs.days * _DAY
            for _ in range(many * (at + 1) // runs - many * at // runs):
                yield min(now, self.site.ends - 1)
                now += self.dice.expovariate(1 / pause)

    def _take(self, party: str, page: Page, person: Person, gate: Gate, at: float) -> None:
        """One page of one victim; attackers meet errors, too."""
        status = 200 if self.dice.random() < 0.97 else self.dice.choice((500, 429, 401))
        self.diary.note(party, at, gate, page.target(person.id), status=status, page=page.id, shown=(person.id,),
                        kin=person.kin[: page.at_most] if page.at_most else ())  # fmt: skip

    def _miss(self, party: str, page: Page, gate: Gate, at: float) -> None:
        if self.site.absent and page.how != "me":
            self.diary.note(
                party, at, gate, page.target(self.dice.choice(self.site.absent)), status=404, page=page.id
            )

    def _false(self, who: str, ip: str, agent: str) -> Gate:
        """A gate with a token or session that nobody gave out."""
        auth = self.site.knobs.auth
        return Gate(ip=ip, agent=agent, who="-" if auth == "nothing" else who,
                    sid=f"{self.dice.getrandbits(64):016x}" if auth == "session" else "-",
                    jti=f"f{self.dice.getrandbits(60):x}" if auth == "token" else "-",
                    kid=self.dice.choice((self.site.key, self.site.old_key)) if auth == "token" else "-")  # fmt: skip

    # The styles.

    def _forged(self, party: str) -> None:
        self._forge(party, self._victims(), self._addresses(12), self._agent())

    def _forged_walk(self, party: str) -> None:
        self._forge(party, self._in_order(self._victims()), self._addresses(40), self._agent())

    def _forge(self, party: str, victims: Sequence[Person], addresses: Sequence[str], agent: str) -> None:
        page = self.dice.choice(self.site.own_pages())
        again = self.dice.choice((1, 1, 2))
        for person, at in zip(victims, self._times(len(victims)), strict=True):
            gate = self._false(person.id, self.dice.choice(addresses), agent)
            if self.dice.random() < 0.15:
                self._miss(party, page, gate, at)
            for step in range(again):
                self._take(
                    party,
                    page if step == 0 else self.dice.choice(self.site.own_pages()),
                    person,
                    gate,
                    at + step * 0.3,
                )

    def _own_login(self, party: str) -> None:
        """A customer with a login of their own asks for others' numbers."""
        victims = self._victims()
        thief = self.dice.choice(self.life.real)
        self.also[party] = f"customer {thief.id}"
        page = self.dice.choice(self.site.named_pages())
        ip, agent = self.site.homes[thief.home], self.dice.choice(thief.browsers)
        if self.dice.random() < 0.4:
            ip = self._addresses(1)[0]
        login = None
        for person, at in zip(
            self._in_order(victims) if self.dice.random() < 0.5 else victims,
            self._times(len(victims)),
            strict=True,
        ):
            if login is None or at > login.at + 6 * _HOUR:
                login = self.life.sign_in(thief.id, at, ip, last=6 * _HOUR)
            if person.id != thief.id:
                self._take(party, page, person, self.life.gate_of(login, ip, agent), at)

    def _leaver(self, party: str) -> None:
        """The account of somebody who left was never closed."""
        name = self.site.staff[0]
        gone = self.site.begins + self.site.knobs.days * _DAY * 0.3
        self.left[name] = gone
        self.diary.acts[:] = [
            act for act in self.diary.acts if not (act.party == f"staff {name}" and act.at > gone - _DAY / 2)
        ]
        gate = self.life.staff_gate(name, self.dice.choice(self.site.homes))
        pages = self.site.desk_pages()
        victims = self._victims(5)
        for person, at in zip(victims, self._times(len(victims)), strict=True):
            self._take(party, self.dice.choice(pages), person, gate, max(at, gone + _DAY))

    def _insider(self, party: str) -> None:
        """Somebody at the desk looks at people who never wrote in."""
        name = self.site.staff[-1 - self.snoops]
        self.snoops = min(self.snoops + 1, len(self.site.staff) - 1)
        gate = self.life.staff_gate(name)
        victims = self._victims(6)[:120]
        moments = list(self.life.workday(max(1, len(victims) // max(1, self.site.knobs.days) + 1)))
        for person, at in zip(
            victims, self.dice.sample(moments, min(len(moments), len(victims))), strict=False
        ):
            if (name, person.id) not in {(ticket[0], ticket[1]) for ticket in self.diary.tickets}:
                self._take(party, self.dice.choice(self.site.desk_pages()), person, gate, at)

    def _spread(self, party: str) -> None:
        """Through many homes, a third of which customers share: another program with each request."""
        victims = self._victims(40)
        self._deal_out(party, self._in_order(victims) if self.dice.random() < 0.6 else victims)

    def _spread_wide(self, party: str) -> None:
        """The same, after nearly everybody."""
        self._deal_out(party, self.site.people[len(self.site.people) // 10 :])

    def _deal_out(self, party: str, victims: Sequence[Person]) -> None:
        many = max(4, len(victims) // 3)
        shared = [self.site.homes[self.dice.randrange(len(self.site.homes))] for _ in range(many // 3 + 1)]
        own = [
            f"10.{self.dice.randrange(100, 190)}.{self.dice.randrange(250)}.{self.dice.randrange(1, 255)}"
            for _ in range(many - many // 3)
        ]
        page = self.dice.choice(self.site.own_pages())
        agents = [self._agent() for _ in range(12)]
        for person, at in zip(victims, self._times(len(victims)), strict=True):
            gate = self._false(person.id, self.dice.choice(shared + own), self.dice.choice(agents))
            if self.dice.random() < 0.5:
                self.diary.note(party, at - 2, gate, self.dice.choice(self.site.open_pages))
            self._take(party, page, person, gate, at)

    def _slow(self, party: str) -> None:
        """A few people a day, in order, from first day to last."""
        days = self.site.knobs.days
        victims = self._in_order(self._victims(8)[: days * 12])
        gap = days * 0.9 * _DAY / len(victims)
        ip, agent = self._addresses(1)[0], self._agent()
        page = self.dice.choice(self.site.own_pages())
        for at, person in enumerate(victims):
            self._take(
                party,
                page,
                person,
                self._false(person.id, ip, agent),
                self.site.begins + _DAY * 0.05 + gap * (at + self.dice.random() / 2),
            )

    def _stuffing(self, party: str) -> None:
        """Passwords from elsewhere: most fail, what opens is a login like any other."""
        victims = [person for person in self._victims(8)[:150] if not person.made_up]
        addresses, agent = self._addresses(20), self._agent()
        for person, at in zip(victims, self._times(len(victims)), strict=True):
            ip = self.dice.choice(addresses)
            for step in range(self.dice.choice((3, 6, 12))):
                self.diary.note(
                    party, at - 20 + step, Gate(ip=ip, agent=agent), "/login", verb="POST", status=401
                )
            self.diary.note(party, at - 2, Gate(ip=ip, agent=agent), "/login", verb="POST", status=200)
            login = self.life.sign_in(person.id, at, ip, last=_HOUR)
            for step in range(self.dice.choice((1, 2))):
                self._take(
                    party,
                    self.dice.choice(self.site.own_pages()),
                    person,
                    self.life.gate_of(login, ip, agent),
                    at + step,
                )

    def _stolen(self, party: str) -> None:
        """Sessions of visitors, carried elsewhere while they live."""
        addresses, agent = self._addresses(3), self._agent()
        visits = self.dice.sample(self.life.visits, min(len(self.life.visits), len(self._victims(8)), 150))
        for at, person, _, login in visits:
            gate = self.life.gate_of(login, self.dice.choice(addresses), agent)
            for step in range(self.dice.choice((1, 2))):
                self._take(
                    party,
                    self.dice.choice(self.site.own_pages()),
                    person,
                    gate,
                    at + self.dice.uniform(120, 1_200) + step,
                )

    def _partner(self, party: str) -> None:
        """A partner goes on reading when the contract is over."""
        if not self.life.has_partner:
            self._forged(party)
            return
        victims = self._victims(5)
        start = self.life.partner_ends + _HOUR
        for person in victims:
            self._take(
                party,
                self.dice.choice(self.site.named_pages()),
                person,
                self.life.partner_gate,
                self.dice.uniform(start, self.site.ends),
            )

    def _bulk(self, party: str) -> None:
        """Page after page of a list."""
        page, size = self.site.list_page(), self.dice.choice((50, 100, 500))
        gate = self._false(self.dice.choice(self.site.people).id, self._addresses(1)[0], self._agent())
        everybody = [person.id for person in self.site.people]
        if self.site.knobs.auth != "nothing":
            gate.who = self.site.staff[-1]
        many = max(30, -(-len(everybody) // size))
        for step, at in enumerate(self._times(many)):
            first = step * size % len(everybody)
            self.diary.note(
                party,
                at,
                gate,
                f"{page.path}?page={step}&size={size}",
                page=page.id,
                listed=everybody[first : first + size],
            )

    def _trio(self, party: str) -> None:
        """One party, three ways in, one program and one network."""
        net, agent = self._corner()
        for host in self.dice.sample(range(1, 250), 3):
            self._forge(party, self._victims(12)[:150], [f"{net}.{host}"], agent)
            if self.dice.random() < 0.5:
                self._walk_from(party, f"{net}.{host}", agent)

    def _walk_from(self, party: str, ip: str, agent: str) -> None:
        page = self.dice.choice(self.site.named_pages())
        thief = self.dice.choice(self.life.real)
        self.also[party] = f"customer {thief.id}"
        gate: Gate | None = None
        for person, at in zip(*self._walk(), strict=True):
            gate = gate or self.life.gate_of(self.life.sign_in(thief.id, at, ip, last=_DAY), ip, agent)
            if person.id != thief.id:
                self._take(party, page, person, gate, at)

    def _walk(self) -> tuple[list[Person], list[float]]:
        victims = self._in_order(self._victims(12)[:120])
        return victims, list(self._times(len(victims)))

    def _neighbours(self) -> list[Campaign]:
        """Three parties who know nothing of one another, with one common program in one rented network."""
        net, agent = self._corner()
        made = []
        for at, host in enumerate(self.dice.sample(range(1, 250), 3)):
            party = f"breach {at + 1}"
            ip = f"{net}.{host}"
            if at == 1:
                self._walk_from(party, ip, agent)
            else:
                self._forge(party, self._victims(10)[:100], [ip], agent)
            made.append(Campaign(party=party, style="neighbours", also=self.also.get(party, "")))
        return made
