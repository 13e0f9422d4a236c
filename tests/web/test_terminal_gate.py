"""The command line asks the same gate: every command by every role, by those limited to another case, and by nobody."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer.main
import typer.testing
from tests.schemas import validate
from tests.unit.cli.test_commands import commands
from tests.web.conftest import NOW, entries
from tests.web.test_gate import BY_HAND, LETTERS, OF_NO_CASE
from typer.testing import CliRunner, Result

from whosaw import notebook
from whosaw.app.asking.sql import ask_sql
from whosaw.app.gating import asking, tokens
from whosaw.app.gating.rights import Role, Verb
from whosaw.app.gating.running import set_gate
from whosaw.cli import main
from whosaw.core.errors import WhosawError
from whosaw.store.permits import ACCOUNTS
from whosaw.store.workspace import Workspace, journal_of

# by command what it asks for and how it is called; what asks for nothing opens no workspace
TABLE: dict[str, tuple[Verb | None, str]] = {
    "answer": (Verb.EXPORT, "answer 7 --reason x"),
    "backup": (Verb.BACK_UP, "backup b.tar"),
    "canary plan": (Verb.START_SCAN, "canary plan"),
    "case new": (Verb.ANSWER_CASE, "case new new.toml --case spring"),
    "check": (Verb.SEE_STATUS, "check"),
    "config": (None, "config"),
    "consistency": (Verb.SEE_CASES, "consistency case.toml a.txt"),
    "context check": (Verb.START_SCAN, "context check"),
    "context sources": (None, "context sources"),
    "coverage": (Verb.SEE_COVERAGE, "coverage"),
    "custody anchor": (Verb.SEE_STATUS, "custody anchor"),
    "custody head": (Verb.SEE_STATUS, "custody head"),
    "custody use": (Verb.SEE_LOOKS, "custody use"),
    "database": (Verb.SEE_STATUS, "database"),
    "decide": (Verb.DECIDE, "decide case.toml --duty d --decision late --because x --by y"),
    "decisions": (Verb.SEE_CASES, "decisions case.toml"),
    "demo": (None, "demo access.log"),
    "duties": (Verb.SEE_CASES, "duties case.toml"),
    "erase": (Verb.ERASE, "erase 7 --ground request --reason x"),
    "erasures": (Verb.SEE_LOOKS, "erasures"),
    "evidence export": (None, "evidence export none.evidence --as stix --output x.json"),
    "evidence key": (None, "evidence key key.pem"),
    "evidence seal": (Verb.SEAL, "evidence seal spring"),
    "evidence verifier": (None, "evidence verifier verify.py"),
    "evidence verify": (None, "evidence verify none.evidence"),
    "explain": (Verb.SEE_FINDINGS, "explain"),
    "export access-record": (Verb.EXPORT, "export access-record record.csv"),
    "export tables": (Verb.EXPORT, "export tables out --reason x"),
    "export whose": (Verb.SEE_PERSON, "export whose 0 0"),
    "file": (Verb.SEE_CASES, "file case.toml --for kr --lang ko"),
    "finding": (Verb.SEE_FINDINGS, "finding f-0"),
    "findings": (Verb.SEE_FINDINGS, "findings"),
    "formats columns": (None, "formats columns"),
    "formats list": (None, "formats list"),
    "formats show": (None, "formats combined"),
    "formats try": (None, "formats try access.log"),
    "gate consent": (Verb.CONSENT, "gate consent 1"),
    "gate revoke": (Verb.CHANGE_ACCOUNTS, "gate revoke 0"),
    "gate set": (Verb.CHANGE_ACCOUNTS, "gate set --accounts off"),
    "gate show": (Verb.SEE_ACCOUNTS, "gate show"),
    "gate sign-on": (Verb.SEE_ACCOUNTS, "gate sign-on"),
    "gate token": (Verb.CHANGE_ACCOUNTS, "gate token x --role auditor"),
    "hold check": (Verb.SEE_STATUS, "hold check"),
    "hold end": (Verb.HOLD, "hold end --order h1 --reason x"),
    "hold list": (Verb.SEE_STATUS, "hold list"),
    "hold start": (Verb.HOLD, "hold start access.log --order x --at 2025-11-19T10:00:00Z"),
    "init": (None, "init ."),
    "law changes": (None, "law changes none.json"),
    "law coming": (None, "law coming"),
    "law export": (None, "law export"),
    "law list": (None, "law list"),
    "law review": (None, "law review"),
    "law show": (None, "law show ke/authority"),
    "line": (Verb.SEE_LINE, "line 0123456789abcdef:1"),
    "lookup warnings": (Verb.SEE_CASES, "lookup warnings ."),
    "lookup brake": (Verb.TELL, "lookup brake . on --reason x"),
    "lookup build": (Verb.TELL, "lookup build case.toml 1 -a access.log"),
    "lookup sign": (None, "lookup sign none --address https://x.example.org --key none.pem"),
    "lookup verify": (None, "lookup verify none.json none.html"),
    "lookups": (Verb.SEE_LOOKS, "lookups"),
    "map categories": (None, "map categories"),
    "map check": (None, "map check map.toml"),
    "map review": (None, "map review map.toml"),
    "map suggest": (None, "map suggest access.log"),
    "me release": (Verb.WITHHOLD, "me release 1"),
    "me set": (Verb.TELL, "me set --contact x"),
    "me show": (Verb.SEE_LOOKS, "me show"),
    "me withhold": (Verb.WITHHOLD, "me withhold c1 --until 2099-01-01 --ground x"),
    "notice bounces": (Verb.TELL, "notice bounces spring access.log"),
    "notice check": (Verb.SEE_CASES, "notice check a.txt --case case.toml"),
    "notice freeze": (Verb.TELL, "notice freeze case.toml --texts ."),
    "notice letters": (Verb.TELL, "notice letters spring --out out --reason x"),
    "notice line": (Verb.EXPORT, "notice line spring p1 --reason x --out line.json"),
    "notice make": (Verb.SEE_CASES, "notice case.toml"),
    "notice page": (Verb.TELL, "notice page case.toml a.txt --url https://x.example"),
    "notice prove": (Verb.SEAL, "notice prove spring"),
    "notice release": (Verb.TELL, "notice release spring rest --reason x"),
    "notice replace": (Verb.TELL, "notice replace spring --reason x"),
    "notice send": (Verb.TELL, "notice send spring --via smtp://localhost --from a@example.org"),
    "notice sender": (None, "notice sender example.org --records none.txt"),
    "notice settle": (Verb.TELL, "notice settle spring again --reason x"),
    "notice status": (Verb.SEE_CASES, "notice status spring"),
    "notice verify": (None, "notice verify none.json"),
    "packs check": (None, "packs check none"),
    "penalty": (Verb.SEE_CASES, "penalty case.toml"),
    "picture": (Verb.SEE_FINDINGS, "picture --of week"),
    "rejects": (Verb.SEE_LINE, "rejects"),
    "replay damage": (None, "replay damage none another"),
    "replay list": (None, "replay list"),
    "replay make": (None, "replay make access.log --breach none"),
    "replay score": (Verb.SEE_FINDINGS, "replay score whosaw-data ."),
    "retention": (Verb.ERASE, "retention"),
    "vault reading-key": (Verb.ROTATE, "vault reading-key reading.key --reason x"),
    "vault rotate": (Verb.ROTATE, "vault rotate --reason x"),
    "restore": (None, "restore none.tar -w elsewhere"),
    "scan": (Verb.START_SCAN, "scan access.log"),
    "scope close": (Verb.CLOSE_CASE, "scope close spring --final"),
    "scope diff": (Verb.SEE_CASES, "scope diff spring"),
    "scope list": (Verb.SEE_CASES, "scope list"),
    "scope new": (Verb.COUNT_CASE, "scope new --case spring --indicator ip=192.0.2.1"),
    "scope reconcile": (Verb.COUNT_CASE, "scope reconcile access.log --case spring"),
    "scope show": (Verb.SEE_CASES, "scope show spring"),
    "serve": (Verb.CHANGE_ACCOUNTS, "serve --invite x --role auditor"),
    "sql": (Verb.ASK_SQL, "sql 'SELECT 1'"),
    "status": (Verb.SEE_STATUS, "status"),
    "watch": (Verb.START_SCAN, "watch access.log --once"),
    "what": (Verb.SEE_PERSON, "what c1"),
    "who": (Verb.SEE_PERSON, "who p1"),
}
NARROWED = {"who", "what", "scope list"}  # these leave out what is in none of one's cases


@pytest.fixture
def gated(shop: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose workspace asks for accounts."""
    root.rename(tmp_path / "whosaw-data")
    for name in ("access.log", "map.toml"):
        (tmp_path / name).write_bytes((shop / name).read_bytes())
    (tmp_path / "case.toml").write_text('case = "spring"\n')
    (tmp_path / "a.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WHOSAW_TOKEN", raising=False)
    monkeypatch.setenv("WHOSAW_PURPOSE", "incident 12")
    set_gate(tmp_path / "whosaw-data", now=NOW, accounts_required=True)
    return tmp_path / "whosaw-data"


