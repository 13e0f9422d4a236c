"""Lines of other formats in the logs of containers: CRI and Docker, whole and in pieces."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from tests.wide import WIDE

from whosaw.core.errors import WhosawError
from whosaw.ingest.build_parser import build_parser
from whosaw.ingest.container_wrapper import NO_HEADER
from whosaw.ingest.detect_format import detect
from whosaw.ingest.format_choice import choose_format, fits_in_a_line
from whosaw.ingest.format_item import load_formats, shipped_formats
from whosaw.ingest.lines import count_lines
from whosaw.ingest.parser import Parsed, Piece
from whosaw.ingest.structured.delimited import unfinished_lines

FORMATS = load_formats([shipped_formats()])
RUNTIMES = ("cri", "docker")
IN_A_CONTAINER = [  # every fourth format in one of them, by turns; in the wide tests each in both
    (name, runtime)
    for at, name in enumerate(
        name for name, item in FORMATS.items() if not item.generic and fits_in_a_line(item)
    )
    for runtime in (RUNTIMES if WIDE else RUNTIMES[at % 8 // 4 : at % 8 // 4 + (at % 4 == 0)])
]
AT = "2025-11-24T10:00:00.123456789Z"
CLF = '192.0.2.{} - - [24/Nov/2025:10:00:{:02} +0000] "GET /my/info HTTP/1.1" 200 5 "-" "a"'


def cri(text: str, tag: str = "F", stream: str = "stdout") -> str:
    return f"{AT} {stream} {tag} {text}\n"


def docker(text: str, end: str = "\n", stream: str = "stdout") -> str:
    return json.dumps({"log": text + end, "stream": stream, "time": AT}, separators=(",", ":")) + "\n"


def parse(data: str, name: str, first_line: int = 1, state: str | None = None) -> Parsed:
    piece = Piece(data=data.encode(), first_line=first_line, lines=count_lines(data.encode()))
    return build_parser(choose_format(name, FORMATS), None, None).parse(piece, state).check(piece)


def told(parsed: Parsed) -> list[tuple[int, str]]:
    return [(each["line"], each["address"]) for each in parsed.events.to_pylist()]


@pytest.mark.parametrize(
    ("runtime", "pieces"),
    [
        ("cri", lambda one, two: (cri(one, "P"), cri(two, "F"))),
        ("docker", lambda one, two: (docker(one, ""), docker(two))),
    ],
)
def test_a_line_in_pieces_is_one_event_also_over_chunks(runtime: str, pieces: Any) -> None:
    whole = {"cri": cri, "docker": docker}[runtime]
    first, last = pieces(CLF.format(2, 1)[:40], CLF.format(2, 1)[40:])
    other = whole("worker started", stream="stderr")
    lines = [whole(CLF.format(1, 0)), first, other, last, whole(CLF.format(3, 2)), "no header\n"]
    together = parse("".join(lines), f"{runtime}:combined")
    assert told(together) == [(1, "192.0.2.1"), (4, "192.0.2.2"), (5, "192.0.2.3")]
    assert [each["line"] for each in together.rejects.to_pylist()] == [3, 6]
    assert together.rejects["reason"].to_pylist()[1] == NO_HEADER
    assert (together.continued, together.state) == (1, None)
    for cut in range(1, len(lines)):
        events, rejects, state = [], [], None
        for start, end in pairwise([0, cut, len(lines)]):
            part = parse("".join(lines[start:end]), f"{runtime}:combined", start + 1, state)
            events, rejects, state = [*events, *told(part)], [*rejects, *part.rejects.to_pylist()], part.state
        assert (events, rejects) == (told(together), together.rejects.to_pylist())


def test_a_line_whose_end_never_came_is_said() -> None:
    parsed = parse(cri(CLF.format(1, 0), "P"), "cri:combined")
    assert (parsed.events.num_rows, parsed.rejects.num_rows, parsed.continued) == (0, 0, 1)
    assert unfinished_lines(parsed.state) == 1


def test_tags_offsets_and_empty_lines() -> None:
    at = "2025-11-24T19:00:00.5+09:00"
    parsed = parse(
        f"{at} stdout F:x {CLF.format(1, 0)}\n{cri('')}\n{at} stdin F {CLF.format(2, 0)}\n", "cri:combined"
    )
    assert (told(parsed), parsed.comments) == ([(1, "192.0.2.1")], 2)
    assert parsed.rejects.to_pylist() == [{"line": 4, "reason": NO_HEADER}]


def test_what_docker_did_not_write_is_a_reject() -> None:
    bad = ['{"log":7}\n', "[]\n", '{"log":"x\n', '{"stream":"stdout"}\n']
    parsed = parse(docker(CLF.format(1, 0)) + "".join(bad), "docker:combined")
    assert (told(parsed), parsed.rejects["reason"].to_pylist()) == ([(1, "192.0.2.1")], [NO_HEADER] * 4)


@pytest.mark.parametrize(("name", "runtime"), IN_A_CONTAINER)
def test_every_format_of_a_product_is_found_in_a_container(name: str, runtime: str) -> None:
    """As it is found without one: by the lines of its own cases, repeated so that they are a log."""
    item = FORMATS[name]
    case = next(
        (each for each in item.cases if each.expect and not each.rejects and not each.continued), None
    )
    if case is None:
        pytest.skip("no case of whole lines alone")
    text = case.text if case.text.endswith("\n") else case.text + "\n"
    if item.kind == "json" and item.table.get("records") and not text.startswith("{"):
        pytest.skip("a document")
    lines = text.splitlines() * (1 if item.kind == "delimited" else 20)
    bare = detect(("\n".join(lines) + "\n").encode(), FORMATS, year_hint=2025)
    wrap = {"cri": cri, "docker": docker}[runtime]
    guesses = detect("".join(map(wrap, lines)).encode(), FORMATS, year_hint=2025)
    if not bare or bare[0].item.wrapped or bare[0].item.second is not None:
        pytest.skip("not found without a container either")
    assert guesses[0].format_id == f"{runtime}:{bare[0].format_id}"


def test_a_container_in_a_container_is_refused() -> None:
    with pytest.raises(WhosawError, match="already"):
        choose_format("cri:docker:combined", FORMATS)
    with pytest.raises(WhosawError, match="already"):
        choose_format("cri:syslog:combined", FORMATS)


@pytest.mark.parametrize("runtime", ["cri", "docker"])
@pytest.mark.parametrize("name", [name for name, item in FORMATS.items() if not fits_in_a_line(item)])
def test_what_holds_several_events_a_line_is_not_read_in_a_container(runtime: str, name: str) -> None:
    """Its events would be told by lines that are none: better not found than found elsewhere."""
    case = next(each for each in FORMATS[name].cases if each.expect)
    wrap = {"cri": cri, "docker": docker}[runtime]
    guesses = detect("".join(map(wrap, case.text.splitlines() * 20)).encode(), FORMATS, year_hint=2025)
    assert f"{runtime}:{name}" not in {each.format_id for each in guesses}
    with pytest.raises(WhosawError, match="not one line each"):
        choose_format(f"{runtime}:{name}", FORMATS)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_line_without_a_time_of_its_own_gets_that_of_the_container(runtime: str) -> None:
    whole = {"cri": cri, "docker": docker}[runtime]
    inner = [f'INFO:     192.0.2.{n % 5}:50{n:03} - "GET /patients/{n} HTTP/1.1" 200 OK' for n in range(60)]
    text = "".join(map(whole, [*inner, "INFO:     Shutting down"]))
    best = detect(text.encode(), FORMATS)[0]
    assert (best.format_id, best.confidence > 0.9, best.needs_zone) == (f"{runtime}:uvicorn", True, False)
    events = parse(text, best.format_id).events.to_pylist()
    assert {each["time"].isoformat() for each in events} == {"2025-11-24T10:00:00.123456+00:00"}
    assert (events[7]["address"], events[7]["path"], events[7]["status"]) == ("192.0.2.2", "/patients/7", 200)
