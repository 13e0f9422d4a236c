"""The servers that spellings are sent to, each started as its users start it, on loopback, with its own access log."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.servers import free_port, is_open, running

__all__ = ["MACHINES", "Machine", "missing", "up"]

APPS = Path(__file__).parent / "apps"
HOME = Path(__file__).resolve().parents[2] / ".build" / "servers"
PYTHON = HOME / "venv" / "bin"
NODE = HOME / "node_modules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A server, or a server in front of another. `start` is given a folder and a port, and stands until it is left."""

    name: str
    says: Callable[[], str]  # its version
    start: Callable[[ExitStack, Path, int], None]
    needs: Sequence[Path]
    pages: tuple[str, ...] = ("my-info", "customer", "account")
    log: str = "access.log"
    format: str | None = None  # as a user gives it to `--format`, where the log needs it
    zone: str | None = None


@contextmanager
def up(machine: Machine, folder: Path) -> Iterator[int]:
    """The port that the machine listens on for as long as the block lasts."""
    with ExitStack() as stack:
        port = free_port()
        machine.start(stack, folder, port)
        yield port


def missing(machine: Machine) -> list[str]:
    """What it needs and this computer does not have."""
    return [str(need) for need in machine.needs if not need.exists()]


def _run(
    stack: ExitStack,
    folder: Path,
    port: int,
    name: str,
    *command: str | Path | int,
    stop: signal.Signals = signal.SIGTERM,
) -> None:
    stack.enter_context(
        running(
            [str(each) for each in command],
            ready=lambda: is_open(port),
            output=folder / f"{name}.out",
            stop=stop,
        )
    )


