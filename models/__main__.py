"""Command line of the models: evaluate, train, export, measure."""

import json
import math
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from models.coco import read_coco
from models.detector import Detector
from models.errors import ModelRejected
from models.evaluation import Evaluation, evaluate
from models.manifest import Manifest

app = typer.Typer(help="Evaluate, train, export and measure detectors.", no_args_is_help=True)
_TRAINING_PACKAGES = frozenset({"torch", "onnx"})
_RELEASE = Path(__file__).parent / "training" / "configs" / "street.release.toml"

Split = Annotated[str, typer.Option(help="Split to read; empty for all pictures.")]


@app.command("evaluate")
def evaluate_command(
    model: Annotated[Path, typer.Option(help="Folder of a model, or a file in it.")],
    coco: Annotated[Path, typer.Option(help="Annotations in COCO form.", exists=True)],
    images: Annotated[Path, typer.Option(help="Folder of the pictures.", exists=True)],
    precision: Annotated[str, typer.Option(help="fp32 or int8.")] = "fp32",
    split: Split = "val",
) -> None:
    """Measure a model on labelled pictures; the last line is one line of JSON."""
    detector = _load(model, precision)
    result = _evaluated(detector, coco, images, split)
    Console().print(_table(result))
    print(json.dumps(_summary(detector.manifest, precision, result)))


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="Configuration in TOML.", exists=True)],
    photos: Annotated[Path, typer.Option(help="COCO folder of real photos.", exists=True)],
    renders: Annotated[
        Path, typer.Option(help="Folder of `python -m scenes dataset`.", exists=True)
    ],
    out: Annotated[Path, typer.Option(help="Folder for checkpoint and loss log.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")
    ] = False,
    start: Annotated[
        Path | None,
        typer.Option(help="Checkpoint of another run, to begin from its weights.", exists=True),
    ] = None,
) -> None:
    """Train a detector."""
    _require_training_packages()
    from models.training.config import read_config
    from models.training.loop import new_run, resume_run, warm_run
    from models.training.loop import train as run_training

    wanted = read_config(config)
    fresh = partial(warm_run, wanted, start) if start else partial(new_run, wanted)
    run = resume_run(wanted, out) if resume else fresh()
    run_training(run, photos, renders, out)


@app.command("train-condition")
def train_condition_command(
    config: Annotated[Path, typer.Argument(help="Configuration in TOML.", exists=True)],
    renders: Annotated[
        list[Path], typer.Option(help="Folder of `python -m scenes dataset`; may repeat.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for checkpoint and loss log.")],
    photos: Annotated[
        Path | None, typer.Option(help="COCO folder of real photos, for what is no cover.")
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(help="Checkpoint of another run, to begin from its weights.", exists=True),
    ] = None,
) -> None:
    """Train the second look, which tells the condition of covers."""
    _require_training_packages()
    from models.training.condition_loop import train_condition
    from models.training.config import read_condition_config
    from models.training.crops import collect_crops

    wanted = read_condition_config(config)
    crops = collect_crops(renders, photos, wanted)
    print(f"{len(crops.conditions)} crops")
    train_condition(wanted, crops, out, start)


@app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint of `train`.", exists=True)],
    out: Annotated[Path, typer.Option(help="Folder of the model, such as models/street.")],
    condition: Annotated[
        Path | None, typer.Option(help="Checkpoint of `train-condition`.", exists=True)
    ] = None,
    release: Annotated[
        Path, typer.Option(help="Thresholds and data of the release.", exists=True)
    ] = _RELEASE,
) -> None:
    """Turn a checkpoint into a model's folder: graph and manifest."""
    _require_training_packages()
    from models.training.export import read_checkpoint
    from models.training.release import read_release_config, release_checkpoint

    decided = read_release_config(release)
    manifest = release_checkpoint(read_checkpoint(checkpoint), condition, decided, out)
    Detector.load(out)
    print(f"{manifest.name} {manifest.version} after {manifest.trained.steps} steps is in {out}")


@app.command()
def measure(
    model: Annotated[Path, typer.Argument(help="Folder of a model.", exists=True)],
    data: Annotated[
        Path, typer.Option(help="Folder with street/ and manhole-val/.", envvar="PATROLHUB_DATA")
    ],
    renders: Annotated[int, typer.Option(min=3, help="Rendered pictures of each kind.")] = 200,
) -> None:
    """Measure a model on real photos and unseen renders, and write manifest and card."""
    from models.training.release import Measured, record_figures
    from models.training.rendered import Picture, pictures, tally_states

    detector = _load(model, "fp32")
    sets = {
        name: _evaluated(detector, data / name / "annotations.json", data / name, "val")
        for name in ("street", "manhole-val")
    }
    tallies = {
        kind.value: tally_states(detector, iter(track(pictures(kind, renders), str(kind), renders)))
        for kind in Picture
    }
    record_figures(detector.manifest, Measured(sets, tallies), model)
    for name, tally in tallies.items():
        print(
            f"{name}: {tally.right} of {tally.pictures} right, {tally.found} found, "
            f"{tally.false_alarms} false"
        )
        for miss in tally.misses:
            print(f"  {miss}")


def _load(model: Path, precision: str) -> Detector:
    try:
        return Detector.load(model if model.is_dir() else model.parent, precision=precision)
    except ModelRejected as rejected:
        raise typer.BadParameter(str(rejected), param_hint="--model") from rejected


def _evaluated(detector: Detector, coco: Path, images: Path, split: str) -> Evaluation:
    pictures = read_coco(coco, images, detector.manifest.classes, split or None)
    with Progress(console=Console(file=sys.stderr)) as progress:
        task = progress.add_task(f"{len(pictures)} pictures", total=len(pictures))
        return evaluate(detector, pictures, seen=lambda: progress.advance(task))


def _table(result: Evaluation) -> Table:
    table = Table(title=f"{result.pictures} pictures, {result.ms_per_picture:.1f} ms each")
    for column in ("class", "objects", "AP50", "AP", "threshold", "recall", "false/picture"):
        table.add_column(column, justify="left" if column == "class" else "right")
    for s in result.classes:
        figures = (
            s.ap50,
            s.ap,
            s.threshold,
            s.operation.recall,
            s.operation.false_positives_per_picture,
        )
        table.add_row(s.name, str(s.objects), *(f"{figure:.3f}" for figure in figures))
    table.add_section()
    table.add_row("mean", "", f"{result.mean_ap50:.3f}", f"{result.mean_ap:.3f}")
    if result.cover_ap50 is not None:
        table.add_row(
            "manhole, any state",
            "",
            f"{result.cover_ap50:.3f}",
            "",
            "",
            f"{result.cover_recall:.3f}",
        )
    return table


def _summary(manifest: Manifest, precision: str, result: Evaluation) -> dict[str, object]:
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
        "recall": {s.name: _rounded(s.operation.recall) for s in result.classes},
        "false_positives_per_image": {
            s.name: _rounded(s.operation.false_positives_per_picture) for s in result.classes
        },
        "manhole_false_positives_per_image": _rounded(result.cover_alarms),
        "ms_per_image": round(result.ms_per_picture, 2),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 4)


def _require_training_packages() -> None:
    from importlib.util import find_spec

    missing = sorted(name for name in _TRAINING_PACKAGES if find_spec(name) is None)
    if missing:
        print(
            f"Training needs {' and '.join(missing)}: install the extra with  pip install '.[train]'",
            file=sys.stderr,
        )
        raise typer.Exit(2)


if __name__ == "__main__":
    app()
