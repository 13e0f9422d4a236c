"""The tables of `sending.sqlite`. Instants are microseconds since 1970 UTC. They stand apart from the journal, whose writers would else
wait for every message; the journal has what a person decided, and the digests of what was frozen."""

from __future__ import annotations

from whosaw.store import statements as sa

__all__ = ["GUARDS", "sending_tables"]


class sending_tables:  # noqa: N801  # a namespace, read like a module: sending_tables.attempt
    """A recipient is (sending, part, row): a row of a part, and a part is all recipients of one channel and wave."""

    sending = sa.Table(
        "sending",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("since", sa.Integer),  # the version whose people were told already
        sa.Column("frozen", sa.BigInteger, nullable=False),
        sa.Column("manifest", sa.String, nullable=False),  # file that says what was frozen
        sa.Column("entry", sa.Integer, nullable=False),  # of the journal, which holds the digest of it
        sa.Column("stopped", sa.Text),  # why nothing more goes before a person says so
    )
    part = sa.Table(
        "part",
        sa.Column("sending", sa.Integer, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("next", sa.BigInteger, nullable=False, default=0),  # the first row that was never leased
    )
    release = sa.Table(
        "release",
        sa.Column("sending", sa.Integer, primary_key=True),
        sa.Column("wave", sa.Integer, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
    )
    attempt = sa.Table(
        "attempt",
        sa.Column("sending", sa.Integer, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("row", sa.BigInteger, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),  # the first attempt is 1
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("handed", sa.BigInteger),  # written before the data leaves
        sa.Column("answered", sa.BigInteger),  # written after the reply
        sa.Column("next", sa.BigInteger),  # not to be tried before; null: not to be tried
        sa.Column("code", sa.Integer),
        sa.Column("reply", sa.Text),  # without addresses
    )
    bounce = sa.Table(
        "bounce",
        sa.Column("digest", sa.String(64), primary_key=True),  # of the message, so that it is read once
        sa.Column("sending", sa.Integer, nullable=False, index=True),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("row", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String, nullable=False),  # failed, delayed, complaint
        sa.Column("status", sa.String, nullable=False),  # RFC 3463, such as 5.1.1; empty where none is told
        sa.Column("read", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.Boolean, nullable=False),  # whether it was the one that ended the delivery
    )
    tally = sa.Table(
        "tally",  # recipients by the state of their last attempt; who has none is not in it
        sa.Column("sending", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("state", sa.String, primary_key=True),
        sa.Column("people", sa.BigInteger, nullable=False),
    )


# the second one is the promise itself: no recipient has two attempts that are under way, taken, or of unknown end
GUARDS = (
    'CREATE INDEX IF NOT EXISTS attempt_due ON attempt(sending, channel, "next") WHERE "next" IS NOT NULL',
    "CREATE UNIQUE INDEX IF NOT EXISTS attempt_once ON attempt(sending, part, \"row\") WHERE state IN ('leased', 'handed over', 'accepted', 'unknown')",
    "CREATE INDEX IF NOT EXISTS attempt_open ON attempt(sending, state) WHERE state IN ('leased', 'handed over', 'unknown')",
)
