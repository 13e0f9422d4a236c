"""A few weeks of honest people, staff, jobs and machines."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator

from .diary import Diary, Gate, Login
from .site import SCRIPTS, Page, Person, Site

__all__ = ["Life"]

_HOUR, _DAY = 3_600.0, 86_400.0
_HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 12, 13, 13, 14, 15, 13, 12, 12, 13, 14, 16, 18, 18, 15, 9, 5)


class Life:
    """Writes the honest part of a diary, and remembers open sessions, which a thief may want."""

    def __init__(self, site: Site, diary: Diary) -> None:
        self.site, self.diary = site, diary
        self.real = site.real_people()
        self.at_home: dict[int, list[Person]] = defaultdict(list)
        for person in self.real:
            self.at_home[person.home].append(person)
        self.dice = random.Random(f"life {site.knobs.seed}")
        self.open: dict[str, tuple[Login, float]] = {}  # by person: the login, and until when it lives
        self.visits: list[tuple[float, Person, Gate, Login]] = []
        self._lasting = self.dice.choice((2 * _HOUR, 12 * _HOUR, 5 * _DAY))
        self._hours = [
            0 if site.knobs.quiet_nights and (hour < 6 or hour > 22) else each
            for hour, each in enumerate(_HOURS)
        ]
        self._weekend = self.dice.choice((0.3, 1.0, 1.6))
        self.partner = f"partner-{self.dice.choice(('north', 'acme', 'lab'))}"
        self.partner_gate = Gate(ip=f"172.19.{self.dice.randrange(250)}.{self.dice.randrange(1, 250)}", agent="okhttp/4.9.3",
                                 who=self.partner, kid="pk-7" if site.knobs.auth in ("token", "session") else "-")  # fmt: skip
        self.has_job = site.knobs.auth != "nothing" and self.dice.random() < 0.6
        self.has_partner = site.knobs.auth != "nothing" and (
            self.dice.random() < 0.4 or "partner" in site.knobs.breaches
        )
        self.partner_ends = site.begins + site.knobs.days * _DAY * self.dice.choice((0.4, 0.6))

    def write(self) -> None:
        self._customers()
        self._desk()
        self._machines()
        if self.has_job:
            self._job()
        if self.has_partner:
            self._partner_work()

    def moment(self) -> float:
        """A time at which people are awake."""
        site = self.site
        while True:
            day = self.dice.randrange(site.knobs.days)
            weekday = int((site.begins + day * _DAY) // _DAY + 3) % 7
            if weekday < 5 or self.dice.random() < self._weekend / 1.6:
                break
        hour = self.dice.choices(range(24), weights=self._hours)[0]
        return site.begins + day * _DAY + hour * _HOUR + self.dice.random() * _HOUR

    def gate(self, person: Person, at: float) -> tuple[Gate, Login | None]:
        """How this person comes in now; with a login on record where they sign in."""
        dice, site = self.dice, self.site
        away = dice.random()
        ip = site.homes[person.home] if away < 0.65 else dice.choice(site.carriers[person.carrier])
        agent = (
            dice.choice(SCRIPTS[:2])
            if person.scripted and dice.random() < 0.7
            else dice.choice(person.browsers)
        )
        known = self.open.get(person.id)
        if known is not None and known[1] > at > known[0].at:
            login = known[0]
        else:
            login = self.sign_in(person.id, at, ip, last=self._lasting)
        return self.gate_of(login, ip, agent), login

    def sign_in(self, who: str, at: float, ip: str, *, last: float) -> Login:
        login = Login(at=at - self.dice.uniform(0.5, 3), who=who, ip=ip, sid=f"{self.dice.getrandbits(64):016x}",
                      jti=f"t{self.dice.getrandbits(60):x}", kid=self.site.key)  # fmt: skip
        if self.dice.random() < 0.2:
            login.ended = at + last
        self.diary.logins.append(login)
        self.open[who] = (login, at + last)
        return login

    def gate_of(self, login: Login, ip: str, agent: str) -> Gate:
        """What the log shows of a login, which hangs on how people sign in here."""
        auth = self.site.knobs.auth
        return Gate(
            ip=ip, agent=agent,
            who="-" if auth == "nothing" else login.who,
            sid=login.sid if auth == "session" else "-",
            jti=login.jti if auth == "token" else "-",
            kid=login.kid if auth == "token" else "-",
        )  # fmt: skip

    def _customers(self) -> None:
        site, dice = self.site, self.dice
        weights = [each.weight for each in site.people]
        budget = site.knobs.lines
        moments = sorted(self.moment() for _ in range(max(20, budget // 8)))
        burst = dice.choice(moments) if dice.random() < 0.4 else None
        if burst is not None:
            moments = sorted(
                [*moments, *(burst + dice.random() * _HOUR * 3 for _ in range(len(moments) // 12))]
            )
        for at in moments:
            person = dice.choices(site.people, weights=weights)[0]
            self.visit(person, at)
            if len(self.diary.acts) > budget * 1.4:
                break

    def visit(self, person: Person, at: float) -> None:
        site, dice, diary = self.site, self.dice, self.diary
        party = f"customer {person.id}"
        gate, login = self.gate(person, at)
        outside = Gate(ip=gate.ip, agent=gate.agent)
        if login is not None and login.at > at - 4:
            if dice.random() < 0.06:
                diary.note(party, at - 9, outside, "/login", verb="POST", status=401)
                if dice.random() < 0.3:
                    diary.note(party, at - 7, outside, "/password/reset", verb="POST", status=202)
            diary.note(party, at - 3, outside, "/login", verb="POST", status=dice.choice((200, 302)))
        self.visits.append((at, person, gate, login)) if login is not None else None
        now = at
        for _ in range(dice.choice((1, 2, 3, 4, 6, 9))):
            diary.note(
                party, now, gate, dice.choice(site.open_pages), status=dice.choice((200, 200, 200, 304))
            )
            now += dice.expovariate(1 / 6)
        for _ in range(dice.choice((0, 1, 1, 2, 3))):
            if dice.random() < 0.1 and not any(
                gate.ip in each for each in site.carriers
            ):  # on the way out of the house
                gate = Gate(
                    ip=dice.choice(site.carriers[person.carrier]),
                    agent=gate.agent,
                    who=gate.who,
                    sid=gate.sid,
                    jti=gate.jti,
                    kid=gate.kid,
                )
            whose = person
            if dice.random() < 0.01:  # a mother who looks after her son's account
                whose = dice.choice(self.at_home[person.home])
            self.look(
                party,
                dice.choice(site.own_pages() if whose is person else site.named_pages()),
                whose,
                gate,
                now,
            )
            now += dice.expovariate(1 / 15)
            if dice.random() < 0.4:
                diary.note(party, now, gate, dice.choice(site.open_pages))
                now += dice.expovariate(1 / 10)

    def look(
        self, party: str, page: Page, person: Person, gate: Gate, at: float, *, status: int | None = None
    ) -> None:
        """One look at one page of one person; honest servers fail now and then, and impatient people ask twice."""
        draw = self.dice.random()
        code = status or (200 if draw < 0.97 else self.dice.choice((401, 500, 502, 304, 302)))
        self.diary.note(party, at, gate, page.target(person.id), status=code, page=page.id, shown=(person.id,),
                        kin=person.kin[: page.at_most] if page.at_most else ())  # fmt: skip
        if code >= 500:
            self.diary.note(party, at + 1.2, gate, page.target(person.id), page=page.id, shown=(person.id,),
                            kin=person.kin[: page.at_most] if page.at_most else ())  # fmt: skip

    def workday(self, many: float) -> Iterator[float]:
        """Moments in working hours, in order, about so many a day."""
        for day in range(self.site.knobs.days):
            start = self.site.begins + day * _DAY
            if int(start // _DAY + 3) % 7 < 5:
                yield from sorted(
                    start + self.dice.uniform(8, 17) * _HOUR
                    for _ in range(round(self.dice.uniform(0.5, 1.5) * many))
                )

    def staff_gate(self, name: str, ip: str | None = None) -> Gate:
        auth = self.site.knobs.auth
        return Gate(
            ip=ip or self.site.office,
            agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/121.0",
            who="-" if auth == "nothing" else name,
        )

    def _desk(self) -> None:
        """Staff work through tickets of customers who wrote in."""
        pages = self.site.desk_pages()
        for name in self.site.staff:
            gate = self.staff_gate(name)
            for at in self.workday(self.dice.choice((2, 4))):
                person = self.dice.choice(self.real)
                opened = at - self.dice.uniform(60, 2 * _DAY)
                self.diary.tickets.append((name, person.id, opened, at + self.dice.uniform(_HOUR, _DAY)))
                for step in range(self.dice.choice((1, 2, 3))):
                    self.look(
                        f"staff {name}", self.dice.choice(pages), person, gate, at + step * 40, status=200
                    )

    def _machines(self) -> None:
        """A monitor, two crawlers, a scanner that finds nothing, and people who mistype."""
        site, dice, diary = self.site, self.dice, self.diary
        for hour in range(0, site.knobs.days * 24, 2):
            diary.note(
                "monitor",
                site.begins + hour * _HOUR + 7,
                Gate(ip="172.18.0.9", agent="Uptime/1.0"),
                "/health",
            )
        bot = Gate(
            ip="172.18.7.21", agent="Mozilla/5.0 (compatible; ExampleBot/2.1; +https://example.org/bot)"
        )
        pages = site.named_pages()
        for _ in range(site.knobs.days * 12):
            at = site.begins + dice.random() * site.knobs.days * _DAY
            diary.note(
                "crawler",
                at,
                bot,
                dice.choice([*site.open_pages, "/robots.txt"]),
                status=dice.choice((200, 200, 404)),
            )
        for _ in range(dice.choice((0, 3, 10))):
            person = dice.choice(self.real)
            diary.note("crawler", self.moment(), bot, dice.choice(pages).target(person.id), status=401)
        for _ in range(dice.choice((0, 20, 60))):
            target = dice.choice(("/.env", "/wp-login.php", "/admin", "/phpmyadmin/", "/.git/config"))
            diary.note(
                "scanner",
                self.moment(),
                Gate(ip=f"172.23.{dice.randrange(250)}.{dice.randrange(250)}", agent="-"),
                target,
                status=404,
            )

    def _job(self) -> None:
        """A nightly run that reads many people on purpose."""
        site, dice = self.site, self.dice
        gate = Gate(ip="172.18.0.40", agent="batch/3.2", who="svc-mailer")
        for day in range(site.knobs.days):
            start = site.begins + day * _DAY + 2 * _HOUR
            for at, person in enumerate(dice.sample(site.people, min(len(site.people), 40))):
                self.look("job", dice.choice(site.named_pages()), person, gate, start + at * 2, status=200)

    def _partner_work(self) -> None:
        for at in self.workday(12):
            if at < self.partner_ends - _DAY:
                self.look(
                    "partner",
                    self.dice.choice(self.site.named_pages()),
                    self.dice.choice(self.real),
                    self.partner_gate,
                    at,
                    status=200,
                )
