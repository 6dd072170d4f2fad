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
from models.training.config import TrainConfig
from models.training.loss import DetectionLoss, Targets
from models.training.net import DenseDetector, grid_points
from models.training.progress import progress_bar
from models.training.samples import Sample, SampleSource

log = structlog.get_logger(__name__)

CHECKPOINT = "checkpoint.pt"
LOSS_LOG = "loss.jsonl"
_LOG_EVERY = 25


@dataclass
class Run:
    """Where a run stands; all of it is in the checkpoint."""

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


class _Stream(IterableDataset[Sample]):  # type: ignore[misc]  # untyped without torch
    def __init__(self, source: SampleSource) -> None:
        self._source = source

    def __iter__(self) -> Iterator[Sample]:
        cv2.setNumThreads(1)
        return iter(self._source)


def _collate(samples: list[Sample]) -> tuple[Tensor, list[Targets]]:
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
    """Go on from the checkpoint in `out`; raises FileNotFoundError where there is none."""
    state = torch.load(out / CHECKPOINT, weights_only=True)
    run = new_run(config)
    run.model.load_state_dict(state["model"])
    run.average.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.step, run.spent_s = state["step"], state["spent_s"]
    return run


def warm_run(config: TrainConfig, checkpoint: Path) -> Run:
    """Begin a run from the averaged weights of another: its steps, time and rates start anew."""
    weights = torch.load(checkpoint, weights_only=True)["average"]
    run = new_run(config)
    run.model.load_state_dict(weights)
    run.average.load_state_dict(weights)
    return run


def train(run: Run, photos: Path | None, renders: Path, out: Path) -> None:
    """Train until the run's steps or minutes are used up, leaving checkpoint and loss log in `out`."""
    config = run.config
    torch.set_num_threads(config.threads)
    out.mkdir(parents=True, exist_ok=True)
    criterion = DetectionLoss(*grid_points(config.side))
    saved, losses = time.monotonic(), list[float]()
    with progress_bar() as bar, (out / LOSS_LOG).open("a", encoding="utf-8") as curve:
        task = bar.add_task("training", total=100)
        for images, targets in _batches(run, photos, renders):
            if run.progress() >= 1:
                break
            losses.append(_step(run, criterion, images, targets))
            shown = f"step {run.step} loss {losses[-1]:.3f}"
            bar.update(task, completed=int(100 * run.progress()), description=shown)
            if run.step % _LOG_EVERY == 0:
                _record(curve, run, losses)
                losses.clear()
            if time.monotonic() - saved > config.checkpoint_every_s:
                run.save(out)
                saved = time.monotonic()
    run.save(out)
    log.info("training_finished", steps=run.step, minutes=round(run.total_s() / 60, 1))


def _batches(run: Run, photos: Path | None, renders: Path) -> "DataLoader[Sample]":
    """Make batches in another process, while the network learns."""
    config = run.config
    seed = config.seed + run.step
    source = SampleSource(photos, renders, config.classes, config.side, config.data, seed)
    return DataLoader(
        _Stream(source),
        config.batch,
        num_workers=1,
        collate_fn=_collate,
        prefetch_factor=4,
        persistent_workers=True,
        # A forked worker would inherit thread pools without their threads.
        multiprocessing_context="spawn",
    )


def _record(curve: TextIO, run: Run, losses: list[float]) -> None:
    mean, progress = round(float(np.mean(losses)), 4), round(run.progress(), 4)
    curve.write(json.dumps({"step": run.step, "loss": mean, "progress": progress}) + "\n")
    curve.flush()


def _step(run: Run, criterion: DetectionLoss, images: Tensor, targets: list[Targets]) -> float:
    config = run.config
    warm = min(1.0, (run.step + 1) / config.warm_up_steps)
    cosine = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, run.progress())))
    for group in run.optimiser.param_groups:
        group["lr"] = config.learning_rate * warm * cosine
    run.model.train()
    raw = run.model((images.float() / 255).contiguous(memory_format=torch.channels_last))
    loss = criterion(raw, targets)
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(run.model.parameters(), 10.0)
    run.optimiser.step()
    run.step += 1
    follow(run.average, run.model, run.step, config.ema_decay)
    return float(loss.detach())
