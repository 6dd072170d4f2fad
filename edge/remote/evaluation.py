"""The two stages of a new model: in the shadow of the old one, then in use, on probation."""

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from threading import Event

import structlog

from edge.detector import LoadedDetector
from edge.inference import Inference
from edge.remote.comparison import (
    AcceptanceRules,
    ModelComparison,
    compared,
    objection,
    settled,
    too_slow,
)
from models import ModelRejected

_log = structlog.get_logger()

_WARM_UP = 3
"""Inferences whose time does not count: the first ones are slow."""


class ShadowEvaluation:
    """A new model sees the same frames as the model in use; its detections are only compared."""

    def __init__(self, loaded_detector: LoadedDetector, rules: AcceptanceRules) -> None:
        self._loaded_detector = loaded_detector
        self._rules = rules
        self.comparison = ModelComparison()
        self.over = Event()

    def observe(self, inference: Inference) -> None:
        """Run the new model on the same frame, and compare."""
        if self.over.is_set():
            return
        start_s = time.perf_counter()
        try:
            new = inference.infer(self._loaded_detector.detector, self._loaded_detector.model)
        except Exception as error:  # noqa: BLE001  any error counts against the model
            self.comparison = replace(self.comparison, failure=f"{type(error).__name__}: {error}")
        else:
            new_ms = (time.perf_counter() - start_s) * 1000 / inference.views
            view_ms = (inference.view_ms, new_ms)
            self.comparison = compared(
                self.comparison, inference.found, new, inference.tracks, view_ms
            )
        if settled(self.comparison, self._rules):
            self.over.set()

    def rescue(self, _error: Exception) -> LoadedDetector | None:
        """The old model is in use: if it fails, there is no better one."""
        return None

    @property
    def objection(self) -> str | None:
        """Why the new model must not be used; None if it may."""
        return objection(self.comparison, self._rules)


class Probation:
    """A new model is in use, and `before` loads the old one if the new one fails."""

    def __init__(
        self, rules: AcceptanceRules, old_ms: float | None, before: Callable[[], LoadedDetector]
    ) -> None:
        self._rules = rules
        self._old_ms = old_ms
        self._before = before
        self._view_ms: list[float] = []
        self.over = Event()
        self.objection: str | None = None
        self.rescued: LoadedDetector | None = None

    def reserve(self) -> LoadedDetector:
        """The model to go back to. Raises ModelRejected or OSError."""
        return self.rescued or self._before()

    def observe(self, inference: Inference) -> None:
        """Count an inference that succeeded."""
        if self.over.is_set():
            return
        self._view_ms.append(inference.view_ms)
        if len(self._view_ms) >= self._rules.looks + _WARM_UP:
            if self._old_ms is not None:
                new_ms = median(self._view_ms[_WARM_UP:])
                self.objection = too_slow(self._old_ms, new_ms, self._rules)
            self.over.set()

    def rescue(self, error: Exception) -> LoadedDetector | None:
        """The old model; None if it cannot be loaded, or if the new one has proved itself."""
        if self.over.is_set():
            return None
        try:
            self.rescued = self.reserve()
        except (ModelRejected, OSError) as fault:
            _log.error("model_before_lost", reason=str(fault))
        look = len(self._view_ms) + 1
        self.objection = f"it failed in look {look} in use: {type(error).__name__}: {error}"
        self.over.set()
        return self.rescued
