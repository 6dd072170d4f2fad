from dataclasses import dataclass
from enum import StrEnum

from hub.db import Connection, record_row


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Light:
    name: str
    colour: Colour
    before: Colour | None
    note: str = ""


async def test_text_becomes_the_enum_that_its_field_asks_for(db: Connection) -> None:
    async with db.cursor(row_factory=record_row(Light, note="by hand")) as cursor:
        await cursor.execute("SELECT 'north' AS name, 'red' AS colour, NULL AS before")
        (light,) = await cursor.fetchall()
    assert light == Light("north", Colour.RED, None, "by hand")
    assert isinstance(light.colour, Colour)
