"""What a mail server says and when, to the byte: which reply belongs to which command, and what is known when it stops in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from tests.waiting import HANG

from whosaw.sending.dialogue import as_sent, envelope
from whosaw.sending.smtp import Answer, MailServer, SmtpLine

Said = Callable[[bytes], bytes | None]
"""What the server says to a line; None: it hangs up."""
_OFFERS = b"250-peer\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


def _serving(said: Said, use: Callable[[SmtpLine], Awaitable[None]], *, at_once: bool = True) -> list[bytes]:
    """Use a line to a server that answers so, and give what it was told, line by line, after the greeting."""
    told: list[bytes] = []
    served: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None
        served.append(own)
        writer.write(b"220 peer\r\n")
        while line := await reader.readline():
            if line.startswith(b"EHLO"):
                writer.write(_OFFERS if at_once else b"250 peer\r\n")
                continue
            told.append(line)
            answer = said(line)
            if answer is None:
                break
            writer.write(answer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            line = SmtpLine(MailServer(host="127.0.0.1", port=port, clear=True, seconds=HANG))
            await use(line)
            await line.close()
            await asyncio.gather(*served)

    asyncio.run(run())
    return told


def _by_word(**answers: bytes | None) -> Said:
    usual = {
        "MAIL": b"250 ok\r\n",
        "RCPT": b"250 ok\r\n",
        "DATA": b"354 go on\r\n",
        "END": b"250 taken\r\n",
        "RSET": b"250 ok\r\n",
        "QUIT": b"221 bye\r\n",
    }
    known = {**usual, **answers}

    def said(line: bytes) -> bytes | None:
        return next(
            (
                answer
                for word, answer in known.items()
                if line.decode().startswith(word.replace("END", ".\r\n"))
            ),
            b"",
        )

    return said


async def _one(line: SmtpLine) -> Answer | None:
    answer = await line.begin("n1@duka.example.org", "a@example.org")
    return answer or await line.deliver(b"Subject: x\r\n\r\n.hidden\r\n")


async def _over(line: SmtpLine) -> None:
    async with asyncio.timeout(HANG):
        while line._talk is not None and line._talk.open:
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_message_is_taken_and_a_further_one_follows_on_the_same_connection(at_once: bool) -> None:
    answers: list[Answer | None] = []

    async def use(line: SmtpLine) -> None:
        answers.extend([await _one(line), await _one(line)])

    told = _serving(_by_word(), use, at_once=at_once)
    assert answers == [Answer(state="accepted", code=250, reply="taken")] * 2
    one = [
        b"MAIL FROM:<n1@duka.example.org>\r\n", b"RCPT TO:<a@example.org>\r\n", b"DATA\r\n", b"Subject: x\r\n", b"\r\n", b"..hidden\r\n",
        b".\r\n",
    ]  # fmt: skip
    assert told == [*one, *one, b"QUIT\r\n"]


@pytest.mark.parametrize(
    ("answers", "state", "code", "over"),
    [
        (
            {"MAIL": b"451 4.7.1 later\r\n", "RCPT": b"503 no\r\n", "DATA": b"503 no\r\n"},
            "deferred",
            451,
            False,
        ),
        ({"RCPT": b"550-5.1.1 nobody\r\n550 5.1.1 here\r\n", "DATA": b"554 none\r\n"}, "bounced", 550, False),
        ({"RCPT": b"550 5.1.1 nobody\r\n"}, "bounced", 550, True),  # it would take data for nobody
        ({"DATA": b"452 4.3.1 full\r\n"}, "deferred", 452, False),
        ({"MAIL": b"421 4.3.2 closing\r\n"}, "deferred", 421, True),
        ({"RCPT": None}, "deferred", None, True),
        ({"MAIL": b"what\r\n"}, "deferred", None, True),
        ({"MAIL": b"250 ok\r\n" * 9}, "deferred", 250, True),  # more replies than commands
    ],
)
def test_what_is_refused_before_the_data_is_known_and_no_data_leaves(
    answers: dict[str, bytes | None], state: str, code: int | None, over: bool
) -> None:
    found: list[Answer | None] = []

    async def use(line: SmtpLine) -> None:
        found.append(await _one(line))

    told = _serving(_by_word(**answers), use)
    (answer,) = found
    assert answer is not None
    assert (answer.state, answer.code, answer.over) == (state, code, over)
    assert b"Subject: x\r\n" not in told
    assert (b"RSET\r\n" in told) == (not over)


@pytest.mark.parametrize(
    ("end", "state", "over"),
    [
        (None, "unknown", True),
        (b"who knows\r\n", "unknown", True),
        (b"354 what\r\n", "unknown", True),
        (b"451 4.3.0 later\r\n", "deferred", False),
        (b"421 4.3.0 later, and closing\r\n", "deferred", True),
        (b"250 taken\r\n250 and again\r\n", "accepted", False),
    ],
)
def test_only_a_reply_to_the_data_says_how_it_ended(end: bytes | None, state: str, over: bool) -> None:
    found: list[Answer | None] = []

    async def use(line: SmtpLine) -> None:
        found.append(await _one(line))

    _serving(_by_word(END=end), use)
    (answer,) = found
    assert answer is not None
    assert (answer.state, answer.over) == (state, over)


def test_what_a_server_says_when_nothing_was_asked_is_no_answer_to_what_is_asked_later() -> None:
    found: list[Answer | None] = []

    async def use(line: SmtpLine) -> None:
        found.append(await _one(line))
        await _over(line)
        found.append(await _one(line))

    told = _serving(_by_word(END=b"250 taken\r\n550 5.1.1 of somebody else\r\n"), use)
    assert [each.state for each in found if each] == ["accepted", "accepted"]
    assert sum(each.startswith(b"MAIL") for each in told) == 2


def test_a_connection_that_breaks_before_the_data_left_leaves_nothing_unknown() -> None:
    found: list[Answer | None] = []

    async def use(line: SmtpLine) -> None:
        assert await line.begin("n1@duka.example.org", "a@example.org") is None
        await _over(line)
        found.append(await line.deliver(b"Subject: x\r\n\r\n"))

    told = _serving(_by_word(DATA=b"354 go on\r\n421 4.3.2 closing\r\n"), use)
    assert [(each.state, each.over) for each in found if each] == [("deferred", True)]
    assert b"Subject: x\r\n" not in told


@pytest.mark.parametrize(
    ("data", "sent"),
    [
        (b"a\r\nb\r\n", b"a\r\nb\r\n.\r\n"),
        (b"a\nb\rc", b"a\r\nb\r\nc\r\n.\r\n"),
        (b".\r\n.\r\n..\r\n", b"..\r\n..\r\n...\r\n.\r\n"),
        (b"a\n.\nMAIL FROM:<b>\n", b"a\r\n..\r\nMAIL FROM:<b>\r\n.\r\n"),
        (b"a\r.\rb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_nothing_in_a_message_ends_it(data: bytes, sent: bytes) -> None:
    assert as_sent(data) == sent


@pytest.mark.parametrize(
    "address", ["a@b>\r\nDATA", "a b@example.org", "\u00e4@example.org", "a@b\0", "<a@b>"]
)
def test_an_address_names_nothing_but_one_mailbox(address: str) -> None:
    for pair in ((address, "a@example.org"), ("a@example.org", address)):
        with pytest.raises(ValueError, match="an address"):
            envelope(*pair)
