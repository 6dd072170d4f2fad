"""Narrates on the screen what happens, from the log lines of the processes."""

from collections.abc import Mapping
from datetime import datetime

from rich.console import Console
from rich.markup import escape

from deploy.local.sentences import Language, sentence

COLOURS = {
    "setup": "cyan",
    "devices": "green",
    "ingest": "yellow",
    "worker": "magenta",
    "api": "blue",
}
_TROUBLE = frozenset({"warning", "error", "critical"})
_PLUMBING = frozenset({"did", "event", "at", "timestamp", "level", "logger", "exception"})


class DemoNarrator:
    """Prints a sentence for each event worth a person's attention, and trouble as it was logged."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language = language
        self._cut_off: set[object] = set()

    def narrate(self, process: str, entry: Mapping[str, object]) -> None:
        """Take in one log line of a process."""
        told = self._tell(process, entry)
        if told is None:
            return
        colour = COLOURS.get(process, "white")
        time = datetime.now().astimezone().strftime("%H:%M:%S")
        self._console.print(
            f"[dim]{time}[/dim] [{colour}]{process:>10}[/{colour}]  {escape(told)}",
            highlight=False,
        )

    def _tell(self, process: str, entry: Mapping[str, object]) -> str | None:
        event = str(entry.get("did") or entry.get("event") or "")
        told = sentence(process, self._return(event, entry), entry, self._language)
        if told is None and entry.get("level") in _TROUBLE:
            facts = " ".join(f"{k}={_short(v)}" for k, v in entry.items() if k not in _PLUMBING)
            return f"{event.replace('_', ' ')}  {facts}".rstrip()
        return told

    def _return(self, event: str, entry: Mapping[str, object]) -> str:
        """Turn a connection after a loss into a return; a first connection is not narrated."""
        device_id = entry.get("device_id")
        if event == "cut_off":
            self._cut_off.add(device_id)
        elif event == "connected" and device_id in self._cut_off:
            self._cut_off.discard(device_id)
            return "back"
        return event


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
