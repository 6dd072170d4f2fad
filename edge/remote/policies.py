"""The node's settings, as the parts of remote management need them."""

from collections.abc import Sequence

from edge.gate import GateLimits
from edge.remote.comparison import AcceptanceRules
from edge.remote.config import Setup
from edge.remote.downloader import DownloadPolicy
from edge.remote.fetch import FetchLimits
from edge.settings import CameraSettings, EdgeSettings

_MB = 1024 * 1024


def installed_setup(settings: EdgeSettings, cameras: Sequence[CameraSettings]) -> Setup:
    """The setup that the node was installed with."""
    return Setup(0, tuple(cameras), settings.health_every_s, {}, GateLimits())


def download_policy(settings: EdgeSettings) -> DownloadPolicy:
    """Which models it takes."""
    key = None
    if settings.model_key is not None:
        from models.signing import read_public

        key = read_public(settings.model_key)
    return DownloadPolicy(key, FetchLimits(settings.model_max_mb * _MB, settings.model_file_urls))


def acceptance_rules(settings: EdgeSettings) -> AcceptanceRules:
    """What a new model must reach."""
    return AcceptanceRules(looks=settings.shadow_looks, slowest=settings.shadow_slowest)
