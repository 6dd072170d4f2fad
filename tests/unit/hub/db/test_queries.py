"""SQL by name, from the file beside the code."""

import pytest

from hub.db import load_queries


def read(folder, text):
    (folder / "queries.sql").write_text(text)
    return load_queries(str(folder / "store.py"))


def test_a_section_stands_where_another_includes_it(tmp_path):
    queries = read(
        tmp_path,
        "-- name: both\nSELECT\n-- include: column\nFROM a\n    -- include: open\nLIMIT 1;\n"
        "-- name: column\nb\n-- name: open\nWHERE\n-- include: column\n",
    )
    assert queries["both"] == b"SELECT\nb\nFROM a\nWHERE\nb\nLIMIT 1;"


def test_an_unknown_section_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"queries.sql includes other, which is not there"):
        read(tmp_path, "-- name: one\n-- include: other\n")


def test_a_name_is_used_once(tmp_path):
    with pytest.raises(ValueError, match="uses a name twice"):
        read(tmp_path, "-- name: one\nSELECT 1;\n-- name: one\nSELECT 2;\n")
