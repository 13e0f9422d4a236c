"""Web servers: files on disk, and in front of applications."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.nginx import nginx
from tests.e2e.servers import as_root, free_port, running
from tests.servers.app_servers import express, gunicorn
from tests.servers.machine import APPS, run

__all__ = [
    "APACHE",
    "CADDY",
    "FPM",
    "HAPROXY",
    "LIGHTTPD",
    "apache_files",
    "apache_names",
    "apache_proxy",
    "caddy_files",
    "caddy_matchers",
    "haproxy",
    "lighttpd",
    "lighttpd_path_info",
    "nginx_files",
    "nginx_proxy",
    "php",
]


def _pages(folder: Path) -> Path:
    """The pages as files."""
    root = folder / "www"
    (root / "my").mkdir(parents=True)
    (root / "customers").mkdir()
    (root / "my" / "info").write_text(
        "A page as a shop shows it, with name, address, telephone and orders: [[page my-info of -]]\n"
    )
    for one in range(1, 41):
        (root / "customers" / str(one)).write_text(
            f"A page as a shop shows it, with name, address, telephone and orders: [[page customer of {one}]]\n"
        )
    return root


def nginx_files(stack: ExitStack, folder: Path, port: int) -> None:
    root = _pages(folder)
    stack.enter_context(
        nginx(folder, port, f"root {root}; location /customers/ {{ alias {root}/customers/; }}")
    )


def nginx_proxy(stack: ExitStack, folder: Path, port: int) -> None:
    inner = free_port()
    express(stack, folder, inner, log=folder / "inner.log")
    stack.enter_context(nginx(folder, port, f"location / {{ proxy_pass http://127.0.0.1:{inner}; }}"))


APACHE = Path("/usr/sbin/apache2")
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
    user = as_root("User www-data\nGroup www-data")
    conf.write_text(_APACHE_CONF.format(folder=folder, port=port, modules=load, server=server, user=user))
    run(stack, folder, port, "apache", APACHE, "-f", conf, "-DFOREGROUND")


def _reachable(folder: Path) -> None:
    for each in (*folder.parents, folder):  # its workers are another user
        if os.geteuid() == 0 and each.stat().st_uid == 0 and str(each).startswith(("/tmp/", "/dev/shm/")):
            each.chmod(each.stat().st_mode | 0o711)


def apache_files(stack: ExitStack, folder: Path, port: int) -> None:
    root = _pages(folder)
    _reachable(folder)
    server = (
        f"DocumentRoot {root}\n<Directory {root}>\nRequire all granted\nOptions FollowSymLinks\n</Directory>"
    )
    _apache(stack, folder, port, ("authz_core", "dir", "mime"), f"{server}\nTypesConfig /dev/null")


def apache_names(stack: ExitStack, folder: Path, port: int) -> None:
    """Every page asks for a name, and any name with any password is let in, so that the log has it."""
    root = _pages(folder)
    _reachable(folder)
    access = (
        "Require valid-user\nAuthType Basic\nAuthName shop\nAuthBasicProvider anon\n"
        "Anonymous *\nAnonymous_MustGiveEmail Off\nAnonymous_LogEmail Off\nAnonymous_VerifyEmail Off"
    )
    modules = ("authz_core", "authz_user", "authn_core", "auth_basic", "authn_anon", "dir", "mime")
    server = f"DocumentRoot {root}\n<Directory {root}>\n{access}\n</Directory>\nTypesConfig /dev/null"
    _apache(stack, folder, port, modules, server)


def apache_proxy(stack: ExitStack, folder: Path, port: int) -> None:
    inner = free_port()
    express(stack, folder, inner, log=folder / "inner.log")
    server = f"ProxyPass / http://127.0.0.1:{inner}/ nocanon\nAllowEncodedSlashes NoDecode"
    _apache(stack, folder, port, ("authz_core", "proxy", "proxy_http"), server)


LIGHTTPD = Path("/usr/sbin/lighttpd")
_LIGHTTPD_CONF = """\
server.modules = ( "mod_accesslog" )
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{root}"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ( "{folder}" )
accesslog.filename = "{folder}/access.log"
mimetype.assign = ( "" => "text/html" )
{more}
"""


def lighttpd(stack: ExitStack, folder: Path, port: int) -> None:
    _lighttpd(stack, folder, port, 'static-file.disable-pathinfo = "enable"')


def lighttpd_path_info(stack: ExitStack, folder: Path, port: int) -> None:
    """As it is by default: a file is the answer for whatever follows its name."""
    _lighttpd(stack, folder, port, "")


def _lighttpd(stack: ExitStack, folder: Path, port: int, more: str) -> None:
    conf = folder / "lighttpd.conf"
    conf.write_text(_LIGHTTPD_CONF.format(folder=folder, port=port, root=_pages(folder), more=more))
    run(stack, folder, port, "lighttpd", LIGHTTPD, "-D", "-f", conf, stop=signal.SIGINT)


CADDY = Path("/usr/bin/caddy")
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
        respond "A page as a shop shows it, with name, address, telephone and orders: [[page my-info of -]]"
    }
    @customer path_regexp one ^/customers/0*([1-9][0-9]{0,2})$
    handle @customer {
        respond "A page as a shop shows it, with name, address, telephone and orders: [[page customer of {re.one.1}]]"
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
        CADDY,
        "run",
        "--adapter",
        "caddyfile",
        "--config",
        conf,
    ]
    run(stack, folder, port, "caddy", *command)


def caddy_files(stack: ExitStack, folder: Path, port: int) -> None:
    _caddy(stack, folder, port, f"root * {_pages(folder)}\n    file_server")


def caddy_matchers(stack: ExitStack, folder: Path, port: int) -> None:
    _caddy(stack, folder, port, _MATCHERS)


HAPROXY = Path("/usr/sbin/haproxy")
_HAPROXY_CONF = """\
global
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    timeout client 60s
    timeout server 60s
    timeout connect 60s
    timeout http-request 2s
frontend web
    bind 127.0.0.1:{port}
    default_backend app
backend app
    server one 127.0.0.1:{inner}
"""


def haproxy(stack: ExitStack, folder: Path, port: int) -> None:
    inside, inner = folder / "inside", free_port()
    inside.mkdir()
    gunicorn("flask_app")(stack, inside, inner)
    conf = folder / "haproxy.cfg"
    conf.write_text(_HAPROXY_CONF.format(port=port, inner=inner))
    run(stack, folder, port, "haproxy", HAPROXY, "-db", "-f", conf, stop=signal.SIGUSR1)


FPM = Path("/usr/sbin/php-fpm8.4")
_FPM_CONF = """\
[global]
error_log = {folder}/fpm.log
daemonize = no
[www]
listen = {folder}/fpm.sock
pm = static
pm.max_children = 8
php_flag[display_errors] = off
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


def php(stack: ExitStack, folder: Path, port: int) -> None:
    (folder / "php").mkdir()
    shutil.copy(APPS / "index.php", folder / "php")
    conf = folder / "fpm.conf"
    conf.write_text(_FPM_CONF.format(folder=folder, user=as_root("user = root\ngroup = root")))
    command = [FPM, "-n", "-y", conf, "-F", *([] if os.geteuid() else ["-R"])]
    stack.enter_context(
        running(
            [str(each) for each in command],
            ready=(folder / "fpm.sock").exists,
            output=folder / "fpm.out",
            stop=signal.SIGQUIT,
        )
    )
    stack.enter_context(nginx(folder, port, _FRONT.format(folder=folder)))
