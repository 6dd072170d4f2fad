"""`script/bench tiles`: small open holes far from the camera, with tiles and without."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from edge.boxes import ImageBox, iou
from edge.detector import Observation
from edge.merge import infer_views
from edge.model_loader import load_model
from edge.road import LOWER_PART
from edge.tiling import TilingPlan, Viewport, plan_tiles
from edge.tracking.kinds import MEANINGS
from scenes import FAR, CoverState, StreetScene

_WIDTH, _HEIGHT = 1920, 1080
_AT_S = 3.0
_FOUND, _ELSEWHERE = 0.5, 0.3
"""Overlap with the hole from which it is found, and up to which something is another thing."""


@dataclass(frozen=True)
class TilesFigures:
    """The last line. Shares of the pictures, and false faults in each picture of one look."""

    pictures: int
    tiles: int
    width_share: float
    found_whole: float
    found: float
    open: float
    false_faults_whole: float
    false_faults: float


def tiles(
    pictures: Annotated[int, typer.Option(min=1, max=500, help="Streets to render.")] = 60,
    first: Annotated[int, typer.Option(min=0, help="Seed of the first street.")] = 700_100,
    model: Annotated[Path, typer.Option(help="Folder of the model.")] = Path("models/street"),
    precision: Annotated[str, typer.Option(help="fp32, int8, or auto: the faster one.")] = "auto",
) -> None:
    """How well an open hole of about 3 % of the picture's width is seen, with tiles and without.

    Rendered full HD streets, as a camera on a pole sees them; one look at the whole picture and at
    all tiles. Found: some cover's or hole's box lies on it; open: it is also called by its name.
    False faults: how many are seen where the hole isn't.
    """
    loaded = load_model(model, precision)
    plan = plan_tiles(_WIDTH, _HEIGHT, loaded.model.side, LOWER_PART)
    counts, width = Counter[str](), 0.0
    for seed in track(range(first, first + pictures), "looking at streets"):
        frame = StreetScene(seed, _WIDTH, _HEIGHT, FAR).frame(_AT_S, CoverState.OPEN)
        (hole,) = frame.boxes
        place = ImageBox(hole.x / _WIDTH, hole.y / _HEIGHT, hole.w / _WIDTH, hole.h / _HEIGHT)
        width += place.w
        for name, views in _looks(plan).items():
            seen = infer_views(plan, views, frame.image, loaded.detector, loaded.model)
            counts.update(_counted(name, seen, place))
    share = {name: round(count / pictures, 3) for name, count in counts.items()}
    figures = TilesFigures(
        pictures=pictures,
        tiles=len(plan.tiles),
        width_share=round(width / pictures, 4),
        found_whole=share.get("whole found", 0.0),
        found=share.get("tiles found", 0.0),
        open=share.get("tiles open", 0.0),
        false_faults_whole=share.get("whole false", 0.0),
        false_faults=share.get("tiles false", 0.0),
    )
    typer.echo(json.dumps(asdict(figures)))


def _looks(plan: TilingPlan) -> dict[str, tuple[Viewport, ...]]:
    return {"whole": (plan.whole,), "tiles": (plan.whole, *plan.tiles)}


def _counted(name: str, seen: list[Observation], place: ImageBox) -> Counter[str]:
    on_it = [one for one in seen if iou(one.box, place) >= _FOUND]
    elsewhere = [one for one in seen if iou(one.box, place) < _ELSEWHERE and _is_fault(one)]
    return Counter(
        {
            f"{name} found": int(bool(on_it)),
            f"{name} open": int(any(one.label == "manhole_open" for one in on_it)),
            f"{name} false": len(elsewhere),
        }
    )


def _is_fault(observation: Observation) -> bool:
    meaning = MEANINGS.get(observation.label)
    return meaning is not None and not meaning.sound
