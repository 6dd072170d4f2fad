import resource

import pytest

from firmware_sim.faults import BadFault
from firmware_sim.fleet import descriptors
from firmware_sim.fleet.counters import FleetCounters, total
from firmware_sim.fleet.scale import BadScale, terminals_of
from firmware_sim.fleet.troubles import TroubleRates, parse_troubles


@pytest.mark.parametrize(
    ("scale", "terminals"), [("full", 1436), ("stress", 10_000), ("demo", 24), ("300", 300)]
)
def test_a_scale_is_a_name_or_a_number(scale: str, terminals: int):
    assert terminals_of(scale) == terminals


@pytest.mark.parametrize("scale", ["", "huge", "0", "-5", "1.5", "30001"])
def test_what_is_no_scale_is_refused_with_those_that_there_are(scale: str):
    with pytest.raises(BadScale, match="full, stress"):
        terminals_of(scale)


def test_troubles_are_read_from_names_and_numbers():
    rates = parse_troubles(["flat=0.5", "storms=3"])
    assert rates == TroubleRates(flat=0.5, storms=3)


@pytest.mark.parametrize("text", ["rain=1", "flat", "flat=2", "storms=-1", "garbage=x"])
def test_a_trouble_that_there_is_not_is_refused_with_those_that_there_are(text: str):
    with pytest.raises(BadFault, match="wrong_clock"):
        parse_troubles([text])


def test_tallies_of_processes_are_added_up_but_for_the_lag():
    first = FleetCounters(connected=2, late_s=0.5, reasons={"refused": 1})
    second = FleetCounters(connected=3, late_s=0.2, reasons={"refused": 2, "gone": 1})
    whole = total([first, second])
    assert (whole.connected, whole.late_s) == (5, 0.5)
    assert whole.reasons == {"refused": 3, "gone": 1}


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """A process that may open 1,024 files, and at most 4,096; and what it asks for."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    return asked


def test_the_limit_of_open_files_is_left_alone_where_it_is_enough(limits: list[tuple[int, int]]):
    descriptors.allow(500)
    assert limits == []


def test_the_limit_of_open_files_is_raised_where_it_must(limits: list[tuple[int, int]]):
    descriptors.allow(3000)
    assert limits == [(3200, 4096)]


def test_a_limit_that_cannot_be_raised_is_told_with_what_to_do(limits: list[tuple[int, int]]):
    with pytest.raises(descriptors.TooFewDescriptors, match=r"10,200 open files.*4,096.*ulimit"):
        descriptors.allow(10_000)
    assert limits == []
