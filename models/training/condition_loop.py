"""Training of the condition network, anew or from the weights of a run before."""

import copy
import json
import math
import time
from pathlib import Path

import cv2
import numpy as np
import structlog
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.training.averaging import follow
from models.training.condition_net import ConditionNet
from models.training.config import ConditionConfig
from models.training.crops import CropSet, crop_batches
from models.training.progress import progress_bar
from models.training.samples import Picture

log = structlog.get_logger(__name__)

CONDITION_CHECKPOINT = "condition.pt"
CONDITION_LOG = "condition.jsonl"
_LOG_EVERY = 50
_SAVE_EVERY = 250


def train_condition(
    config: ConditionConfig, crops: CropSet, out: Path, start: Path | None = None
) -> None:
    """Train until steps or minutes are used up, leaving the averaged weights in `out`.

    `start` is the checkpoint of another run, whose weights to begin with.
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    cv2.setNumThreads(1)
    out.mkdir(parents=True, exist_ok=True)
    model = ConditionNet(len(config.classes) + 1).to(memory_format=torch.channels_last)
    if start:
        model.load_state_dict(torch.load(start, weights_only=True)["average"])
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(
        model.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    began, recent = time.monotonic(), []
    with progress_bar() as bar, (out / CONDITION_LOG).open("w", encoding="utf-8") as curve:
        task = bar.add_task("condition", total=100)
        for step, (images, labels) in enumerate(crop_batches(crops, config), 1):
            spent = (time.monotonic() - began) / (60 * config.minutes)
            done = max(step / config.steps, spent)
            if done >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = _learning_rate(config, step, done)
            recent.append(_learn(config, model, optimiser, images, labels))
            follow(average, model, step, config.ema_decay)
            bar.update(task, completed=int(100 * done), description=f"step {step}")
            if step % _LOG_EVERY == 0:
                curve.write(json.dumps(_summary(step, done, recent)) + "\n")
                curve.flush()
                recent.clear()
            if step % _SAVE_EVERY == 0:
                _save(config, average, out)
    _save(config, average, out)
    log.info("condition_training_finished", steps=step, crops=len(crops.conditions))


def _learning_rate(config: ConditionConfig, step: int, done: float) -> float:
    """A short warm-up, then half a cosine down to a hundredth."""
    cosine = 0.01 + 0.495 * (1 + math.cos(math.pi * done))
    return config.learning_rate * min(1, step / 50) * cosine


def _learn(
    config: ConditionConfig,
    model: ConditionNet,
    optimiser: torch.optim.Optimizer,
    images: Picture,
    labels: NDArray[np.int64],
) -> tuple[float, float]:
    """Take one step; returns the loss, and the share of the batch that was told rightly."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.mixed_precision):
        logits = model.train()(as_input(images)).float()
    loss = functional.cross_entropy(
        logits, torch.from_numpy(labels), label_smoothing=config.smoothing
    )
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
    return float(loss.detach()), float((logits.argmax(1).numpy() == labels).mean())


def _summary(step: int, done: float, recent: list[tuple[float, float]]) -> dict[str, float]:
    loss, right = np.mean(recent, 0)
    return {
        "step": step,
        "loss": round(float(loss), 4),
        "right": round(float(right), 4),
        "progress": round(done, 4),
    }


def as_input(images: Picture) -> Tensor:
    """Turn uint8 crops [n, side, side, 3] BGR into what the network takes."""
    rgb = torch.from_numpy(np.ascontiguousarray(images[..., ::-1])).permute(0, 3, 1, 2)
    return (rgb.float() / 255).contiguous(memory_format=torch.channels_last)


def _save(config: ConditionConfig, average: ConditionNet, out: Path) -> None:
    state = {"config": config.model_dump(mode="json"), "average": average.state_dict()}
    torch.save(state, out / "condition.new")
    (out / "condition.new").replace(out / CONDITION_CHECKPOINT)
