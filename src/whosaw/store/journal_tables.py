"""The tables of the journal, the cases and the manifest, as they are in every database that may hold them."""

from __future__ import annotations

from . import statements as sa

__all__ = ["tables"]


class tables:  # noqa: N801  # a namespace, read like a module: tables.segment
    """The tables of the manifest. Instants are microseconds since 1970 UTC; hours count from 1970."""

    setting = sa.Table(
        "setting", sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.String)
    )
    entry = sa.Table(
        "journal",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    custody = sa.Table(
        "custody",
        sa.Column("seq", sa.Integer, primary_key=True),  # of the entry that is signed
        sa.Column("key", sa.String(64), nullable=False),  # public half of the key that signed it
        sa.Column(
            "next", sa.String(64), nullable=False
        ),  # public half of the key that signs the entry after it
        sa.Column("signature", sa.String(128), nullable=False),
    )
    content = sa.Table(
        "content",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False, index=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("place", sa.Text, nullable=False),  # JSON: how to open it again
        sa.Column(
            "stamp", sa.String, nullable=False
        ),  # JSON: size and mtime_ns of the file when last read, and its place in an archive or ETag
        sa.Column("head", sa.String(64), nullable=False, index=True),  # digest of the first bytes
        sa.Column("head_size", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),  # unpacked bytes read
        sa.Column("digest", sa.String(64), nullable=False),  # of those bytes
        sa.Column("format", sa.String, nullable=False),
        sa.Column("confidence", sa.Float),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("config", sa.String(64), nullable=False),  # digest of format item, zone and map
        sa.Column("zone", sa.String),
        sa.Column("fault", sa.String),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("read_in", sa.Integer, nullable=False),  # scan number
        sa.Column("mtime", sa.BigInteger),
        sa.Column("note", sa.Text),
        sa.Column("replaced_by", sa.Integer),
    )
    segment = sa.Table(
        "segment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("content", sa.Integer, nullable=False, index=True),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
        sa.Column("first_line", sa.BigInteger, nullable=False),
        sa.Column("lines", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("rejects", sa.BigInteger, nullable=False),
        sa.Column("comments", sa.BigInteger, nullable=False),
        sa.Column("continued", sa.BigInteger, nullable=False),
        sa.Column("duplicates", sa.BigInteger, nullable=False),
        sa.Column("views", sa.BigInteger, nullable=False),
        sa.Column("terminated", sa.Boolean, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, index=True),  # of the content up to `end`
        sa.Column("first_time", sa.BigInteger),
        sa.Column("last_time", sa.BigInteger),
        sa.Column("back_step", sa.BigInteger, nullable=False),  # largest step back in time, microseconds
        sa.Column("map", sa.String(64)),
        sa.Column("files", sa.Text, nullable=False),  # JSON: kind -> file name
        sa.Column("state", sa.Text),  # what the parser carries on from it
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("indexed", sa.Boolean, nullable=False),
    )
    hour = sa.Table(
        "hour",
        sa.Column("segment", sa.Integer, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("rejects", sa.BigInteger, nullable=False),
        sa.Column("duplicates", sa.BigInteger, nullable=False),
        sa.Column(
            "cross", sa.BigInteger, nullable=False, default=0
        ),  # duplicates of events in other segments
        sa.Column("minutes", sa.BigInteger, nullable=False),  # bit m: an event in minute m
    )
    harmless = sa.Table(
        "harmless",
        sa.Column("segment", sa.Integer, nullable=False, index=True),
        sa.Column("hour", sa.Integer),  # as the rejects of `hour`; null where a segment has no event to go by
        sa.Column(
            "rejects", sa.BigInteger, nullable=False
        ),  # of which the text surely holds no request for a page of the map
    )
    route = sa.Table(
        "route",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("map", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    index = sa.Table(
        "index_file",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),  # identities, clients, views, exposures, duplicates
        sa.Column("file", sa.String, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
    )
    part = sa.Table(
        "part",  # where the rows of one kind of one day stand
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),  # since 1970
        sa.Column(
            "range", sa.String, primary_key=True
        ),  # first bits of digests of persons; empty: all of the day
        sa.Column("since", sa.Integer, primary_key=True),  # the round that made it
        sa.Column(
            "until", sa.Integer, index=True
        ),  # the round that made another in its place; null: in force
        sa.Column("file", sa.String, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),  # row of the file
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String, nullable=False),  # of its rows, as `build/row_digest.py` has it
        sa.Column(
            "edges", sa.Text, nullable=False
        ),  # JSON: hours -> digests of its first and last so many hours
    )
    segment_rows = sa.Table(
        "segment_rows",
        sa.Column("segment", sa.Integer, primary_key=True),
        sa.Column("hours", sa.Text, nullable=False),  # JSON: hour -> row digests of its events, and of `more`
    )
    made = sa.Table(
        "made",
        sa.Column("step", sa.String, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),  # of all that was read
        sa.Column(
            "read", sa.Text, nullable=False
        ),  # JSON: what was read, by the word for it -> a short digest
        sa.Column("kept", sa.Text, nullable=False),  # JSON: kind -> digest of the rows that were made
        sa.Column("round", sa.Integer, nullable=False),
    )
    fact = sa.Table(
        "fact",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),  # as of which
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.Text, nullable=False),  # JSON
        sa.Column("round", sa.Integer, nullable=False),
    )
    rounds = sa.Table(
        "round",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("begun", sa.BigInteger, nullable=False),
        sa.Column("program", sa.String(64), nullable=False),  # digest of the code of all steps
        sa.Column("inputs", sa.Text, nullable=False),  # JSON: all that it begins with
        sa.Column("ended", sa.BigInteger),  # null: it was not, or was given up
        sa.Column("roots", sa.Text),  # JSON: step -> key of all that it could read in the end
    )
    tombstone = sa.Table(
        "tombstone",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),  # of the rows that went
    )
    finding = sa.Table(
        "finding",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    finding_name = sa.Table(
        "finding_name",
        sa.Column("id", sa.String, primary_key=True),  # every id that a finding was ever told under
        sa.Column("seq", sa.Integer, nullable=False),  # the oldest is 1
        sa.Column("anchor", sa.String(32), nullable=False),  # the flag that it belongs to
        sa.Column("state", sa.String, nullable=False),  # found, part, explained, gone
        sa.Column("of", sa.String),  # whose part it is
        sa.Column("split_from", sa.String),
        sa.Column("since", sa.BigInteger),  # when it became what it is
        sa.Column("why", sa.Text, nullable=False),  # JSON: what had changed by then
        sa.Column("body", sa.Text),  # JSON: the finding as it was last found
    )
    finding_key = sa.Table(
        "finding_key",
        sa.Column(
            "key", sa.String(32), primary_key=True
        ),  # of a flag: its detector, its clause and its party
        sa.Column("id", sa.String, nullable=False),  # under which it was told first
        sa.Column("seq", sa.Integer, nullable=False),
    )
    thread = sa.Table(
        "thread",
        sa.Column(
            "finding", sa.String, primary_key=True
        ),  # every id that the party was or could be found under
        sa.Column("thread", sa.String, nullable=False),  # the one it was told of first
    )
    alert = sa.Table(
        "alert",
        sa.Column("sink", sa.String, primary_key=True),
        sa.Column("thread", sa.String, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column(
            "joining", sa.Integer, primary_key=True
        ),  # how often others had become part of it; 0: it grew
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),  # JSON: whether new, who joined, and the finding
        sa.Column("state", sa.String, nullable=False),  # waiting, sending, sent
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next", sa.BigInteger, nullable=False),  # not to be tried before
        sa.Column("sent", sa.BigInteger),
        sa.Column("fault", sa.String),  # why the last attempt failed
    )
    case_version = sa.Table(
        "case_version",
        sa.Column("case", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("document", sa.String, nullable=False),  # file of the canonical document
        sa.Column("sets", sa.Text, nullable=False),  # JSON: name of a set of persons -> its file
        sa.Column("inputs", sa.String, nullable=False),  # file that lists what the ledger held then
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),  # number of the journal entry that holds the digests
    )
    account = sa.Table(
        "account",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("roles", sa.String, nullable=False),  # one beside the other, with a blank between
        sa.Column(
            "password", sa.String
        ),  # argon2id, with its own parameters and salt; null: none was chosen yet
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.BigInteger),  # null: it is open
        sa.Column(
            "failed", sa.Integer, nullable=False, default=0
        ),  # wrong passwords since the last right one
        sa.Column("wait_until", sa.BigInteger, nullable=False, default=0),  # before which none is tried
    )
    invitation = sa.Table(
        "invitation",
        sa.Column("token", sa.String(64), primary_key=True),  # SHA-256 of what the link holds
        sa.Column("account", sa.String, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
    )
    login = sa.Table(
        "login",
        sa.Column("token", sa.String(64), primary_key=True),  # SHA-256 of what the cookie holds
        sa.Column("account", sa.String, nullable=False, index=True),
        sa.Column("begun", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("purpose", sa.String, nullable=False, default=""),  # why people are looked at
    )
    passkey = sa.Table(
        "passkey",
        sa.Column("id", sa.String, primary_key=True),  # as the browser names it, base64url
        sa.Column("account", sa.String, nullable=False, index=True),
        sa.Column("key", sa.Text, nullable=False),  # COSE public key, hex
        sa.Column("count", sa.BigInteger, nullable=False),  # of signatures, as the device counts them
        sa.Column("name", sa.String, nullable=False),  # what its owner calls it
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger),  # null: never yet
    )
    subject = sa.Table(
        "account_subject",  # whose accounts those are that came by a provider
        sa.Column("issuer", sa.String, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
    )
    session = sa.Table(
        "login_session",  # from which session at the provider a login came
        sa.Column("login", sa.String(64), primary_key=True),
        sa.Column("issuer", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("session", sa.String, nullable=False),  # empty where the provider named none
    )
    limit = sa.Table(
        "account_limit",  # accounts without a row may see the whole workspace
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("cases", sa.Text, nullable=False),  # JSON: names of the cases that it is limited to
    )
    token = sa.Table(
        "api_token",
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, index=True),  # SHA-256 of what is sent
        sa.Column("name", sa.String, nullable=False),  # whom it speaks for: an account, or a program
        sa.Column("roles", sa.String, nullable=False),  # one beside the other, with a blank between
        sa.Column("cases", sa.Text),  # JSON; null: not limited
        sa.Column("service", sa.Boolean, nullable=False),  # it speaks for a program
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.BigInteger),  # null: it was not
    )
    request = sa.Table(
        "request",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("act", sa.String, nullable=False),  # reveal, export, close-final
        sa.Column("what", sa.String, nullable=False),  # in words, without identifiers
        sa.Column("about", sa.String(64), nullable=False),  # digest of exactly what is asked for
        sa.Column("persons", sa.BigInteger),  # null: it was not counted
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("answer", sa.String),  # consent, refusal; null: nobody answered
        sa.Column("by", sa.String),  # who did
        sa.Column("answered", sa.BigInteger),
        sa.Column("used", sa.BigInteger),  # null: it was not done yet
    )
    judgment = sa.Table(
        "judgment",
        sa.Column("finding", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),  # the first of a finding is 1
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),  # new, looking, confirmed, explained
        sa.Column("assignee", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),  # the one that whoever judged had before their eyes
    )
    case_text = sa.Table(
        "case_text",  # case files as they were written in the console
        sa.Column("case", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),  # the first of a case is 1
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),  # TOML
    )
    job = sa.Table(
        "job",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),  # scan, scope, seal
        sa.Column("asked", sa.Text, nullable=False),  # JSON: what for
        sa.Column("who", sa.String, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),  # waits, runs, done, failed
        sa.Column("begun", sa.BigInteger),
        sa.Column("ended", sa.BigInteger),
        sa.Column("told", sa.Text, nullable=False, default="{}"),  # JSON: how far it is
        sa.Column(
            "answer", sa.Text, nullable=False, default=""
        ),  # where its result stands, or why there is none
    )
    remark = sa.Table(
        "remark",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("about", sa.String, nullable=False, index=True),  # such as finding/f-1 or case/spring
        sa.Column("version", sa.String, nullable=False),  # of what it spoke of; empty where that has none
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("withdrawn", sa.BigInteger),  # null: it stands
    )
    proposal = sa.Table(
        "proposal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),  # merge, split
        sa.Column("finding", sa.String, nullable=False, index=True),
        sa.Column("other", sa.String, nullable=False),  # the other finding, or what splits off as KIND=VALUE
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("decided", sa.String, nullable=False, default=""),  # yes, no; empty: not yet
        sa.Column("because", sa.Text, nullable=False, default=""),
        sa.Column("decided_by", sa.String, nullable=False, default=""),
        sa.Column("decided_at", sa.BigInteger),
    )

    own_token = sa.Table(
        "own_token",  # of a person, for what concerns themself alone
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, index=True),  # SHA-256 of what is sent
        sa.Column("subject", sa.String(32), nullable=False),  # keyed digest of whom it speaks for
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),  # null: it was not
    )
    withheld = sa.Table(
        "withheld",  # views that are shown to whom they are of later
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("actor", sa.String, nullable=False),  # a finding or a client, by number
        sa.Column("clients", sa.Text, nullable=False),  # JSON: their numbers, as they were then
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),  # null: not before its end
    )