def _word(*command: str | Path) -> str:
    """What a program says of its version: its first line."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=60, check=False
    )
    return (done.stdout + done.stderr).strip().splitlines()[0]


def _of_python(*names: str) -> Callable[[], str]:
    code = "import sys; from importlib.metadata import version; print(', '.join(f'{n} {version(n)}' for n in sys.argv[1:]))"
    return lambda: _word(PYTHON / "python", "-c", code, *names)


def _of_node(*names: str) -> Callable[[], str]:
    def says() -> str:
        packages = [json.loads((NODE / name / "package.json").read_text()) for name in names]
        return ", ".join(f"{package['name']} {package['version']}" for package in packages)

    return says


def _as_root(line: str) -> str:
    """Started by root, workers would change to a user that cannot write here."""
    return line if os.geteuid() == 0 else ""


# --- files on disk ----------------------------------------------------------------------------------------------------


def _pages(folder: Path) -> Path:
    """The pages as files."""
    root = folder / "www"
    (root / "my").mkdir(parents=True)
    (root / "customers").mkdir()
    (root / "my" / "info").write_text("[[page my-info of -]]\n")
    for one in range(1, 41):
        (root / "customers" / str(one)).write_text(f"[[page customer of {one}]]\n")
    return root


# --- nginx ------------------------------------------------------------------------------------------------------------

_NGINX = Path("/usr/sbin/nginx")
_NGINX_CONF = """\
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
{user}
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type text/html;
    access_log {folder}/access.log combined;
    server {{
        listen 127.0.0.1:{port};
        {server}
    }}
}}
"""


def _nginx(stack: ExitStack, folder: Path, port: int, server: str) -> None:
    conf = folder / "nginx.conf"
    conf.write_text(_NGINX_CONF.format(folder=folder, port=port, server=server, user=_as_root("user root;")))
    command = [_NGINX, "-p", folder, "-e", folder / "error.log", "-c", conf]
    _run(stack, folder, port, "nginx", *command, stop=signal.SIGQUIT)


def _nginx_files(stack: ExitStack, folder: Path, port: int) -> None:
    root = _pages(folder)
    _nginx(stack, folder, port, f"root {root}; location /customers/ {{ alias {root}/customers/; }}")


def _nginx_proxy(stack: ExitStack, folder: Path, port: int) -> None:
    inner = free_port()
    _express(stack, folder, inner, log=folder / "inner.log")
    _nginx(stack, folder, port, f"location / {{ proxy_pass http://127.0.0.1:{inner}; }}")


# --- Apache -----------------------------------------------------------------------------------------------------------

_APACHE = Path("/usr/sbin/apache2")
_MODULES = Path("/usr/lib/apache2/modules")
_APACHE_CONF = """\
ServerRoot {folder}
ServerName shop.example.org
PidFile {folder}/apache.pid
Listen 127.0.0.1:{port}
ErrorLog {folder}/error.log
LogLevel crit
{user}
{modules}
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
CustomLog {folder}/access.log combined
{server}
"""


def _apache(stack: ExitStack, folder: Path, port: int, modules: Sequence[str], server: str) -> None:
    conf = folder / "apache.conf"
    load = "\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in ("mpm_event", *modules))
    user = _as_root("User www-data\nGroup www-data")
    conf.write_text(_APACHE_CONF.format(folder=folder, port=port, modules=load, server=server, user=user))
    _run(stack, folder, port, "apache", _APACHE, "-f", conf, "-DFOREGROUND")


def _apache_files(stack: ExitStack, folder: Path, port: int) -> None:
    root = _pages(folder)
    for each in (*folder.parents, folder):  # its workers are another user
        if os.geteuid() == 0 and each.stat().st_uid == 0 and str(each).startswith("/tmp/"):
            each.chmod(each.stat().st_mode | 0o711)
    server = (
        f"DocumentRoot {root}\n<Directory {root}>\nRequire all granted\nOptions FollowSymLinks\n</Directory>"
    )
    _apache(stack, folder, port, ("authz_core", "dir", "mime"), f"{server}\nTypesConfig /dev/null")


def _apache_proxy(stack: ExitStack, folder: Path, port: int) -> None:
    inner = free_port()
    _express(stack, folder, inner, log=folder / "inner.log")
    server = f"ProxyPass / http://127.0.0.1:{inner}/ nocanon\nAllowEncodedSlashes NoDecode"
    _apache(stack, folder, port, ("authz_core", "proxy", "proxy_http"), server)


# --- lighttpd and Caddy -----------------------------------------------------------------------------------------------

_LIGHTTPD = Path("/usr/sbin/lighttpd")
_LIGHTTPD_CONF = """\
server.modules = ( "mod_accesslog" )
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{root}"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ( "{folder}" )
accesslog.filename = "{folder}/access.log"
mimetype.assign = ( "" => "text/html" )
"""


def _lighttpd(stack: ExitStack, folder: Path, port: int) -> None:
    conf = folder / "lighttpd.conf"
    conf.write_text(_LIGHTTPD_CONF.format(folder=folder, port=port, root=_pages(folder)))
    _run(stack, folder, port, "lighttpd", _LIGHTTPD, "-D", "-f", conf, stop=signal.SIGINT)


_CADDY = Path("/usr/bin/caddy")
_CADDY_FILE = """\
{{
    admin off
    auto_https off
}}
http://:{port} {{
    bind 127.0.0.1
    log {{
        output file {folder}/access.log
    }}
    {server}
}}
"""
_MATCHERS = """\
handle /my/info {
        respond "[[page my-info of -]]"
    }
    @customer path_regexp one ^/customers/0*([1-9][0-9]{0,2})$
    handle @customer {
        respond "[[page customer of {re.one.1}]]"
    }
    handle /account {
        respond "[[page account of {query.id}]]"
    }
    handle {
        respond 404
    }"""


def _caddy(stack: ExitStack, folder: Path, port: int, server: str) -> None:
    conf = folder / "Caddyfile"
    conf.write_text(_CADDY_FILE.format(folder=folder, port=port, server=server))
    command = [
        "env",
        f"XDG_DATA_HOME={folder}",
        f"XDG_CONFIG_HOME={folder}",
        _CADDY,
        "run",
        "--adapter",
        "caddyfile",
        "--config",
        conf,
    ]
    _run(stack, folder, port, "caddy", *command)


def _caddy_files(stack: ExitStack, folder: Path, port: int) -> None:
    _caddy(stack, folder, port, f"root * {_pages(folder)}\n    file_server")


def _caddy_matchers(stack: ExitStack, folder: Path, port: int) -> None:
    _caddy(stack, folder, port, _MATCHERS)


# --- HAProxy ----------------------------------------------------------------------------------------------------------

_HAPROXY = Path("/usr/sbin/haproxy")
_HAPROXY_CONF = """\
global
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    timeout http-request 2s
frontend web
    bind 127.0.0.1:{port}
    default_backend app
backend app
    server one 127.0.0.1:{inner}
