"""Text messages and a messenger through a provider: every answer has its state, a lost reply is unknown for good, and what the provider tells
later counts once."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.sending.shop import NOW, PEOPLE, Shop
from typer.testing import CliRunner

from whosaw.app.sending.bounces import BouncesRead, read_bounces
from whosaw.app.sending.settle import replace_failed
from whosaw.cli.main import app
from whosaw.core.errors import WhosawError
from whosaw.sending.provider import Provider
from whosaw.sending.sender import StopRule
from whosaw.sending.simulator import ENDINGS, Simulator, by_ending
from whosaw.store.sending.sending_store import SendingStore

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "message-provider.md"
MORE = (
    " A stranger opened pages of customers with a forged session. It is not known who it was. The session was shut out. Do not answer calls or messages that name these data and ask for money.",
    " Mtu asiyejulikana alifungua kurasa za wateja. Haijulikani alikuwa nani. Kikao kilifungwa. Usijibu simu wala ujumbe unaoomba pesa.",
)
NEVER = StopRule(share=1.0)


def phones(endings: list[str]) -> list[dict[str, Any]]:
    """People by telephone alone, whose numbers end as the simulator is told by."""
    return [
        {"subject": str(at), "phone": f"+82 10-{at:04}-00{endings[at % len(endings)]}", "language": "en"}
        for at in range(1, PEOPLE + 1)
    ]


@pytest.fixture
def texts(shop: Shop) -> Shop:
    """Every text message completed: a draft is short, and the check asks the same of it as of a letter."""
    for path in (shop.root / "notices").glob("*-text-message.txt"):
        path.write_text(path.read_text().strip() + MORE["-sw-" in path.name])
    return shop


def ready(texts: Shop, endings: list[str], channel: str = "text-message", **more: Any) -> Shop:
    texts.freeze(phones(endings), channels=[channel, "letter"], languages=["en"], **more)
    texts.release()
    return texts


def read(shop: Shop, port: int) -> BouncesRead:
    provider = Provider(host="127.0.0.1", port=port, clear=True)
    return read_bounces(
        "spring",
        [],
        workspace=shop.workspace,
        now=shop.clock.now(),
        most_bounces=1,
        most_complaints=1,
        provider=provider,
    )


@pytest.mark.parametrize("channel", ["text-message", "messenger"])
def test_everybody_gets_one_message_under_a_key_of_their_own(texts: Shop, channel: str) -> None:
    ready(texts, ["10"], channel)
    with Simulator() as simulator:
        done = texts.send_messages(simulator.port, channel)
        assert (done.handed, done.states) == (PEOPLE, {"accepted": PEOPLE})
        assert texts.send_messages(simulator.port, channel).handed == 0
    assert texts.counts() == {"waiting": 0, "sent": PEOPLE, "failed": 0, "excluded": 0, "unknown": 0}
    assert simulator.again == 0
    assert sorted(each["to"] for each in simulator.taken) == sorted(
        f"+8210{at:04}0010" for at in range(1, PEOPLE + 1)
    )
    assert {each["channel"] for each in simulator.taken} == {channel}
    assert len({each["key"] for each in simulator.taken}) == PEOPLE
    assert all(re.fullmatch(r"n1-\d+-\d+-1-[0-9a-f]{20}", each["id"]) for each in simulator.taken)
    (text,) = {each["text"] for each in simulator.taken if each["to"].startswith("+82100040")}
    assert "leaked" in text


def test_each_answer_has_its_state_and_a_lost_reply_is_unknown_for_good(texts: Shop) -> None:
    ready(texts, ["10", "90", "92", "93", "94", "91"])
    with Simulator() as simulator:
        texts.send_messages(simulator.port, stop=NEVER)
        assert texts.counts() == {"waiting": 0, "sent": 20, "failed": 10, "excluded": 0, "unknown": 30}
        came = len(simulator.taken)
        texts.send_messages(simulator.port, stop=NEVER)
        assert (len(simulator.taken), simulator.again) == (came, 0)
        assert texts.clock.now() >= NOW + timedelta(minutes=5)
        # what the provider tells later of those that were lost settles them; the others stay open
        told = read(texts, simulator.port)
        assert Counter(told.kinds) == {"delivered": 30}
        assert (told.ended, told.again) == (10, 20)
        assert texts.counts() == {"waiting": 0, "sent": 30, "failed": 10, "excluded": 0, "unknown": 20}
        assert read(texts, simulator.port).messages == 0
    store = SendingStore(texts.workspace)
    kept = {each.reply for each in store.attempts(1)}
    store.close()
    assert "no-such-number" in kept
    assert not any("8210" in (each or "") for each in kept)


def test_what_fails_two_days_later_is_no_longer_sent_and_letters_take_over(texts: Shop) -> None:
    rows = phones(["10", "95", "96"])
    for row in rows[:30]:
        row["post"] = "Moi Avenue 7; Nairobi"
    texts.freeze(rows, channels=["messenger", "letter"], languages=["en"])
    texts.release()
    with Simulator() as simulator:
        texts.send_messages(simulator.port, "messenger")
        assert texts.counts()["sent"] == PEOPLE
        texts.clock.at += timedelta(days=2)
        told = read(texts, simulator.port)
        assert Counter(told.kinds) == {"delivered": 20, "failed": 20, "complaint": 20}
        simulator.results.append({"id": simulator.results[0]["id"] + "0", "state": "failed"})
        assert read(texts, simulator.port).of_nobody == 1
    assert texts.counts() == {"waiting": 0, "sent": 40, "failed": 20, "excluded": 0, "unknown": 0}
    moved = replace_failed("spring", workspace=texts.workspace, reason="letters", now=texts.clock.now())
    assert (moved.people, moved.left) == (10, 10)
    assert texts.counts() == {"waiting": 10, "sent": 40, "failed": 10, "excluded": 0, "unknown": 0}


def test_complaints_of_a_messenger_stop_it(texts: Shop) -> None:
    ready(texts, ["96"], "messenger")
    with Simulator() as simulator:
        texts.send_messages(simulator.port, "messenger")
        provider = Provider(host="127.0.0.1", port=simulator.port, clear=True)
        told = read_bounces("spring", [], workspace=texts.workspace, now=texts.clock.now(), provider=provider)
        assert "complaints" in told.stopped
        with pytest.raises(WhosawError, match="stopped by itself"):
            texts.send_messages(simulator.port, "messenger")


def test_an_hour_of_busy_ends_with_everybody_told_and_is_never_called_done_before(texts: Shop) -> None:
    ready(texts, ["10"])
    until = NOW + timedelta(hours=1)
    with Simulator(rule=lambda to, times: "busy" if texts.clock.now() < until else "accepted") as simulator:
        assert texts.send_messages(simulator.port, wait=False).until is not None
        assert not texts.status().done
        texts.send_messages(simulator.port)
        assert len(simulator.taken) == PEOPLE
    assert texts.counts()["sent"] == PEOPLE


def test_a_provider_that_hangs_or_answers_oddly_leaves_messages_unknown(texts: Shop) -> None:
    ready(texts, ["10", "11", "12"])
    odd = {"11": "odd", "12": "accepted"}
    with Simulator(rule=lambda to, times: "hang" if to.endswith("00010010") else odd.get(to[-2:], "accepted")) as simulator:  # fmt: skip
        texts.send_messages(simulator.port, seconds=2.0)
    assert texts.counts()["unknown"] == 20
    assert texts.counts()["sent"] == 40


def test_it_goes_no_faster_than_the_provider_says_nor_than_was_asked(texts: Shop) -> None:
    ready(texts, ["10"])
    with Simulator(a_minute=20) as simulator:
        texts.send_messages(simulator.port, a_minute=100)
    assert texts.clock.now() - NOW >= timedelta(seconds=(PEOPLE - 1) * 3)
    assert texts.counts()["sent"] == PEOPLE


def test_nothing_leaves_where_the_provider_cannot_take_it(texts: Shop) -> None:
    for path in (texts.root / "notices").glob("*-text-message.txt"):
        path.write_text(path.read_text() + " " + "x" * 2_000)
    ready(texts, ["10"])
    with Simulator(token="right") as simulator:
        with pytest.raises(WhosawError, match="does not take the token"):
            texts.send_messages(simulator.port, token="wrong")
        with pytest.raises(WhosawError, match=r"and 127\.0\.0\.1 takes 2,000"):
            texts.send_messages(simulator.port, token="right")
        assert simulator.taken == []
        port = simulator.port
    with pytest.raises(WhosawError, match="cannot be reached"):
        texts.send_messages(port)
    assert texts.counts()["waiting"] == PEOPLE


def test_a_text_message_that_leaves_something_out_is_not_frozen(shop: Shop) -> None:
    with pytest.raises(WhosawError, match="not said"):
        shop.freeze(phones(["10"]), channels=["text-message"])


def test_a_person_sends_messages_and_asks_for_results_by_commands(
    texts: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(texts, ["10", "95"])
    monkeypatch.setenv("WHOSAW_MESSAGE_TOKEN", "right")
    with Simulator(token="right") as simulator:
        given = ("-w", str(texts.workspace), "--via", simulator.address)
        clear = CliRunner().invoke(app, ["notice", "send", "spring", *given, "--from", "15880000"])
        assert (clear.exit_code, "offers no TLS" in clear.stderr) == (2, True)
        sent = CliRunner().invoke(
            app, ["notice", "send", "spring", *given, "--clear", "--from", "15880000", "--json"]
        )
        assert json.loads(sent.stdout)["states"] == {"accepted": PEOPLE}, sent.stderr
        asked = CliRunner().invoke(
            app, ["notice", "bounces", "spring", *given, "--clear", "--stop-at", "1", "--json"]
        )
        assert json.loads(asked.stdout)["kinds"] == {"delivered": 30, "failed": 30}, asked.stderr
    assert "right" not in sent.stdout + sent.stderr + asked.stdout + asked.stderr


def test_the_page_says_what_the_simulator_does() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for ending, rule in ENDINGS.items():
        assert f"| `{ending}` | " in page, ending
        assert by_ending(f"+8210{ending}", 1) == rule
    blocks = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    offer, message, taken, refused, results = blocks
    with Simulator() as simulator:
        assert _ask(simulator, "GET", "/")[1] == offer
        assert _ask(simulator, "POST", "/messages", message) == (202, taken)
        assert _ask(simulator, "POST", "/messages", message) == (202, taken)
        assert (len(simulator.taken), simulator.again) == (1, 1)
        nobody = {**message, "to": "+821000000090", "key": "0" * 32}
        assert _ask(simulator, "POST", "/messages", nobody) == (422, refused)
        assert _ask(simulator, "GET", "/results?after=")[1] == results


def _ask(simulator: Simulator, how: str, path: str, body: Any = None) -> tuple[int, Any]:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", simulator.port)
    headers = {"Idempotency-Key": f'"{body["key"]}"'} if body else {}
    try:
        connection.request(how, path, body=json.dumps(body) if body else None, headers=headers)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()
