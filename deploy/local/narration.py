"""Tells in the terminal what happens as it happens, from the lines that the processes write."""

from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from rich.markup import escape

Teller = Callable[[dict[str, object]], str]

COLOURS = {
    "setup": "cyan",
    "devices": "green",
    "ingest": "yellow",
    "worker": "magenta",
    "api": "blue",
}

_QUIET = {
    "started",
    "broker_connected",
    "batch_stored",
    "overdue_flagged",
    "partitions_made",
    "request_served",
    "outbox_published",
    "hub_announced",
}


def narrate(console: Console) -> Callable[[str, dict[str, object]], None]:
    """A listener that prints each line worth a person's attention."""

    def tell(name: str, entry: dict[str, object]) -> None:
        sentence = _sentence(name, entry)
        if sentence is None:
            return
        colour = COLOURS.get(name, "white")
        time = datetime.now().astimezone().strftime("%H:%M:%S")
        console.print(
            f"[dim]{time}[/dim] [{colour}]{name:>10}[/{colour}]  {escape(sentence)}",
            highlight=False,
        )

    return tell


def _sentence(name: str, entry: dict[str, object]) -> str | None:
    if name == "setup":
        return str(entry["event"])
    did = entry.get("did") or entry.get("event")
    if did is None or did in _QUIET or entry.get("level") == "debug":
        return None
    hidden = {"did", "event", "at", "timestamp", "level", "logger", "exception"}
    facts = " ".join(f"{k}={_short(v)}" for k, v in entry.items() if k not in hidden)
    return f"{str(did).replace('_', ' ')}  {facts}".rstrip()


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
