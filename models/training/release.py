"""Making a checkpoint into a released model: graph, manifest, measured figures and card."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from models.evaluation import ClassScore, Evaluation
from models.manifest import (
    CARD_NAME,
    ClassMetrics,
    ConditionSpec,
    DataSource,
    InputSpec,
    Manifest,
    Precision,
    RenderMetrics,
    SetMetrics,
    TrainedFrom,
    describe_file,
    write_manifest,
)
from models.training.card import write_card
from models.training.failures import write_failures
from models.training.rendered import StateTally

if TYPE_CHECKING:
    from models.training.export import Checkpoint

_GRAPH_NAME = "model.onnx"
_CONDITION_NAME = "condition.onnx"
_INT8_NAME = "model.int8.onnx"


class ReleaseConfig(BaseModel):
    """What is decided by hand for a release: thresholds after a look at the curves, and the data's origin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: str
    overlap: float = Field(gt=0, lt=1)
    condition_trust: float = Field(ge=0, le=1)
    condition_open_trust: float = Field(0.0, ge=0, le=1)
    condition_doubt: float = Field(0.0, ge=0, le=1)
    thresholds: dict[str, float]
    data: tuple[DataSource, ...]


def read_release_config(path: Path) -> ReleaseConfig:
    """Read the decisions of a release; raises pydantic.ValidationError if they are wrong."""
    return ReleaseConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def release_checkpoint(
    checkpoint: "Checkpoint", condition: Path | None, decided: ReleaseConfig, out: Path
) -> Manifest:
    """Write graphs and manifest, without figures yet, into the folder `out`.

    `condition` is the checkpoint of the second look, if the model has one.
    """
    from models.training.export import write_onnx

    out.mkdir(parents=True, exist_ok=True)
    write_onnx(checkpoint, out / _GRAPH_NAME)
    files = [describe_file(out / _GRAPH_NAME, "detector", "fp32")]
    spec = None
    if condition:
        spec = _release_condition(condition, decided, out)
        files.append(describe_file(out / _CONDITION_NAME, "condition", "fp32"))
    config = checkpoint.config
    manifest = Manifest(
        name=config.name,
        version=config.version,
        classes=config.classes,
        input=InputSpec(width=config.side, height=config.side),
        thresholds=decided.thresholds,
        overlap=decided.overlap,
        condition=spec,
        files=tuple(files),
        data=decided.data,
        trained=TrainedFrom(
            config=decided.config,
            seed=config.seed,
            steps=checkpoint.step,
            minutes=round(checkpoint.spent_s / 60, 1),
            finished_at=datetime.now(UTC).replace(microsecond=0),
        ),
    )
    write_manifest(manifest, out)
    return manifest


def _release_condition(checkpoint: Path, decided: ReleaseConfig, out: Path) -> ConditionSpec:
    from models.training.export import read_condition, write_condition_onnx

    config, model = read_condition(checkpoint)
    write_condition_onnx(config, model, out / _CONDITION_NAME)
    return ConditionSpec(
        side=config.side,
        margin=config.margin,
        trust=decided.condition_trust,
        open_trust=decided.condition_open_trust,
        doubt=decided.condition_doubt,
    )


def add_int8(manifest: Manifest, pictures: Iterator[NDArray[np.uint8]], out: Path) -> Manifest:
    """Quantise the detector of a released model with these pictures, and name the file in its manifest."""
    from models.training.quantise import write_int8

    write_int8(out / manifest.file("fp32").name, pictures, out / _INT8_NAME)
    kept = [f for f in manifest.files if (f.role, f.precision) != ("detector", "int8")]
    quantised = describe_file(out / _INT8_NAME, "detector", "int8")
    manifest = manifest.model_copy(update={"files": (*kept, quantised)})
    write_manifest(manifest, out)
    return manifest


@dataclass(frozen=True)
class Measured:
    """Everything that was measured for a release, by name of the set."""

    sets: dict[str, dict[Precision, Evaluation]]
    renders: dict[str, StateTally]


def record_figures(manifest: Manifest, measured: Measured, notes: str, out: Path) -> Manifest:
    """Write the figures into manifest and card; the card ends with what `notes` say in Markdown."""
    figures = {
        "metrics": {
            name: {precision: _set_metrics(e) for precision, e in by_precision.items()}
            for name, by_precision in measured.sets.items()
        },
        "renders": {name: _render_metrics(t) for name, t in measured.renders.items()},
    }
    manifest = manifest.model_copy(update=figures)
    write_manifest(manifest, out)
    write_failures(measured.renders, out)
    (out / CARD_NAME).write_text(write_card(manifest, notes), encoding="utf-8")
    return manifest


def _set_metrics(evaluation: Evaluation) -> SetMetrics:
    return SetMetrics(
        images=evaluation.pictures,
        mean_ap50=round(evaluation.mean_ap50, 3),
        manhole_any_ap50=_rounded(evaluation.cover_ap50),
        manhole_condition_right=_rounded(evaluation.condition_right),
        manhole_false_positives_per_image=round(evaluation.cover_alarms, 3),
        ms_per_image=round(evaluation.ms_per_picture, 1),
        classes=_class_metrics(evaluation.classes),
        by_source={
            source: _class_metrics(scores) for source, scores in evaluation.by_source.items()
        },
    )


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)


def _class_metrics(scores: Sequence[ClassScore]) -> dict[str, ClassMetrics]:
    return {
        score.name: ClassMetrics(
            objects=score.objects,
            ap50=round(score.ap50, 3),
            ap=round(score.ap, 3),
            recall=round(score.operation.recall, 3),
            false_positives_per_image=round(score.operation.false_positives_per_picture, 3),
        )
        for score in scores
    }


def _render_metrics(tally: StateTally) -> RenderMetrics:
    return RenderMetrics(
        covers=tally.covers,
        found=round(tally.found / tally.covers, 4),
        state_right=round(tally.right / tally.covers, 4),
    )