def token_for(root: Path, name: str, *roles: Role, cases: list[str] | None = None) -> str:
    with closing(journal_of(root, unasked=True)) as journal:
        return tokens.make_token(
            journal, name, roles, by="a test", now=datetime.now(UTC), cases=cases, days=2
        )[1]


def call(command: str, token: str | None = None) -> Result:
    import shlex

    return CliRunner().invoke(main.app, shlex.split(command), env={"WHOSAW_TOKEN": token})


class _PassedError(WhosawError):
    def __init__(self) -> None:
        super().__init__("test.passed", "the gate let them in")


@pytest.fixture(autouse=True)
def _commands_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the tree of commands takes longer than most of them run."""
    made = typer.main.get_command(main.app)
    monkeypatch.setattr(typer.testing, "_get_command", lambda _: made)


@pytest.fixture
def stop_at_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom the gate lets in gets no further, so that every command can be asked."""

    def refuse(*_: object, **__: object) -> None:
        raise _PassedError

    monkeypatch.setattr(asking, "under_permit", refuse)


def outcome(done: Result) -> str:
    for said, word in (
        ("the gate let them in", "passed"),
        ("opened with an account alone", "nobody"),
        (" may not ", "refused"),
        ("limited to cases", "refused"),
    ):
        if said in done.stderr:
            return word
    return "opened nothing"


