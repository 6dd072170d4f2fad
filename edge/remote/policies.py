"""From the node's settings to what the parts of remote operation go by."""

from collections.abc import Sequence

from edge.gate import GateLimits
from edge.remote.comparison import AcceptanceRules
from edge.remote.config import Setup
from edge.remote.downloader import DownloadPolicy
from edge.remote.fetch import FetchLimits
from edge.settings import CameraSettings, EdgeSettings

_MB = 1024 * 1024


def installed_setup(settings: EdgeSettings, cameras: Sequence[CameraSettings]) -> Setup:
    """What the node was installed with."""
    return Setup(0, tuple(cameras), settings.health_every_s, {}, GateLimits())


def download_policy(settings: EdgeSettings) -> DownloadPolicy:
    """On what terms it takes models."""
    key = None
    if settings.model_key is not None:
        from models.signing import read_public

        key = read_public(settings.model_key)
    return DownloadPolicy(key, FetchLimits(settings.model_max_mb * _MB, settings.model_file_urls))


def acceptance_rules(settings: EdgeSettings) -> AcceptanceRules:
    """What a new model must show."""
    return AcceptanceRules(looks=settings.shadow_looks, slowest=settings.shadow_slowest)
