"""Who answers for an issue, and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.running import in_transaction
from hub.clock import TIMEZONE

if TYPE_CHECKING:
    from hub.catalogue.explaining import Explanation


def explain(
    item: Annotated[str, typer.Option(help="The key of the item, such as manhole_cover.")],
    condition: Annotated[str, typer.Option(help="The key of its condition, such as broken.")],
    lon: Annotated[float, typer.Option(help="Longitude, WGS-84.")],
    lat: Annotated[float, typer.Option(help="Latitude, WGS-84.")],
    error_m: Annotated[float, typer.Option(help="Error radius of the place in metres.")] = 5.0,
) -> None:
    """Say which units would answer for an issue at a place, with the reasons and the deadline.

    Nothing is filed. The same question has the same answer, except for the deadline.
    """
    from hub.catalogue.explaining import explain as explained
    from hub.geo.place import Spot

    spot = Spot(lon, lat, error_m)
    found = in_transaction(lambda work: explained(work.db, item, condition, spot, work.now))
    for line in _lines(found):
        typer.echo(line)


def _lines(found: "Explanation") -> Iterator[str]:
    routing, item, condition = found.routing, found.item, found.condition

    def name(key: str | None) -> str:
        return "-" if key is None else " ".join((key, *found.unit_names.get(key, ())))

    yield f"catalogue version: {found.version}"
    yield f"item: {item.item_key} {item.title_zh} {item.title_en}"
    yield f"condition: {condition.cond_key} {condition.text_zh} {condition.text_en}"
    yield f"lead unit: {'joint study' if routing.needs_study else name(routing.lead_unit)}"
    yield f"assisting units: {', '.join(map(name, routing.assist_units)) or '-'}"
    yield f"territory: {name(routing.territory_unit)}"
    yield f"asset: {routing.asset_id or '-'}"
    for reason in routing.why:
        yield f"why: {reason.code}: {reason.text_zh} / {reason.text_en}"
    limit = condition.limit
    yield f"limit: {limit.value:g} {limit.type}, {limit.policy}"
    for number, step in enumerate(condition.steps, start=1):
        said = f"{step.limit_value:g} {step.limit_type}, {step.policy}"
        yield f"step {number}: {step.step_key} {step.text_zh} {step.text_en}: {said}"
    if found.deadline.calendar_assumed:
        yield "calendar_assumed: days that no calendar knows are judged by their weekday"
    yield f"due if routed now: {found.deadline.due_at.astimezone(TIMEZONE).isoformat()}"
