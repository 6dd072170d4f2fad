"""The training loop: resumable, timed, logged."""

import copy
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import cv2
import numpy as np
import structlog
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from models.training.averaging import follow
from models.training.config import TrainConfig, TrainingStage
from models.training.loss import DetectionLoss, Targets
from models.training.net import DenseDetector, grid_points
from models.training.progress import progress_bar
from models.training.samples import SampleSource, TrainingSample
from models.training.show import CURVE_PICTURE, SAMPLES_PICTURE, draw_curve, draw_samples

log = structlog.get_logger(__name__)

CHECKPOINT = "checkpoint.pt"
LOSS_LOG = "loss.jsonl"
_LOG_EVERY = 25


@dataclass
class Run:
    """The state of a run; all of it is in the checkpoint."""

    config: TrainConfig
    model: DenseDetector
    average: DenseDetector
    optimiser: torch.optim.Optimizer
    step: int = 0
    spent_s: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def progress(self) -> float:
        """Share of the run that is done, by steps or by time, whichever is further."""
        return max(self.step / self.config.steps, self.total_s() / (60 * self.config.minutes))

    def total_s(self) -> float:
        """Seconds spent, those of the runs before included."""
        return self.spent_s + time.monotonic() - self.started

    def save(self, out: Path) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "config": self.config.model_dump(mode="json"),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "spent_s": self.total_s(),
        }
        torch.save(state, out / "checkpoint.new")
        (out / "checkpoint.new").replace(out / CHECKPOINT)


class _Stream(IterableDataset[TrainingSample]):  # type: ignore[misc]  # untyped without torch
    def __init__(self, source: SampleSource) -> None:
        self._source = source

    def __iter__(self) -> Iterator[TrainingSample]:
        cv2.setNumThreads(1)
        return iter(self._source)


def _collate(samples: list[TrainingSample]) -> tuple[Tensor, list[Targets]]:
    images = torch.from_numpy(np.stack([s.image[..., ::-1] for s in samples])).permute(0, 3, 1, 2)
    return images, [Targets(torch.from_numpy(s.boxes), torch.from_numpy(s.zones)) for s in samples]


def new_run(config: TrainConfig) -> Run:
    """Begin a run from nothing."""
    torch.manual_seed(config.seed)
    model = DenseDetector(config.net, len(config.classes)).to(memory_format=torch.channels_last)
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(
        model.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    return Run(config, model, average, optimiser)


def resume_run(config: TrainConfig, out: Path) -> Run:
    """Go on from the checkpoint in `out`; raises FileNotFoundError if there is none."""
    state = torch.load(out / CHECKPOINT, weights_only=True)
    run = new_run(config)
    run.model.load_state_dict(state["model"])
    run.average.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.step, run.spent_s = state["step"], state["spent_s"]
    return run


def warm_run(config: TrainConfig, checkpoint: Path) -> Run:
    """Begin a run from the averaged weights of another: its steps, time and rates start anew.

    Layers that the other network did not have start untrained. Raises ValueError if the rest does not fit.
    """
    weights = torch.load(checkpoint, weights_only=True)["average"]
    run = new_run(config)
    for model in (run.model, run.average):
        missing, unknown = model.load_state_dict(weights, strict=False)
        strange = [name for name in missing if ".mix." not in name] + unknown
        if strange:
            raise ValueError(f"{checkpoint} is of another network: {', '.join(strange[:3])}")
    return run


def train(run: Run, photos: Path | None, renders: Path, out: Path) -> None:
    """Train until the run's steps or minutes are used up, leaving all that `resume_run` needs in `out`.

    Beside the checkpoint it writes the losses, their curve as a picture, and some training samples.
    """
    config = run.config
    torch.set_num_threads(config.threads)
    out.mkdir(parents=True, exist_ok=True)
    with progress_bar() as bar, (out / LOSS_LOG).open("a", encoding="utf-8") as curve:
        task = bar.add_task("training", total=100)
        clock = _SaveClock(config.checkpoint_every_s)
        while run.progress() < 1:
            stage = config.stage(run.progress())
            log.info("stage_began", side=stage.side, step=run.step)
            for loss in _stage_losses(run, stage, _batches(run, stage, photos, renders), out):
                shown = f"step {run.step} at {stage.side} px, loss {loss:.3f}"
                bar.update(task, completed=int(100 * run.progress()), description=shown)
                _record(curve, run, loss)
                if clock.due():
                    run.save(out)
                    draw_curve(out / LOSS_LOG, out / CURVE_PICTURE)
    run.save(out)
    draw_curve(out / LOSS_LOG, out / CURVE_PICTURE)
    log.info("training_finished", steps=run.step, minutes=round(run.total_s() / 60, 1))


class _SaveClock:
    def __init__(self, every_s: float) -> None:
        self._every_s, self._last_s = every_s, time.monotonic()

    def due(self) -> bool:
        """Tell whether it is time, and if so start anew."""
        now_s = time.monotonic()
        due = now_s - self._last_s > self._every_s
        self._last_s = now_s if due else self._last_s
        return due


def _stage_losses(
    run: Run, stage: TrainingStage, batches: "DataLoader[TrainingSample]", out: Path
) -> Iterator[float]:
    """Learn until the stage ends, yielding the mean loss of every few steps."""
    criterion = DetectionLoss(*grid_points(stage.side))
    losses: list[float] = []
    for number, (images, targets) in enumerate(batches):
        if run.progress() >= stage.until:
            return
        if number == 0:
            draw_samples(images, targets, out / SAMPLES_PICTURE)
        losses.append(_step(run, criterion, images, targets))
        if run.step % _LOG_EVERY == 0:
            yield float(np.mean(losses))
            losses.clear()


def _batches(
    run: Run, stage: TrainingStage, photos: Path | None, renders: Path
) -> "DataLoader[TrainingSample]":
    """Make batches in another process, while the network learns."""
    config = run.config
    seed = config.seed + run.step
    source = SampleSource(photos, renders, config.classes, stage, config.data, seed)
    return DataLoader(
        _Stream(source),
        config.batch,
        num_workers=1,
        collate_fn=_collate,
        prefetch_factor=4,
        # A forked worker would inherit thread pools without their threads.
        multiprocessing_context="spawn",
    )


def _record(curve: TextIO, run: Run, loss: float) -> None:
    figures = {"step": run.step, "loss": round(loss, 4), "progress": round(run.progress(), 4)}
    curve.write(json.dumps(figures) + "\n")
    curve.flush()


def _step(run: Run, criterion: DetectionLoss, images: Tensor, targets: list[Targets]) -> float:
    config = run.config
    warm = min(1.0, (run.step + 1) / config.warm_up_steps)
    cosine = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, run.progress())))
    for group in run.optimiser.param_groups:
        group["lr"] = config.learning_rate * warm * cosine
    run.model.train()
    shown = (images.float() / 255).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.mixed_precision):
        raw = run.model(shown)
    loss = criterion(raw.float(), targets)
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(run.model.parameters(), 10.0)
    run.optimiser.step()
    run.step += 1
    follow(run.average, run.model, run.step, config.ema_decay)
    return float(loss.detach())
