"""The servers that spellings are sent to."""

from __future__ import annotations

from tests.e2e.nginx import NGINX
from tests.servers.app_servers import (
    GO,
    HANDLERS,
    JAVA,
    JETTY,
    PUMA,
    SINATRA,
    TOMCAT,
    aiohttp,
    express,
    express_4,
    fastify,
    go,
    gunicorn,
    jetty,
    koa,
    of_jar,
    sinatra,
    tomcat,
    uvicorn,
)
from tests.servers.machine import NODE, PYTHON, Machine, of_node, of_python, word
from tests.servers.web_servers import (
    APACHE,
    CADDY,
    FPM,
    HAPROXY,
    LIGHTTPD,
    apache_files,
    apache_proxy,
    caddy_files,
    caddy_matchers,
    haproxy,
    lighttpd,
    lighttpd_path_info,
    nginx_files,
    nginx_proxy,
    php,
)

__all__ = ["MACHINES"]

_FILES = ("my-info", "customer")  # a file knows nothing of a query
_GUNICORN = PYTHON / "gunicorn"
_ALL = (
    Machine(name="nginx, files", says=lambda: word(NGINX, "-v"), start=nginx_files, pages=_FILES, needs=[NGINX]),
    Machine(name="Apache, files", says=lambda: word(APACHE, "-v"), start=apache_files, pages=_FILES, needs=[APACHE]),
    Machine(
        name="gunicorn, Flask", says=of_python("gunicorn", "flask"), start=gunicorn("flask_app"), needs=[_GUNICORN]
    ),
    Machine(name="Express 5", says=of_node("express", "morgan"), start=express, needs=[NODE / "express"]),
    Machine(
        name="gunicorn, Django", says=of_python("gunicorn", "django"), start=gunicorn("django_app"), needs=[_GUNICORN]
    ),
    Machine(
        name="nginx before Express 5", says=lambda: word(NGINX, "-v"), start=nginx_proxy, needs=[NGINX, NODE / "express"]
    ),
    Machine(
        name="Apache before Express 5", says=lambda: word(APACHE, "-v"), start=apache_proxy,
        needs=[APACHE, NODE / "express"],
    ),
    Machine(name="Express 4", says=of_node("express4", "morgan"), start=express_4, needs=[NODE / "express4"]),
    Machine(name="Fastify", says=of_node("fastify"), start=fastify, needs=[NODE / "fastify"]),
    Machine(name="Koa", says=of_node("koa", "@koa/router"), start=koa, needs=[NODE / "koa"]),
    Machine(
        name="uvicorn, FastAPI", says=of_python("uvicorn", "fastapi"), start=uvicorn, needs=[PYTHON / "uvicorn"],
        format="uvicorn-timed",
    ),
    Machine(
        name="aiohttp", says=of_python("aiohttp"), start=aiohttp, needs=[PYTHON / "uvicorn"],
        format='apache:%a %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    ),
    Machine(name="lighttpd, files", says=lambda: word(LIGHTTPD, "-v"), start=lighttpd, pages=_FILES, needs=[LIGHTTPD]),
    Machine(
        name="lighttpd, path info (tail)", says=lambda: word(LIGHTTPD, "-v"), start=lighttpd_path_info, pages=_FILES,
        needs=[LIGHTTPD], tail=True,
    ),
    Machine(name="Caddy, files", says=lambda: "Caddy " + word(CADDY, "version"), start=caddy_files, pages=_FILES, needs=[CADDY]),
    Machine(name="Caddy, matchers", says=lambda: "Caddy " + word(CADDY, "version"), start=caddy_matchers, pages=_FILES, needs=[CADDY]),
    Machine(
        name="HAProxy before gunicorn, Flask", says=lambda: word(HAPROXY, "-v"), start=haproxy, needs=[HAPROXY, _GUNICORN],
        log="haproxy.out", zone="UTC",
    ),
    Machine(name="Go ServeMux", says=lambda: word(GO, "version"), start=go, needs=[GO, HANDLERS]),
    Machine(
        name="nginx, PHP-FPM", says=lambda: f"{word(NGINX, '-v')}, {word(FPM, '-n', '-v')}", start=php, needs=[NGINX, FPM]
    ),
    Machine(name="Tomcat 10", says=of_jar("Tomcat", TOMCAT), start=tomcat, needs=[JAVA, TOMCAT]),
    Machine(name="Jetty 12", says=of_jar("Jetty", JETTY), start=jetty, needs=[JAVA, JETTY]),
    Machine(
        name="puma, Sinatra", says=lambda: word(PUMA, "--version"), start=sinatra, needs=[PUMA, SINATRA],
        format='apache:%h %l %u %t "%r" %>s %b %D',
    ),
)  # fmt: skip
MACHINES = {machine.name: machine for machine in _ALL}
