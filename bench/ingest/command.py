"""`script/bench ingest`."""

import json
import logging
import os
from dataclasses import asdict
from typing import Annotated

import structlog
import typer

from bench.machine import describe, show

BatchSamples = Annotated[int, typer.Option(min=2, max=500, help="Samples in each of those.")]


def ingest(
    rounds: Annotated[int, typer.Option(min=1, max=50, help="How often each is measured.")] = 5,
    messages: Annotated[
        int, typer.Option(min=100, max=90_000, help="Messages of one sample in a round.")
    ] = 60_000,
    usual_messages: Annotated[
        int, typer.Option(min=100, max=90_000, help="Messages for the usual script in a round.")
    ] = 8_000,
    batched_messages: Annotated[
        int, typer.Option(min=10, max=20_000, help="Messages of many samples in a round.")
    ] = 6_000,
    batch_samples: BatchSamples = 50,
    seconds: Annotated[int, typer.Option(min=2, max=120, help="How long half load lasts.")] = 15,
    terminals: Annotated[int, typer.Option(min=8, max=20_000, help="Senders in turn.")] = 1436,
) -> None:
    """Measure how many messages a second ingest commits, and how long each waits.

    Generator, broker, database and one ingest share this machine. Every message is published with
    QoS 1 and acknowledged by ingest after its commit; the usual script (aiomqtt, one INSERT a
    message) does the same work in turns with it, over a broker and a database of its own. A rate is
    from the first byte sent to the last commit, by the database's clock.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    from bench.ingest.report import IngestPlan, run
    from bench.ingest.rig import setting_lines

    plan = IngestPlan(
        rounds, messages, usual_messages, batched_messages, batch_samples, seconds, terminals
    )
    shown = {
        **describe(),
        **setting_lines(),
        "senders": f"{terminals} terminals over 8 connections, QoS 1, packets made beforehand",
        "measured": f"{rounds} rounds of {messages} messages, then {seconds} s of half load",
    }
    if len(os.sched_getaffinity(0)) < 4:
        shown["two ingest"] = "share these cores with everything else: no core to spare for them"
    show(shown)
    typer.echo(json.dumps(asdict(run(plan))))
