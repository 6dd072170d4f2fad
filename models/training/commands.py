"""The commands that make a model: train, train-condition, export, quantise, tune, measure."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, track

from models.coco import read_coco
from models.detector import OnnxDetector
from models.measuring import evaluated, load

app = typer.Typer()
_TRAINING_PACKAGES = frozenset({"torch", "onnx"})
_CONFIGS = Path(__file__).parent / "configs"
_DETECTOR, _RELEASE = _CONFIGS / "street.toml", _CONFIGS / "street.release.toml"
_NOTES = _CONFIGS / "street.notes.md"


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
    detector_config: Annotated[
        Path, typer.Option(help="The detector's configuration: how photos are read.", exists=True)
    ] = _DETECTOR,
    mistakes_of: Annotated[
        Path | None,
        typer.Option(help="Model whose false covers in the photos to learn from.", exists=True),
    ] = None,
) -> None:
    """Train the second look, which classifies the condition of covers."""
    _require_training_packages()
    from models.training.condition_loop import train_condition
    from models.training.config import read_condition_config, read_config
    from models.training.crops import collect_crops

    wanted = read_condition_config(config)
    detector = load(mistakes_of, "fp32") if mistakes_of else None
    crops = collect_crops(renders, photos, wanted, read_config(detector_config).data, detector)
    print(f"{len(crops.conditions)} crops")
    train_condition(wanted, crops, out, start)


@app.command()
def mix(
    earlier: Annotated[Path, typer.Argument(help="Checkpoint of a run.", exists=True)],
    later: Annotated[
        Path, typer.Argument(help="Checkpoint of a run that began from it.", exists=True)
    ],
    out: Annotated[Path, typer.Option(help="Checkpoint to write.")],
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the later run's weights.")
    ] = 0.4,
) -> None:
    """Mix the weights of a run with those of the run it began from; often better than either."""
    _require_training_packages()
    from models.training.averaging import mix_checkpoints

    try:
        mix_checkpoints(earlier, later, share, out)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


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
    OnnxDetector.load(out)
    print(f"{manifest.name} {manifest.version} after {manifest.trained.steps} steps is in {out}")


@app.command()
def quantise(
    model: Annotated[Path, typer.Argument(help="Folder of a model.", exists=True)],
    photos: Annotated[Path, typer.Option(help="COCO folder of real photos.", exists=True)],
    renders: Annotated[
        Path, typer.Option(help="Folder of `python -m scenes dataset`.", exists=True)
    ],
    count: Annotated[int, typer.Option(min=8, help="Pictures of each to calibrate with.")] = 150,
) -> None:
    """Add int8 weights to a model, with ranges taken from training pictures."""
    _require_training_packages()
    from models.training.config import DataConfig
    from models.training.release import add_int8
    from models.training.samples import read_picture, spread

    manifest = load(model, "fp32").manifest
    chosen = spread(photos, renders, manifest.classes, DataConfig(), count)
    pictures = (read_picture(photo.path) for photo in track(chosen, "calibrating"))
    added = add_int8(manifest, pictures, model).file("int8")
    print(f"{added.name}: {added.bytes / 1e6:.1f} MB")


@app.command()
def tune(
    model: Annotated[Path, typer.Argument(help="Folder of a model.", exists=True)],
    data: Annotated[
        Path, typer.Option(help="Folder with street/ and manhole-val/.", envvar="PATROLHUB_DATA")
    ],
    alarms: Annotated[
        float, typer.Option(min=0, help="False broken or open covers per picture without any.")
    ] = 0.03,
) -> None:
    """Propose thresholds and the weight of the second look, for the release's configuration."""
    from models.training.tuning import DetectedPictures, propose_thresholds, trust_table

    detector = load(model, "fp32")
    classes = detector.manifest.classes
    pictures = [
        read_coco(data / name / "annotations.json", data / name, classes, "val")
        for name in ("manhole-val", "street")
    ]
    with Progress(console=Console(file=sys.stderr)) as progress:
        task = progress.add_task("looking", total=sum(map(len, pictures)))
        sets = [DetectedPictures.at(detector, p, lambda: progress.advance(task)) for p in pictures]
    for trust, figures in trust_table(detector, pictures[0], (0, 0.3, 0.5, 0.7, 0.85, 1)):
        told = ", ".join(f"{name} {ap50:.3f}" for name, ap50 in figures.items())
        print(f"# condition_trust = {trust}: AP50 {told}")
    print("[thresholds]")
    for name, threshold in propose_thresholds(classes, sets, alarms).items():
        print(f"{name} = {threshold:.2f}")


@app.command()
def measure(
    model: Annotated[Path, typer.Argument(help="Folder of a model.", exists=True)],
    data: Annotated[
        Path, typer.Option(help="Folder with street/ and manhole-val/.", envvar="PATROLHUB_DATA")
    ],
    renders: Annotated[int, typer.Option(min=3, help="Rendered pictures of each kind.")] = 200,
    notes: Annotated[
        Path, typer.Option(help="What else the card shall say, in Markdown.", exists=True)
    ] = _NOTES,
) -> None:
    """Measure a model on real photos and unseen renders, and write manifest, card and failures."""
    from models.training.release import Measured, record_figures
    from models.training.rendered import Picture, pictures, tally_states

    detector = load(model, "fp32")
    precisions = [f.precision for f in detector.manifest.files if f.role == "detector"]
    sets = {
        name: {
            precision: evaluated(
                load(model, precision), data / name / "annotations.json", data / name, "val"
            )
            for precision in sorted(precisions)
        }
        for name in ("street", "manhole-val")
    }
    tallies = {
        kind.value: tally_states(detector, iter(track(pictures(kind, renders), str(kind), renders)))
        for kind in Picture
    }
    text = notes.read_text(encoding="utf-8")
    record_figures(detector.manifest, Measured(sets, tallies), text, model)
    for name, tally in tallies.items():
        print(
            f"{name}: {tally.right} of {tally.covers} right, {tally.found} found, "
            f"{tally.false_alarms} false"
        )
        for failure in tally.failures:
            print(f"  {failure}")


def _require_training_packages() -> None:
    from importlib.util import find_spec

    missing = sorted(name for name in _TRAINING_PACKAGES if find_spec(name) is None)
    if missing:
        print(
            f"Training needs {' and '.join(missing)}: install the extra with  pip install '.[train]'",
            file=sys.stderr,
        )
        raise typer.Exit(2)
