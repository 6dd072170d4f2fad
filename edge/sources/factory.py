"""Creates the sources that deliver the frames of some cameras."""

from collections.abc import Iterable
from pathlib import Path

from edge.connection import BrokerSettings
from edge.settings import CameraSettings
from edge.sources import POLLED_EVERY_S, STREAMED_EVERY_S, FrameReceiver, FrameSource
from edge.sources.address import FileAddress, HttpAddress, RtspAddress
from edge.sources.certificates import CertificatePolicy
from edge.sources.files import FileFrames
from edge.sources.mqtt import MqttFrames


def new_sources(
    cameras: Iterable[CameraSettings],
    receiver: FrameReceiver,
    broker: BrokerSettings,
    client_id: str,
    district: str,
    ca_file: Path | None = None,
) -> list[FrameSource]:
    """A source for each camera; those that publish over MQTT share one, with one connection.

    `ca_file` holds the authorities to check cameras' certificates against; None means the system's.
    """
    opened, by_mqtt = list[FrameSource](), list[str]()
    for camera in cameras:
        source = dedicated_source(camera, receiver, ca_file)
        if source is None:
            by_mqtt.append(camera.camera_id)
        else:
            opened.append(source)
    if by_mqtt:
        opened.append(MqttFrames(broker, client_id, district, by_mqtt, receiver))
    return opened


def dedicated_source(
    camera: CameraSettings, receiver: FrameReceiver, ca_file: Path | None = None
) -> FrameSource | None:
    """A source of this camera only; None if its frames come over MQTT.

    A library that only some cameras need is not loaded before the first of them.
    """
    camera_id, every_s = camera.camera_id, camera.every_s
    trust = CertificatePolicy(ca_file, camera.check_certificate)
    match camera.address:
        case FileAddress(path=path):
            return FileFrames(camera_id, path, receiver, every_s or POLLED_EVERY_S)
        case HttpAddress() as address:
            from edge.sources.http import HttpFrames

            return HttpFrames(camera_id, address, receiver, every_s, trust=trust)
        case RtspAddress() as address:
            from edge.sources.rtsp import RtspFrames

            every_s = every_s or STREAMED_EVERY_S
            return RtspFrames(camera_id, address, receiver, every_s, trust=trust)
    return None
