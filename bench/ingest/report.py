"""Runs the parts of `script/bench ingest` in turns, and shows their results."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.ingest.load import MessageLoad
from bench.ingest.rig import Rig, load_average, rigs
from bench.ingest.rounds import Delays, Round, delays, limit, throughput
from deploy.local.processes import Process

_console = Console(highlight=False, width=120)


@dataclass(frozen=True)
class IngestPlan:
    """How much to send. The broker keeps at most 100,000 messages for ingest, so a load stays below that."""

    rounds: int
    messages: int
    usual_messages: int
    batched_messages: int
    batch_samples: int
    seconds: int
    terminals: int


@dataclass(frozen=True)
class IngestFigures:
    """The last line: medians over the rounds. `ratio` is that of the medians, over the usual script.

    `cpu_us` is the processor time per message, by process. `ratio_cpu` is that of the usual script over
    ours, without the generator; it is comparable even on a busy machine. `generator_per_s` is the rate
    of generator and broker without subscribers, `workers_ratio` that of two ingest processes over one
    on the same cores.
    """

    msgs_per_s: int
    baseline_msgs_per_s: int
    ratio: float
    samples_per_s: int
    p50_ms: float
    p99_ms: float
    half_load_per_s: int
    workers_ratio: float
    generator_per_s: int
    lost: int
    duplicated: int
    baseline_lost: int
    load_average: float
    cpu_us: dict[str, float]
    batched_cpu_us: dict[str, float]
    baseline_cpu_us: dict[str, float]
    ratio_cpu: float


@dataclass(frozen=True)
class StoringProcesses:
    """A rig, and the processes that store there."""

    rig: Rig
    processes: list[Process]

    def take(self, load: MessageLoad) -> Round:
        return throughput(self.rig, self.processes, load)


@dataclass
class _Found:
    """What the rounds have found so far."""

    ours: list[Round] = field(default_factory=list)
    usual: list[Round] = field(default_factory=list)
    batched: list[Round] = field(default_factory=list)
    pairs: list[Round] = field(default_factory=list)
    generator: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)


def run(plan: IngestPlan) -> IngestFigures:
    """Measure everything, showing each round on the way."""
    found = _Found()
    with rigs(3, plan.terminals) as (hub, usual, silent), _started(hub.ingest()) as ingest:
        with _started(usual.usual()) as script:
            for number in range(plan.rounds):
                found.load.append(load_average())
                found.generator.append(limit(silent, _load(plan)))
                _round(
                    plan, found, StoringProcesses(hub, [ingest]), StoringProcesses(usual, [script])
                )
                _show_round(number + 1, found)
        for _ in range(plan.rounds):
            _second_worker(plan, found, StoringProcesses(hub, [ingest]))
        half = median(one.messages_per_s for one in found.ours) / 2
        waits = _half_load(plan, hub, half)
    figures = _figures(found, waits, half)
    _show(figures)
    return figures


def _round(
    plan: IngestPlan, found: _Found, ours: StoringProcesses, usual: StoringProcesses
) -> None:
    """Measure each once, so that a disturbance of the machine affects all of them."""
    found.usual.append(usual.take(_load(plan, messages=plan.usual_messages)))
    found.ours.append(ours.take(_load(plan)))
    batched = _load(plan, messages=plan.batched_messages, samples=plan.batch_samples)
    found.batched.append(ours.take(batched))


def _second_worker(plan: IngestPlan, found: _Found, ours: StoringProcesses) -> None:
    """A second ingest beside the first, in turns with the first alone."""
    found.ours.append(ours.take(_load(plan)))
    with _started(ours.rig.ingest("2")) as second:
        both = StoringProcesses(ours.rig, [*ours.processes, second])
        found.pairs.append(both.take(_load(plan)))
    ours.rig.dismiss("2")


def _half_load(plan: IngestPlan, hub: Rig, per_s: float) -> Delays:
    messages = min(int(per_s * plan.seconds), 500_000)
    return delays(hub, _load(plan, messages=messages, per_s=per_s))


def _load(plan: IngestPlan, **other: float) -> MessageLoad:
    load = MessageLoad(secrets.token_hex(4), plan.messages, terminals=plan.terminals)
    return replace(load, **other)  # type: ignore[arg-type]


@contextmanager
def _started(process: Process) -> Iterator[Process]:
    process.start()
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.stop()


def _figures(found: _Found, waits: Delays, half: float) -> IngestFigures:
    ours = median(one.messages_per_s for one in found.ours)
    baseline = median(one.messages_per_s for one in found.usual)
    cpu_us, baseline_cpu_us = _medians(found.ours), _medians(found.usual)
    hub_rounds = [*found.ours, *found.batched, *found.pairs]
    return IngestFigures(
        msgs_per_s=round(ours),
        baseline_msgs_per_s=round(baseline),
        ratio=round(ours / baseline, 2),
        samples_per_s=round(median(one.samples_per_s for one in found.batched)),
        p50_ms=round(waits.p50_ms, 1),
        p99_ms=round(waits.p99_ms, 1),
        half_load_per_s=round(half),
        workers_ratio=round(median(one.messages_per_s for one in found.pairs) / ours, 2),
        generator_per_s=round(median(found.generator)),
        lost=sum(one.lost for one in hub_rounds),
        duplicated=sum(one.duplicated for one in hub_rounds),
        baseline_lost=sum(one.lost for one in found.usual),
        load_average=median(found.load),
        cpu_us=cpu_us,
        batched_cpu_us=_medians(found.batched),
        baseline_cpu_us=baseline_cpu_us,
        ratio_cpu=round(_without_generator(baseline_cpu_us) / _without_generator(cpu_us), 2),
    )


def _medians(rounds: list[Round]) -> dict[str, float]:
    return {who: round(median(one.cpu_us[who] for one in rounds), 1) for who in rounds[0].cpu_us}


def _without_generator(cpu_us: dict[str, float]) -> float:
    return sum(cpu_us.values()) - cpu_us["generator"]


def _show_round(number: int, found: _Found) -> None:
    _console.print(
        f"round {number} (load {found.load[-1]}): generator alone {found.generator[-1]:,.0f}/s, "
        f"usual script {found.usual[-1].messages_per_s:,.0f}/s, "
        f"ingest {found.ours[-1].messages_per_s:,.0f}/s, "
        f"batched {found.batched[-1].samples_per_s:,.0f} samples/s"
    )


def _show(figures: IngestFigures) -> None:
    table = Table(title="medians", title_justify="left", show_header=False)
    for name, value in (
        ("one sample a message", f"{figures.msgs_per_s:,} messages/s"),
        ("the usual script", f"{figures.baseline_msgs_per_s:,} messages/s"),
        ("ingest over the usual script", f"{figures.ratio}"),
        ("processor time a message, us", _spelled(figures.cpu_us)),
        ("of the usual script, us", _spelled(figures.baseline_cpu_us)),
        ("of a message of many samples, us", _spelled(figures.batched_cpu_us)),
        ("many samples a message", f"{figures.samples_per_s:,} samples/s"),
        ("two ingest processes over one", f"{figures.workers_ratio}"),
        (
            f"due to committed at {figures.half_load_per_s:,}/s",
            f"p50 {figures.p50_ms} ms, p99 {figures.p99_ms} ms",
        ),
        ("lost, duplicated", f"{figures.lost}, {figures.duplicated}"),
    ):
        table.add_row(name, value)
    _console.print(table)


def _spelled(cpu_us: dict[str, float]) -> str:
    return ", ".join(f"{who} {value}" for who, value in cpu_us.items())
