"""Lines in the combined format (Apache httpd 2.4 documentation, mod_log_config): as nginx writes it with a key=value tail, who,
which token, which key; and as Apache does, with the signed-in user in the third field."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.core.instants import MONTHS
from whosaw.replay.shop_item import Service
from whosaw.replay.traffic import NOBODY, Traffic

from .columns import (
    Piece,
    Same,
    by_status,
    claimed,
    clock,
    fixed,
    hex_tokens,
    joined,
    numbers,
    optional,
    pick,
    split_address,
)
from .scene import Scene, from_browser, offset_text
from .templates import templates

__all__ = ["Apache", "ClfPieces", "Combined"]

_ENTERED = frozenset({"home", "health"})  # pages that are opened without coming from another


class ClfPieces:
    """Tables for one service and day. `end` stands behind the quoted agent."""

    def __init__(self, scene: Scene, service: Service, end: str) -> None:
        self._scene = scene
        day = scene.day
        self._date = f"{day.day:02d}/{MONTHS[day.month - 1]}/{day.year:04d}:"
        before = f' {offset_text(scene.offset_minutes)}] "'
        self._requests = templates([
            f'{before}{page.method} {page.path} {service.protocol}" ' for page in scene.pages
        ])  # fmt: skip
        self._statuses = by_status("{0} ")
        referers = ("-", f"https://{service.host}/")
        agents = [(agent or "-").replace("\\", "\\\\").replace('"', '\\"') for agent in scene.agents]
        self._agents = fixed(f' "{referer}" "{agent}"{end}' for agent in agents for referer in referers)
        self._from_browser = np.asarray([from_browser(agent) for agent in scene.agents], dtype=bool)
        self._refers = np.asarray(
            [
                page.id not in _ENTERED and page.number_is in ("thing", "address") and page.service == "web"
                for page in scene.pages
            ],
            dtype=bool,
        )

    def line(self, part: Traffic, user: list[Piece]) -> list[Piece]:
        """All pieces of a line; `user` goes from behind the address to the bracket before the time."""
        second = ((part.time - self._scene.start) // 1000).astype(np.int32)
        refers = self._refers[part.page] & self._from_browser[part.agent]
        return [
            *split_address(part.address, self._scene.homes),
            *user,
            Same(self._date),
            pick(clock(), second),
            *self._requests.fill(part),
            pick(self._statuses, part.status),
            numbers(part.size),
            pick(self._agents, part.agent * 2 + refers),
        ]


class Combined:
    """`ADDRESS - - [TIME] "REQUEST" STATUS BYTES "REFERER" "AGENT" sub=... jti=... kid=...`"""

    def __init__(self, scene: Scene, service: Service) -> None:
        self._pieces = ClfPieces(scene, service, end=" sub=")
        self._claimants = scene.claimant_texts
        self._keys = fixed([" kid=-\n", *(f" kid={key}\n" for key in scene.keys)])

    def lines(self, part: Traffic, first_line: int) -> pa.StringArray:
        """The line of each request, its end included. Lines are the same whatever their numbers."""
        del first_line
        user: list[Piece] = [Same(" - - [")]
        pieces = self._pieces.line(part, user)
        pieces += optional(
            part.principal != NOBODY, "", lambda: claimed(part.principal, self._claimants), "", "-"
        )
        pieces += optional(part.token != 0, " jti=", lambda: hex_tokens(part.token), "", " jti=-")
        pieces.append(pick(self._keys, part.key.astype(np.int32) + 1))
        return joined(pieces, len(part))


class Apache:
    """`ADDRESS - USER [TIME] "REQUEST" STATUS BYTES "REFERER" "AGENT"`"""

    def __init__(self, scene: Scene, service: Service) -> None:
        self._pieces = ClfPieces(scene, service, end="\n")
        self._claimants = scene.claimant_texts

    def lines(self, part: Traffic, first_line: int) -> pa.StringArray:
        """The line of each request, its end included. Lines are the same whatever their numbers."""
        del first_line
        user = optional(
            part.principal != NOBODY,
            " - ",
            lambda: claimed(part.principal, self._claimants),
            " [",
            " - - [",
        )
        return joined(self._pieces.line(part, user), len(part))
