"""The pieces that nginx's and Apache's combined formats share (Apache httpd 2.4 documentation, mod_log_config)."""

from __future__ import annotations

import numpy as np

from whosaw.core.instants import MONTHS
from whosaw.replay.shop_item import Service
from whosaw.replay.traffic import Traffic

from .columns import Piece, Same, by_status, clock, fixed, numbers, pick, split_address
from .scene import Scene, from_browser, offset_text
from .templates import templates

__all__ = ["ClfPieces"]

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
