"""The settings of a terminal: desired remotely, applied if they are valid, and reported."""

from pydantic import ValidationError

from wire.messages import DeviceConfig

_KNOWN = frozenset({"interval_s"})


class Configuration:
    """The settings in force; `interval_s` is the time between positions."""

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self.version = 0

    def take_over(self, payload: bytes) -> DeviceConfig:
        """Apply the desired state if it is valid; returns the report of what is in force now."""
        try:
            desired = DeviceConfig.model_validate_json(payload)
        except ValidationError as error:
            return self._report(f"malformed: {error.errors()[0]['msg']}")
        unknown = sorted(set(desired.settings) - _KNOWN)
        if unknown:
            return self._report(f"unknown settings: {', '.join(unknown)}")
        interval = desired.settings.get("interval_s", self.interval_s)
        if not isinstance(interval, int | float) or not 0.1 <= interval <= 3600:
            return self._report("interval_s must be between 0.1 and 3600")
        self.interval_s, self.version = float(interval), desired.version
        return self._report(None)

    def refuse(self, reason: str) -> DeviceConfig:
        """The report of a device that stays as it is."""
        return self._report(reason)

    def _report(self, error: str | None) -> DeviceConfig:
        settings = {"interval_s": self.interval_s}
        return DeviceConfig.model_validate(
            {"version": self.version, "settings": settings, "error": error}
        )
