"""Who did it in a field that a product's format knows nothing of: a header that an administrator has the server log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.schemas import validate
from tests.unit.cli.conftest import call

from whosaw.core.errors import WhosawError
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import load_formats, shipped_formats

FORMATS = load_formats([shipped_formats()])


def iis(field: str) -> str:
    head = f"#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query cs-username c-ip sc-status sc-win32-status {field} cs(X-Request-Id)"
    lines = [
        f"2025-11-02 08:{n // 60:02}:{n % 60:02} 10.0.0.1 GET /patients/{7000 + n * 7 % 30} - - 10.1.0.{n % 5} 200 0 E{1000 + n % 5} {n:08x}-1111-4111-8111-{n * 97:012x}"
        for n in range(120)
    ]
    return "\n".join([head, *lines]) + "\n"


@pytest.mark.parametrize("field", ["X-Employee-Id", "cs(X-Staff)"])
def test_a_header_of_iis_is_shown_and_proposed_and_read(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "u_ex251102.log").write_text(iis(field))
    option = f"w3c:principal={field}"
    told = json.loads(call("formats", "try", "logs/u_ex251102.log", "--json").stdout)
    validate("formats-try", told)
    assert (told["format"], told["missing"], told["likely"]) == ("w3c", ["who"], option)
    assert {"s-ip", field, "cs(X-Request-Id)"} <= {each["name"] for each in told["unused"]}
    begun = json.loads(call("init", "logs", "--json").stdout)
    validate("init", begun)
    drafted = (tmp_path / "whosaw.toml").read_text()
    assert f'cs(X-Request-Id)\n# not sure enough: who did it: format = "{option}"' in drafted
    assert field in drafted.split("not used:")[1].splitlines()[0]
    (tmp_path / "whosaw.toml").write_text(drafted.replace('\nformat = "w3c"', f'\nformat = "{option}"'))
    assert call("scan").exit_code == 0
    seen = json.loads(call("who", "7007", "--json").stdout)
    # n * 7 % 30 is 7 where n is 1, 31, 61 or 91, and then n % 5 is 1
    assert seen["views"] == {"unit": "views", "lower": 4, "upper": 4, "exact": True, "reasons": []}
    assert "E***1" in json.dumps(seen["exposures"])
    assert len(seen["exposures"]) == 1


def test_where_a_column_says_who_nothing_is_proposed(tmp_path: Path) -> None:
    path = tmp_path / "u_ex.log"
    path.write_text(iis("X-Employee-Id").replace(" - - 10.1", " - SHOP\\ann 10.1"))
    assert "likely" not in json.loads(call("formats", "try", str(path), "--json").stdout)


def test_columns_of_a_known_format_are_named_anew_and_the_others_stay() -> None:
    item = choose_format("w3c:principal=X-Employee-Id,field.shift=X-Shift", FORMATS)
    columns = FORMATS["w3c"].table["columns"]
    assert item.table["columns"] == {**columns, "principal": "X-Employee-Id"}
    assert item.table["fields"] == {**FORMATS["w3c"].table["fields"], "shift": "X-Shift"}
    assert (item.kind, item.cases, item.table["zone"]) == ("delimited", (), "UTC")
    inside = choose_format("docker:caddy:principal=request.headers.X-User[0]", FORMATS)
    assert (inside.wrapped, inside.table["columns"]["path"]) == (
        "docker",
        FORMATS["caddy"].table["columns"]["path"],
    )
    for wrong in ("w3c:nothing=x", "w3c:", "combined:principal=x"):
        with pytest.raises(WhosawError):
            choose_format(wrong, FORMATS)
