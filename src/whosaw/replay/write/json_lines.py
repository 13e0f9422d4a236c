"""Lines as JSON objects with the names that nginx's escape=json formats commonly use."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from whosaw.replay.shop_item import Service
from whosaw.replay.traffic import NOBODY, Traffic

from .columns import (
    Same,
    by_status,
    claimed,
    clock,
    fixed,
    hex_tokens,
    joined,
    milliseconds,
    numbers,
    optional,
    pick,
    split_address,
)
from .scene import Scene, offset_text
from .templates import templates

__all__ = ["JsonLines"]


class JsonLines:
    """Times to the millisecond on the shop's clock; who, token and key are left out where there is none."""

    def __init__(self, scene: Scene, service: Service) -> None:
        self._scene = scene
        self._date = f'{{"time":"{scene.day.isoformat()}T'
        self._after_time = f'{offset_text(scene.offset_minutes, ":")}","remote_addr":"'
        self._requests = templates([
            f'","host":"{service.host}","request_method":"{page.method}","request_uri":"{page.path}","status":'
            for page in scene.pages
        ])  # fmt: skip
        self._statuses = by_status('{0},"body_bytes_sent":')
        self._agents = fixed(
            f',"http_user_agent":{json.dumps(agent, ensure_ascii=False)}' for agent in scene.agents
        )
        self._claimants = scene.claimant_texts
        self._keys = fixed(["}\n", *(f',"kid":"{key}"}}\n' for key in scene.keys)])

    def lines(self, part: Traffic, first_line: int) -> pa.StringArray:
        """The line of each request, its end included. Lines are the same whatever their numbers."""
        del first_line
        second, rest = np.divmod((part.time - self._scene.start).astype(np.int32), 1000)
        pieces = [
            Same(self._date),
            pick(clock(), second),
            pick(milliseconds(self._after_time), rest),
            *split_address(part.address, self._scene.homes),
            *self._requests.fill(part),
            pick(self._statuses, part.status),
            numbers(part.size),
            pick(self._agents, part.agent),
        ]
        pieces += optional(
            part.principal != NOBODY, ',"sub":"', lambda: claimed(part.principal, self._claimants), '"', ""
        )
        pieces += optional(part.token != 0, ',"jti":"', lambda: hex_tokens(part.token), '"', "")
        pieces.append(pick(self._keys, part.key.astype(np.int32) + 1))
        return joined(pieces, len(part))
