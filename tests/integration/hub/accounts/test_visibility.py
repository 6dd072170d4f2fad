"""Who sees a case: the rule in SQL and its twin in Python, over every kind of case and scope."""

from itertools import product

import pytest
from psycopg.types.json import Jsonb

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.accounts.visibility import case_is_visible
from hub.db import Connection
from hub.live.client import CaseUnits
from tests.districts import add_territory, add_units

UNITS = (None, "housing_bureau", "village_001", "town_01")
ASSISTING = ((), ("sanitation",), ("housing_bureau", "sanitation"), ("village_002",))
PLACES = (None, "village_001", "village_002", "district_530303")
STUDIES = (
    ("FILED", ()),
    ("JOINT_STUDY", ("sanitation", "village_002")),
    ("ROUTED", ("sanitation", "village_002")),
)
SCOPES = (
    WHOLE_DISTRICT,
    Scope.of_unit("housing_bureau"),
    Scope.of_unit("sanitation"),
    Scope.of_unit("village_001"),
    Scope.of_territory("village_001"),
    Scope.of_territory("town_01", "village_001", "village_002"),
    Scope.of_territory("district_530303", "town_01", "village_001", "village_002"),
)
SEEN = b"""
SELECT case_is_visible(jsonb_populate_record(NULL::cases, %(case)s),
                       %(scope_units)s, %(scope_territories)s)
"""


def square(lon: float, lat: float, size: float) -> list[list[float]]:
    """A ring of a square with its lower left corner at a place."""
    corners = ((0, 0), (size, 0), (size, size), (0, size), (0, 0))
    return [[lon + right, lat + up] for right, up in corners]


async def test_sql_and_python_agree_on_every_case(db: Connection) -> None:
    wrong = []
    everything = product(UNITS, ASSISTING, UNITS, PLACES, STUDIES)
    for lead, assisting, territory, place, (state, invited) in everything:
        columns = {
            "lead_unit": lead,
            "assist_units": list(assisting),
            "territory_unit": territory,
            "place_unit": place,
            "state": state,
            "invited_units": list(invited),
        }
        case = CaseUnits(lead, frozenset(assisting), territory, place, state, frozenset(invited))
        for scope in SCOPES:
            cursor = await db.execute(SEEN, scope.facts | {"case": Jsonb(columns)})
            row = await cursor.fetchone()
            assert row is not None
            if bool(row[0]) is not case_is_visible(case, scope):
                wrong.append((case, scope))
    assert wrong == []


def invited_in(state: str) -> CaseUnits:
    return CaseUnits(None, state=state, invited_units=frozenset({"sanitation"}))


@pytest.mark.parametrize(
    ("case", "scope", "seen"),
    [
        (CaseUnits(None), WHOLE_DISTRICT, True),
        (CaseUnits(None), Scope.of_unit("sanitation"), False),
        (CaseUnits("sanitation"), Scope.of_unit("sanitation"), True),
        (CaseUnits("sanitation"), Scope.of_unit("housing_bureau"), False),
        (CaseUnits("housing_bureau", frozenset({"sanitation"})), Scope.of_unit("sanitation"), True),
        # A unit has what it is responsible for, and not what only lies in its territory.
        (CaseUnits(None, place_unit="village_001"), Scope.of_unit("village_001"), False),
        (CaseUnits(None, place_unit="village_001"), Scope.of_territory("village_001"), True),
        (CaseUnits(None, place_unit="village_001"), Scope.of_territory("village_002"), False),
        (
            CaseUnits("sanitation", place_unit="village_001"),
            Scope.of_territory("town_01", "village_001"),
            True,
        ),
        (CaseUnits("village_001"), Scope.of_territory("town_01", "village_001"), True),
        # An invited unit sees the case while it is studied, and no longer.
        (invited_in("JOINT_STUDY"), Scope.of_unit("sanitation"), True),
        (invited_in("JOINT_STUDY"), Scope.of_unit("housing_bureau"), False),
        (invited_in("ROUTED"), Scope.of_unit("sanitation"), False),
    ],
)
def test_a_scope_contains_what_its_units_do_and_what_lies_in_its_territories(
    case: CaseUnits, scope: Scope, seen: bool
) -> None:
    assert case_is_visible(case, scope) is seen


async def test_the_function_is_put_into_the_query_itself(db: Connection) -> None:
    explain = "EXPLAIN SELECT case_id FROM cases c WHERE case_is_visible(c, '{a}', '{b}')"
    plan = await (await db.execute(explain.encode())).fetchall()
    assert not any("case_is_visible" in line for (line,) in plan)


async def test_a_limited_scope_reads_the_indexes(db: Connection) -> None:
    await db.execute("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN SELECT case_id FROM cases c WHERE case_is_visible(c, '{a}', '{b}')"
    plan = "\n".join(line for (line,) in await (await db.execute(explain.encode())).fetchall())
    assert "BitmapOr" in plan
    for index in ("unit", "assisting_unit", "territory", "place_unit"):
        assert f"cases_by_{index}" in plan


async def test_a_territory_comes_with_all_below_it(db: Connection) -> None:
    await add_units(db, "village_001", "village_002", "sanitation")
    for top, below in (
        ("town_01", ["town_01", "village_001", "village_002"]),
        ("village_001", ["village_001"]),
        ("nowhere", []),
    ):
        row = await (await db.execute("SELECT territory_and_below(%s)", (top,))).fetchone()
        assert row == (below,)


async def test_a_place_is_in_the_smallest_territory_around_it(db: Connection) -> None:
    await add_units(db, "village_001", "village_002")
    await add_territory(db, "town_01", square(103, 25, 1))
    await add_territory(db, "village_001", square(103.1, 25.1, 0.2))
    hole = {
        "type": "MultiPolygon",
        "coordinates": [
            [square(103.5, 25.1, 0.3), square(103.6, 25.2, 0.1)],
            [square(103.1, 25.6, 0.1)],
        ],
    }
    await db.execute("INSERT INTO territory VALUES ('village_002', %s)", (Jsonb(hole),))
    for lon, lat, unit in (
        (103.2, 25.2, "village_001"),
        (103.55, 25.15, "village_002"),
        (103.15, 25.65, "village_002"),
        (103.65, 25.25, "town_01"),  # in the hole of the village
        (103.9, 25.9, "town_01"),
        (104.5, 25.5, None),
        (None, None, None),
    ):
        facts = (lon, lat)
        row = await (await db.execute("SELECT territory_around(%s, %s)", facts)).fetchone()
        assert row == (unit,), (lon, lat)
    await db.execute("UPDATE territory SET boundary = boundary WHERE unit_key = 'village_001'")
    row = await (await db.execute("SELECT count(*) FROM territory_shape")).fetchone()
    assert row == (4,)
