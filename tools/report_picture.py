"""The report of the demo as a picture in both colour schemes: `python -m tools.report_picture` (needs Chromium; Debian: chromium).

It makes the demo's shop anew and writes docs/pictures/report-light.png and report-dark.png. Nothing checks them: how a page looks is
looked at. Run it when the report has changed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.generated import ROOT

_WIDTH, _HEIGHT = 1024, 860
_SCHEMES = {"light": "1", "dark": "0"}  # Chromium's numbers for the scheme that a page is asked for


def main() -> int:
    browser = shutil.which("chromium")
    if browser is None:
        print("report_picture: there is no chromium on this machine. On Debian: apt-get install chromium")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder, "shop")
        subprocess.run(
            [sys.executable, "-m", "whosaw", "demo", str(shop)], check=True, stdout=subprocess.DEVNULL
        )
        for name, number in _SCHEMES.items():
            subprocess.run(
                [
                    browser,
                    "--headless=new",
                    "--no-sandbox",
                    "--hide-scrollbars",
                    f"--user-data-dir={folder}/{name}",
                    f"--blink-settings=preferredColorScheme={number}",
                    f"--window-size={_WIDTH},{_HEIGHT}",
                    f"--screenshot={ROOT}/docs/pictures/report-{name}.png",
                    (shop / "report.html").as_uri(),
                ],
                check=True,
                stderr=subprocess.DEVNULL,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
