"""What each login may do at the broker: a device has its own branch of the topics, and nothing else.

All of it follows from the table of families. Brokers have their own forms of it; Mosquitto's are in
`hub/devices/broker_files.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wire import topics
from wire.families import BY_LEAF, FAMILIES, MessageDirection
from wire.topics import Kind, Leaf, UnknownTopic

HUB_CLIENT_PREFIX = "hub-"
"""The client id of each of the hub's processes begins so; no device's id may."""
FRAMES_SUFFIX = ".frames"
"""An edge node logs in a second time to receive frames. No device id has a full stop."""


@dataclass(frozen=True)
class BrokerLogin:
    """One device's login. `cameras` are the cameras whose frames an edge node may read."""

    district: str
    kind: Kind
    device_id: str
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rights:
    """What one login may publish, receive and subscribe to.

    `publish` and `receive` are patterns of topics. `subscribe` are whole filters: nothing else is
    granted, so that they are also the most subscriptions that a session can have.
    """

    publish: tuple[str, ...]
    receive: tuple[str, ...]
    subscribe: tuple[str, ...]


class NameTaken(ValueError):
    """A login would have the name of another one, or of a process of the hub."""

    def __init__(self, name: str, owner: str) -> None:
        super().__init__(f"the login name {name!r} is {owner}; give the device another id")
        self.name = name


def frames_login(edge_id: str) -> str:
    """The name by which an edge node logs in to receive frames; its password is the node's."""
    return f"{edge_id}{FRAMES_SUFFIX}"


def rights(logins: Iterable[BrokerLogin], hub_user: str) -> dict[str, Rights]:
    """The rights of every login of these devices, by its name.

    Raises UnknownTopic for an id that cannot stand in a topic, NameTaken for a name used twice or
    one of the hub's.
    """
    granted: dict[str, Rights] = {}
    for login in logins:
        name = login.device_id
        if name == hub_user or name.startswith(HUB_CLIENT_PREFIX):
            raise NameTaken(name, "the hub's own")
        if name in granted:
            raise NameTaken(name, "used twice")
        granted[name] = _own_branch(login)
        if login.cameras:
            granted[frames_login(name)] = _frames(login)
    return granted


def may_be_retained(topic: str) -> bool:
    """Whether the broker may keep a device's message of this topic: its status, or what it reports."""
    try:
        address = topics.parse(topic)
    except UnknownTopic:
        return False
    family = BY_LEAF.get((address.kind, address.leaf))
    return family is not None and family.retain


def _own_branch(login: BrokerLogin) -> Rights:
    status = topics.device(login.district, login.kind, login.device_id, Leaf.STATUS)
    branch = status.removesuffix(f"/{Leaf.STATUS}")
    own = {
        direction: tuple(
            topics.every_device(login.kind, family.leaf, login.district).replace(
                "+", login.device_id, 1
            )
            for family in FAMILIES
            if family.kind is login.kind and family.direction is direction
        )
        for direction in (MessageDirection.UP, MessageDirection.DOWN)
    }
    hub = topics.hub_status(login.district)
    down = own[MessageDirection.DOWN]
    deeper = tuple(f"{each.removesuffix('+')}#" for each in down if each.endswith("/+"))
    return Rights(
        publish=own[MessageDirection.UP],
        receive=(*down, hub),
        subscribe=(*down, *deeper, f"{branch}/#", hub),
    )


def _frames(login: BrokerLogin) -> Rights:
    frames = tuple(
        topics.device(login.district, Kind.CAMERA, camera_id, Leaf.FRAMES)
        for camera_id in login.cameras
    )
    return Rights(publish=(), receive=frames, subscribe=frames)
