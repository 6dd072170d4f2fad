"""The picture of the floors is that of the contracts in pyproject.toml."""

import pytest

from tests import floors

CONTRACTS = """
[tool.importlinter]
root_packages = ["hub", "wire", "models"]

[[tool.importlinter.contracts]]
id = "wire"
type = "forbidden"
source_modules = ["wire"]
forbidden_modules = ["hub", "models"]

[[tool.importlinter.contracts]]
id = "models"
type = "protected"
protected_modules = ["hub"]
allowed_importers = ["models.training"]

[[tool.importlinter.contracts]]
id = "floors"
type = "layers"
containers = ["hub"]
layers = ["__main__", "(web) | (worker) | (planned)", "(clock)"]
"""
PAGE = f"above\n{floors.BEGIN}old\n{floors.END}below\n"


def test_the_picture_in_the_documentation_is_up_to_date():
    assert floors.PAGE.read_text("utf-8") == floors.present(), "run script/floors"


def test_an_arrow_is_drawn_for_what_no_contract_forbids():
    page = floors.written(PAGE, CONTRACTS)
    arrows = [line.strip() for line in page.splitlines() if "-->" in line and "<" not in line]
    assert arrows == [
        "hub --> wire",
        "hub --> models",
        "models -- models.training --> hub",
        "models --> wire",
    ]


def test_floors_are_listed_from_top_to_bottom_with_what_they_are():
    rows = [line for line in floors.written(PAGE, CONTRACTS).splitlines() if line.startswith("| ")]
    assert [row.split(" ")[1] for row in rows] == ["floor", "3", "2", "1"]
    assert "`web/` " in rows[2]
    assert "<br>`worker/` " in rows[2]
    assert "planned" not in rows[2]


def test_text_around_the_picture_is_kept():
    page = floors.written(PAGE, CONTRACTS)
    assert page.startswith(f"above\n{floors.BEGIN}")
    assert page.endswith(f"{floors.END}below\n")
    assert "old" not in page


def test_a_page_without_a_place_for_the_picture_is_refused():
    with pytest.raises(AssertionError, match="needs the lines"):
        floors.written("above\n", CONTRACTS)
