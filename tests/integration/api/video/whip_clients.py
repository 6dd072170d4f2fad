"""Programs of other people that publish or watch, as processes that tell what happens in lines of JSON."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.waiting import until

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "tests" / "clients"
NODE = ROOT / ".venv" / "bin" / "node"
SYSTEM_PYTHON = "/usr/bin/python3"
_PROBE = """import gi
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC
Gst.init(None)
needed = ("webrtcbin", "nicesrc", "dtlssrtpenc", "srtpenc", "vp8enc", "rtpvp8pay")
exit(not all(Gst.ElementFactory.find(name) for name in needed))"""


@cache
def why_no_node() -> str | None:
    """Why the Node clients cannot run here; None if they can."""
    if not (FOLDER / "node_modules" / "whip-whep").exists():
        return "run script/bootstrap dev: it installs the packages of tests/clients"
    return None if NODE.exists() else "there is no .venv/bin/node; run script/bootstrap dev"


@cache
def why_no_gstreamer() -> str | None:
    """Why GStreamer's client cannot run here; None if it can."""
    if shutil.which(SYSTEM_PYTHON) is None:
        return "there is no system Python"
    found = subprocess.run([SYSTEM_PYTHON, "-c", _PROBE], capture_output=True, check=False)
    return None if found.returncode == 0 else "run script/bootstrap dev: it installs GStreamer"


@dataclass
class Program:
    """A running client. `events` are what it has told so far."""

    process: asyncio.subprocess.Process
    events: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    async def says(self, **facts: object) -> None:
        """Return once it has told these facts in one line."""

        def told() -> bool:
            assert self.process.returncode in (None, 0), "\n".join([*self.errors, str(self.events)])
            return any(facts.items() <= event.items() for event in self.events)

        await until(told)

    def of(self, name: str) -> list[Any]:
        """The values of one fact, in their order."""
        return [event[name] for event in self.events if name in event]

    async def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    async def leave(self) -> None:
        """End its input; it goes as it likes."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        async with asyncio.timeout(20):
            await self.process.wait()


@asynccontextmanager
async def program(*command: str) -> AsyncIterator[Program]:
    """Run a client, and end it for certain."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    made = Program(process)
    assert process.stdout is not None
    assert process.stderr is not None

    async def listen(stream: asyncio.StreamReader) -> None:
        async for line in stream:
            made.events.append(json.loads(line))

    async def heed(stream: asyncio.StreamReader) -> None:
        async for line in stream:
            made.errors.append(line.decode(errors="replace").rstrip())

    tasks = [asyncio.create_task(listen(process.stdout)), asyncio.create_task(heed(process.stderr))]
    try:
        yield made
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await asyncio.wait(tasks)


def whip_by_node(url: str, token: str):
    return program(str(NODE), str(FOLDER / "whip.mjs"), url, token)


def whep_by_node(url: str, token: str):
    return program(str(NODE), str(FOLDER / "whep.mjs"), url, token)


def whip_by_gstreamer(url: str, token: str):
    return program(SYSTEM_PYTHON, str(FOLDER / "gst_whip.py"), url, token)
