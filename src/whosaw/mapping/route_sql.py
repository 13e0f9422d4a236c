"""The SQL that finds the route of each event and, where one column holds it, the subject."""

from __future__ import annotations

from collections.abc import Sequence

from whosaw.core.instants import format_instant
from whosaw.store.sql import quote_text

from .route import Route

__all__ = ["FAST_SOURCES", "NO_CONTENT_METHODS", "needed_columns", "route_statement"]

# a subject that is one function of one column is read in the same pass as the route
FAST_SOURCES = frozenset({"path", "principal", "object"})
# none of these carries a representation back (RFC 9110 sections 9.3.2, 9.3.6-9.3.8)
NO_CONTENT_METHODS = ("HEAD", "OPTIONS", "TRACE", "CONNECT")
_MOST_STARTS = 8
_LIST_OF_METHODS = 40  # bytes: GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS
_NO_CONTENT_STATUS = "(204, 205)"
# What PostgreSQL asks itself for a foreign key (ri_triggers.c). An audit log holds it among the statements of
# whoever wrote the row that refers; they are shown nothing.
_FOREIGN_KEY_CHECK = "'SELECT 1 FROM (ONLY )?[^\n]+ x WHERE [^\n]+ FOR KEY SHARE OF x'"


def needed_columns(routes: Sequence[Route]) -> tuple[str, ...]:
    """The canonical columns that `route_statement` reads, sorted."""
    needed = {"time", "method", "status", "ok", "rows", "path", "principal"}
    for route in routes:
        match = route.match
        needed |= {"query", "fields"} if match.other_methods else set()
        needed |= {"host"} if match.host else set()
        needed |= {"action"} if match.actions else set()
        needed |= {"object"} if match.object else set()
        needed |= {"query"} if match.query else set()
        needed |= {"statement"} if _may_be_sql(route) else set()
    return tuple(sorted(needed))


def route_statement(routes: Sequence[Route], *, lax: bool = False) -> str:
    """A statement over the table `e`; one row for each of its rows, in the same order.

    Columns: route (-1 for none), value (the subject's text for FAST_SOURCES, else null), view, undecided
    (a route fits, but the log does not say whether the request succeeded), failed (the log says that it did not).

    `lax` takes what another server might: any method that can have an answer, hosts and query fields that are the route's
    once they are squeezed. The paths of `e` are then spelled as the map spells them.
    """
    tests = " ".join(f"WHEN {_test(route, lax=lax)} THEN {number}" for number, route in enumerate(routes))
    route = f"CASE {_gate(routes)}{tests} ELSE -1 END" if tests else "-1"
    values = " ".join(f"WHEN {number} THEN {sql}" for number, sql in _values(routes))
    value = f"CASE r {values} ELSE NULL END" if values else "NULL"
    done = "coalesce(ok, status BETWEEN 200 AND 299)"
    method = _lax_content() if lax else f"method NOT IN {NO_CONTENT_METHODS}"
    carries = (
        f"(method IS NULL OR {method})"
        f" AND (status IS NULL OR status NOT IN {_NO_CONTENT_STATUS}) AND (rows IS NULL OR rows <> 0)"
    )
    if any(map(_may_be_sql, routes)):
        carries += f" AND (statement IS NULL OR NOT regexp_full_match(statement, {_FOREIGN_KEY_CHECK}))"
    return (
        f"SELECT r::SMALLINT AS route, ({value})::VARCHAR AS value,"
        f" r >= 0 AND coalesce({done}, false) AND {carries} AS view,"
        f" r >= 0 AND {done} IS NULL AND {carries} AS undecided,"
        f" NOT coalesce({done}, true) AS failed"
        f" FROM (SELECT *, {route} AS r FROM e)"
    )


def _may_be_sql(route: Route) -> bool:
    return route.match.path is None


def _gate(routes: Sequence[Route]) -> str:
    """A first branch for what no route can fit by its first segment: most of a log, at little cost."""
    starts: set[str] = set()
    for route in routes:
        template = route.match.path
        if template is None or route.match.ignore_case:
            return ""
        starts.add("/" + template.prefix[1:].partition("/")[0])
    if "/" in starts or len(starts) > _MOST_STARTS:
        return ""
    tests = " OR ".join(f"starts_with(path, {quote_text(start)})" for start in sorted(starts))
    return f"WHEN NOT coalesce({tests}, false) THEN -1 "


