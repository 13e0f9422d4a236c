"""How the bench of spellings writes the attacker's requests again."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from bench.respelled import SPELLINGS, Spelling, respelled

LINE = '192.0.2.1 - - [01/Mar/2025:00:00:00 +0000] "{request}" 200 9 "-" "a" sub=7\n'
PLAIN = LINE.format(request="GET /my/info HTTP/2.0")


def replay(folder: Path) -> Path:
    (folder / "web").mkdir(parents=True)
    (folder / "truth").mkdir()
    (folder / "web" / "access.log").write_text(PLAIN * 3)
    (folder / "web" / "access.log.1.gz").write_bytes(gzip.compress((PLAIN * 2).encode()))
    lines = pa.table({"file": ["access.log"] * 3, "line": [1, 2, 3], "part": [None, "theft", "nosy"]})
    old = pa.table({"file": ["access.log.1.gz"] * 2, "line": [1, 2], "part": ["theft", None]})
    pq.write_table(pa.concat_tables([lines, old]), folder / "truth" / "lines-web.parquet")
    told = {"breach": "theft", "services": {"web": {"folder": "web"}, "db": {"folder": "db"}}}
    (folder / "truth.json").write_text(json.dumps(told))
    return folder


def test_only_the_requests_of_the_breach_are_written_again(tmp_path: Path) -> None:
    copy, spelling = tmp_path / "copy", Spelling(family="tail", path="{}#x".format)
    assert respelled(replay(tmp_path / "replay"), copy, spelling) == 2
    other = LINE.format(request="GET /my/info#x HTTP/2.0")
    assert (copy / "web" / "access.log").read_text() == PLAIN + other + PLAIN
    assert gzip.decompress((copy / "web" / "access.log.1.gz").read_bytes()).decode() == other + PLAIN
    assert (tmp_path / "replay" / "web" / "access.log").read_text() == PLAIN * 3


def test_each_spelling_is_another_one() -> None:
    examples = [each.example for each in SPELLINGS]
    assert len(set(examples)) == len(examples)
    assert "GET /my/addresses HTTP/1.1" not in examples
    assert {
        "GET /my%2Faddresses HTTP/1.1",
        "GET /%6dy/addresses HTTP/1.1",
        "GET /%ef%bd%8dy/addresses HTTP/1.1",
    } <= set(examples)
