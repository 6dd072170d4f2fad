"""Making a checkpoint into a released model: graph, manifest, measured figures and card."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from models.evaluation import Evaluation
from models.manifest import (
    CARD_NAME,
    ClassMetrics,
    ConditionSpec,
    DataSource,
    InputSpec,
    Manifest,
    RenderMetrics,
    RunRecord,
    SetMetrics,
    TrainedFrom,
    describe_file,
    write_manifest,
)
from models.training.card import write_card
from models.training.rendered import StateTally

if TYPE_CHECKING:
    from models.training.export import Checkpoint

_GRAPH_NAME = "model.onnx"
_CONDITION_NAME = "condition.onnx"


class ReleaseConfig(BaseModel):
    """What is decided by hand for a release: thresholds after a look at the curves, and the data's origin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: str
    overlap: float = Field(gt=0, lt=1)
    condition_trust: float = Field(ge=0, le=1)
    thresholds: dict[str, float]
    data: tuple[DataSource, ...]
    before: tuple[RunRecord, ...] = ()
    condition_runs: tuple[RunRecord, ...] = ()


def read_release_config(path: Path) -> ReleaseConfig:
    """Read the decisions of a release; raises pydantic.ValidationError where they are wrong."""
    return ReleaseConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def release_checkpoint(
    checkpoint: "Checkpoint", condition: Path | None, decided: ReleaseConfig, out: Path
) -> Manifest:
    """Write graphs and manifest, without figures yet, into the folder `out`.

    `condition` is the checkpoint of the second look, if the model shall have one.
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
            before=decided.before,
            condition_runs=decided.condition_runs,
        ),
    )
    write_manifest(manifest, out)
    return manifest


def _release_condition(checkpoint: Path, decided: ReleaseConfig, out: Path) -> ConditionSpec:
    from models.training.export import read_condition, write_condition_onnx

    config, model = read_condition(checkpoint)
    write_condition_onnx(config, model, out / _CONDITION_NAME)
    return ConditionSpec(side=config.side, margin=config.margin, trust=decided.condition_trust)


@dataclass(frozen=True)
class Measured:
    """Everything that was measured for a release, by name of the set."""

    sets: dict[str, Evaluation]
    renders: dict[str, StateTally]


def record_figures(manifest: Manifest, measured: Measured, out: Path) -> Manifest:
    """Write the figures into manifest and card."""
    figures = {
        "metrics": {name: _set_metrics(e) for name, e in measured.sets.items()},
        "renders": {name: _render_metrics(t) for name, t in measured.renders.items()},
    }
    manifest = manifest.model_copy(update=figures)
    write_manifest(manifest, out)
    (out / CARD_NAME).write_text(write_card(manifest), encoding="utf-8")
    return manifest


def _set_metrics(evaluation: Evaluation) -> SetMetrics:
    classes = {
        score.name: ClassMetrics(
            objects=score.objects,
            ap50=round(score.ap50, 3),
            ap=round(score.ap, 3),
            recall=round(score.operation.recall, 3),
            false_positives_per_image=round(score.operation.false_positives_per_picture, 3),
        )
        for score in evaluation.classes
    }
    covers = None if evaluation.cover_ap50 is None else round(evaluation.cover_ap50, 3)
    return SetMetrics(
        images=evaluation.pictures,
        mean_ap50=round(evaluation.mean_ap50, 3),
        manhole_any_ap50=covers,
        manhole_false_positives_per_image=round(evaluation.cover_alarms, 3),
        classes=classes,
    )


def _render_metrics(tally: StateTally) -> RenderMetrics:
    return RenderMetrics(
        pictures=tally.pictures,
        found=round(tally.found / tally.pictures, 4),
        state_right=round(tally.right / tally.pictures, 4),
    )
