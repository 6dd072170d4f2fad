"""Brings the desired model into use: shadow evaluation, swap, probation, rollback if need be."""

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeAlias

import structlog

from edge.detector import LoadedDetector, Loader
from edge.inference import ModelEvaluation
from edge.remote.comparison import AcceptanceRules, figures_of
from edge.remote.downloader import DownloadPolicy, ModelDownloader, ModelRefused, Superseded
from edge.remote.evaluation import Probation, ShadowEvaluation
from edge.remote.model_store import ModelStore, ModelVerdict, StoredModel
from edge.remote.startup import previous_model
from models import ModelRejected
from wire.messages import DesiredModel, LoadedModel, ModelState, ReportedModel, ShadowFigures

_log = structlog.get_logger()

_TELL_EVERY_S = 10.0
_TICK_S = 0.1
_LONGEST_ERROR = 1000

Activate: TypeAlias = Callable[[LoadedDetector | None, ModelEvaluation | None], None]
"""Has the worker use a model (None: the present one) and let an evaluation observe (None: none)."""


@dataclass(frozen=True)
class UpdateStep:
    """How far the desired model of this version has come."""

    state: ModelState
    version: int
    error: str | None = None
    figures: ShadowFigures | None = None


class ModelUpdater:
    """Runs in a thread of its own; requests come from another. `on_step` is called after each step."""

    def __init__(
        self,
        model_store: ModelStore,
        load: Loader,
        in_use: LoadedDetector,
        installed: Path,
        policy: DownloadPolicy,
        rules: AcceptanceRules,
        activate: Activate,
        on_step: Callable[[], None],
    ) -> None:
        self._model_store = model_store
        self._load = load
        self._loaded_detector = in_use
        self._installed = installed
        self._rules = rules
        self._activate = activate
        self._on_step = on_step
        self._downloader = ModelDownloader(model_store, load, policy, self._superseded)
        self._requests: queue.SimpleQueue[tuple[DesiredModel, str | None]] = queue.SimpleQueue()
        self._newest: DesiredModel | None = None
        self._stop = Event()
        self._step = _stored_step(model_store)
        self.shadow: LoadedModel | None = None

    def request(self, desired: DesiredModel, objection: str | None = None) -> None:
        """The hub wants this model, or so it seems: refused if there is an objection.

        The same request may come again and again.
        """
        if desired != self._newest:
            self._newest = desired
            self._requests.put((desired, objection))

    def reported(self) -> ReportedModel:
        """The model in use, and what became of the last one requested."""
        step, current, loaded = (
            self._step,
            self._model_store.state.current,
            self._loaded_detector.model.loaded,
        )
        report = ReportedModel(
            version=0 if current is None else current.version,
            name=loaded.name,
            model_version=loaded.version,
            sha256=loaded.sha256,
        )
        if step is None:
            return report
        error = None if step.error is None else f"version {step.version}: {step.error}"
        on_step = {
            "state": step.state,
            "desired_version": step.version,
            "error": error and error[:_LONGEST_ERROR],
            "shadow": step.figures,
        }
        return report.model_copy(update=on_step)

    def run(self, stop: Event) -> None:
        """Follow requests until stopped."""
        self._stop = stop
        self._note_installed()
        if not self._model_store.state.proven:
            probation = self._probation()
            self._activate(None, probation)
            self._prove(probation)
        while not stop.is_set():
            try:
                desired, objection = self._requests.get(timeout=0.5)
            except queue.Empty:
                continue
            if self._requests.empty() and objection is None:
                self._follow(desired)
            elif objection is not None:
                self._refuse(desired, ModelRefused(objection))

    def _note_installed(self) -> None:
        loaded = self._loaded_detector.model.loaded
        try:
            self._model_store.note_installed(loaded.name, loaded.version)
        except OSError as error:
            _log.error("model_proof_lost", reason=str(error))

    def _follow(self, desired: DesiredModel) -> None:
        if answer := _answer(self._model_store, desired):
            self._take(answer)
            return

        def progress(state: ModelState, error: str | None) -> None:
            self._take(UpdateStep(state, desired.version, error))

        try:
            model, loaded_detector = self._downloader.obtain(desired, progress)
            figures = self._compare(desired, loaded_detector)
            permit_at = self._downloader.lowest(desired).permit_used(desired)
            self._model_store.swap(model, figures.old_ms, permit_at)
            self._run_on_probation(model, loaded_detector, figures)
        except ModelRefused as refusal:
            self._refuse(desired, refusal)
        except OSError as error:
            self._refuse(desired, ModelRefused(f"the disk: {error}"))
        except Superseded:
            return

    def _compare(self, desired: DesiredModel, loaded_detector: LoadedDetector) -> ShadowFigures:
        """Evaluate the model in the shadow of the one in use. Raises ModelRefused if it does worse."""
        evaluation = ShadowEvaluation(loaded_detector, self._rules)
        self._activate(None, evaluation)
        self.shadow = loaded_detector.model.loaded
        next_s = time.monotonic()
        try:
            while not evaluation.over.wait(_TICK_S):
                if self._superseded():
                    raise Superseded
                if time.monotonic() >= next_s:
                    next_s = time.monotonic() + _TELL_EVERY_S
                    figures = figures_of(evaluation.comparison, self._rules)
                    self._take(UpdateStep(ModelState.SHADOW, desired.version, figures=figures))
        finally:
            self.shadow = None
            self._activate(None, None)
        figures = figures_of(evaluation.comparison, self._rules)
        if reason := evaluation.objection:
            raise ModelRefused(reason, judged=True, figures=figures)
        return figures

    def _run_on_probation(
        self, model: StoredModel, loaded_detector: LoadedDetector, figures: ShadowFigures
    ) -> None:
        probation = self._probation()
        self._loaded_detector = loaded_detector
        self._activate(loaded_detector, probation)
        _log.info("model_swapped", model=f"{model.name} {model.model_version}")
        self._take(UpdateStep(ModelState.ACTIVE, model.version, figures=figures))
        self._prove(probation)

    def _probation(self) -> Probation:
        def before() -> LoadedDetector:
            return previous_model(self._model_store, self._load, self._installed)

        return Probation(self._rules, self._model_store.state.old_ms, before)

    def _prove(self, probation: Probation) -> None:
        """Wait until the model in use has proved itself, otherwise roll back to the one before it."""
        while not probation.over.wait(_TICK_S):
            if self._stop.is_set():
                return
        try:
            if probation.objection is None:
                self._model_store.prove()
                self._model_store.tidy()
                self._activate(None, None)
                _log.info("model_proved")
            else:
                self._roll_back(probation, probation.objection)
        except (ModelRejected, OSError) as error:
            _log.error("model_proof_lost", reason=str(error))

    def _roll_back(self, probation: Probation, reason: str) -> None:
        gone = self._model_store.state.current
        self._loaded_detector = probation.reserve()
        self._activate(self._loaded_detector, None)
        self._model_store.roll_back(reason)
        if gone is not None:
            self._take(UpdateStep(ModelState.ROLLED_BACK, gone.version, reason))

    def _refuse(self, desired: DesiredModel, refusal: ModelRefused) -> None:
        reason = str(refusal)
        _log.error("model_refused", version=desired.version, model=desired.name, reason=reason)
        self._take(UpdateStep(ModelState.REFUSED, desired.version, reason, refusal.figures))
        try:
            if refusal.judged:
                self._model_store.refuse(desired, reason)
            else:
                self._model_store.end_evaluation()
            self._model_store.tidy()
        except OSError as error:
            _log.error("model_verdict_lost", reason=str(error))

    def _take(self, step: UpdateStep) -> None:
        self._step = step
        _log.info("model_step_taken", state=step.state.value, version=step.version)
        self._on_step()

    def _superseded(self) -> bool:
        return self._stop.is_set() or not self._requests.empty()


def _stored_step(model_store: ModelStore) -> UpdateStep | None:
    """The last step before the restart."""
    judged, current = model_store.state.judged, model_store.state.current
    if judged is not None:
        return _verdict_step(judged)
    return None if current is None else UpdateStep(ModelState.ACTIVE, current.version)


def _answer(model_store: ModelStore, desired: DesiredModel) -> UpdateStep | None:
    """The answer that this request already has, perhaps from before a restart."""
    judged, current = model_store.state.judged, model_store.state.current
    asked = (desired.version, desired.sha256)
    if judged is not None and (judged.version, judged.sha256) == asked:
        return _verdict_step(judged)
    if current is not None and (current.version, current.sha256) == asked:
        return UpdateStep(ModelState.ACTIVE, current.version)
    return None


def _verdict_step(judged: ModelVerdict) -> UpdateStep:
    return UpdateStep(judged.state, judged.version, judged.error)
