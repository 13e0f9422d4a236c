"""A topic, spooled: with an object that has the interface of confluent_kafka.Consumer in the place of a broker."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chain.fake_kafka import Broker, Place
from tests.waiting import HANG, wait_until

from whosaw.core.errors import WhosawError
from whosaw.ingest.files.kafka_spool import KafkaSpool, KafkaTopic, read_settings, read_topic
from whosaw.store import files

TOPIC = KafkaTopic(servers="kafka.example.org:9092", topic="access")


@pytest.fixture
def broker() -> Broker:
    return Broker({0: [b"a0", b"a1"], 1: [b"b0"]})


@pytest.fixture
def begin(tmp_path: Path, broker: Broker) -> Callable[[], KafkaSpool]:
    return lambda: KafkaSpool(TOPIC, tmp_path, settings={}, make=broker.consumer, place=Place)


def spooled(spool: KafkaSpool) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(spool.folder.glob("*.log"))}


FIRST = {"p0-00000000000000000000.log": b"a0\na1\n", "p1-00000000000000000000.log": b"b0\n"}


def test_each_partition_is_a_file_with_its_first_offset(
    begin: Callable[[], KafkaSpool], broker: Broker
) -> None:
    spool = begin()
    assert spool.pull(0) == 3
    assert spooled(spool) == FIRST
    assert broker.committed == [Place("access", 0, 2), Place("access", 1, 1)]
    assert broker.configs[0]["enable.auto.commit"] is False


def test_a_restart_goes_on_after_the_last_message(begin: Callable[[], KafkaSpool], broker: Broker) -> None:
    begin().pull(0)
    broker.partitions[0].append(b"a2")
    spool = begin()
    assert spool.pull(0) == 1
    assert spooled(spool)["p0-00000000000000000000.log"] == b"a0\na1\na2\n"


def test_what_was_not_written_down_is_cut_off_and_asked_for_again(
    begin: Callable[[], KafkaSpool], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin().pull(0)
    broker.partitions[0].append(b"a2")
    with monkeypatch.context() as patch:

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patch.setattr("whosaw.ingest.files.kafka_spool.write_atomically", killed)
        with pytest.raises(KeyboardInterrupt):
            begin().pull(0)
    spool = begin()
    assert spooled(spool) == FIRST
    assert spool.pull(0) == 1
    assert spooled(spool)["p0-00000000000000000000.log"] == b"a0\na1\na2\n"
    assert files.write_atomically is not killed


def test_a_file_that_was_just_begun_is_begun_again(
    begin: Callable[[], KafkaSpool], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("whosaw.ingest.files.kafka_spool.FULL_FILE", 4)
    begin().pull(0)
    spool = begin()
    (spool.folder / "p0-00000000000000000002.log").write_bytes(b"tor")
    spool = begin()
    assert spooled(spool) == FIRST
    broker.partitions[0].append(b"a2")
    spool.pull(0)
    assert spooled(spool) == {**FIRST, "p0-00000000000000000002.log": b"a2\n"}


def test_messages_that_come_again_are_not_written_again(
    begin: Callable[[], KafkaSpool], broker: Broker
) -> None:
    spool = begin()
    spool.pull(0)
    spool._consumer.next[0] = 0
    broker.partitions[0].append(b"a2")
    spool.pull(0)
    assert spooled(spool)["p0-00000000000000000000.log"] == b"a0\na1\na2\n"


def test_a_message_is_one_line(begin: Callable[[], KafkaSpool], broker: Broker) -> None:
    broker.partitions = {0: [b'{\n "a": 1\r\n}\n', b"plain\n", None]}
    spool = begin()
    spool.pull(0)
    assert spooled(spool) == {"p0-00000000000000000000.log": b'{  "a": 1 }\nplain\n\n'}


def test_a_broker_that_is_away_is_said_so_and_comes_back(
    begin: Callable[[], KafkaSpool], broker: Broker
) -> None:
    broker.away = True
    spool = begin()
    with pytest.raises(WhosawError) as told:
        spool.pull(0)
    assert told.value.code == "kafka.away"
    broker.away = False
    assert spool.pull(0) == 3


def test_an_address_names_servers_and_a_topic() -> None:
    assert read_topic("kafka://a.example.org:9092,b.example.org:9092/access") == KafkaTopic(
        servers="a.example.org:9092,b.example.org:9092", topic="access"
    )


@pytest.mark.parametrize(
    "address", ["kafka:///access", "kafka://a.example.org", "kafka://a.example.org/..", "kafka://user:p@a.example.org/access", "kafka://a.example.org/a/b"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(WhosawError) as told:
        read_topic(address)
    assert told.value.code == "kafka.address"


def test_settings_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "kafka.toml"
    path.write_text('"security.protocol" = "SSL"\n')
    assert read_settings(path) == {"security.protocol": "SSL"}
    for wrong in ("a = 1\n", "a =\n"):
        path.write_text(wrong)
        with pytest.raises(WhosawError) as told:
            read_settings(path)
        assert told.value.code == "kafka.config"


def test_own_settings_win_over_those_that_would_lose_messages(tmp_path: Path, broker: Broker) -> None:
    KafkaSpool(TOPIC, tmp_path, settings={"enable.auto.commit": "true"}, make=broker.consumer, place=Place)
    assert broker.configs[0]["enable.auto.commit"] is False
    assert json.dumps(broker.configs[0]["bootstrap.servers"]) == '"kafka.example.org:9092"'


def pulled(spool: KafkaSpool) -> int:
    """How many messages come, in one pull after the other, until one more brings none."""
    found = 0

    def some() -> bool:
        nonlocal found
        found += spool.pull(0.5)
        return found > 0

    wait_until(some, what="a message")
    while more := spool.pull(0.5):
        found += more
    return found


def test_the_real_client_reads_a_mock_cluster(tmp_path: Path) -> None:
    kafka = pytest.importorskip("confluent_kafka", reason="needs the extra `kafka`")
    producer = kafka.Producer({"bootstrap.servers": "none", "test.mock.num.brokers": "1", "log_level": "0"})
    (broker,) = producer.list_topics(timeout=HANG).brokers.values()
    topic = KafkaTopic(servers=f"{broker.host}:{broker.port}", topic="access")
    for number in range(3):
        producer.produce("access", f"line {number}".encode(), partition=number % 2)
    assert producer.flush(HANG) == 0
    spool = KafkaSpool(topic, tmp_path, settings={})
    assert pulled(spool) == 3
    spool.close()
    producer.produce("access", b"line 3", partition=0)
    assert producer.flush(HANG) == 0
    spool = KafkaSpool(topic, tmp_path, settings={})
    assert pulled(spool) == 1
    spool.close()
    assert spooled(spool) == {
        "p0-00000000000000000000.log": b"line 0\nline 2\nline 3\n",
        "p1-00000000000000000000.log": b"line 1\n",
    }
