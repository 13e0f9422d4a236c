"""Debian's postfix on loopback with a queue of its own in a test's folder: what it takes it relays to a peer, and what comes back lies in a Maildir."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.servers import free_port, is_open, needed, running

__all__ = ["Postfix", "postfix"]

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.org
mydestination =
local_recipient_maps =
alias_maps =
smtp_dns_support_level = disabled
smtp_host_lookup = native
relayhost = [127.0.0.1]:{peer}
smtp_tls_security_level = none
smtpd_relay_restrictions = permit_mynetworks, reject
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {back}
virtual_mailbox_base = {folder}
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
in_flow_delay = 0
"""
# qmgr is woken each second: where the word that new mail lies there is lost, mail waits until it wakes by itself
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postfix:
    """Its port, and where things lie."""

    port: int
    folder: Path

    @property
    def inbox(self) -> Path:
        """The Maildir of what came back."""
        return self.folder / "inbox"

    def came_back(self) -> int:
        """How many messages lie there."""
        new = self.inbox / "new"
        return len(list(new.iterdir())) if new.is_dir() else 0

    def log(self) -> str:
        """What it logged."""
        return (self.folder / "mail.log").read_text(errors="replace")


@contextmanager
def postfix(*, peer: int, back: str) -> Iterator[Postfix]:
    """Run it: mail for the domain `back` is kept, all else goes to the port `peer`. Only root may start one. What it has is gone afterwards."""
    program = needed(Path("/usr/sbin/postfix"), "postfix")
    if os.geteuid():
        pytest.skip("postfix is started by root alone")
    # the paths of its sockets may not be long, and its processes, which give up root, have to come in
    with tempfile.TemporaryDirectory(prefix="postfix-") as made:
        yield from _running(program, Path(made), peer, back)


def _running(program: Path, folder: Path, peer: int, back: str) -> Iterator[Postfix]:
    owner = pwd.getpwnam("postfix")
    folder.chmod(0o755)
    for name in ("conf", "queue", "data", "inbox"):
        (folder / name).mkdir()
    for name in ("data", "inbox"):
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    port = free_port()
    told = {
        "folder": folder,
        "port": port,
        "peer": peer,
        "back": back,
        "uid": owner.pw_uid,
        "gid": owner.pw_gid,
    }
    (folder / "conf" / "main.cf").write_text(_MAIN.format(**told))
    (folder / "conf" / "master.cf").write_text(_MASTER.format(**told))
    command = [str(program), "-c", str(folder / "conf"), "start-fg"]
    with running(command, ready=lambda: is_open(port), output=folder / "out.txt", stop=signal.SIGTERM):
        try:
            yield Postfix(port=port, folder=folder)
        finally:  # its master runs in a session of its own
            subprocess.run(
                [str(program), "-c", str(folder / "conf"), "stop"], check=True, capture_output=True
            )
