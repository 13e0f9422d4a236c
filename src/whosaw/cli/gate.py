"""Commands that run the gate: whether the workspace asks for accounts, what takes two people, tokens, and requests that wait."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import WORKSPACE, JsonFlag, WorkspaceDir, fail_clearly, now, print_json

if TYPE_CHECKING:
    from whosaw.app.console.sign_on import SignOn
    from whosaw.app.gating.running import GateState
    from whosaw.app.gating.two import Rules

__all__ = ["gate_app"]

gate_app = typer.Typer(
    help="Say who may open the workspace, and what takes two people.", no_args_is_help=True
)


@gate_app.command("show")
@fail_clearly
def show(workspace: WorkspaceDir = WORKSPACE, json: JsonFlag = False) -> None:
    """Show whether accounts are asked for, what takes two people, tokens, and requests."""
    from whosaw.app.gating.running import gate_state
    from whosaw.core.document import document

    found = gate_state(workspace, now=now())
    print_json(document(found)) if json else _show(found)


@gate_app.command("set")
@fail_clearly
def set_(
    accounts: Annotated[
        str | None,
        typer.Option("--accounts", metavar="required|off", help="Whether commands need a token."),
    ] = None,
    reveal: Annotated[
        int | None,
        typer.Option(
            "--reveal-more-than", min=0, help="Seeing more people unmasked than this in a day takes two."
        ),
    ] = None,
    two: Annotated[
        list[str] | None,
        typer.Option("--two", metavar="export|close-final|erase", help="This takes two people. Repeatable."),
    ] = None,
    one: Annotated[
        list[str] | None,
        typer.Option(
            "--one", metavar="reveal|export|close-final|erase", help="This takes one again. Repeatable."
        ),
    ] = None,
    passkeys: Annotated[
        str | None,
        typer.Option(
            "--passkeys", metavar="required|off", help="Whether the console takes no password alone."
        ),
    ] = None,
    workspace: WorkspaceDir = WORKSPACE,
    json: JsonFlag = False,
) -> None:
    """Set the gate. What is not named stays as it is; each change is in the custody journal."""
    from whosaw.app.gating.running import gate_state, set_gate
    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError

    for each in (accounts, passkeys):
        if each not in (None, "required", "off"):
            raise WhosawError("gate.accounts", f"{each!r} is none of its values", hint="Say required, or off")
    rules = None
    if reveal is not None or two or one:
        rules = _changed(gate_state(workspace, now=now()).two_people, reveal, two or (), one or ())
    found = set_gate(
        workspace,
        now=now(),
        accounts_required=None if accounts is None else accounts == "required",
        rules=rules,
        passkeys_required=None if passkeys is None else passkeys == "required",
    )
    print_json(document(found)) if json else _show(found)


def _changed(
    rules: Rules, reveal: int | None, two: list[str] | tuple[()], one: list[str] | tuple[()]
) -> Rules:
    from dataclasses import replace

    from whosaw.app.gating.two import ACTS
    from whosaw.core.errors import WhosawError

    unknown = [each for each in (*two, *one) if each not in ACTS or (each == "reveal" and each in two)]
    if unknown:
        raise WhosawError(
            "gate.act",
            f"{unknown[0]!r} is nothing that two people can be asked for",
            hint="Say export, close-final or erase; of reveal, how many: --reveal-more-than 10",
        )
    named = {"export": "export", "close-final": "close_final", "erase": "erase"}
    changes: dict[str, bool] = {named[each]: True for each in two}
    changes |= {named[each]: False for each in one if each in named}
    if reveal is not None:
        rules = replace(rules, reveal_more_than=reveal)
    elif "reveal" in one:
        rules = replace(rules, reveal_more_than=None)
    return replace(rules, **changes)


@gate_app.command("token")
@fail_clearly
def token(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The account that it speaks for, or a program.")
    ],
    roles: Annotated[
        list[str],
        typer.Option(
            "--role",
            help="investigator, privacy-officer, auditor, administrator, or portal for a program that lets people in. Repeatable.",
        ),
    ],
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long it holds.")] = 90,
    cases: Annotated[list[str] | None, typer.Option("--case", help="This case alone. Repeatable.")] = None,
    workspace: WorkspaceDir = WORKSPACE,
    json: JsonFlag = False,
) -> None:
    """Make a token for the API and the command line. It is shown once; put it into WHOSAW_TOKEN."""
    from whosaw.app.gating.rights import Role
    from whosaw.app.gating.running import new_token
    from whosaw.core.document import document
    from whosaw.core.errors import WhosawError

    from .console import say

    unknown = [each for each in roles if each not in tuple(Role)]
    if unknown:
        raise WhosawError("account.role", f"{unknown[0]!r} is no role", hint=f"One of {', '.join(Role)}")
    made = new_token(
        workspace, name, [Role(each) for each in roles], now=now(), cases=cases or None, days=days
    )
    if json:
        print_json(document(made))
        return
    say(made.secret)
    say(
        f"This is shown once. It is token {made.token.id} of {name}, until {made.token.ends:%Y-%m-%d %H:%M} UTC."
    )


@gate_app.command("revoke")
@fail_clearly
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help="A token, as `whosaw gate show` lists it.")],
    workspace: WorkspaceDir = WORKSPACE,
    json: JsonFlag = False,
) -> None:
    """End a token at once."""
    from whosaw.app.gating.running import end_token

    from .console import say

    end_token(workspace, token, now=now())
    print_json({"revoked": token}) if json else say(f"token {token} ended")


@gate_app.command("sign-on")
@fail_clearly
def sign_on(
    issuer: Annotated[
        str | None, typer.Option("--issuer", metavar="URL", help="The OpenID provider, as it names itself.")
    ] = None,
    client_id: Annotated[str | None, typer.Option("--client-id", help="What it knows whosaw by.")] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", help="File with the client's secret, which nobody else may read."),
    ] = None,
    roles: Annotated[
        list[str] | None,
        typer.Option(
            "--role", metavar="ROLE=VALUE", help="This value of the claim gives this role. Repeatable."
        ),
    ] = None,
    claim: Annotated[str, typer.Option("--claim", help="The claim that gives roles.")] = "groups",
    name: Annotated[
        str, typer.Option("--name", help="The claim that is the name of an account.")
    ] = "preferred_username",
    off: Annotated[bool, typer.Option("--off", help="Nobody comes in by a provider any more.")] = False,
    workspace: WorkspaceDir = WORKSPACE,
    json: JsonFlag = False,
) -> None:
    """Let people log in by an OpenID provider; what it says of them gives their roles. Without options: show what is set."""
    from whosaw.app.console.sign_on import SignOn, set_sign_on, shown_sign_on, told_sign_on
    from whosaw.core.errors import WhosawError

    if issuer is not None or off:
        if not off and not client_id:
            raise WhosawError(
                "sso.client", "the provider has to know whosaw by a client id", hint="Say --client-id"
            )
        wanted = None
        if issuer is not None and client_id and not off:
            wanted = SignOn(
                issuer=issuer,
                client_id=client_id,
                secret_file=secret_file,
                claim=claim,
                name=name,
                roles=_given(roles or ()),
            )
        set_sign_on(workspace, wanted, now=now())
    found = shown_sign_on(workspace)
    print_json(told_sign_on(found)) if json else _show_sign_on(found)


def _given(roles: Sequence[str]) -> dict[str, tuple[str, ...]]:
    from whosaw.app.gating.rights import Role
    from whosaw.core.errors import WhosawError

    given: dict[str, tuple[str, ...]] = {}
    for each in roles:
        role, _, value = each.partition("=")
        if role not in tuple(Role) or not value:
            raise WhosawError(
                "account.role",
                f"{each!r} is no role with a value",
                hint=f"Such as auditor=audit-team; roles are {', '.join(Role)}",
            )
        given[role] = (*given.get(role, ()), value)
    return given


def _show_sign_on(found: SignOn | None) -> None:
    from .console import say

    if found is None:
        say("nobody comes in by a provider")
        return
    say(f"people come in by {found.issuer} as {found.client_id}; the claim {found.name} is their name")
    for role, values in found.roles.items():
        say(f"  {role}: {found.claim} holds {' or '.join(values)}")


@gate_app.command("consent")
@fail_clearly
def consent(
    number: Annotated[int, typer.Argument(metavar="REQUEST", help="Its number.", min=1)],
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse it.")] = False,
    workspace: WorkspaceDir = WORKSPACE,
    json: JsonFlag = False,
) -> None:
    """Consent to a request of somebody else. It holds for exactly what they asked for, for a day from when they asked."""
    from whosaw.app.gating.running import answer
    from whosaw.core.document import document

    from .console import say

    told = answer(workspace, number, consent=not refuse, now=now())
    print_json(document(told)) if json else say(f"request {number} of {told.asked_by}: {told.state}")


def _show(found: GateState) -> None:
    from .console import print_table, row, say, table

    say(
        "accounts: required"
        if found.accounts
        else "accounts: none asked for; whoever has the files is the owner"
    )
    if found.passkeys:
        say("passkeys: required; no password alone opens the console")
    rules = found.two_people
    acts = [f"more than {rules.reveal_more_than} people unmasked in a day"] * (
        rules.reveal_more_than is not None
    )
    acts += ["export"] * rules.export + ["closing a case as final"] * rules.close_final
    say(f"takes two people: {', '.join(acts) or 'nothing'}")
    if found.tokens:
        tokens = table("token", "name", "roles", "cases", "ends (UTC)", "state")
        for each in found.tokens:
            cases = "all" if each.cases is None else ", ".join(each.cases)
            state = "revoked" if each.revoked else "of a program" if each.service else "of an account"
            row(
                tokens, each.id, each.name, ", ".join(each.roles), cases, f"{each.ends:%Y-%m-%d %H:%M}", state
            )
        print_table(tokens)
    waiting = [each for each in found.requests if each.state in ("waits", "consented")]
    if waiting:
        asked = table(
            "request", "what", "persons", "asked by", "reason", "state", numbers=("request", "persons")
        )
        for one in waiting:
            persons = "-" if one.persons is None else one.persons
            row(
                asked,
                one.number,
                f"{one.act}: {one.what}",
                persons,
                one.asked_by,
                one.reason or "-",
                one.state,
            )
        print_table(asked)
