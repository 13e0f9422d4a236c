"""Rotation schemes are those of the manuals: logrotate(8), log4j2 RollingFile, IIS, AWS object names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.ingest.files.source_name import read_member_name, read_name, rotated_order


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("access.log", "access.log"),
        ("access.log.1", "access.log"),
        ("access.log.10.gz", "access.log"),
        ("access.log.gz.2", "access.log"),
        ("web/access.log.2.zst", "web/access.log"),
        ("access.1.log", "access.log"),
        ("access.log-20250101", "access.log"),
        ("access.log-20250101.gz", "access.log"),
        ("access.log-20250101-1735689600.gz", "access.log"),
        ("access.log-2025010103", "access.log"),
        ("access.log.2025-01-01", "access.log"),
        ("access-2025-01-01.log", "access.log"),
        ("access_20250101.log.xz", "access.log"),
        ("2025-01-01-access.log", "access.log"),
        ("access-2025-01-01.3.log.gz", "access.log"),
        ("server.log.2025-01", "server.log"),
        ("localhost_access_log.2025-01-01.txt", "localhost_access_log.txt"),
        ("W3SVC1/u_ex250101.log", "W3SVC1/u_ex.log"),
        ("W3SVC1/u_ex25010114_x.log", "W3SVC1/u_ex_x.log"),
        ("E2EXAMPLE1ABCD.2025-01-01-03.0a1b2c3d.gz", "E2EXAMPLE1ABCD"),
        ("bucket/2025-01-01-00-17-21-0123456789ABCDEF", "bucket"),
        ("2025-01-01-00-17-21-0123456789ABCDEF", "log"),
        (
            "AWSLogs/1111/2025/01/01/1111_elasticloadbalancing_eu-west-1_app.shop.50dc_20250101T0000Z_192.0.2.7_4rwmk1ow.log.gz",
            "AWSLogs/1111/1111_elasticloadbalancing_eu-west-1_app.shop.50dc.log",
        ),
        (
            "111122223333_CloudTrail_eu-west-1_20250101T0005Z_AbCdEf0123456789.json.gz",
            "111122223333_CloudTrail_eu-west-1.json",
        ),
        ("2025-01-02/access.log", "access.log"),
        ("hosts/192.0.2.1", "hosts/192.0.2.1"),
        ("hosts/192.0.2.1.log", "hosts/192.0.2.1.log"),
        ("orders-99999999.log", "orders-99999999.log"),
        ("access.log.2024x", "access.log.2024x"),
        ("svc/@4000000067c1f0a43b9aca00.s", "svc/current"),
        ("svc/@4000000067c1f0a43b9aca00.u.gz", "svc/current"),
        ("svc/current", "svc/current"),
        ("access_log.1", "access_log"),
        ("access.2025-03-01.log", "access.log"),
        ("access.log-2025-03-01-04", "access.log"),
        ("access-00.log.gz", "access-00.log"),  # a day of a log or a host: its times tell
        ("gz", "gz"),
        (".1", ".1"),
    ],
)
def test_a_source_is_the_name_without_rotation_and_packing(name: str, source: str) -> None:
    assert read_name(name).source == source


IN_ORDER = [
    ["access.log.10", "access.log.9.gz", "access.log.2", "access.log.1", "access.log"],
    ["access.log-20241231.gz", "access.log-20250101", "access.log-20250102.zst", "access.log"],
    [
        "app-2025-01-01.log",
        "app-2025-01-01.1.log",
        "app-2025-01-01.2.log",
        "app-2025-01-01.10.log",
        "app-2025-01-02.log",
    ],
    ["access.log-2025010122", "access.log-2025010123", "access.log-2025010200"],
    ["access.log-20250101-1735689600", "access.log-20250101-1735693200", "access.log"],
    ["u_ex241231.log", "u_ex250101.log", "u_ex250102.log"],
    ["2024-12-31/access.log", "2025-01-01/access.log.2", "2025-01-01/access.log.1", "2025-01-01/access.log"],
    ["2024/12/31/23/access.log", "2025/01/01/00/access.log", "2025/01/01/01/access.log"],
    ["@4000000067c1f0a43b9aca00.s", "@4000000067c1f0a53b9aca00.s", "current"],
    ["a.log.1", "a.log", "b.log.2", "b.log"],
]


@pytest.mark.parametrize("names", IN_ORDER)
def test_the_oldest_part_comes_first(names: list[str]) -> None:
    assert rotated_order(reversed(names)) == names


NAMES = st.one_of(
    st.builds(
        lambda folder, stem, date, number, packing: folder + stem + date + number + packing,
        st.sampled_from(["", "web/", "2025/01/02/", "2025-01-03/"]),
        st.sampled_from(["access.log", "error.log", "u_ex250101.log", "app"]),
        st.sampled_from(["", "-20250101", "-20250102", ".2025-02-03", "-2025010104"]),
        st.sampled_from(["", ".1", ".2", ".10", ".999"]),
        st.sampled_from(["", ".gz", ".zst", ".tar.gz"]),
    ),
    st.text(max_size=30),
)


@given(st.lists(NAMES, max_size=12), st.randoms(use_true_random=False))
def test_order_does_not_depend_on_the_order_of_the_input(names: list[str], random: object) -> None:
    mixed = list(names)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert rotated_order(mixed) == rotated_order(names)
    assert sorted(rotated_order(names)) == sorted(names)


@given(NAMES)
def test_every_name_has_a_source(name: str) -> None:
    assert read_name(name).source


@given(st.integers(1, 998))
def test_a_higher_number_is_older(number: int) -> None:
    newer, older = f"access.log.{number}", f"access.log.{number + 1}.gz"
    assert rotated_order([newer, older]) == [older, newer]


def test_members_of_dated_archives_are_one_source_in_the_order_of_the_archives() -> None:
    first = read_member_name("logs-20250101.tar.gz", "./nginx/access.log")
    second = read_member_name("logs-20250102.tar.gz", "nginx/access.log.1")
    assert first.source == second.source == "logs/nginx/access.log"
    assert first.ranks < second.ranks
