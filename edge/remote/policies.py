"""The node's settings, as the parts of remote management need them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edge.gate import GateLimits
from edge.reach import AllowedHost, Reach
from edge.remote.comparison import AcceptanceRules
from edge.remote.config import Setup
from edge.remote.desired import DesiredReader
from edge.remote.downloader import DownloadPolicy
from edge.remote.fetch import FetchLimits
from edge.settings import CameraSettings, EdgeSettings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_MB = 1024 * 1024


def installed_setup(settings: EdgeSettings, cameras: Sequence[CameraSettings]) -> Setup:
    """The setup that the node was installed with."""
    return Setup(0, tuple(cameras), settings.health_every_s, {}, GateLimits())


def camera_reach(settings: EdgeSettings, cameras: Sequence[CameraSettings]) -> Reach:
    """Where the hub may have frames fetched from."""
    hosts = map(AllowedHost.read, settings.camera_hosts)
    addresses = [camera.address for camera in cameras]
    setting = "PATROLHUB_EDGE_CAMERA_HOSTS"
    return Reach.of_cameras(addresses, setting, hosts, settings.camera_folders)


def desired_reader(settings: EdgeSettings) -> DesiredReader:
    """Whose desired states it follows."""
    return DesiredReader(_public(settings.hub_key))


def _public(key: str | None) -> "Ed25519PublicKey | None":
    if key is None:
        return None
    from models.signing import read_public

    return read_public(key)


def download_policy(settings: EdgeSettings) -> DownloadPolicy:
    """Which models it takes."""
    key = _public(settings.model_key)
    hosts = [AllowedHost(settings.mqtt_host.lower(), None, 0)]
    hosts += map(AllowedHost.read, settings.model_hosts)
    reach = Reach("PATROLHUB_EDGE_MODEL_HOSTS", tuple(hosts))
    limits = FetchLimits(settings.model_max_mb * _MB, reach, settings.model_file_urls)
    return DownloadPolicy(settings.edge_id, key, limits)


def acceptance_rules(settings: EdgeSettings) -> AcceptanceRules:
    """What a new model must reach."""
    return AcceptanceRules(looks=settings.shadow_looks, slowest=settings.shadow_slowest)
