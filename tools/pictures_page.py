"""docs/howto/pictures/*.svg from a small run of the shop of `whosaw demo`: `python -m tools.pictures_page --write | --check`."""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tools.generated import ROOT, main
from whosaw.app.asking.questions import open_ledger
from whosaw.app.cases.making import make_version
from whosaw.app.picturing.pictures import How, picture_of, pictures_of_ledger
from whosaw.app.scan import scan
from whosaw.replay.items import load_replay
from whosaw.replay.make import make_replay
from whosaw.report.pictures.data import Picture
from whosaw.report.pictures.drawing import picture_svg

_FOLDER = ROOT / "docs" / "howto" / "pictures"
_NOW = datetime(2025, 4, 20, tzinfo=UTC)
_KEY = b"0123456789abcdef0123456789abcdef"  # ledger numbers follow from it
_SCALE = 0.02
_WIDTH = 760


def pictures() -> dict[Path, str]:
    """One of each kind, by its file: the same logs, key and clock give the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            _FOLDER / f"{each.kind}.svg": picture_svg(each, width=_WIDTH) for each in _drawn(Path(folder))
        }


def _drawn(folder: Path) -> list[Picture]:
    shop, breach = load_replay(breach="forged-token")
    made = make_replay(folder / "shop", shop=shop, breach=breach, seed=1, scale=_SCALE)
    root = folder / "whosaw-data"
    root.mkdir()
    (root / "vault.key").write_bytes(_KEY)
    (root / "vault.key").chmod(0o600)
    web = sorted((made.folder / "web").iterdir(), key=_age)
    how = How(zone=ZoneInfo("Asia/Seoul"), zone_name="Asia/Seoul", workspace="whosaw-data")
    # at first nobody asks for more than the last two weeks
    for logs in (web[:14], web):
        found = scan(
            [str(each) for each in logs], root, now=_NOW, map_path=made.map, context=made.context
        ).findings
        make_version(root, "shop", findings=[found[0].id], now=_NOW)
    with closing(open_ledger(root, now=_NOW)) as ledger:
        first = {each.kind: each for each in reversed(pictures_of_ledger(ledger, how))}
        return [*first.values(), picture_of(ledger, "versions", "shop", how)]


def _age(path: Path) -> int:
    """How often a log was rotated: access.log.2.gz is older than access.log."""
    return next((int(part) for part in path.name.split(".") if part.isdigit()), 0)


if __name__ == "__main__":
    sys.exit(main("pictures_page", pictures))
