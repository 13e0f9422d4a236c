"""Lines as nginx writes its combined format with a key=value tail: who, which token, which key."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from whosaw.replay.shop_item import Service
from whosaw.replay.traffic import NOBODY, Traffic

from .clf import ClfPieces
from .columns import Piece, Same, claimed, fixed, hex_tokens, joined, optional, pick
from .scene import Scene

__all__ = ["Combined"]


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
