"""A connection with a broker, and what the broker said to each thing asked of it."""

import queue

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.waiting import WITHIN_S


def password_of(name: str) -> str:
    """The password that these tests give to a login."""
    return f"password of {name}"


class MqttClient:
    """Logged in as `name`, by default with the password of the tests; `login` is the broker's answer."""

    def __init__(
        self,
        port: int,
        name: str,
        client_id: str | None = None,
        *,
        password: str | None = None,
        host: str = "127.0.0.1",
        keeps_session: bool = False,
    ) -> None:
        self.received: queue.Queue[str] = queue.Queue()
        self.payloads: list[bytes] = []
        self.retained: list[str] = []
        self.lost: queue.Queue[str] = queue.Queue()
        self._answers: queue.Queue[str] = queue.Queue()
        client = Client(
            CallbackAPIVersion.VERSION2,
            name if client_id is None else client_id,
            protocol=MQTTv5,
            reconnect_on_failure=False,
        )
        client.username_pw_set(name, password or password_of(name))
        client.on_connect = lambda _c, _d, _f, code, _p: self._answers.put(str(code))
        client.on_disconnect = lambda _c, _d, _f, code, _p: self.lost.put(str(code))
        client.on_message = self._on_message
        client.on_publish = lambda _c, _d, _m, code, _p: self._answers.put(str(code))
        client.on_subscribe = lambda _c, _d, _m, codes, _p: self._answers.put(str(codes[0]))
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600 if keeps_session else 0
        client.connect(host, port, clean_start=not keeps_session, properties=session)
        client.loop_start()
        self._client = client
        self.login = self._answers.get(timeout=WITHIN_S)

    def subscribe(self, topic_filter: str) -> str:
        """The broker's answer in words."""
        self._client.subscribe(topic_filter, qos=1)
        return self._answers.get(timeout=WITHIN_S)

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> str:
        """The broker's answer in words."""
        self._client.publish(topic, payload, qos=1, retain=retain)
        return self._answers.get(timeout=WITHIN_S)

    def send(self, topic: str, payload: bytes) -> None:
        """Publish, and wait for no answer."""
        self._client.publish(topic, payload, qos=1)

    def heard(self, count: int) -> list[str]:
        """The topics of the next messages."""
        return [self.received.get(timeout=WITHIN_S) for _ in range(count)]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.payloads.append(message.payload)
        if message.retain:
            self.retained.append(message.topic)
        self.received.put(message.topic)
