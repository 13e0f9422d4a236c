"""Tables of the context out of logs and exports: which files, which zone, what is passed over, and what is never concluded from them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from tests.unit.actors.test_context import faults_of, micros, resolve

from whosaw.actors import Context, context_files, load_context
from whosaw.actors.context_paths import path_of
from whosaw.actors.context_systems import load_systems

MINUTE = 60_000_000


def event(at: str, kind: str, user: str, **more: str) -> str:
    time = micros(*map(int, at.replace("T", " ").replace("-", " ").replace(":", " ").split())) // 1000
    details = {name: more.pop(name) for name in ("token_id", "impersonator") if name in more}
    record = {
        "time": time, "type": kind, "realmId": "shop", "clientId": "web", "userId": user, **more, "details": details,
    }  # fmt: skip
    return json.dumps(record) + "\n"


LOGIN = event("2025-05-01T10:00", "LOGIN", "c1", sessionId="s1", ipAddress="192.0.2.1")
CODE = event("2025-05-01T10:01", "CODE_TO_TOKEN", "c1", sessionId="s1", token_id="t1")
REFRESH = event("2025-05-01T10:06", "REFRESH_TOKEN", "c1", sessionId="s1", token_id="t2")
LOGOUT = event("2025-05-01T11:00", "LOGOUT", "c1", sessionId="s1")
FAILED = event("2025-05-01T09:59", "LOGIN_ERROR", "c1", error="invalid_user_credentials")


def folder(base: Path, settings: str, **files: str) -> Path:
    context = base / "context"
    context.mkdir(parents=True, exist_ok=True)
    (context / "context.toml").write_text(settings, encoding="utf-8")
    for name, text in files.items():
        path = base / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return context


KEYCLOAK = '[[from]]\nformat = "keycloak-events"\nfiles = "../auth/*.json"\n'


def read(base: Path, settings: str, **files: str) -> Context:
    return load_context(folder(base, settings, **files), resolve)


def test_logins_of_a_log_are_those_of_the_table(tmp_path: Path) -> None:
    context = read(tmp_path, KEYCLOAK, auth__a_json=FAILED + LOGIN + CODE, auth__b_json=REFRESH + LOGOUT)
    rows = context.rows("logins").to_pylist()
    assert [(row["time"], row["subject"], row["token"], row["session"], row["ended"]) for row in rows] == [
        (micros(2025, 5, 1, 10), 1, None, 21, None),
        (micros(2025, 5, 1, 10, 1), 1, 11, 21, None),
        (micros(2025, 5, 1, 10, 6), 1, 12, 21, None),
        (None, 1, None, 21, micros(2025, 5, 1, 11)),
    ]
    assert rows[0]["address"] == 31
    (told,) = context.told
    assert (told.records, told.other, told.without, told.bad, dict(told.rows)) == (5, 1, 0, 0, {"logins": 4})
    assert context.why_not("logins") == ""


def test_a_table_and_a_log_add_up(tmp_path: Path) -> None:
    context = read(
        tmp_path, KEYCLOAK, auth__a_json=LOGIN + REFRESH,
        context__logins_csv="time,subject,token\n2025-05-01T12:00:00Z,c2,t2\n",
    )  # fmt: skip
    rows = context.rows("logins").to_pylist()
    assert [(row["subject"], row["token"], row["session"]) for row in rows] == [
        (2, 12, None),
        (1, None, 21),
        (1, 12, 21),
    ]
    assert [Path(each).name for each in context.tables["logins"].files] == ["logins.csv", "a.json"]


def test_times_of_an_export_of_jira_are_read_in_the_zone_that_is_stated(tmp_path: Path) -> None:
    lines = (
        "Summary,Issue key,Issue id,Assignee,Reporter,Created,Updated,Resolved,Watchers,Watchers\n"
        "a,D-1,1,kim,c1,4/Nov/25 9:05 PM,5/Nov/25 1:00 AM,05/Nov/2025 01:00,kim,c1\n"
    )
    settings = '[[from]]\nformat = "jira-csv"\nfiles = "../t.csv"\n'
    (row,) = read(tmp_path, settings + 'zone = "Asia/Seoul"\n', t_csv=lines).rows("tickets").to_pylist()
    assert (row["opened"], row["closed"]) == (micros(2025, 11, 4, 12, 5), micros(2025, 11, 4, 16))
    assert any("no offset" in message for _, _, message in faults_of(folder(tmp_path, settings)))


def test_a_column_that_repeats_holds_all_that_its_columns_hold(tmp_path: Path) -> None:
    """Jira writes as many columns of a name as the issue with the most needs."""
    settings = '[[from]]\nformat = "jira-csv"\nfiles = "../*.csv"\nzone = "UTC"\ncolumns = { subject = "Watchers Id[*]" }\n'
    head = "Issue key,Issue id,Assignee,Created,Resolved,Watchers Id"
    context = read(
        tmp_path, settings,
        one_csv=f"{head}\nD-1,1,kim,04/Nov/25 9:05 PM,,c1\n",
        two_csv=f"{head},Watchers Id\nD-2,2,kim,04/Nov/25 9:05 PM,,c2,\nD-3,3,kim,04/Nov/25 9:05 PM,,c1,c2\n",
    )  # fmt: skip
    assert sorted(row["subject"] for row in context.rows("tickets").to_pylist()) == [1, 1, 2, 2]


def test_a_log_is_known_by_its_records(tmp_path: Path) -> None:
    for system in load_systems().values():
        base = tmp_path / system.id
        context = folder(base, '[[from]]\nfiles = "../x"\nzone = "UTC"\n')
        (base / "x").write_text("\n".join(next(each.lines for each in system.cases if each.expect)) + "\n")
        assert (
            load_context(context, lambda _, texts: texts.is_null().cast("int32")).told[0].system == system.id
        )


def test_a_packed_log_is_unpacked(tmp_path: Path) -> None:
    context = folder(tmp_path, KEYCLOAK.replace("*.json", "*"))
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "a.json.gz").write_bytes(gzip.compress((LOGIN + REFRESH).encode()))
    assert load_context(context, resolve).rows("logins").num_rows == 2


def test_where_refreshes_are_not_on_record_nothing_is_known_to_be_never_issued(tmp_path: Path) -> None:
    """Keycloak keeps no refreshes unless it is told to: without them nearly every token would be one that nobody issued."""
    context = read(tmp_path, KEYCLOAK, auth__a_json=LOGIN + CODE)
    covered = context.logins_cover()
    assert covered is not None
    assert covered[0] > covered[1]  # no time lies in it
    assert context.partial
    assert any("REFRESH_TOKEN" in note for note in context.notes)
    whole = read(tmp_path, KEYCLOAK, auth__a_json=LOGIN + CODE + REFRESH)
    assert whole.partial == ()
    # refreshes are on record from the first one on, and up to one longest pause beyond the last
    assert whole.logins_cover() == (micros(2025, 5, 1, 10, 6), micros(2025, 5, 1, 10, 11))
    one_sided = KEYCLOAK + "[logins]\nuntil = 2025-05-02T00:00:00Z\n"
    assert read(tmp_path, one_sided, auth__a_json=LOGIN + CODE).partial
    stated = KEYCLOAK + "[logins]\nfrom = 2025-05-01T00:00:00Z\nuntil = 2025-05-02T00:00:00Z\n"
    context = read(tmp_path, stated, auth__a_json=LOGIN + CODE)
    assert context.logins_cover() == (micros(2025, 5, 1), micros(2025, 5, 2))
    assert context.partial == ()


def test_the_zone_is_that_of_the_source_then_of_the_folder(tmp_path: Path) -> None:
    line = '2025-05-01 19:00:00,000 DEBUG [org.keycloak.events] (x) type="LOGIN", realmId="r", clientId="w", userId="c1", sessionId="s1"\n'
    source = '[[from]]\nformat = "keycloak-log"\nfiles = "../kc.log"\n'
    assert faults_of(folder(tmp_path, source, kc_log=line))[0][2] == "keycloak-log: times have no offset"
    for settings in (
        source + 'zone = "Asia/Seoul"\n',
        'zone = "Asia/Seoul"\n' + source,
        'zone = "Africa/Nairobi"\n' + source + 'zone = "Asia/Seoul"\n',
    ):
        assert read(tmp_path, settings).rows("logins")["time"].to_pylist() == [micros(2025, 5, 1, 10)]


def test_odd_lines_are_counted_and_hold_nothing_up(tmp_path: Path) -> None:
    nobody = json.dumps({"time": 1746093600000, "type": "LOGIN", "realmId": "shop", "sessionId": "s2"}) + "\n"
    late = LOGIN.replace(str(micros(2025, 5, 1, 10) // 1000), '"soon"')
    context = read(tmp_path, KEYCLOAK, auth__a_json=LOGIN + REFRESH + nobody + late + "{cut off\n")
    (told,) = context.told
    assert (told.records, told.without, told.bad, told.rows["logins"]) == (4, 2, 1, 2)
    assert any("2 records lack" in note and "1 lines" in note for note in context.notes)


def test_a_line_end_inside_of_a_text_ends_no_record(tmp_path: Path) -> None:
    odd = LOGIN.replace('"web"', '"we\u2028b\u000b"'.replace("\u000b", "\\u000b"))
    context = read(tmp_path, KEYCLOAK, auth__a_json=odd + REFRESH)
    assert (context.told[0].bad, context.told[0].rows["logins"]) == (0, 2)


def test_a_field_that_is_too_long_for_a_table_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    head = "principal_name,authorization_grant_type,access_token_issued_at,access_token_value\n"
    context = folder(
        tmp_path, '[[from]]\nformat = "spring-authorizations"\nfiles = "../t.csv"\nzone = "UTC"\n',
        t_csv=head + f'ann,authorization_code,2025-05-01 10:00:00,"{"x" * 200_000}"\n',
    )  # fmt: skip
    assert any("field larger than field limit" in message for _, _, message in faults_of(context))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[[from]]\nfiles = "../auth/*.txt"\nformat = "keycloak-events"\n', "no file is ../auth/*.txt"),
        ('[[from]]\nfiles = "../auth/a.json"\nformat = "keyclock-events"\n', "'keyclock-events' is no format that the context is read from"),
        ('[[from]]\nfiles = "../auth/other.json"\n', "is of no system that is known"),
        ('[[from]]\nfiles = "../auth/other.json"\nformat = "keycloak-events"\n', "keycloak-events: nothing of ../auth/other.json can be used"),
        (KEYCLOAK + '[from.columns]\nwho = "userId"\n', "columns.who: keycloak-events fills no such column"),
        (KEYCLOAK + '[from.columns]\nsubject = "a..b"\n', "columns.subject: 'a..b' is no path"),
        (KEYCLOAK + 'table = "logins"\n', "format and table are both said"),
        (KEYCLOAK + 'people = "../auth/*.json"\n', "keycloak-events needs no people"),
        (KEYCLOAK + 'colour = "red"\n', "from.0.colour is not known here"),
    ],
)  # fmt: skip
def test_what_is_said_wrongly_is_one_clear_fault(tmp_path: Path, settings: str, said: str) -> None:
    context = folder(tmp_path, settings, auth__a_json=LOGIN + REFRESH, auth__other_json='{"a": 1}\n')
    if "*" in settings and "txt" not in settings:
        (tmp_path / "auth" / "other.json").unlink()
    assert said in [message for _, _, message in faults_of(context)]


def test_who_is_meant_may_stand_elsewhere(tmp_path: Path) -> None:
    named = LOGIN.replace('"details": {}', '"details": {"username": "c2"}')
    context = read(
        tmp_path, KEYCLOAK + '[from.columns]\nsubject = "details.username"\n', auth__a_json=named + REFRESH
    )
    assert context.rows("logins")["subject"].to_pylist() == [2]  # the refresh names nobody


def test_a_session_in_anothers_place_is_the_administrators(tmp_path: Path) -> None:
    taken = event("2025-05-01T12:00", "IMPERSONATE", "c1", sessionId="s1", impersonator="c2")
    context = read(
        tmp_path,
        KEYCLOAK,
        auth__a_json=taken + event("2025-05-01T12:01", "LOGIN", "c1", sessionId="s1") + REFRESH,
    )
    assert set(context.rows("logins")["subject"].to_pylist()) == {2}


def test_tables_that_lie_elsewhere_may_be_called_anything(tmp_path: Path) -> None:
    settings = (
        '[[from]]\ntable = "staff"\nfiles = "../hr/*.csv"\ncolumns = { staff = "Login Name", gone = "Last day" }\nzone = "UTC"\n'
        '[[from]]\ntable = "services"\nfiles = "../contracts.csv"\n'
    )
    context = read(
        tmp_path, 'zone = "UTC"\n' + settings,
        hr__seoul_csv="Login Name,Last day\nagent-1,2025-04-30\n", hr__nairobi_csv="Login Name,Last day\nagent-2,\n",
        contracts_csv="ip,valid_until\n192.0.2.1,2025-04-30\n",
    )  # fmt: skip
    rows = context.rows("staff").to_pylist()
    assert {(row["staff"], row["gone"]) for row in rows if row["staff"] == 41} == {(41, micros(2025, 5, 1))}
    assert len(rows) == 2
    assert context.rows("services")["until"].to_pylist() == [micros(2025, 5, 1)]


def test_a_folder_stands_on_the_files_that_it_names(tmp_path: Path) -> None:
    context = folder(tmp_path, KEYCLOAK, auth__a_json=LOGIN, context__staff_csv="staff\nagent-1\n")
    assert [name for name, _ in context_files(context)] == ["context.toml", "staff.csv", "../auth/a.json"]
    (tmp_path / "auth" / "b.json").write_text(REFRESH)
    assert [name for name, _ in context_files(context)][-1] == "../auth/b.json"


@pytest.mark.parametrize(
    ("path", "record", "values"),
    [
        ("a.b", {"a": {"b": 1}}, ["1"]),
        ("a[*].b", {"a": [{"b": "x"}, {"b": "y"}, 3]}, ["x", "y"]),
        ("a[1]", {"a": ["x", "y"]}, ["y"]),
        ("a[t=u].b", {"a": [{"t": "v", "b": "x"}, {"t": "u", "b": "y"}]}, ["y"]),
        ('"a:b.c".d', {"a:b.c": {"d": True}}, ["true"]),
        ("a", {"a": {"b": 1}}, []),
        ("a", {"a": "null"}, []),
        ("a|claim:jti", {"a": "e30.eyJqdGkiOiJ0MSJ9.c2ln"}, ["t1"]),
        ("a|claim:jti", {"a": "opaque"}, []),
        ("a|claim:jti", {"a": "e30.!!.c2ln"}, []),
    ],
)
def test_a_path_leads_to_values(path: str, record: object, values: list[str]) -> None:
    found = path_of(path)
    assert found is not None
    assert list(found.values(record)) == values


@pytest.mark.parametrize("path", ["", "a..b", ".a", "a.", "a|upper", "a]"])
def test_what_is_no_path(path: str) -> None:
    assert path_of(path) is None