def test_the_table_holds_every_command_that_there_is() -> None:
    there = {" ".join(path) for path, _ in commands(typer.main.get_command(main.app))}
    assert set(TABLE) == there


@pytest.mark.parametrize("role", [*Role, None])
def test_every_command_by_every_role_and_by_nobody(
    gated: Path, stop_at_the_gate: None, role: Role | None
) -> None:
    token = None if role is None else token_for(gated, f"siem-{role}", role)
    wrong = {}
    for name, (verb, words) in TABLE.items():
        if verb is None and role is not None:
            continue  # nobody is asked for, so nobody needs to be told apart
        if verb is None:
            expected = "opened nothing"
        elif role is None:
            expected = "nobody"
        else:
            expected = "passed" if LETTERS[role] in BY_HAND[verb] else "refused"
        found = outcome(call(words, token))
        if found != expected:
            wrong[name] = (found, expected)
    assert not wrong
    refused = entries(gated, "refused")
    asked_and_refused = sum(
        verb is not None and role is not None and LETTERS[role] not in BY_HAND[verb]
        for verb, _ in TABLE.values()
    )
    assert len(refused) == asked_and_refused
    assert {each.who for each in refused} <= {f"cli:siem-{role}"}


@pytest.mark.parametrize(("cases", "inside"), [(["spring"], True), (["autumn"], False)])
def test_every_command_by_those_who_are_limited_to_a_case(
    gated: Path, stop_at_the_gate: None, cases: list[str], inside: bool
) -> None:
    """Whatever a command shows is of the case `spring` where it names that, and of the whole workspace where it names none."""
    token = token_for(gated, "limited", *Role, cases=cases)
    of_the_case = {name for name, (_, words) in TABLE.items() if "spring" in words} - {
        "scope new",
        "scope reconcile",
    }
    wrong = {}
    for name, (verb, words) in TABLE.items():
        if verb is None:
            continue
        may = verb in OF_NO_CASE or name in NARROWED or (inside and name in of_the_case)
        found = outcome(call(words, token))
        if found != ("passed" if may else "refused"):
            wrong[name] = found
    assert not wrong


