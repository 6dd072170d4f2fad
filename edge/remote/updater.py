"""Follows the hub's wish for a model: shadow, swap, proof, or back to the old one. Tells each step."""

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeAlias

import structlog

from edge.detector import Loader, Ready
from edge.looking import Trial
from edge.remote.obtaining import Obtaining, Overtaken, Refusal, Terms
from edge.remote.shelf import Judged, Shelf, Shelved
from edge.remote.starting import model_before
from edge.remote.trial import Rules, figures_of
from edge.remote.trials import Probation, Shadowing
from models import ModelRejected
from wire.messages import DesiredModel, LoadedModel, ModelState, ReportedModel, ShadowFigures

_log = structlog.get_logger()

_TELL_EVERY_S = 10.0
_TICK_S = 0.1
_LONGEST_ERROR = 1000

Seat: TypeAlias = Callable[[Ready | None, Trial | None], None]
"""Has the worker use a model (None: as before) and follow a trial (None: no more), between two frames."""


@dataclass(frozen=True)
class Step:
    """What became of the wish of this version."""

    state: ModelState
    version: int
    error: str | None = None
    figures: ShadowFigures | None = None


class Updater:
    """Runs in a thread of its own; wishes come from another. `told` is called after each step."""

    def __init__(
        self,
        shelf: Shelf,
        load: Loader,
        in_use: Ready,
        installed: Path,
        terms: Terms,
        rules: Rules,
        seat: Seat,
        told: Callable[[], None],
    ) -> None:
        self._shelf = shelf
        self._load = load
        self._ready = in_use
        self._installed = installed
        self._rules = rules
        self._seat = seat
        self._told = told
        self._obtaining = Obtaining(shelf, load, terms, self._overtaken)
        self._wishes: queue.SimpleQueue[DesiredModel] = queue.SimpleQueue()
        self._newest: DesiredModel | None = None
        self._stop = Event()
        self._step = _kept_step(shelf)
        self.shadow: LoadedModel | None = None

    def wish(self, desired: DesiredModel) -> None:
        """The hub wants this model. The same wish may come again and again."""
        if desired != self._newest:
            self._newest = desired
            self._wishes.put(desired)

    def reported(self) -> ReportedModel:
        """The model in use, and what became of the last wish."""
        step, current, loaded = self._step, self._shelf.state.current, self._ready.model.loaded
        report = ReportedModel(
            version=0 if current is None else current.version,
            name=loaded.name,
            model_version=loaded.version,
            sha256=loaded.sha256,
        )
        if step is None:
            return report
        error = None if step.error is None else f"version {step.version}: {step.error}"
        told = {
            "state": step.state,
            "desired_version": step.version,
            "error": error and error[:_LONGEST_ERROR],
            "shadow": step.figures,
        }
        return report.model_copy(update=told)

    def run(self, stop: Event) -> None:
        """Follow wishes until stopped."""
        self._stop = stop
        if not self._shelf.state.proven:
            probation = self._probation()
            self._seat(None, probation)
            self._prove(probation)
        while not stop.is_set():
            try:
                wish = self._wishes.get(timeout=0.5)
            except queue.Empty:
                continue
            if self._wishes.empty():
                self._follow(wish)

    def _follow(self, wish: DesiredModel) -> None:
        if answer := _answer(self._shelf, wish):
            self._take(answer)
            return

        def note(state: ModelState, error: str | None) -> None:
            self._take(Step(state, wish.version, error))

        try:
            model, ready = self._obtaining.obtain(wish, note)
            figures = self._compare(wish, ready)
            self._swap(model, ready, figures)
        except Refusal as refusal:
            self._refuse(wish, refusal)
        except OSError as error:
            self._refuse(wish, Refusal(f"the disk: {error}"))
        except Overtaken:
            return

    def _compare(self, wish: DesiredModel, ready: Ready) -> ShadowFigures:
        """Let the model look beside the one in use. Raises Refusal where it does worse."""
        shadowing = Shadowing(ready, self._rules)
        self._seat(None, shadowing)
        self.shadow = ready.model.loaded
        next_s = time.monotonic()
        try:
            while not shadowing.over.wait(_TICK_S):
                if self._overtaken():
                    raise Overtaken
                if time.monotonic() >= next_s:
                    next_s = time.monotonic() + _TELL_EVERY_S
                    figures = figures_of(shadowing.tally, self._rules)
                    self._take(Step(ModelState.SHADOW, wish.version, figures=figures))
        finally:
            self.shadow = None
            self._seat(None, None)
        figures = figures_of(shadowing.tally, self._rules)
        if reason := shadowing.objection:
            raise Refusal(reason, judged=True, figures=figures)
        return figures

    def _swap(self, model: Shelved, ready: Ready, figures: ShadowFigures) -> None:
        self._shelf.swap(model, figures.old_ms)
        probation = self._probation()
        self._ready = ready
        self._seat(ready, probation)
        _log.info("model_swapped", model=f"{model.name} {model.model_version}")
        self._take(Step(ModelState.ACTIVE, model.version, figures=figures))
        self._prove(probation)

    def _probation(self) -> Probation:
        def before() -> Ready:
            return model_before(self._shelf, self._load, self._installed)

        return Probation(self._rules, self._shelf.state.old_ms, before)

    def _prove(self, probation: Probation) -> None:
        """Wait until the model in use has proved itself, or go back to the one before it."""
        while not probation.over.wait(_TICK_S):
            if self._stop.is_set():
                return
        try:
            if probation.objection is None:
                self._shelf.prove()
                self._shelf.tidy()
                self._seat(None, None)
                _log.info("model_proved")
            else:
                self._go_back(probation, probation.objection)
        except (ModelRejected, OSError) as error:
            _log.error("model_proof_lost", reason=str(error))

    def _go_back(self, probation: Probation, reason: str) -> None:
        gone = self._shelf.state.current
        self._ready = probation.reserve()
        self._seat(self._ready, None)
        self._shelf.roll_back(reason)
        if gone is not None:
            self._take(Step(ModelState.ROLLED_BACK, gone.version, reason))

    def _refuse(self, wish: DesiredModel, refusal: Refusal) -> None:
        reason = str(refusal)
        _log.error("model_refused", version=wish.version, model=wish.name, reason=reason)
        self._take(Step(ModelState.REFUSED, wish.version, reason, refusal.figures))
        try:
            if refusal.judged:
                self._shelf.refuse(wish, reason)
            else:
                self._shelf.end_trial()
            self._shelf.tidy()
        except OSError as error:
            _log.error("model_judgement_lost", reason=str(error))

    def _take(self, step: Step) -> None:
        self._step = step
        _log.info("model_step_taken", state=step.state.value, version=step.version)
        self._told()

    def _overtaken(self) -> bool:
        return self._stop.is_set() or not self._wishes.empty()


def _kept_step(shelf: Shelf) -> Step | None:
    """Where things stood before the restart."""
    judged, current = shelf.state.judged, shelf.state.current
    if judged is not None:
        return _judgement(judged)
    return None if current is None else Step(ModelState.ACTIVE, current.version)


def _answer(shelf: Shelf, wish: DesiredModel) -> Step | None:
    """How the wish was answered before, perhaps before a restart."""
    judged, current = shelf.state.judged, shelf.state.current
    asked = (wish.version, wish.sha256)
    if judged is not None and (judged.version, judged.sha256) == asked:
        return _judgement(judged)
    if current is not None and (current.version, current.sha256) == asked:
        return Step(ModelState.ACTIVE, current.version)
    return None


def _judgement(judged: Judged) -> Step:
    return Step(judged.state, judged.version, judged.error)
