"""The context folder: forgiving about names, strict about zones, and every fault at once."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from whosaw.actors import Context, load_context
from whosaw.actors.context_file import read_rows
from whosaw.core.errors import FaultsError
from whosaw.core.instants import to_micros

LEDGER = {
    "person": {"c1": 1, "c2": 2},
    "token": {"t1": 11, "t2": 12},
    "session": {"s1": 21},
    "address": {"192.0.2.1": 31},
    "principal": {"agent-1": 41},
}


def resolve(kind: str, texts: pa.Array) -> pa.Array:
    return pa.array([LEDGER[kind].get(text) for text in texts.to_pylist()], pa.int32())


def micros(*parts: int) -> int:
    return to_micros(datetime(*parts, tzinfo=UTC))  # type: ignore[misc, arg-type]  # year, month, day and on


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(text, encoding="utf-8", newline="")
    return folder


def faults_of(folder: Path) -> list[tuple[str, int | None, str]]:
    with pytest.raises(FaultsError) as caught:
        load_context(folder, resolve)
    return [(Path(f.where.file or "").name, f.where.line, f.message) for f in caught.value.faults]


def test_names_are_forgiven_and_identifiers_become_numbers(tmp_path: Path) -> None:
    write(
        tmp_path,
        logins_csv="Issued-At,Member_No,JTI,Client IP,colour\n2025-05-01T19:00:00+09:00,c1,t1,192.0.2.1,red\n"
        "2025-05-01T10:05:00Z,nobody,t9,,blue\n",
    )
    context = load_context(tmp_path, resolve)
    rows = context.rows("logins")
    assert rows["time"].to_pylist() == [micros(2025, 5, 1, 10), micros(2025, 5, 1, 10, 5)]
    assert rows["subject"][0].as_py() == 1
    assert rows["subject"][1].as_py() < -1  # stated, but never met by the ledger
    assert rows["token"].to_pylist() == [11, -1]
    assert rows["address"].to_pylist() == [31, None]  # not stated
    assert context.matched("logins", "token")
    assert not context.matched("logins", "session")
    assert any("colour" in note for note in context.notes)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tickets.csv", "agent,subject,opened,closed\nagent-1,c1,2025-05-01T10:00:00Z,\n"),
        ("tickets.csv", "\ufeffagent;subject;opened\r\nagent-1;c1;2025-05-01T10:00:00Z\r\n"),
        (
            "support-tickets.tsv",
            "Assignee\tCustomer ID\tCreated At\nagent-1\tc1\t2025-05-01 12:00:00+02:00\n",
        ),
        ("tickets.jsonl", '{"assignee": "agent-1", "customer": {"id": "c1"}, "opened": 1746093600}\n'),
        ("tickets.ndjson", '\n{"agent": "agent-1", "subject": "c1", "opened": "1746093600000"}\n'),
    ],
)
def test_every_kind_of_file_says_the_same(tmp_path: Path, name: str, text: str, packed: bool) -> None:
    data = text.encode()
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(data) if packed else data)
    rows = load_context(tmp_path, resolve).rows("tickets").to_pylist()
    assert rows == [{"agent": 41, "subject": 1, "opened": micros(2025, 5, 1, 10), "closed": None}]


def test_a_time_without_an_offset_is_refused_unless_a_zone_is_stated(tmp_path: Path) -> None:
    write(tmp_path, tickets_csv="agent,subject,opened\nagent-1,c1,2025-05-01 19:00:00\n")
    assert faults_of(tmp_path) == [("tickets.csv", 2, "opened has no offset")]
    write(tmp_path, context_toml='zone = "Asia/Seoul"\n')
    assert load_context(tmp_path, resolve).rows("tickets")["opened"].to_pylist() == [micros(2025, 5, 1, 10)]


def test_what_is_wrong_in_a_thousand_rows_is_one_fault_at_the_first_with_their_number(tmp_path: Path) -> None:
    rows = (
        "agent-1,c1,2025-05-01T10:00:00Z\n"
        + "agent-1,c1,2025-05-01 19:00:00\n" * 1_203
        + "agent-1,c1,soon\n" * 2
    )
    write(tmp_path, tickets_csv="agent,subject,opened\n" + rows)
    assert faults_of(tmp_path) == [
        ("tickets.csv", 3, "opened has no offset, in 1,203 rows from here on"),
        ("tickets.csv", 1206, "opened is not a time, in 2 rows from here on"),
    ]


def test_a_stated_zone_follows_its_changes_of_clock(tmp_path: Path) -> None:
    times = ["2025-03-30 00:59:59", "2025-03-30 02:00:00", "2025-10-26 00:30:00", "2025-10-26 02:30:00"]
    rows = "".join(f"agent-1,c1,{time}\n" for time in times)
    write(tmp_path, tickets_csv="agent,subject,opened\n" + rows, context_toml='zone = "Europe/London"\n')
    assert load_context(tmp_path, resolve).rows("tickets")["opened"].to_pylist() == [
        micros(2025, 3, 30, 0, 59, 59), micros(2025, 3, 30, 1),
        micros(2025, 10, 25, 23, 30), micros(2025, 10, 26, 2, 30),
    ]  # fmt: skip


def test_a_day_lasts_to_its_end_where_an_end_is_meant_and_its_zone_is_said(tmp_path: Path) -> None:
    write(tmp_path, staff_csv="id,joined,left\nagent-1,2024-01-01,2024-12-31\n")
    context = load_context(tmp_path, resolve)
    (row,) = context.rows("staff").to_pylist()
    assert (row["joined"], row["gone"]) == (micros(2024, 1, 1), micros(2025, 1, 1))
    assert sum("read as days in UTC" in note for note in context.notes) == 2


def test_all_faults_of_all_files_come_at_once_with_their_lines(tmp_path: Path) -> None:
    write(
        tmp_path,
        logins_csv="time,subject,token\n2025-05-01T10:00:00Z,c1,t1\n\nsoon,c1,t1\n2025-05-01T10:00:00Z,c1\n2025-05-01T10:00:00,,t2\n",
        tickets_csv="agent,opened\nagent-1,2025-05-01T10:00:00Z\n",
        login_jsonl='{"time": "2025-05-01T10:00:00Z", "subject": "c1", "jti": "t1"}\nnot json\n[1]\n',
        loggins_csv="a\n1\n",
        keys_tsv="",
        context_toml='zone = "Mars/Base"\nsessions_last = "soon"\ncolour = 1\n'
        '[columns.logins]\ntoken = "nix"\nsmell = "x"\n',
    )
    assert faults_of(tmp_path) == [
        ("context.toml", 1, "'Mars/Base' is not a time zone"),
        (
            "context.toml",
            2,
            "sessions_last must be a length of time such as 30s, 5m, 1h or 30d, and is 'soon'",
        ),
        ("context.toml", 3, "colour is not known here"),
        ("context.toml", 6, "smell is not a column of logins"),
        ("keys.tsv", None, "is empty, not even a header"),
        ("loggins.csv", None, "is not a context table"),
        ("login.jsonl", None, "has no column 'nix', which context.toml names"),
        ("login.jsonl", None, "has no column token or session"),
        ("login.jsonl", 2, "is not a JSON object"),
        ("login.jsonl", 3, "is not a JSON object"),
        ("logins.csv", None, f"and {tmp_path / 'login.jsonl'} are both logins"),
        ("tickets.csv", None, "has no column subject"),
    ]
    (tmp_path / "login.jsonl").unlink()
    (tmp_path / "context.toml").unlink()
    assert [fault for fault in faults_of(tmp_path) if fault[0] == "logins.csv"] == [
        ("logins.csv", 4, "time is not a time"),
        ("logins.csv", 5, "has 2 fields, the header 3"),
        ("logins.csv", 6, "subject is empty"),
        ("logins.csv", 6, "time has no offset"),
    ]


def test_an_ambiguous_column_is_asked_about_and_can_be_named(tmp_path: Path) -> None:
    write(tmp_path, canaries_csv="customer_id,member_id\nc1,c2\n")
    assert faults_of(tmp_path) == [
        ("canaries.csv", None, "customer_id and member_id could each be person"),
    ]
    write(tmp_path, context_toml='[columns.canaries]\nperson = "member_id"\n')
    assert load_context(tmp_path, resolve).rows("canaries")["person"].to_pylist() == [2]


@pytest.mark.parametrize("data", [b"person\n\xff\n", b"\x1f\x8b\x08broken"])
def test_what_cannot_be_read_is_a_fault(tmp_path: Path, data: bytes) -> None:
    (tmp_path / ("canaries.csv.gz" if data.startswith(b"\x1f") else "canaries.csv")).write_bytes(data)
    assert len(faults_of(tmp_path)) == 1


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 24])
def test_the_line_of_a_byte_that_is_not_utf_8_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr("whosaw.actors.context_file._PIECE", piece)
    (tmp_path / "staff.csv").write_bytes(b"staff,name\na1,\xec\x9c\xa0\na2,\xec\x9c\na3,x\n")
    assert faults_of(tmp_path) == [("staff.csv", 3, "is not UTF-8")]


@pytest.mark.parametrize("piece", [1, 2, 7])
def test_letters_that_a_piece_cuts_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr("whosaw.actors.context_file._PIECE", piece)
    (tmp_path / "tickets.csv").write_text(
        "agent,subject,opened\nagent-1,c1,2025-05-01T10:00:00Z\n유출,c2,2025-05-01T10:00:00Z\n",
        encoding="utf-8",
    )
    agents = load_context(tmp_path, resolve).rows("tickets")["agent"].to_pylist()
    assert agents[0] == 41
    assert agents[1] < -1


def test_only_rows_that_issue_a_session_are_logins(tmp_path: Path) -> None:
    text = "time,user,jti,event\n" + "".join(
        f"2025-05-01T1{at}:00:00Z,c1,t1,{event}\n"
        for at, event in enumerate(("LOGIN", "TOKEN_CHECK", "LOGOUT", "LOGIN_ERROR"))
    )
    write(tmp_path, logins_csv=text)
    context = load_context(tmp_path, resolve)
    assert context.rows("logins")["time"].to_pylist() == [micros(2025, 5, 1, 10), None, None, None]
    assert context.rows("logins")["ended"].to_pylist() == [None, None, micros(2025, 5, 1, 12), None]
    assert any("'TOKEN_CHECK'" in note for note in context.notes)
    write(tmp_path, context_toml='[words]\nissued = ["token_check"]\n')
    assert load_context(tmp_path, resolve).rows("logins")["time"].to_pylist()[1] == micros(2025, 5, 1, 11)


def test_an_absent_table_is_not_an_empty_one(tmp_path: Path) -> None:
    write(tmp_path, logins_csv="time,subject,token\n")
    context = load_context(tmp_path, resolve)
    assert context.why_not("logins") == "logins has no rows"
    assert context.why_not("canaries") == "no canaries given"
    assert Context.none().why_not("logins") == "no logins given"
    assert load_context(
        write(tmp_path, logins_csv="time,subject,token\n2025-05-01T10:00:00Z,c1,x\n"), resolve
    ).why_not("logins")


def test_logins_reach_one_longest_pause_beyond_their_last_row(tmp_path: Path) -> None:
    rows = "".join(f"2025-05-01T{hour}:00:00Z,c1,t1\n" for hour in ("10", "13", "14"))
    write(tmp_path, logins_csv="time,subject,token\n" + rows)
    assert load_context(tmp_path, resolve).logins_cover() == (micros(2025, 5, 1, 10), micros(2025, 5, 1, 17))
    write(tmp_path, context_toml="[logins]\nfrom = 2025-01-01T00:00:00Z\nuntil = 2025-06-01T00:00:00Z\n")
    assert load_context(tmp_path, resolve).logins_cover() == (micros(2025, 1, 1), micros(2025, 6, 1))
    write(tmp_path, context_toml='[logins]\nlate = "90m"\n')
    assert load_context(tmp_path, resolve).logins_cover() == (
        micros(2025, 5, 1, 10),
        micros(2025, 5, 1, 12, 30),
    )
    write(tmp_path, context_toml='[logins]\nlate = "soon"\n')
    assert faults_of(tmp_path) == [
        ("context.toml", 2, "logins.late must be a length of time such as 30s, 5m, 1h or 30d, and is 'soon'")
    ]
    write(tmp_path, context_toml='[logins]\nlate = "1d"\nuntil = 2025-06-01T00:00:00Z\n')
    assert faults_of(tmp_path) == [("context.toml", 2, "until and late are both said")]


def test_a_missing_folder_is_one_clear_fault(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "nowhere") == [("nowhere", None, "is not a folder")]


def test_who_lives_where_and_works_as_whom_and_when(tmp_path: Path) -> None:
    write(
        tmp_path,
        subjects_csv="customer_id,address,last_name,vip\nc1,Elm 5,Kim,yes\nc2,ELM 5,Park,\nc9,Oak 1,Kim,no\n",
        staff_csv="id,role,customer\nagent-1,support,c9\n",
        rota_csv="agent,start,end\nagent-1,2025-05-01T08:00:00Z,2025-05-01T16:00:00Z\n",
        roles_csv="role,page\nsupport,orders\n",
        keys_csv="kid,held_by\nk1,agent-1; anna\nk2,\n",
        delegations_csv="guardian,ward,until\nc1,c2,2025-05-01\n",
    )
    context = load_context(tmp_path, resolve)
    subjects, staff = context.rows("subjects"), context.rows("staff")
    assert subjects["home"].to_pylist() == [0, 0, 1]
    assert subjects["family"].to_pylist() == [0, 1, 0]
    assert subjects["public"].to_pylist() == [1, None, 0]
    assert (
        staff["subject"].to_pylist() == subjects["subject"].to_pylist()[2:]
    )  # nobody whom the ledger met, and yet the same
    holders = context.rows("keys")["holders"].to_pylist()
    assert holders[0][0] == 41
    assert holders[0][1] < -1
    assert holders[1] is None
    assert context.rows("shifts")["starts"].to_pylist() == [micros(2025, 5, 1, 8)]
    assert context.rows("roles")["route"].to_pylist() == ["orders"]
    assert context.rows("delegations")["until"].to_pylist() == [micros(2025, 5, 2)]
    assert "Elm" not in str(context.tables)
    assert "Kim" not in str(context.tables)


def test_hours_of_a_job_that_are_none_are_faults(tmp_path: Path) -> None:
    write(tmp_path, services_csv="service,runs_from,days\na,02:00,mon-fri\nb,noon,never\nc,3,\n")
    assert faults_of(tmp_path) == [
        ("services.csv", 3, "days is not understood"),
        ("services.csv", 3, "runs_from is not understood"),
    ]


def test_a_column_that_no_row_fills_cannot_be_asked(tmp_path: Path) -> None:
    write(tmp_path, subjects_csv="customer_id,address\nc1,\n")
    context = load_context(tmp_path, resolve)
    assert context.why_not("subjects") == ""
    assert context.why_not("subjects.home") == "no row of subjects says home"
    assert context.why_not("staff.subject") == "no staff given"
    assert (
        context.why_not("staff.subject or subjects.staff")
        == "no staff given and no row of subjects says staff"
    )
    assert context.why_not("staff.subject or subjects.subject") == ""


@pytest.mark.parametrize("later", [None, b"token,subject\n", b"time,token\n" + b"x,y\n" * 9])
def test_a_file_that_changes_while_it_is_read_has_faults_without_lines(
    tmp_path: Path, later: bytes | None
) -> None:
    path = tmp_path / "logins.csv"
    path.write_bytes(b"time,token\nnever,t1\n2025-05-01T10:00:00Z,t2\n")
    text = read_rows(path, "logins.csv")
    assert text.fault("context.time", "is not a time", 0).where.line == 2
    text = read_rows(path, "logins.csv")
    if later is None:
        path.unlink()
    else:
        path.write_bytes(later)
    assert text.fault("context.time", "is not a time", 0).where.line is None
