"""Lines as an AWS Application Load Balancer writes them. They do not say who is signed in.

Layout: AWS documentation, Elastic Load Balancing, "Access logs for your Application Load Balancer".
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.replay.dice import mixed
from whosaw.replay.shop_item import Service
from whosaw.replay.traffic import Traffic

from .columns import (
    Same,
    by_status,
    fixed,
    hex_tokens,
    joined,
    milliseconds,
    numbers,
    pick,
    ports,
    ports_of,
    split_address,
    utc_seconds,
)
from .scene import Scene
from .templates import templates

__all__ = ["Alb"]

_TARGET = "192.0.2.20:8080"
_ACCOUNT = "arn:aws:{service}:ap-northeast-2:123456789012:{rest}"
_DURATIONS = 64


class Alb:
    """Times in UTC to the microsecond, of which the last three digits are 0."""

    def __init__(self, scene: Scene, service: Service) -> None:
        self._scene = scene
        self._after_time = f"000Z app/{service.id}/50dc6c495c0c9188 "
        self._port = ports(":", f" {_TARGET} 0.000 0.")
        self._durations = fixed(f"{3 + at * at // 9:03d} 0.000 " for at in range(_DURATIONS))
        self._statuses = by_status("{0} {0} 318 ")
        self._requests = templates([
            f' "{page.method} https://{service.host}:443{page.path} {service.protocol}" "' for page in scene.pages
        ])  # fmt: skip
        group = _ACCOUNT.format(
            service="elasticloadbalancing", rest=f"targetgroup/{service.id}/943f017f100becff"
        )
        self._agents = fixed(
            f'{agent.replace(chr(34), "")}" TLS_AES_128_GCM_SHA256 TLSv1.3 {group} "Root=1-'
            for agent in scene.agents
        )
        certificate = _ACCOUNT.format(service="acm", rest="certificate/12345678-1234-1234-1234-123456789012")
        self._after_trace = f'" "{service.host}" "{certificate}" 0 '
        self._end = by_status(f'"forward" "-" "-" "{_TARGET}" "{{0}}" "-" "-" TID_')

    def lines(self, part: Traffic, first_line: int) -> pa.StringArray:
        """The line of each request, its end included. The trace comes from the time and the number of the line."""
        second, rest = np.divmod((part.time - self._scene.start).astype(np.int32), 1000)
        time = utc_seconds(self._scene.start, "T", second)
        line = (first_line + np.arange(len(part), dtype=np.int64)).astype(np.uint64)
        one, two = (mixed(part.time.astype(np.uint64) ^ (line << np.uint64(44)), salt) for salt in (1, 2))
        return joined(
            [
                Same("h2 "),
                *time,
                pick(milliseconds(self._after_time), rest),
                *split_address(part.address, self._scene.homes, before_v6="[", after_v6="]"),
                pick(self._port, ports_of(part)),
                pick(self._durations, ((part.size + rest) % _DURATIONS).astype(np.int32)),
                pick(self._statuses, part.status),
                numbers(part.size),
                *self._requests.fill(part),
                pick(self._agents, part.agent),
                hex_tokens((part.time // 1000).astype(np.uint64), 8),
                Same("-"),
                hex_tokens(one),
                hex_tokens(two, 8),
                Same(self._after_trace),
                *time,
                pick(milliseconds("000Z "), rest),
                pick(self._end, part.status),
                hex_tokens(two),
                Same("\n"),
            ],
            len(part),
        )
