"""Applications with the servers of their languages, each with the log that it writes by itself or that its users add."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.servers.machine import APPS, HOME, NODE, PYTHON, run, word
from tests.waiting import HANG

__all__ = [
    "GO",
    "HANDLERS",
    "JAVA",
    "JETTY",
    "PUMA",
    "SINATRA",
    "TOMCAT",
    "aiohttp",
    "express",
    "express_4",
    "fastify",
    "go",
    "gunicorn",
    "jetty",
    "koa",
    "of_jar",
    "sinatra",
    "tomcat",
    "uvicorn",
]


def gunicorn(app: str) -> Callable[[ExitStack, Path, int], None]:
    def start(stack: ExitStack, folder: Path, port: int) -> None:
        run(
            stack, folder, port, "gunicorn", PYTHON / "gunicorn", "--chdir", APPS, "--bind", f"127.0.0.1:{port}",
            "--worker-class", "gthread", "--workers", 1, "--threads", 8, "--access-logfile", folder / "access.log",
            "--log-level", "critical", "--no-control-socket", f"{app}:app",
        )  # fmt: skip

    return start


def uvicorn(stack: ExitStack, folder: Path, port: int) -> None:
    run(
        stack, folder, port, "uvicorn", PYTHON / "uvicorn", "--app-dir", APPS, "--host", "127.0.0.1", "--port", port,
        "--log-config", APPS / "uvicorn_log.json", "fastapi_app:app",
    )  # fmt: skip


def aiohttp(stack: ExitStack, folder: Path, port: int) -> None:
    run(
        stack,
        folder,
        port,
        "aiohttp",
        PYTHON / "python",
        APPS / "aiohttp_app.py",
        port,
        folder / "access.log",
    )


def _node(stack: ExitStack, folder: Path, port: int, script: str, *more: str | Path) -> None:
    command = ["env", f"NODE_PATH={NODE}", "NODE_ENV=production", "node", APPS / script, port, *more]
    run(stack, folder, port, script, *command)


def express(
    stack: ExitStack, folder: Path, port: int, *, log: Path | None = None, package: str = "express"
) -> None:
    _node(stack, folder, port, "express_app.js", log or folder / "access.log", package)


def express_4(stack: ExitStack, folder: Path, port: int) -> None:
    express(stack, folder, port, package="express4")


def fastify(stack: ExitStack, folder: Path, port: int) -> None:
    _node(stack, folder, port, "fastify_app.js", folder / "access.log")


def koa(stack: ExitStack, folder: Path, port: int) -> None:
    _node(stack, folder, port, "koa_app.js", folder / "access.log")


GO = Path("/usr/bin/go")
HANDLERS = Path("/usr/share/gocode/src/github.com/gorilla/handlers")


def go(stack: ExitStack, folder: Path, port: int) -> None:
    program = folder / "pages"
    env = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(HOME / "go"),
        "GOFLAGS": "-buildvcs=false",
    }
    subprocess.run(
        [GO, "build", "-o", program, APPS / "pages.go"], env=env, check=True, timeout=HANG, cwd=folder
    )
    run(stack, folder, port, "go", program, port, folder / "access.log")


JAVA = Path("/usr/bin/java")
_JARS = Path("/usr/share/java")
TOMCAT = _JARS / "tomcat10-embed-core.jar"
JETTY = _JARS / "jetty12-server.jar"


def _java(
    stack: ExitStack, folder: Path, port: int, source: str, jars: Sequence[Path], *more: str | Path
) -> None:
    path = ":".join(map(str, jars))
    run(
        stack,
        folder,
        port,
        source,
        JAVA,
        "-Xshare:auto",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        path,
        APPS / source,
        port,
        *more,
    )


def tomcat(stack: ExitStack, folder: Path, port: int) -> None:
    _java(stack, folder, port, "TomcatPages.java", [TOMCAT, _JARS / "jakarta-annotation-api.jar"], folder)


def jetty(stack: ExitStack, folder: Path, port: int) -> None:
    jars = [_JARS / f"jetty12-{name}.jar" for name in ("server", "http", "io", "util")]
    _java(stack, folder, port, "JettyPages.java", [*jars, _JARS / "slf4j-api.jar"], folder / "access.log")


def of_jar(name: str, jar: Path) -> Callable[[], str]:
    return lambda: f"{name} {jar.resolve().stem.rpartition('-')[2]}, {word(JAVA, '-version')}"


PUMA = Path("/usr/bin/puma")
SINATRA = Path("/usr/share/doc/ruby-sinatra")


def sinatra(stack: ExitStack, folder: Path, port: int) -> None:
    command = ["env", f"ACCESS_LOG={folder}/access.log", "RACK_ENV=production", PUMA, "-t", "8:8"]
    run(stack, folder, port, "puma", *command, "-b", f"tcp://127.0.0.1:{port}", APPS / "config.ru")
