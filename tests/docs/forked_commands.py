"""Runs the `whosaw ...` commands of a page in forks of one Python that has whosaw's modules already: no import is paid twice.

A command alone is given to it as it is. One with a pipe, a variable or another program in it goes through the shell, as it does for a
reader; the `whosaw` that the shell finds then hands its words, folder, environment and open files to that Python.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.forked import WARM
from tools import console

__all__ = ["running"]

_PLAIN = re.compile(r"whosaw [^|&;<>$`\\()*?\[\]{}~#!\n]*")
_SERVER = (
    """
import json, os, signal, socket, sys, time, traceback
os.environ.clear()
os.environ.update({around!r})
time.tzset()
"""
    + WARM
    + """
from whosaw.cli import start

def run(arguments, folder, around, files):
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(around)
    sys.argv = ["whosaw", *arguments]
    code = 0
    try:
        start.main()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            pass  # whoever read it has gone
    os._exit(code)

listening = socket.socket(fileno=0)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody has to wait for those that wait for commands
while True:
    asking, _ = listening.accept()
    asked, files, _, _ = socket.recv_fds(asking, 1 << 20, 3)
    if not os.fork():  # one that waits for the command, so that several may run at a time
        listening.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        child = os.fork()
        if not child:
            asking.close()
            run(*json.loads(asked), files)
        for file in files:
            os.close(file)
        asking.sendall(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
        os._exit(0)
    asking.close()
    for file in files:
        os.close(file)
"""
)
_ASKING = """\
#!{python} -IS
import json, os, socket, sys
asking = socket.socket(socket.AF_UNIX)
asking.connect({address!r})
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
assert socket.send_fds(asking, [asked], [0, 1, 2]) == len(asked)
for file in (0, 1, 2):
    os.close(file)
os._exit(int(asking.recv(16)) & 255)
"""


def _asked(address: str, arguments: list[str], folder: str, around: Mapping[str, str]) -> tuple[int, str]:
    with socket.socket(socket.AF_UNIX) as asking, tempfile.TemporaryFile("w+") as printed:
        asking.connect(address)
        asked = json.dumps([arguments, folder, dict(around)]).encode()
        with open(os.devnull) as nothing:
            files = [nothing.fileno(), printed.fileno(), printed.fileno()]
            assert socket.send_fds(asking, [asked], files) == len(asked)
        code = int(asking.recv(16))
        printed.seek(0)
        return code, printed.read()


@contextmanager
def running() -> Iterator[Callable[[str, str, Mapping[str, str]], tuple[int, str] | None]]:
    """What a command ends with and prints, given the folder and the environment; None for one in which there is no `whosaw`."""
    with tempfile.TemporaryDirectory() as made:
        address, tool = str(Path(made, "socket")), Path(made, "whosaw")
        tool.write_text(_ASKING.format(python=sys.executable, address=address))
        tool.chmod(0o755)
        program = _SERVER.format(around=console.environment("/nowhere", in_tree=False))
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(address)
            listening.listen()
            server = subprocess.Popen(
                [sys.executable, "-c", program], stdin=listening, stdout=subprocess.DEVNULL
            )

        def run(command: str, folder: str, around: Mapping[str, str]) -> tuple[int, str] | None:
            if _PLAIN.fullmatch(command.strip()):
                return _asked(address, shlex.split(command)[1:], folder, around)
            if "whosaw " not in command:
                return None
            return console.by_shell(command, folder, {**around, "PATH": f"{made}:{around['PATH']}"})

        try:
            yield run
        finally:
            server.terminate()
            server.wait()