def test_a_look_under_masks_is_on_record_with_its_purpose_before_it_is_shown(gated: Path) -> None:
    token = token_for(gated, "kim", Role.INVESTIGATOR)
    done = call("who p1", token)
    assert done.exit_code == 0, done.stderr
    (seen,) = entries(gated, "seen")
    body = json.loads(seen.body)
    assert (seen.who, body["reason"], body["numbers"]["person"]) == ("cli:kim", "incident 12", [1])
    assert call("sql 'SELECT person FROM exposures'", token).exit_code == 0
    assert [json.loads(each.body)["what"] for each in entries(gated, "seen")] == ["who", "sql"]


def test_without_a_purpose_nobody_is_shown(gated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHOSAW_PURPOSE")
    token = token_for(gated, "kim", Role.INVESTIGATOR)
    done = call("who p1", token)
    assert (done.exit_code, "without a purpose" in done.stderr) == (2, True)
    assert not entries(gated, "seen")


def test_who_is_limited_to_a_case_sees_no_person_of_another(gated: Path) -> None:
    whole = token_for(gated, "kim", Role.INVESTIGATOR)
    finding = json.loads(call("findings --json", whole).stdout)["findings"][0]["id"]
    assert call(f"scope new --case spring --finding {finding}", whole).exit_code == 0
    people = json.loads(call("scope show spring --persons --json", whole).stdout)["persons"]
    within = {each["number"] for each in people}
    limited = token_for(gated, "lee", Role.INVESTIGATOR, cases=["spring"])
    another = token_for(gated, "joy", Role.INVESTIGATOR, cases=["autumn"])
    outside = next(f"p{number}" for number in range(1, 600) if f"p{number}" not in within)
    inside = min(within)
    assert call(f"who {inside}", limited).exit_code == 0
    assert outcome(call(f"who {outside}", limited)) == "refused"
    assert outcome(call(f"who {inside}", another)) == "refused"
    assert call(f"what {finding}", limited).exit_code == 0
    assert outcome(call(f"what {finding}", another)) == "refused"
    assert outcome(call("what c1", limited)) == "refused"
    assert [each["case"] for each in json.loads(call("scope list --json", limited).stdout)["cases"]] == [
        "spring"
    ]
    assert json.loads(call("scope list --json", another).stdout)["cases"] == []


def test_a_token_that_ended_was_revoked_or_is_none_opens_nothing(gated: Path) -> None:
    with closing(journal_of(gated, unasked=True)) as journal:
        past = datetime.now(UTC) - timedelta(days=3)
        _, ended = tokens.make_token(journal, "kim", [Role.AUDITOR], by="a test", now=past, days=2)
        made, revoked = tokens.make_token(journal, "kim", [Role.AUDITOR], by="a test", now=datetime.now(UTC))
        tokens.revoke(journal, made.id, by="a test", now=datetime.now(UTC))
    for sent in (ended, revoked, "whosaw_none", "x"):
        done = call("status", sent)
        assert (done.exit_code, "no token of this workspace" in done.stderr) == (2, True)


def test_of_a_token_a_digest_alone_is_kept(gated: Path) -> None:
    sent = token_for(gated, "kim", Role.AUDITOR)
    kept = b"".join(each.read_bytes() for each in gated.glob("journal.sqlite*"))
    assert sent.encode() not in kept
    assert sent.removeprefix("whosaw_").encode() not in kept


def test_a_token_of_a_person_does_no_more_than_their_account(gated: Path) -> None:
    with closing(journal_of(gated, unasked=True)) as journal, pytest.raises(WhosawError) as caught:
        tokens.make_token(journal, "the-auditor", [Role.INVESTIGATOR], by="a test", now=NOW)
    assert caught.value.code == "token.roles"


def test_a_notebook_and_a_program_ask_the_same_gate(gated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WhosawError) as caught:
        notebook.open_workspace(gated)
    assert caught.value.code == "gate.no-token"
    monkeypatch.setenv("WHOSAW_TOKEN", token_for(gated, "siem", Role.ADMINISTRATOR))
    with pytest.raises(WhosawError) as caught:
        notebook.open_workspace(gated)
    assert caught.value.code == "gate.refused"
    monkeypatch.setenv("WHOSAW_TOKEN", token_for(gated, "kim", Role.AUDITOR))
    ledger = notebook.open_workspace(gated)
    assert len(ledger.findings()) == 1
    assert ledger.sql("SELECT count(*) AS n FROM views")
    with pytest.raises(WhosawError) as caught:
        ledger.who("p1", reveal=True, reason="x")
    assert caught.value.code == "gate.refused"
    for door in (lambda: Workspace.open(gated), lambda: journal_of(gated)):
        with pytest.raises(WhosawError) as caught:
            door()
        assert caught.value.code == "gate.not-asked"
    with pytest.raises(WhosawError) as caught, ask_sql(gated, "SELECT 1", zone=UTC, now=NOW):
        pass
    assert caught.value.code == "gate.not-asked"


def test_a_project_file_may_ask_for_a_token_as_well(gated: Path) -> None:
    admin = token_for(gated, "run", Role.ADMINISTRATOR)
    assert call("gate set --accounts off", admin).exit_code == 0
    assert call("status").exit_code == 0
    (gated.parent / "whosaw.toml").write_text('accounts = "required"\n')
    assert outcome(call("status")) == "nobody"
    assert call("status", token_for(gated, "kim", Role.AUDITOR)).exit_code == 0
    (gated.parent / "whosaw.toml").write_text('accounts = "perhaps"\n')
    assert "none of its values" in call("status").stderr


def test_nobody_locks_a_workspace_that_nobody_could_open_again(root: Path) -> None:
    with closing(journal_of(root)) as journal, journal.transaction() as connection:
        from whosaw.store.repositories.accounts import change_account

        change_account(connection, "the-administrator", closed=1)
    with pytest.raises(WhosawError) as caught:
        set_gate(root, now=NOW, accounts_required=True)
    assert caught.value.code == "gate.nobody-runs-it"
    with closing(journal_of(root)) as journal:
        assert not journal.setting(ACCOUNTS)


def test_documents_are_as_their_schemas_say(root: Path) -> None:
    def told(schema: str, *words: str, token: str | None = None) -> dict[str, Any]:
        env = {"WHOSAW_TOKEN": token}
        done = CliRunner().invoke(main.app, [*words, "-w", str(root), "--json"], env=env)
        assert done.exit_code == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        validate(schema, document)
        return document

    made = told("gate-token", "gate", "token", "siem", "--role", "auditor", "--case", "spring")
    assert made["secret"].startswith("whosaw_")
    set_to = told("gate", "gate", "set", "--reveal-more-than", "0", "--two", "export")
    assert set_to["two_people"] == {
        "reveal_more_than": 0,
        "export": True,
        "close_final": False,
        "erase": False,
    }
    refused = CliRunner().invoke(main.app, ["who", "p1", "-w", str(root), "--reveal", "--reason", "x"])
    assert "request 1 waits" in refused.stderr
    assert told("gate", "gate", "show")["requests"][0]["persons"] == 1
    second = token_for(root, "the-investigator", Role.INVESTIGATOR)
    told("gate-consent", "gate", "consent", "1", token=second)
    shown = CliRunner().invoke(main.app, ["who", "p1", "-w", str(root), "--reveal", "--reason", "x"])
    assert shown.exit_code == 0, shown.stderr
    assert told("gate", "gate", "set", "--one", "reveal")["two_people"]["reveal_more_than"] is None
    told("gate-revoke", "gate", "revoke", made["id"])
    assert told("gate", "gate", "show")["tokens"][0]["revoked"]
    told("custody-use", "custody", "use")
    assert "auditor" in CliRunner().invoke(main.app, ["gate", "show", "-w", str(root)]).stdout
