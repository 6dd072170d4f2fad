"""A district's own ladder from YAML: every bad step is named, and a good file is a new version."""

from dataclasses import dataclass, replace

import yaml
from pydantic import JsonValue, ValidationError

from hub.errors import InvalidInput
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.ladder import store
from hub.supervision.ladder.ladder import Ladder, LadderStep, check_keys
from hub.supervision.ladder.store import SQL


@dataclass(frozen=True, slots=True)
class LadderStepChange:
    """A step as it was and as it will be; None where there is none."""

    step_key: str
    before: LadderStep | None
    after: LadderStep | None


@dataclass(frozen=True, slots=True)
class LadderReport:
    """What an import changes. `version` is None in a dry run, and if nothing changes.

    `reordered`: the same steps stand in another order.
    """

    version: int | None
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    steps: tuple[LadderStepChange, ...] = ()
    reordered: bool = False

    def text(self) -> str:
        lines = [f"+ {key}" for key in self.added]
        lines += [f"~ {key}" for key in self.changed]
        lines += [f"- {key}" for key in self.removed]
        lines += ["the order of the steps"] if self.reordered else []
        if not lines:
            return "nothing changes"
        done = "nothing written" if self.version is None else f"version {self.version} created"
        return "\n".join([*lines, done])


def ladder_text(ladder: Ladder) -> str:
    """A ladder as YAML that `parse_ladder` reads."""
    steps = [step.model_dump(mode="json", exclude_none=True) for step in ladder.steps]
    return yaml.safe_dump({"steps": steps}, allow_unicode=True, sort_keys=False, width=110)


def parse_ladder(text: str) -> tuple[LadderStep, ...]:
    """The steps of a file. Raises InvalidInput, which names every step that is wrong."""
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(f"the file is not YAML: {error}") from None
    rows = read.get("steps") if isinstance(read, dict) else read
    if not isinstance(rows, list) or not rows:
        raise InvalidInput("the file must be a list of steps, or have one under `steps`")
    steps, bad = [], []
    for number, row in enumerate(rows, start=1):
        try:
            steps.append(LadderStep.model_validate(row))
        except ValidationError as error:
            name = row.get("step_key") if isinstance(row, dict) else None
            bad.append(f"step {number} ({name or '?'}): {_reasons(error)}")
    twice = check_keys(steps)
    bad += [twice] if twice else []
    if bad:
        raise InvalidInput("nothing imported:\n" + "\n".join(bad), field="steps")
    return tuple(steps)


async def import_ladder(
    work: UnitOfWork,
    steps: tuple[LadderStep, ...],
    *,
    source: str,
    reason: str,
    dry_run: bool = False,
) -> LadderReport:
    """Put another ladder in force. Steps that a case has had do not fire again.

    Steps whose time came before this version are left out: nothing is made up for.
    Raises InvalidInput without a reason.
    """
    if not dry_run and not reason.strip():
        raise InvalidInput("say why the ladder changes", field="reason")
    await work.db.execute(SQL["one_importer"])
    present = await store.load_ladder(work.db)
    report = _compared(present.steps, steps)
    if dry_run or steps == present.steps:
        return report
    ladder = Ladder(present.version + 1, steps, work.now)
    await store.add_version(work.db, ladder, work.now, work.actor, source, reason.strip())
    kept: list[JsonValue] = [step.model_dump(mode="json", exclude_none=True) for step in steps]
    work.record(
        NewEntry(
            Subject.LADDER,
            str(ladder.version),
            "ladder_imported",
            work.actor,
            work.now,
            reason=reason.strip(),
            data={"source": source, "steps": kept},
        )
    )
    return replace(report, version=ladder.version)


def _compared(present: tuple[LadderStep, ...], steps: tuple[LadderStep, ...]) -> LadderReport:
    before = {step.step_key: step for step in present}
    after = {step.step_key: step for step in steps}
    return LadderReport(
        None,
        tuple(key for key in after if key not in before),
        tuple(key for key in after if key in before and before[key] != after[key]),
        tuple(key for key in before if key not in after),
        tuple(
            LadderStepChange(key, before.get(key), after.get(key))
            for key in [*after, *(key for key in before if key not in after)]
            if before.get(key) != after.get(key)
        ),
        before == after and present != steps,
    )


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'step'}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)
    )
