"""`python -m edge run`: the node itself."""

import os
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.failure import failure

if TYPE_CHECKING:
    from edge.settings import CameraSettings, EdgeSettings

RUN_HELP = """Watch the cameras and deliver what is found, until SIGTERM or Ctrl-C.

Each option is also a variable, PATROLHUB_EDGE_EDGE_ID and so on; the password comes only as
PATROLHUB_EDGE_MQTT_PASSWORD. Further variables: PATROLHUB_EDGE_FRAMES_MQTT_HOST and
_FRAMES_MQTT_PORT (the cameras' own broker), _CAMERA_CA_FILE (authorities that sign the
certificates of rtsps and https cameras), _PRECISION (auto, fp32 or int8), _OUTBOX_MAX_MB (512),
_HEALTH_EVERY_S (10) and, for models that the hub sends (see docs/edge.md), _MODEL_KEY,
_MODEL_MAX_MB (64), _MODEL_FILE_URLS (false), _SHADOW_LOOKS (200) and _SHADOW_SLOWEST (1.5).

The cameras file is a JSON list, described in full in docs/cameras.md:

\b
[{"camera_id": "C-001",          as the hub knows it
  "source": "mqtt",              where its frames come from
  "place": [103.82, 25.61],      lon, lat
  "coverage_m": 40,              how far it sees (40)
  "every_s": 1,                  at most one frame in so many seconds
  "homography": POINTS}]         where some points of the road lie

\b
A source is one of
  mqtt                           the camera publishes its frames
  rtsp://USER:PASSWORD@HOST/PATH key frames of a video stream
  http://USER:PASSWORD@HOST/PATH a JPEG asked for each second, or MJPEG
  mjpeg+http://HOST/PATH         MJPEG that calls itself something else
  folder:/PATH  file:/PATH.jpg   JPEG files

homography, made by `python -m edge calibrate`, gives faults their place on the road; without it
their place is the camera's.
"""


def run(
    edge_id: Annotated[
        str | None, typer.Option(help="This node's id and MQTT login: E-01.")
    ] = None,
    district: Annotated[str | None, typer.Option(help="Administrative code: 530303.")] = None,
    mqtt_host: Annotated[str | None, typer.Option(help="The hub's broker (127.0.0.1).")] = None,
    mqtt_port: Annotated[int | None, typer.Option(help="Its port (1883).")] = None,
    model_dir: Annotated[
        Path | None, typer.Option(help="Folder of the detector (models/street).")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder for tracks and undelivered messages.")
    ] = None,
    cameras: Annotated[
        Path | None, typer.Option(help="JSON file of the cameras to watch, see above.")
    ] = None,
) -> None:
    flags = {
        "edge_id": edge_id,
        "district": district,
        "mqtt_host": mqtt_host,
        "mqtt_port": mqtt_port,
        "model_dir": model_dir,
        "data_dir": data_dir,
        "cameras": cameras,
    }
    _limit_memory()
    settings, watched = _read_settings(flags)
    if not _run_node(settings, watched):
        raise typer.Exit(1)


def _limit_memory() -> None:
    """Before anything imports numpy or structlog."""
    from edge.memory_tuning import limit_memory

    limit_memory()


def _read_settings(
    flags: Mapping[str, object],
) -> "tuple[EdgeSettings, tuple[CameraSettings, ...]]":
    from edge.logs import configure_logs
    from edge.settings import BadSettings, UnknownSetting, read_cameras, read_settings

    configure_logs()
    try:
        settings = read_settings(os.environ, flags)
        return settings, read_cameras(settings.cameras)
    except (UnknownSetting, BadSettings) as error:
        raise failure(str(error)) from None


def _run_node(settings: "EdgeSettings", cameras: "tuple[CameraSettings, ...]") -> bool:
    """Load the model and work until a signal comes; False if a thread died."""
    from edge.model_loader import load_model
    from edge.node import Node
    from edge.remote.model_store import ModelStore
    from edge.remote.startup import first_model
    from models import ModelRejected

    load = partial(load_model, precision=settings.precision)
    try:
        model_store = ModelStore(settings.data_dir / "models")
        in_use = first_model(model_store, load, settings.model_dir)
    except (ModelRejected, OSError) as error:
        raise failure(f"cannot start with a model ({settings.model_dir}): {error}") from None
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return Node(settings, cameras, in_use, model_store, load).run(stop)
