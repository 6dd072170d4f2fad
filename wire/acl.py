"""The broker's access list: each device has access to its own branch of the topics, and to nothing else.

Mosquitto's `acl_file` form (mosquitto.conf(5), "acl_file"): a user line, then topic lines.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wire import topics
from wire.families import FAMILIES, MessageDirection
from wire.topics import Kind, Leaf


@dataclass(frozen=True)
class BrokerLogin:
    """One device's login. `cameras` are the cameras whose frames an edge node may read."""

    district: str
    kind: Kind
    device_id: str
    cameras: tuple[str, ...] = ()


class NameTaken(ValueError):
    """Two logins with one name: each would have access to the topics of both."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the login name {name!r} is used twice; give one of the two another id")
        self.name = name


def access_list(logins: Iterable[BrokerLogin], hub_user: str) -> str:
    """The whole file: every device by its own topics, and the hub with the whole tree.

    Raises UnknownTopic for an id that cannot stand in a topic, NameTaken for a name used twice.
    """
    lines = [f"user {hub_user}", f"topic readwrite {topics.PREFIX}/#"]
    taken = {hub_user}
    for login in logins:
        if login.device_id in taken:
            raise NameTaken(login.device_id)
        taken.add(login.device_id)
        lines += ["", f"user {login.device_id}", *_own_branch(login)]
    return "\n".join(lines) + "\n"


def _own_branch(login: BrokerLogin) -> Iterator[str]:
    topics.device(login.district, login.kind, login.device_id, Leaf.STATUS)
    for family in FAMILIES:
        if family.kind is login.kind:
            access = "write" if family.direction is MessageDirection.UP else "read"
            own = topics.every_device(login.kind, family.leaf, login.district)
            yield f"topic {access} {own.replace('+', login.device_id, 1)}"
    for camera_id in login.cameras:
        frames = topics.device(login.district, Kind.CAMERA, camera_id, Leaf.FRAMES)
        yield f"topic read {frames}"
    yield f"topic read {topics.hub_status(login.district)}"
