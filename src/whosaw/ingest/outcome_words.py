"""Words by which logs say that something was done, or was not: in English, Swahili, German, Korean and Japanese.

Any other word says neither, and whether it succeeded cannot be told from it."""

from __future__ import annotations

from typing import Final

__all__ = ["ANSWERS", "DONE", "NOT_DONE"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_YES = _words("true t yes y 1 ndiyo ndio ja \uc608 \ub124 \u306f\u3044")
_NO = _words("false f no n 0 hapana nein \uc544\ub2c8\uc624 \uc544\ub2c8\uc694 \u3044\u3044\u3048")
ANSWERS: Final = _YES | _NO
"""Those that answer a question, of which the name of the field has to say what it was."""
DONE: Final = _YES | _words(
    "ok okay success succeeded successful successfully allow allowed permit permitted grant granted accept accepted "
    "complete completed passed authorized authorised "
    "sawa mafanikio imefanikiwa umefanikiwa amefanikiwa yamefanikiwa limefanikiwa zimefanikiwa imekubaliwa amekubaliwa "
    "imeruhusiwa ameruhusiwa imekamilika "
    "erfolg erfolgreich erlaubt zugelassen gestattet abgeschlossen "
    "\uc131\uacf5 \uc815\uc0c1 \uc644\ub8cc \ud5c8\uc6a9 \uc2b9\uc778 "
    "\u6210\u529f \u6b63\u5e38 \u5b8c\u4e86 \u8a31\u53ef \u627f\u8a8d"
)
"""In lower case."""
NOT_DONE: Final = _NO | _words(
    "failure failed fail fails error err deny denied refuse refused reject rejected block blocked forbidden unauthorized "
    "unauthorised aborted timeout "
    "kosa hitilafu imeshindwa imeshindikana ameshindwa haikufanikiwa hakufanikiwa imekataliwa amekataliwa imezuiwa amezuiwa "
    "imefeli hairuhusiwi "
    "fehler fehlgeschlagen fehlschlag misserfolg verweigert abgelehnt gesperrt abgebrochen verboten "
    "\uc2e4\ud328 \uc624\ub958 \uac70\ubd80 \ucc28\ub2e8 \uac70\uc808 \ubd88\ud5c8 "
    "\u5931\u6557 \u7570\u5e38 \u30a8\u30e9\u30fc \u62d2\u5426 \u4e0d\u8a31\u53ef"
)
