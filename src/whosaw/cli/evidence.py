"""Commands about evidence: seal a case, verify a bundle, count it again, hand it on."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from .app import (
    EXIT_CANNOT_TELL,
    EXIT_DONE,
    EXIT_FOUND,
    WORKSPACE,
    JsonFlag,
    KeyFile,
    WorkspaceDir,
    fail_clearly,
    now,
    print_json,
)
from .options import StampTrust

__all__ = ["evidence_app"]

_SALT_BYTES = 32

evidence_app = typer.Typer(
    help="Seal a case into one file that a stranger can check, and check one.", no_args_is_help=True
)

Passphrase = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File whose first line unlocks the signing key.")
]
Bundle = Annotated[Path, typer.Argument(metavar="BUNDLE", help="A file that `whosaw evidence seal` wrote.")]
SignerOption = Annotated[
    str | None,
    typer.Option("--signer", help="Who must have signed: SHA-256 of a public key, or a PEM file with it."),
]
TrustOption = Annotated[
    list[Path] | None,
    typer.Option("--trust", help="PEM file with the roots that certificates of signers lead to."),
]


def _passphrase(path: Path | None) -> bytes | None:
    from whosaw.core.errors import WhosawError

    if path is None:
        return None
    try:
        return path.read_bytes().split(b"\n", 1)[0].rstrip(b"\r") or None
    except OSError as fault:
        raise WhosawError("evidence.bad-key", f"{path} cannot be read ({fault.strerror})") from fault


@evidence_app.command("key")
@fail_clearly
def key(
    file: Annotated[Path, typer.Argument(help="Where to put the key; the public half goes to FILE.pub.")],
    passphrase_file: Passphrase = None,
    json: JsonFlag = False,
) -> None:
    """Make an Ed25519 key to sign with. Send its fingerprint to those who will verify, separately from the bundle."""
    from whosaw.evidence.keys import make_key

    from .console import say

    answer = {"key": str(file), "public": f"{file}.pub"}
    answer["sha256"] = make_key(file, passphrase=_passphrase(passphrase_file))
    if json:
        print_json(answer)
        return
    say(f"key: {file}, public half: {file}.pub")
    say(f"fingerprint: {answer['sha256']}")


@evidence_app.command("seal")
@fail_clearly
def seal(
    case: Annotated[str, typer.Argument(help="The case to seal, with all its versions.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The bundle to write.", show_default="CASE.evidence")
    ] = None,
    signing_key: Annotated[Path | None, typer.Option("--key", help="Private key to sign with (PEM).")] = None,
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", help="Certificate of that key with its issuers behind it (PEM)."),
    ] = None,
    passphrase_file: Passphrase = None,
    tsa: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Time stamp authority (RFC 3161). It is sent a salted digest and nothing else.",
        ),
    ] = None,
    identifiers: Annotated[
        bool,
        typer.Option(
            "--identifiers",
            help="Put the ids of the people into the bundle. Needs --reason, which the journal keeps.",
        ),
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why the ids are given out; kept in the custody journal.")
    ] = "",
    workspace: WorkspaceDir = WORKSPACE,
    key_file: KeyFile = None,
    json: JsonFlag = False,
) -> None:
    """Seal inputs, configuration, findings, all versions and the custody journal of a case into one file."""
    from whosaw.app.evidence.bundle import seal_case
    from whosaw.core.document import object_of

    from .texts.evidence import show_sealed

    answer = seal_case(
        workspace,
        case,
        output or Path(f"{case}.evidence"),
        now=now(),
        salt=secrets.token_bytes(_SALT_BYTES),
        key=signing_key,
        certificate=certificate,
        passphrase=_passphrase(passphrase_file),
        tsa=tsa,
        identifiers=identifiers,
        reason=reason,
        key_file=key_file,
    )
    print_json(object_of(answer)) if json else show_sealed(answer)


@evidence_app.command("verify")
@fail_clearly
def verify(
    bundle: Bundle,
    signer: SignerOption = None,
    trust: TrustOption = None,
    stamp_trust: StampTrust = None,
    rerun: Annotated[
        list[str] | None,
        typer.Option("--rerun", metavar="LOGS", help="Count again from these logs and compare."),
    ] = None,
    data_map: Annotated[
        Path | None,
        typer.Option("--map", "-m", help="Data map for the count.", show_default="the one in the bundle"),
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option("--context", "-c", help="Context folder for the count, where the case had one."),
    ] = None,
    formats: Annotated[list[Path] | None, typer.Option("--formats", help="Folder with own formats.")] = None,
    json: JsonFlag = False,
) -> None:
    """Say for each part of a bundle: holds, broken, or cannot tell. With --rerun, count again from the logs.

    Exit 0: all of it holds and no number differs; 1: something is broken or differs; 2: it could not be examined; 3: nothing is
    broken, and whether it holds cannot be told.
    """
    from whosaw.app.evidence.bundle import Trust, open_verified, verify_bundle
    from whosaw.app.evidence.rerun import Logs
    from whosaw.app.evidence.rerun import rerun as count_again
    from whosaw.core.document import object_of

    from .progress import bars
    from .texts.evidence import show_rerun, show_verdict

    believed = Trust(signer=signer, roots=tuple(trust or ()), stamp_roots=tuple(stamp_trust or ()))
    verdict = verify_bundle(bundle, believed, now=now())
    code, again = verdict.exit_code, None
    if rerun and code in (EXIT_DONE, EXIT_CANNOT_TELL):
        logs = Logs(paths=tuple(rerun), map=data_map, context=context, own_formats=tuple(formats or ()))
        sealed = open_verified(bundle, believed, now=now())
        with bars(quiet=json) as progress:
            again = count_again(sealed, logs, now=now(), progress=progress)
        if again.answer == "differs":
            code = EXIT_FOUND
    if json:
        print_json({**verdict.as_json(), **({} if again is None else {"rerun": object_of(again)})})
    else:
        show_verdict(verdict)
        if again is not None:
            show_rerun(again)
    if code != EXIT_DONE:
        raise typer.Exit(code)


@evidence_app.command("export")
@fail_clearly
def export(
    bundle: Bundle,
    kind: Annotated[str, typer.Option("--as", metavar="case|stix", help="CASE/UCO JSON-LD or STIX 2.1.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    means: Annotated[
        bool, typer.Option("--means", help="Name key ids, user agents and TLS fingerprints of the actor.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Write what a bundle says for other tools, without personal data."""
    from whosaw.app.evidence.bundle import export_bundle
    from whosaw.core.document import object_of

    from .console import say

    answer = export_bundle(bundle, kind, output, now=now(), means=means)
    print_json(object_of(answer)) if json else say(f"{output}: SHA-256 {answer.sha256}")


@evidence_app.command("verifier")
@fail_clearly
def verifier(
    output: Annotated[Path, typer.Argument(help="Where to put the file.")] = Path("verify.py"),
    json: JsonFlag = False,
) -> None:
    """Write the verifier as one file that needs Python and `cryptography` alone, for whoever is to check a bundle."""
    from whosaw.app.evidence.bundle import write_verifier
    from whosaw.core.document import object_of

    from .console import say

    answer = write_verifier(output)
    if json:
        print_json(object_of(answer))
        return
    say(f"{output}: SHA-256 {answer.sha256}; run `python {output} BUNDLE`")
