"""Other people's runtimes on the same weights and pictures, each in an environment of its own.

They want a graph of their own form, so that of the detector gets a first and a last layer (see
`bench/peers/wrap.py`), and each peer is measured over that wrapped graph run bare, in the same process,
in turns with it.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.edge.scenery import Footage
from models import read_manifest

_PROGRAMS = Path(__file__).parents[1] / "peers"
_HELD_TO_CPU = "torch==2.13.0"
"""A version whose processor-only wheel pip prefers where one lies at hand; see `note`."""
_FRAMES = 60


@dataclass(frozen=True)
class MeasuredPeer:
    """A runtime: what it is installed from, and the program that measures it."""

    name: str
    packages: tuple[str, ...]
    program: str
    environ: Mapping[str, str] = field(default_factory=dict)


PEERS = (
    MeasuredPeer(
        "ultralytics",
        ("ultralytics", "lap", "onnx", "onnxruntime", _HELD_TO_CPU),
        "ultralytics_peer.py",
        {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false"},
    ),
    MeasuredPeer(
        "roboflow",
        ("inference-cpu", "onnx", _HELD_TO_CPU),
        "roboflow_peer.py",
        {"OFFLINE_MODE": "True", "METRICS_ENABLED": "False", "TELEMETRY_OPT_OUT": "True"},
    ),
)


@dataclass(frozen=True)
class Peers:
    """Figures by name: ms, bare_ms, ratio, version. `note` says what is missing and why."""

    figures: dict[str, dict[str, object]]
    note: str = ""


def none() -> Peers:
    """Nobody was asked."""
    return Peers({}, "peers were not measured; --peers installs and measures them")


def measure(model_dir: Path, footage: Footage) -> Peers:
    """Install the peers where that was not done before, and measure each."""
    figures: dict[str, dict[str, object]] = {}
    missing = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index, jpeg in enumerate(footage.broken):
            (folder / f"{index:03}.jpg").write_bytes(jpeg)
        for peer in PEERS:
            try:
                figures.update(_measured(peer, model_dir, folder))
            except subprocess.CalledProcessError as error:
                missing.append(f"{peer.name} could not be measured: {_reason(error)}")
    return Peers(figures, "; ".join(missing))


def _measured(peer: MeasuredPeer, model_dir: Path, pictures: Path) -> dict[str, dict[str, object]]:
    python = _installed(peer)
    manifest = read_manifest(model_dir)
    weights = model_dir / manifest.file("fp32").name
    wrapped = pictures / "wrapped.onnx"
    classes = ",".join(manifest.classes)
    _run(python, _PROGRAMS / "wrap.py", weights, wrapped, classes)
    home = pictures / peer.name
    home.mkdir()
    environ = {**os.environ, **peer.environ, "PEER_HOME": str(home), "HOME": str(home)}
    side = manifest.input.width
    arguments = (wrapped, pictures, classes, _FRAMES, side)
    out = _run(python, _PROGRAMS / peer.program, *arguments, env=environ)
    figures: dict[str, dict[str, object]] = json.loads(out.splitlines()[-1])
    return figures


def _installed(peer: MeasuredPeer) -> Path:
    """The Python of the peer's environment; installing it takes minutes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    home = cache / "patrolhub-bench" / peer.name
    python, done = home / "bin" / "python", home / ".installed"
    if done.exists() and done.read_text(encoding="utf-8") == "\n".join(peer.packages):
        return python
    sys.stderr.write(f"installing {', '.join(peer.packages)} into {home}\n")
    venv.create(home, with_pip=True, clear=True)
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.packages)
    done.write_text("\n".join(peer.packages), encoding="utf-8")
    return python


def _run(*command: object, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        env=None if env is None else dict(env),
        check=True,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    return done.stdout


def _reason(error: subprocess.CalledProcessError) -> str:
    lines = [line for line in str(error.stderr).splitlines() if line.strip()]
    return lines[-1] if lines else f"it ended with {error.returncode}"
