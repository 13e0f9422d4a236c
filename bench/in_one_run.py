"""whosaw with findings from one run over the whole ledger, as earlier releases had them: `python -m bench.in_one_run COMMAND ...`."""

from __future__ import annotations

import sys
from unittest.mock import patch

from bench.both_paths import find_in_one_run
from whosaw.cli.start import main

if __name__ == "__main__":
    sys.argv[0] = "whosaw"
    with patch("whosaw.app.findings.by_days.find_by_days", find_in_one_run):
        main()
