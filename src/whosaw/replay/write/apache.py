"""Lines as Apache httpd writes its combined format, with the signed-in user in the third field."""

from __future__ import annotations

import pyarrow as pa

from whosaw.replay.shop_item import Service
from whosaw.replay.traffic import NOBODY, Traffic

from .clf import ClfPieces
from .columns import claimed, joined, optional
from .scene import Scene

__all__ = ["Apache"]


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