"""


def _haproxy(stack: ExitStack, folder: Path, port: int) -> None:
    inside, inner = folder / "inside", free_port()
    inside.mkdir()
    _gunicorn("flask_app")(stack, inside, inner)
    conf = folder / "haproxy.cfg"
    conf.write_text(_HAPROXY_CONF.format(port=port, inner=inner))
    _run(stack, folder, port, "haproxy", _HAPROXY, "-db", "-f", conf, stop=signal.SIGUSR1)


# --- Python -----------------------------------------------------------------------------------------------------------


def _gunicorn(app: str) -> Callable[[ExitStack, Path, int], None]:
    def start(stack: ExitStack, folder: Path, port: int) -> None:
        _run(
            stack, folder, port, "gunicorn", PYTHON / "gunicorn", "--chdir", APPS, "--bind", f"127.0.0.1:{port}",
            "--worker-class", "gthread", "--workers", 1, "--threads", 8, "--access-logfile", folder / "access.log",
            "--log-level", "critical", "--no-control-socket", f"{app}:app",
        )  # fmt: skip

    return start


def _uvicorn(stack: ExitStack, folder: Path, port: int) -> None:
    _run(
        stack, folder, port, "uvicorn", PYTHON / "uvicorn", "--app-dir", APPS, "--host", "127.0.0.1", "--port", port,
        "--log-config", APPS / "uvicorn_log.json", "fastapi_app:app",
    )  # fmt: skip


def _aiohttp(stack: ExitStack, folder: Path, port: int) -> None:
    _run(
        stack,
        folder,
        port,
        "aiohttp",
        PYTHON / "python",
        APPS / "aiohttp_app.py",
        port,
        folder / "access.log",
    )


# --- Node -------------------------------------------------------------------------------------------------------------


def _node(stack: ExitStack, folder: Path, port: int, script: str, *more: str | Path) -> None:
    command = ["env", f"NODE_PATH={NODE}", "NODE_ENV=production", "node", APPS / script, port, *more]
    _run(stack, folder, port, script, *command)


def _express(
    stack: ExitStack, folder: Path, port: int, *, log: Path | None = None, package: str = "express"
) -> None:
    _node(stack, folder, port, "express_app.js", log or folder / "access.log", package)


def _express_4(stack: ExitStack, folder: Path, port: int) -> None:
    _express(stack, folder, port, package="express4")


def _fastify(stack: ExitStack, folder: Path, port: int) -> None:
    _node(stack, folder, port, "fastify_app.js", folder / "access.log")


def _koa(stack: ExitStack, folder: Path, port: int) -> None:
    _node(stack, folder, port, "koa_app.js", folder / "access.log")


# --- Go, PHP, Java, Ruby ----------------------------------------------------------------------------------------------

_GO = Path("/usr/bin/go")
_HANDLERS = Path("/usr/share/gocode/src/github.com/gorilla/handlers")


def _go(stack: ExitStack, folder: Path, port: int) -> None:
    program = folder / "pages"
    env = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(HOME / "go"),
        "GOFLAGS": "-buildvcs=false",
    }
    subprocess.run(
        [_GO, "build", "-o", program, APPS / "pages.go"], env=env, check=True, timeout=300, cwd=folder
    )
    _run(stack, folder, port, "go", program, port, folder / "access.log")


_FPM = Path("/usr/sbin/php-fpm8.4")
_FPM_CONF = """\
[global]
error_log = {folder}/fpm.log
daemonize = no
[www]
listen = {folder}/fpm.sock
pm = static
pm.max_children = 8
{user}
"""
_FRONT = """\
root {folder}/php;
        location / {{ try_files $uri /index.php$is_args$args; }}
        location ~ ^/index\\.php(/|$) {{
            fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
            fastcgi_pass unix:{folder}/fpm.sock;
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_param PATH_INFO $fastcgi_path_info;
        }}"""


def _php(stack: ExitStack, folder: Path, port: int) -> None:
    (folder / "php").mkdir()
    shutil.copy(APPS / "index.php", folder / "php")
    conf = folder / "fpm.conf"
    conf.write_text(_FPM_CONF.format(folder=folder, user=_as_root("user = root\ngroup = root")))
    command = [_FPM, "-n", "-y", conf, "-F", *([] if os.geteuid() else ["-R"])]
    stack.enter_context(
        running(
            [str(each) for each in command],
            ready=(folder / "fpm.sock").exists,
            output=folder / "fpm.out",
            stop=signal.SIGQUIT,
        )
    )
    _nginx(stack, folder, port, _FRONT.format(folder=folder))


_JAVA = Path("/usr/bin/java")
_JARS = Path("/usr/share/java")
_TOMCAT = _JARS / "tomcat10-embed-core.jar"
_JETTY = _JARS / "jetty12-server.jar"


def _java(
    stack: ExitStack, folder: Path, port: int, source: str, jars: Sequence[Path], *more: str | Path
) -> None:
    path = ":".join(map(str, jars))
    _run(
        stack,
        folder,
        port,
        source,
        _JAVA,
        "-Xshare:auto",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        path,
        APPS / source,
        port,
        *more,
    )


def _tomcat(stack: ExitStack, folder: Path, port: int) -> None:
    _java(stack, folder, port, "TomcatPages.java", [_TOMCAT, _JARS / "jakarta-annotation-api.jar"], folder)


def _jetty(stack: ExitStack, folder: Path, port: int) -> None:
    jars = [_JARS / f"jetty12-{name}.jar" for name in ("server", "http", "io", "util")]
    _java(stack, folder, port, "JettyPages.java", [*jars, _JARS / "slf4j-api.jar"], folder / "access.log")


def _of_jar(name: str, jar: Path) -> Callable[[], str]:
    return lambda: f"{name} {jar.resolve().stem.rpartition('-')[2]}, {_word(_JAVA, '-version')}"


_PUMA = Path("/usr/bin/puma")
_SINATRA = Path("/usr/share/doc/ruby-sinatra")


def _sinatra(stack: ExitStack, folder: Path, port: int) -> None:
    command = ["env", f"ACCESS_LOG={folder}/access.log", "RACK_ENV=production", _PUMA, "-t", "8:8"]
    _run(stack, folder, port, "puma", *command, "-b", f"tcp://127.0.0.1:{port}", APPS / "config.ru")


_FILES = ("my-info", "customer")  # a file knows nothing of a query
_GUNICORN = PYTHON / "gunicorn"
_ALL = (
    Machine(name="nginx, files", says=lambda: _word(_NGINX, "-v"), start=_nginx_files, pages=_FILES, needs=[_NGINX]),
    Machine(name="Apache, files", says=lambda: _word(_APACHE, "-v"), start=_apache_files, pages=_FILES, needs=[_APACHE]),
    Machine(
        name="gunicorn, Flask", says=_of_python("gunicorn", "flask"), start=_gunicorn("flask_app"), needs=[_GUNICORN]
    ),
    Machine(name="Express 5", says=_of_node("express", "morgan"), start=_express, needs=[NODE / "express"]),
    Machine(
        name="gunicorn, Django", says=_of_python("gunicorn", "django"), start=_gunicorn("django_app"), needs=[_GUNICORN]
    ),
    Machine(
        name="nginx before Express 5", says=lambda: _word(_NGINX, "-v"), start=_nginx_proxy, needs=[_NGINX, NODE / "express"]
    ),
    Machine(
        name="Apache before Express 5", says=lambda: _word(_APACHE, "-v"), start=_apache_proxy,
        needs=[_APACHE, NODE / "express"],
    ),
    Machine(name="Express 4", says=_of_node("express4", "morgan"), start=_express_4, needs=[NODE / "express4"]),
    Machine(name="Fastify", says=_of_node("fastify"), start=_fastify, needs=[NODE / "fastify"]),
    Machine(name="Koa", says=_of_node("koa", "@koa/router"), start=_koa, needs=[NODE / "koa"]),
    Machine(
        name="uvicorn, FastAPI", says=_of_python("uvicorn", "fastapi"), start=_uvicorn, needs=[PYTHON / "uvicorn"],
        format="uvicorn",
    ),
    Machine(
        name="aiohttp", says=_of_python("aiohttp"), start=_aiohttp, needs=[PYTHON / "uvicorn"],
        format='apache:%a %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    ),
    Machine(name="lighttpd, files", says=lambda: _word(_LIGHTTPD, "-v"), start=_lighttpd, pages=_FILES, needs=[_LIGHTTPD]),
    Machine(name="Caddy, files", says=lambda: "Caddy " + _word(_CADDY, "version"), start=_caddy_files, pages=_FILES, needs=[_CADDY]),
    Machine(name="Caddy, matchers", says=lambda: "Caddy " + _word(_CADDY, "version"), start=_caddy_matchers, pages=_FILES, needs=[_CADDY]),
    Machine(
        name="HAProxy before gunicorn, Flask", says=lambda: _word(_HAPROXY, "-v"), start=_haproxy, needs=[_HAPROXY, _GUNICORN],
        log="haproxy.out", zone="UTC",
    ),
    Machine(name="Go ServeMux", says=lambda: _word(_GO, "version"), start=_go, needs=[_GO, _HANDLERS]),
    Machine(
        name="nginx, PHP-FPM", says=lambda: f"{_word(_NGINX, '-v')}, {_word(_FPM, '-n', '-v')}", start=_php, needs=[_NGINX, _FPM]
    ),
    Machine(name="Tomcat 10", says=_of_jar("Tomcat", _TOMCAT), start=_tomcat, needs=[_JAVA, _TOMCAT]),
    Machine(name="Jetty 12", says=_of_jar("Jetty", _JETTY), start=_jetty, needs=[_JAVA, _JETTY]),
    Machine(
        name="puma, Sinatra", says=lambda: _word(_PUMA, "--version"), start=_sinatra, needs=[_PUMA, _SINATRA],
        format='apache:%h %l %u %t "%r" %>s %b %D',
    ),
)  # fmt: skip
MACHINES = {machine.name: machine for machine in _ALL}
