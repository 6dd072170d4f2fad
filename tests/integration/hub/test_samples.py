"""Samples through broker and ingest: what is stored of them, and what moves a terminal."""

import json

from tests.integration.hub.conftest import RunningIngest
from tests.integration.hub.test_ingest import Login, count, rows, sample, topic
from tests.waiting import until_sync


def test_the_live_position_moves_only_forward_and_backlog_never_moves_it(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    fixes = [
        ("telemetry", sample(1, "2025-08-07T15:19:00+08:00", lon=103.81)),
        ("telemetry", sample(2, "2025-08-07T15:18:00+08:00", lon=103.82)),
        ("backlog", sample(3, "2025-08-07T15:30:00+08:00", lon=103.83)),
    ]
    for leaf, fix in fixes:
        terminal.publish(topic(f"terminals/T-1/{leaf}"), json.dumps([fix]))
    until_sync(lambda: count(ingest.database_url, "telemetry") == 3)
    assert rows(ingest.database_url, "SELECT lon FROM terminal_live") == [(103.81,)]


def test_a_clock_far_ahead_is_flagged_and_does_not_freeze_the_live_position(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    ahead = sample(1, "2099-01-01T00:00:00+08:00", lon=103.81)
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([ahead]))
    until_sync(lambda: count(ingest.database_url, "terminal_live", "clock_ahead") == 1)
    assert count(ingest.database_url, "device", "clock_skew_s > 1e6") == 1
    ahead = sample(2, "2099-01-01T00:00:05+08:00", lon=103.811)
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([ahead]))
    until_sync(lambda: count(ingest.database_url, "terminal_live", "lon = 103.811") == 1)
    now = "abs(extract(epoch FROM now() - observed_at)) < 90 AND clock_error_s > 1e6"
    assert count(ingest.database_url, "telemetry", now) == 2
    assert count(ingest.database_url, "device", "clock_error_s > 1e6") == 1


def test_no_fix_and_a_jump_are_stored_apart_while_the_terminal_is_online_where_it_was(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal, url = as_user("T-1", passwords["T-1"]), ingest.database_url
    doubtful = {2: {"lon": 0.0, "lat": 0.0}, 3: {"lon": 103.0}, 4: {"lat": 0.0}}
    for seq in (1, 2, 3, 4):
        at = f"2025-08-07T15:19:0{seq}+08:00"
        fix = {**sample(seq, at, lon=103.81), **doubtful.get(seq, {}), "battery": 50 - seq}
        terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([fix]))
    until_sync(lambda: count(url, "doubtful_fix") == 3)
    assert rows(url, "SELECT seq, fault FROM doubtful_fix ORDER BY seq") == [
        (2, "zero"),
        (3, "jump"),
        (4, "zero"),
    ]
    assert rows(url, "SELECT seq FROM telemetry") == [(1,)]
    live = rows(url, "SELECT lon, lat, battery, fix_fault FROM terminal_live")
    assert live == [(103.81, 25.6, 46, "zero")]
    assert count(url, "device", "last_uplink_at > now() - interval '1 minute'") == 1
    fix = sample(5, "2025-08-07T15:19:05+08:00", lon=103.8101)
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([fix]))
    until_sync(lambda: count(url, "terminal_live", "lon = 103.8101 AND fix_fault IS NULL") == 1)


def test_gcj02_positions_are_stored_as_wgs84_with_their_source_kept(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    terminal = as_user("T-1", passwords["T-1"])
    shifted = sample(1, lon=103.8219863, lat=25.5969165, crs="gcj02")
    terminal.publish(topic("terminals/T-1/telemetry"), json.dumps([shifted]))
    until_sync(lambda: count(ingest.database_url, "telemetry") == 1)
    ((lon, lat, crs),) = rows(ingest.database_url, "SELECT lon, lat, crs FROM telemetry")
    assert (round(lon, 5), round(lat, 5), crs) == (103.82, 25.6, "gcj02")


def test_a_bad_sample_is_a_dead_letter_and_the_others_of_its_message_are_stored(
    ingest: RunningIngest, as_user: Login, passwords: dict[str, str]
) -> None:
    three = [sample(1), {**sample(2), "battery": 101}, {**sample(3), "battery": 255, "signal": 99}]
    as_user("T-1", passwords["T-1"]).publish(topic("terminals/T-1/telemetry"), json.dumps(three))
    until_sync(lambda: count(ingest.database_url, "dead_letter") == 1)
    stored = rows(ingest.database_url, "SELECT seq, battery, signal FROM telemetry ORDER BY seq")
    assert stored == [(1, None, None), (3, None, None)]
    ((reason,),) = rows(ingest.database_url, "SELECT reason FROM dead_letter")
    assert reason.startswith("[1].battery: must be a number from 0 to 100, or 255 if unknown")
