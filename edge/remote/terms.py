"""From the node's settings to what the parts of remote operation go by."""

from collections.abc import Sequence

from edge.gate import GateLimits
from edge.remote.config import Setup
from edge.remote.fetch import Limits
from edge.remote.obtaining import Terms
from edge.remote.trial import Rules
from edge.settings import CameraSettings, Settings

_MB = 1024 * 1024


def setup_of(settings: Settings, cameras: Sequence[CameraSettings]) -> Setup:
    """What the node was installed with."""
    return Setup(0, tuple(cameras), settings.health_every_s, {}, GateLimits())


def terms_of(settings: Settings) -> Terms:
    """On what terms it takes models."""
    key = None
    if settings.model_key is not None:
        from models.signing import read_public

        key = read_public(settings.model_key)
    return Terms(key, Limits(settings.model_max_mb * _MB, settings.model_file_urls))


def rules_of(settings: Settings) -> Rules:
    """What a new model must show."""
    return Rules(looks=settings.trial_looks, slowest=settings.trial_slowest)
