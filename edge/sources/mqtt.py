"""Frames that cameras publish over MQTT, on the topic `cameras/{id}/frames`."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Event

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.connection import BrokerSettings, new_client
from edge.frame import CameraFrame
from edge.picture import Jpeg
from edge.sources import FrameReceiver
from edge.sources.lost import SourceLost, keep_connecting
from wire import frames, topics
from wire.instants import parse_instant
from wire.limits import MAX_JPEG_BYTES
from wire.topics import Kind, Leaf

_log = structlog.get_logger()

_LARGEST_PACKET = 2 * MAX_JPEG_BYTES
"""A picture somewhat too large is received and counted; far larger ones the broker holds back."""


class MqttFrames:
    """The frames of some cameras of a district, over one connection."""

    name = "mqtt_frames"

    def __init__(
        self,
        broker: BrokerSettings,
        client_id: str,
        district: str,
        camera_ids: Iterable[str],
        receiver: FrameReceiver,
    ) -> None:
        self._broker = broker
        self._client_id = client_id
        self._camera_ids = tuple(camera_ids)
        self._topics = [
            topics.device(district, Kind.CAMERA, one, Leaf.FRAMES) for one in self._camera_ids
        ]
        self._receiver = receiver
        self._refused: str | None = None

    def run(self, stop: Event) -> None:
        """Receive until stopped, and connect again whenever the broker is lost."""
        keep_connecting(self._receive, self._lost, stop)

    def _lost(self, reason: str) -> None:
        for camera_id in self._camera_ids:
            self._receiver.lost(camera_id, f"the broker of its frames is lost: {reason}")

    def _receive(self, stop: Event) -> None:
        """Receive over one connection until stopped. Raises SourceLost."""
        self._refused = None
        client = new_client(self._broker, self._client_id)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = _LARGEST_PACKET
        try:
            client.connect(
                self._broker.host,
                self._broker.port,
                keepalive=15,
                clean_start=True,
                properties=limits,
            )
        except OSError as error:
            raise SourceLost(str(error)) from None
        while not stop.is_set():
            code = client.loop(timeout=0.5)
            if code != mqtt.MQTT_ERR_SUCCESS:
                raise SourceLost(self._refused or mqtt.error_string(code))
        client.disconnect()

    def _on_connect(
        self,
        client: mqtt.Client,
        _data: object,
        _flags: mqtt.ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if code.is_failure:
            self._refused = f"it refused the login: {code}"
            return
        client.subscribe([(topic, 0) for topic in self._topics])
        for camera_id in self._camera_ids:
            self._receiver.reached(camera_id)
        _log.info("frames_subscribed", cameras=len(self._topics))

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        camera_id = str(topics.parse(message.topic).device_id)
        if len(message.payload) > MAX_JPEG_BYTES:
            size = f"has {len(message.payload)} bytes, at most {MAX_JPEG_BYTES} are allowed"
            self._receiver.bad_frame(camera_id, size)
            return
        frame = CameraFrame(
            camera_id,
            Jpeg(bytes(message.payload)),
            arrived_s=time.monotonic(),
            arrived_at=datetime.now(UTC),
            observed_at=_observed_at(message.properties),
        )
        self._receiver.frame(frame)


def _observed_at(properties: Properties | None) -> datetime | None:
    """The time by the camera's clock, if it sends one that can be read."""
    for name, value in getattr(properties, "UserProperty", None) or ():
        if name == frames.OBSERVED_AT:
            try:
                return parse_instant(value)
            except ValueError:
                return None
    return None
