"""Measuring a model from the command line: loading it, a progress bar, a table, one line of JSON."""

import math
import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from models.coco import read_coco
from models.detector import OnnxDetector
from models.errors import ModelRejected
from models.evaluation import Evaluation, evaluate
from models.manifest import Manifest


def load(model: Path, precision: str) -> OnnxDetector:
    """Load a model from its folder or a file in it; raises typer.BadParameter with the reason."""
    try:
        return OnnxDetector.load(model if model.is_dir() else model.parent, precision=precision)
    except ModelRejected as rejected:
        raise typer.BadParameter(str(rejected), param_hint="--model") from rejected


def evaluated(detector: OnnxDetector, coco: Path, images: Path, split: str) -> Evaluation:
    """Evaluate on a split of labelled pictures (empty: all), with a progress bar on standard error."""
    pictures = read_coco(coco, images, detector.manifest.classes, split or None)
    with Progress(console=Console(file=sys.stderr)) as progress:
        task = progress.add_task(f"{len(pictures)} pictures", total=len(pictures))
        return evaluate(detector, pictures, seen=lambda: progress.advance(task))


def table(result: Evaluation) -> Table:
    """A table of the figures of each class."""
    shown = Table(title=f"{result.pictures} pictures, {result.ms_per_picture:.1f} ms each")
    for column in ("class", "objects", "AP50", "AP", "threshold", "recall", "false/picture"):
        shown.add_column(column, justify="left" if column == "class" else "right")
    for s in result.classes:
        figures = (
            s.ap50,
            s.ap,
            s.threshold,
            s.operation.recall,
            s.operation.false_positives_per_picture,
        )
        shown.add_row(s.name, str(s.objects), *(f"{figure:.3f}" for figure in figures))
    shown.add_section()
    shown.add_row("mean", "", f"{result.mean_ap50:.3f}", f"{result.mean_ap:.3f}")
    if result.cover_ap50 is not None:
        shown.add_row(
            "manhole, any state",
            "",
            f"{result.cover_ap50:.3f}",
            "",
            "",
            f"{result.cover_recall:.3f}",
        )
    return shown


def summary(manifest: Manifest, precision: str, result: Evaluation) -> dict[str, object]:
    """Return the figures as one object for the last line of a command."""
    return {
        "model": manifest.name,
        "version": manifest.version,
        "precision": precision,
        "images": result.pictures,
        "ap50": {s.name: _rounded(s.ap50) for s in result.classes},
        "ap": {s.name: _rounded(s.ap) for s in result.classes},
        "mean_ap50": _rounded(result.mean_ap50),
        "mean_ap": _rounded(result.mean_ap),
        "manhole_any_ap50": _rounded(result.cover_ap50),
        "manhole_condition_right": _rounded(result.condition_right),
        "recall": {s.name: _rounded(s.operation.recall) for s in result.classes},
        "false_positives_per_image": {
            s.name: _rounded(s.operation.false_positives_per_picture) for s in result.classes
        },
        "manhole_false_positives_per_image": _rounded(result.cover_alarms),
        "ms_per_image": round(result.ms_per_picture, 2),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 4)
