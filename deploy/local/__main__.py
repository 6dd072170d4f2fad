"""Run patrolhub on this machine with a simulated district: `script/demo`."""

import os
import signal
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel

from deploy.local import stack as local
from deploy.local.description import BadDeviceId, own_device_ids, while_described
from deploy.local.narration import DemoNarrator
from deploy.local.ports import is_taken
from deploy.local.processes import CommandFailed, DidNotStart
from deploy.local.sentences import Language, sentence
from deploy.local.stack import HUB_USER, Options, Stack

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True)
_FEW_TERMINALS = 200
_BROKER_SAVES_EVERY_S = 30


class Breakage:
    """The time at which the simulator broke a cover, from its activity log."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._known = threading.Event()

    def note(self, entry: dict[str, object]) -> None:
        broken = entry.get("did") == "cover_changed" and entry.get("state") == "broken"
        if broken and not self._known.is_set():
            self._at = datetime.fromisoformat(str(entry["at"]))
            self._known.set()

    def wait(self, within_s: float) -> datetime | None:
        """The time, or None if nothing broke in time."""
        self._known.wait(within_s)
        return self._at


Check = Annotated[
    bool,
    typer.Option(
        "--check", help="Play the story without a screen, and report whether every step was seen."
    ),
]
Terminals = Annotated[
    int, typer.Option(min=3, max=2000, help="Simulated terminals; 1436: the whole district.")
]
Cameras = Annotated[int, typer.Option(min=2, max=40, help="Simulated cameras.")]
Villages = Annotated[int, typer.Option(min=12, max=400, help="Villages of the district.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed makes the same district.")]
Port = Annotated[
    int, typer.Option(min=0, max=65535, help="The console's port; 0 takes any free one.")
]
Spoken = Annotated[
    Language | None, typer.Option(help="Language of the narration; default: that of LANG.")
]
Describe = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="When all is up, write addresses, accounts and the devices of --devices to a JSON file "
        "(mode 0600); it goes when the demo ends.",
    ),
]
Devices = Annotated[
    str,
    typer.Option(
        metavar="ID,ID",
        help="Terminals to register and give a login to, that nobody simulates: for real ones.",
    ),
]
History = Annotated[
    int,
    typer.Option(
        min=0,
        max=366,
        metavar="DAYS",
        help="Days of simulated work before the demo begins, so that every page has something to "
        "show; 90 take less than two minutes.",
    ),
]
Keep = Annotated[bool, typer.Option(help="Keep the run's folder, with all logs, when it ends.")]


@app.command()
def main(
    check: Check = False,
    terminals: Terminals = 24,
    cameras: Cameras = 4,
    villages: Villages = 135,
    seed: Seed = 7,
    port: Port = 0,
    language: Spoken = None,
    keep: Keep = False,
    describe: Describe = None,
    devices: Devices = "",
    history: History = 0,
) -> None:
    """Start database, broker, hub, edge nodes and simulated devices; Ctrl-C stops it all."""
    if port and is_taken(port):
        raise typer.BadParameter(
            f"{port} is in use; stop what listens there, or leave --port out to take a free one",
            param_hint="--port",
        )
    if check and history:
        raise typer.BadParameter(
            "the story is checked in an empty district; leave out --history", param_hint="--check"
        )
    own = _own_devices(devices, describe)
    # Both, because a script's background process inherits an ignored Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    saves_every_s = 0 if terminals <= _FEW_TERMINALS else _BROKER_SAVES_EVERY_S
    options = Options(
        terminals,
        cameras,
        villages,
        seed,
        port,
        keep=keep,
        broker_saves_every_s=saves_every_s,
        own_devices=own,
        history=history,
    )
    _run(options, language or _language_of_terminal(), describe, check=check)


def _own_devices(text: str, describe: Path | None) -> tuple[str, ...]:
    """The ids of --devices, and no file left of an earlier run."""
    try:
        if describe is not None:
            describe.unlink(missing_ok=True)
        return own_device_ids(text)
    except BadDeviceId as error:
        raise typer.BadParameter(str(error), param_hint="--devices") from None
    except OSError as error:
        raise typer.BadParameter(f"{describe}: {error.strerror}", param_hint="--describe") from None


def _run(options: Options, language: Language, describe: Path | None, *, check: bool) -> None:
    breakage, narrate = Breakage(), DemoNarrator(console, language).narrate

    def on_line(name: str, entry: dict[str, object]) -> None:
        breakage.note(entry)
        if not check:
            narrate(name, entry)

    began = time.monotonic()
    try:
        with local.running(options, on_line=on_line, on_step=narrate) as stack:
            if check:
                raise typer.Exit(_check(stack, breakage, round(time.monotonic() - began, 1)))
            stack.start_devices()
            with _described(stack, describe):
                _welcome(stack, round(time.monotonic() - began, 1), language)
                signal.pause()
    except KeyboardInterrupt:
        console.print("stopped")
    except (CommandFailed, DidNotStart) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None


def _described(stack: Stack, describe: Path | None) -> AbstractContextManager[None]:
    return nullcontext() if describe is None else while_described(describe, stack.described())


def _language_of_terminal() -> Language:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return Language.ZH if locale.startswith("zh") else Language.EN


def _welcome(stack: Stack, up_s: float, language: Language) -> None:
    lines = [
        f"[bold]{stack.url}[/bold]   (up in {up_s} s)",
        "",
        *(f"{a.role:<14} {a.username:<11} {a.password}" for a in stack.accounts.values()),
        "",
        sentence("setup", "welcome", {}, language) or "",
        f"logs: {stack.folder}    stop: Ctrl-C",
    ]
    console.print(Panel("\n".join(lines), title="patrolhub · 巡护指挥", expand=False))


def _check(stack: Stack, breakage: Breakage, up_s: float) -> int:
    """Play the story; the exit status is 0 only if every step was seen."""
    from deploy.local.api_user import RequestRefused, logged_in
    from deploy.local.observer import observing
    from deploy.local.story import StepMissing, Story, StoryStep, result_line

    def show(step: StoryStep) -> None:
        console.print(f"[green]✓[/green] {step.after_s:6.1f} s  {step.name}: ", end="")
        console.print(step.seen, markup=False, highlight=False)

    console.print(f"up in {up_s} s; playing the story")
    dispatcher, handler = stack.accounts["dispatcher"], stack.accounts["housing"]
    missing: StepMissing | None = None
    with (
        observing(stack.broker.port, HUB_USER, stack.hub_password, local.DISTRICT) as observer,
        logged_in(stack.url, dispatcher.username, dispatcher.password) as first,
        logged_in(stack.url, handler.username, handler.password) as second,
    ):
        story = Story(observer, first, second, breakage.wait, lambda: datetime.now(UTC), show)
        stack.start_devices()
        try:
            story.play()
        except (StepMissing, RequestRefused) as error:
            missing = error if isinstance(error, StepMissing) else StepMissing("api", str(error))
            console.print(f"[red]✗ {missing.step}[/red]: ", end="")
            console.print(missing.reason, markup=False)
    if stack.options.keep:
        console.print(f"kept: {stack.folder}", highlight=False)
    sys.stdout.write(result_line(story, missing, up_s=up_s, seed=stack.options.seed) + "\n")
    return 0 if missing is None else 1


if __name__ == "__main__":
    app()