def _values(routes: Sequence[Route]) -> list[tuple[int, str]]:
    out = []
    for number, route in enumerate(routes):
        subject, match = route.subject, route.match
        if subject.source == "principal":
            out.append((number, "principal"))
        elif subject.source == "path" and match.path and subject.name:
            out.append((number, match.path.sql_value("path", subject.name, ignore_case=match.ignore_case)))
        elif subject.source == "object" and match.object and subject.name:
            out.append((number, match.object.sql_value("object", subject.name)))
    return out


def _lax_content() -> str:
    """Scripts that look at no method answer any with their page. OPTIONS has honest answers, too: lists of methods, which are
    shorter than pages. Nobody sends a body after HEAD, but `Head` is HEAD to some servers only."""
    method = "upper(trim(method))"
    size = f"CASE {method} WHEN 'OPTIONS' THEN coalesce(bytes, 0) > {_LIST_OF_METHODS} WHEN 'HEAD' THEN coalesce(bytes, 1) > 0 ELSE true END"
    return f"(trim(method) <> 'HEAD' AND {size})"


def _test(route: Route, *, lax: bool) -> str:
    match = route.match
    parts = []
    if match.path is not None:
        parts.append(match.path.sql_test("path", ignore_case=match.ignore_case))
    if match.methods and not lax:
        parts.append(f"method IN ({', '.join(map(quote_text, match.methods))})")
    if match.other_methods and lax:
        parts.append(f"NOT {_other(match.other_methods)}")
    if match.host is not None:
        parts.append(_lax_host(match.host) if lax else _host(match.host))
    if match.actions:
        parts.append(f"({' OR '.join(map(_action, match.actions))})")
    if match.object is not None:
        parts.append(match.object.sql_test("object"))
    parts += [_parameter(name, value, lax=lax) for name, value in match.query]
    if route.since is not None:
        parts.append(f"time >= TIMESTAMPTZ {quote_text(format_instant(route.since))}")
    if route.until is not None:
        parts.append(f"time < TIMESTAMPTZ {quote_text(format_instant(route.until))}")
    return " AND ".join(parts)


def _other(methods: Sequence[str]) -> str:
    """Whether the method is one of these, spelled as it is, and nothing in the log asks the server to take another one."""
    same = f"coalesce(method IN ({', '.join(map(quote_text, methods))}), false)"
    override = "(contains(lower(coalesce(query, '')), 'method') OR contains(lower(coalesce(fields, '')), 'override'))"
    return f"({same} AND NOT {override})"


def _host(host: str) -> str:
    # a port is no part of the name, unless the map writes one
    column = (
        "rtrim(lower(host), '.')"
        if _has_port(host)
        else "rtrim(regexp_replace(lower(host), ':[0-9]+$', ''), '.')"
    )
    if host.startswith("*."):
        return f"ends_with({column}, {quote_text(host[1:])})"
    return f"{column} = {quote_text(host)}"


def _lax_host(host: str) -> str:
    """Also a host in another spelling, and one that names no site: a number goes to whatever the server shows by default."""
    column = "rtrim(lower(nfc_normalize(coalesce(TRY(url_decode(trim(host))), trim(host)))), '. ')"
    column = f"rtrim(regexp_replace(regexp_replace({column}, '^.*@', ''), ':[0-9]*$', ''), '. ')"
    bare = host.rpartition(":")[0] if _has_port(host) else host
    same = (
        f"ends_with({column}, {quote_text(bare[1:])})"
        if bare.startswith("*.")
        else f"{column} = {quote_text(bare)}"
    )
    return f"({same} OR regexp_full_match({column}, '[0-9.]*|\\[.*\\]?|localhost|_|-'))"


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdigit() and not host.endswith("]")


def _action(action: str) -> str:
    if action.endswith("*"):
        return f"starts_with(action, {quote_text(action[:-1])})"
    return f"action = {quote_text(action)}"


def _parameter(name: str, value: str, *, lax: bool) -> str:
    read = "coalesce(TRY(url_decode(replace({0}, '+', ' '))), {0})"
    texts = "string_split(query, '&')"
    if lax:
        # names of lists (a[]), both separators, and any case
        read = f"regexp_replace(lower(trim({read})), '\\[[^\\]]*\\]$', '')"
        name, value, texts = name.lower(), value.lower(), "regexp_split_to_array(query, '[&;?]')"
    same = read.format("split_part(x, '=', 1)") + f" = {quote_text(name)}"
    if value != "*":
        right = "(CASE WHEN contains(x, '=') THEN substring(x, strpos(x, '=') + 1) ELSE '' END)"
        same += f" AND {read.format(right)} = {quote_text(value)}"
    return f"len(list_filter({texts}, lambda x: {same})) > 0"
