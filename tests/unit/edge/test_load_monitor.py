"""Heartbeats wait longer while the worker has too much to do."""

import pytest

from edge.load_monitor import LoadMonitor


def run(
    load: LoadMonitor, share: float, for_s: float, start_s: float = 0.0, each_s: float = 0.1
) -> float:
    """Keep busy for a share of the time; the instant at which it ends."""
    steps = round(for_s / each_s)
    for step in range(steps):
        at_s = start_s + step * each_s
        load.worked(at_s + each_s * (1 - share), at_s + each_s)
    return start_s + for_s


def test_with_time_to_spare_heartbeats_are_as_set():
    load = LoadMonitor()
    run(load, 0.6, 120)
    assert load.busy == pytest.approx(0.6, abs=0.02)
    assert load.stretch == 1.0


def test_they_stretch_while_it_is_too_busy_but_not_without_end():
    load = LoadMonitor()
    at_s = run(load, 0.85, 30)
    assert 2 < load.stretch < 20
    run(load, 0.95, 300, at_s)
    assert load.stretch == 6.0


def test_they_come_back_when_there_is_less_to_do():
    load = LoadMonitor()
    at_s = run(load, 0.95, 120)
    run(load, 0.3, 120, at_s)
    assert load.stretch == 1.0


def test_between_too_busy_and_easy_nothing_changes():
    load = LoadMonitor()
    at_s = run(load, 0.95, 30)
    at_s = run(load, 0.65, 30, at_s)
    before = load.stretch
    run(load, 0.65, 60, at_s)
    assert load.stretch == before > 1


def test_one_long_inference_alone_stretches_nothing():
    load = LoadMonitor()
    at_s = run(load, 0.1, 60)
    load.worked(at_s, at_s + 1.0)
    assert load.stretch == 1.0


def test_what_stretched_heartbeats_settles_where_the_work_fits_again():
    """The work itself depends on the heartbeats: a loop that must not swing."""
    load, at_s, seen = LoadMonitor(), 0.0, []
    for _ in range(600):
        at_s = run(load, min(1.0, 0.4 + 0.8 / load.stretch), 1, at_s)
        seen.append(load.busy)
    assert all(busy < 0.8 for busy in seen[200:])
    assert load.stretch < 5
