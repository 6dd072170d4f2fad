"""Command line of the renderer: contact sheets and training sets."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

import cv2
import typer
from rich.progress import track

from scenes import CoverState, PatrolWalk, RenderedFrame, StreetScene, patrol_photo
from scenes.dataset import Composition, Shard, read_street_photos, write_shard
from scenes.sheet import contact_sheet
from scenes.training import FIRST_TRAINING_SEED, compose, cover_views

app = typer.Typer(help="Render streets, covers and their faults.", no_args_is_help=True)

Seed = Annotated[int, typer.Option(help="Seed of the first picture.")]
Photos = Annotated[
    Path | None,
    typer.Option(
        help="COCO folder of real street photos to use as ground.", envvar="PATROLHUB_STREET_PHOTOS"
    ),
]


class SheetContent(StrEnum):
    """What a contact sheet shows."""

    STREET = "street"
    PATROL = "patrol"
    WALK = "walk"
    TRAINING = "training"
    COVERS = "covers"


def _state(index: int) -> CoverState:
    return list(CoverState)[index % len(CoverState)]


def _frames(view: SheetContent, seed: int, count: int, photos: Path | None) -> list[RenderedFrame]:
    walk = cache(lambda: PatrolWalk(seed))
    real = read_street_photos(photos) if photos and view is SheetContent.TRAINING else ()
    draw: dict[SheetContent, Callable[[int], RenderedFrame]] = {
        SheetContent.STREET: lambda k: StreetScene(seed + k // 3).frame(k * 1.7, _state(k)),
        SheetContent.PATROL: lambda k: patrol_photo(seed + k // 3, _state(k)),
        SheetContent.WALK: lambda k: walk().frame(k * 0.8),
        SheetContent.COVERS: lambda k: cover_views(FIRST_TRAINING_SEED + seed + k // 3)[k % 3],
        SheetContent.TRAINING: lambda k: compose(FIRST_TRAINING_SEED + seed + k, real)[0],
    }
    return [draw[view](k) for k in track(range(count), description=f"{view} views")]


@app.command()
def sheet(
    out: Annotated[Path, typer.Argument(help="PNG file to write.")],
    view: Annotated[SheetContent, typer.Option(help="What to show.")] = SheetContent.STREET,
    count: Annotated[int, typer.Option(min=1, max=400)] = 18,
    columns: Annotated[int, typer.Option(min=1, max=20)] = 6,
    seed: Seed = 0,
    photos: Photos = None,
) -> None:
    """Write a contact sheet with the labelled boxes."""
    cv2.imwrite(str(out), contact_sheet(_frames(view, seed, count, photos), columns))
    typer.echo(f"{count} pictures in {out}")


@app.command()
def dataset(
    out: Annotated[Path, typer.Argument(help="Folder to write into.")],
    count: Annotated[int, typer.Option(min=1, help="How many pictures.")] = 1000,
    shard: Annotated[int, typer.Option(min=1, help="Pictures in one folder.")] = 500,
    first: Annotated[int, typer.Option(min=0, help="Number of the first picture.")] = 0,
    side: Annotated[int, typer.Option(min=64, help="Longest side in pixels.")] = 640,
    photos: Photos = None,
    kind: Annotated[Composition, typer.Option(help="Whole views, or covers from near.")] = (
        Composition.STREET
    ),
) -> None:
    """Render a training set in COCO form, one folder per shard; existing shards are kept."""
    cv2.setNumThreads(1)
    real = read_street_photos(photos) if photos else ()
    for start in range(first, first + count, shard):
        part = Shard(start, min(shard, first + count - start), kind)
        if (out / part.name / "annotations.json").exists():
            continue
        for _ in track(write_shard(part, out, real, side), total=part.count, description=part.name):
            pass


if __name__ == "__main__":
    app()
