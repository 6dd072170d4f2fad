"""docs/fleet.md names every trouble with its default, and every file of truth with its columns."""

import re
from dataclasses import fields
from pathlib import Path

from firmware_sim.fleet.ground_truth import COLUMNS
from firmware_sim.fleet.scale import SCALES
from firmware_sim.fleet.troubles import TroubleRates

TEXT = (Path(__file__).parents[4] / "docs" / "fleet.md").read_text("utf-8")


def test_every_trouble_is_described_with_its_default():
    described = dict(re.findall(r"^\| `([a-z_]+)` \| ([0-9.]+) \|", TEXT, re.MULTILINE))
    assert described == {field.name: f"{field.default:g}" for field in fields(TroubleRates)}


def test_every_file_of_truth_is_described_with_its_columns():
    described = dict(re.findall(r"^\| `([a-z]+)-N\.csv` \| ([a-z_, ]+)", TEXT, re.MULTILINE))
    assert {name: tuple(text.strip().split(", ")) for name, text in described.items()} == COLUMNS


def test_the_scales_are_those_that_there_are():
    assert f"--scale full --cameras 0 --out var/full      # {SCALES['full']:,} terminals" in TEXT
    assert f"`--scale stress` means {SCALES['stress']:,} terminals" in TEXT
