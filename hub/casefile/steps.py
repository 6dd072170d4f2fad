"""The steps of a staged limit as the page of a case shows them: done, skipped, running, and to come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from hub.cases import Case, Event
from hub.cases.case import CLOCK_RUNS
from hub.catalogue import LimitStep
from hub.deadlines import LimitType
from hub.journal import Entry


class StepState(StrEnum):
    DONE = "done"
    RUNNING = "running"
    TO_COME = "to_come"
    SKIPPED = "skipped"
    """The site showed that a later step had begun."""


class StepView(BaseModel):
    """A step with its limit and closing condition; what was said and shown when it was done or skipped."""

    step_key: str
    text_zh: str
    text_en: str
    limit_type: LimitType
    limit_value: float
    close_condition: str | None
    state: StepState
    began_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    text: str | None
    evidence: list[str]


@dataclass
class _Story:
    """What the entries of a case say about its present run of steps."""

    running: int | None = None
    began: dict[int, datetime] = field(default_factory=dict)
    due: dict[int, datetime] = field(default_factory=dict)
    done: dict[int, Entry] = field(default_factory=dict)
    skipped: dict[int, Entry] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        changed = entry.data.get("changes")
        if not isinstance(changed, dict):
            return
        if entry.event == Event.STEP_DONE and self.running is not None:
            self.done[self.running] = entry
        if entry.event == Event.BEGIN_STEP and self.running is not None:
            self._skip(changed.get("step"), entry)
        if "step_at" in changed:
            self._begin(changed.get("step", self.running), entry)
        due = changed.get("due_at")
        if self.running is not None and isinstance(due, str):
            self.due[self.running] = datetime.fromisoformat(due)
        if entry.event == Event.FEEDBACK and self.running is not None:
            self.done[self.running] = entry

    def _skip(self, until: object, entry: Entry) -> None:
        if isinstance(until, int) and self.running is not None:
            self.skipped |= dict.fromkeys(range(self.running, until), entry)

    def _begin(self, step: object, entry: Entry) -> None:
        if entry.event not in (Event.STEP_DONE, Event.BEGIN_STEP):
            self.skipped.clear()
            self.began.clear()
            self.due.clear()
            self.done.clear()
        self.running = step if isinstance(step, int) else None
        if self.running is not None:
            self.began[self.running] = entry.at


def step_views(steps: Sequence[LimitStep], case: Case, entries: Sequence[Entry]) -> list[StepView]:
    """`entries` are those of the case, oldest first."""
    story = _Story()
    for entry in entries:
        story.read(entry)
    return [_view(index, step, case, story) for index, step in enumerate(steps)]


def _view(index: int, step: LimitStep, case: Case, story: _Story) -> StepView:
    state = _state(index, case, story)
    known = story.skipped if state is StepState.SKIPPED else story.done
    done = known.get(index) if state in (StepState.DONE, StepState.SKIPPED) else None
    text = None if done is None else done.data.get("text") or done.reason
    photos = None if done is None else done.data.get("evidence")
    return StepView(
        step_key=step.step_key,
        text_zh=step.text_zh,
        text_en=step.text_en,
        limit_type=step.limit_type,
        limit_value=step.limit_value,
        close_condition=step.close_condition,
        state=state,
        began_at=story.began.get(index),
        due_at=case.due_at if state is StepState.RUNNING else story.due.get(index),
        done_at=None if done is None else done.at,
        text=text if isinstance(text, str) else None,
        evidence=[str(each) for each in photos] if isinstance(photos, list) else [],
    )


def _state(index: int, case: Case, story: _Story) -> StepState:
    if case.step is None or index > case.step:
        return StepState.TO_COME
    if index < case.step:
        return StepState.SKIPPED if index in story.skipped else StepState.DONE
    return StepState.RUNNING if case.state in CLOCK_RUNS else StepState.DONE
