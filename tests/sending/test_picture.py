"""The picture of a telling shows the five numbers of each list and channel, and they add up to the recipients."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.sending.peer import Peer
from tests.sending.shop import PEOPLE, Shop
from typer.testing import CliRunner

from whosaw.app.sending.picture import telling_picture
from whosaw.app.sending.status import notice_status
from whosaw.cli.main import app
from whosaw.report.pictures.files import told_numbers

FIVE = ("sent", "waiting", "failed", "unknown", "excluded")


def test_every_row_adds_up_and_the_drawing_is_as_long_as_its_numbers(shop: Shop, tmp_path: Path) -> None:
    book = shop.usual_book()
    book[3]["deceased"] = "yes"
    book[4] = {"subject": "5", "post": "Moi Avenue 7; Nairobi", "language": "en"}
    shop.freeze(book)
    shop.release()
    with Peer() as peer:
        shop.send(peer.port)
    found = notice_status("spring", workspace=shop.workspace)
    picture = telling_picture(found, zone=UTC, zone_name="UTC")
    rows = {row["row"]: row for row in told_numbers(picture)["rows"]}
    waves = {name: row for name, row in rows.items() if "wave" in name}
    assert sum(row["people"] for row in waves.values()) == PEOPLE - 1
    assert sum(row["begun"] for row in waves.values()) == PEOPLE - 2
    for row in (row for name, row in rows.items() if name not in waves):
        assert sum(row[each] for each in FIVE) == row["people"]
    assert rows["1"]["people"] == PEOPLE
    assert (rows["1"]["sent"], rows["1"]["waiting"], rows["1"]["excluded"]) == (PEOPLE - 2, 1, 1)
    channels = [row for name, row in rows.items() if name.startswith("1/") and name not in waves]
    assert sum(row["people"] for row in channels) == PEOPLE - 1
    for name in ("status.svg", "status.png"):
        done = CliRunner().invoke(
            app, ["notice", "status", "spring", "-w", str(shop.workspace), "-o", str(tmp_path / name)]
        )
        assert done.exit_code == 0, done.stderr
    drawn = ET.parse(tmp_path / "status.svg")
    bars = [
        float(each.get("width", "0"))
        for each in drawn.iter("{http://www.w3.org/2000/svg}rect")
        if each.get("class") == "before" and each.get("height") == "14"
    ]
    assert abs(bars[0] / (900 - 40) - rows["1"]["sent"] / PEOPLE) < 0.01
