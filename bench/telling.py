"""What sending notices promises, measured: `python -m bench.telling MEASURE [--people N] [--results FILE]`.

    sent     messages a second, as a ratio to aiosmtplib alone against the same server in the same run; wants a quiet machine
    frozen   N recipients frozen (a million unless it is said), in a process of its own: time and memory, and how long `status` takes then
    status   `notice status` over N recipients (37.55 million unless it is said), each with an attempt on disk
    kills    N recipients (100,000 unless it is said) and fifty kills of the sender at random steps: lost, sent twice, unknown
    bounces  bounces of forty systems: how many are read rightly
    later    an hour in which every message is answered 454, on a clock of its own: who was told at its end

Each prints one JSON document, and keeps it in docs/performance/telling.json; `frozen`, `status` and `kills` keep each size by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.scope_size import write_results
from bench.telling_answers import bounces, kills, later
from bench.telling_frozen import frozen, status
from bench.telling_sent import sent

RESULTS: Final = Path(__file__).parents[1] / "docs" / "performance" / "telling.json"
NATION: Final = 37_550_000
_SIZED: Final = {"frozen": (frozen, 1_000_000), "status": (status, NATION), "kills": (kills, 100_000)}
_OTHER: Final = {"sent": sent, "bounces": bounces, "later": later}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measure", choices=sorted({*_SIZED, *_OTHER}))
    parser.add_argument("--people", type=int)
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.measure in _SIZED:
            measure, usual = _SIZED[chosen.measure]
            told: dict[str, Any] = measure(Path(folder), chosen.people or usual)
        else:
            told = _OTHER[chosen.measure](Path(folder))
    told["measured"] = datetime.now(UTC).date().isoformat()
    print(json.dumps(told, indent=2))
    if chosen.measure in _SIZED:
        known = json.loads(chosen.results.read_text()) if chosen.results.exists() else {}
        told = {**known.get(chosen.measure, {}), f"{told['people']:,}": told}
    write_results(chosen.results, {chosen.measure: told})
    return 0


if __name__ == "__main__":
    sys.exit(main())
