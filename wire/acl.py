"""The broker's access list: each device holds its own branch of the topics, and nothing else.

Mosquitto's `acl_file` form (mosquitto.conf(5), "acl_file"): a user line, then topic lines.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wire import topics
from wire.families import FAMILIES, Direction
from wire.topics import Kind, Leaf


@dataclass(frozen=True)
class Login:
    """One device's login. `cameras` are those whose frames an edge node may read."""

    district: str
    kind: Kind
    device_id: str
    cameras: tuple[str, ...] = ()


def access_list(logins: Iterable[Login], hub_user: str) -> str:
    """The whole file: every device by its own topics, and the hub with the whole tree."""
    lines = [f"user {hub_user}", f"topic readwrite {topics.PREFIX}/#"]
    for login in logins:
        lines += ["", f"user {login.device_id}", *_own_branch(login)]
    return "\n".join(lines) + "\n"


def _own_branch(login: Login) -> Iterator[str]:
    for family in FAMILIES:
        if family.kind is login.kind:
            access = "write" if family.direction is Direction.UP else "read"
            own = topics.every_device(login.kind, family.leaf, login.district)
            yield f"topic {access} {own.replace('+', login.device_id, 1)}"
    for camera_id in login.cameras:
        frames = topics.device(login.district, Kind.CAMERA, camera_id, Leaf.FRAMES)
        yield f"topic read {frames}"
    yield f"topic read {topics.hub_status(login.district)}"
