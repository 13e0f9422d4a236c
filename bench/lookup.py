"""What the look-up page promises, measured: `python -m bench.lookup MEASURE [--results FILE]`.

    timing   20,000 requests for victims and for others, interleaved: the 95 % interval of the difference of their medians
    sign-on  2,000 customers who sign in, victims and others interleaved: the same interval, with the provider's time in it
    harvest  a million numbers asked for from 10,000 addresses, on a clock of its own: how many answers left, and when the warning came
    draws    a million draws of a person and a category against the truth of a replay
    build    a table of 100,000 people, reckoned to 37.55 million

Each prints one JSON document, and keeps it in docs/performance/lookup.json. `timing` and `sign-on` want a machine on which
nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.lookup_build import build
from bench.lookup_draws import draws
from bench.lookup_harvest import harvest
from bench.lookup_sign_on import sign_on
from bench.lookup_timing import timing
from bench.scope_size import write_results

RESULTS: Final = Path(__file__).parents[1] / "docs" / "performance" / "lookup.json"
_MEASURES: Final[dict[str, Callable[[Path], dict[str, Any]]]] = {
    "timing": timing,
    "sign-on": sign_on,
    "harvest": harvest,
    "draws": draws,
    "build": build,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measure", choices=sorted(_MEASURES))
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = _MEASURES[chosen.measure](Path(folder))
    told["measured"] = datetime.now(UTC).date().isoformat()
    print(json.dumps(told, indent=2))
    write_results(chosen.results, {chosen.measure: told})
    return 0


if __name__ == "__main__":
    sys.exit(main())
