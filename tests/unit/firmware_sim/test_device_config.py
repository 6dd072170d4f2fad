import pytest

from firmware_sim.device_config import Configuration


def test_settings_that_make_sense_are_taken_over():
    config = Configuration(5.0)
    report = config.take_over(b'{"version": 3, "settings": {"interval_s": 1.5}}')
    assert (report.version, report.settings, report.error) == (3, {"interval_s": 1.5}, None)
    assert config.interval_s == 1.5


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b"nonsense", "malformed"),
        (b'{"version": -1}', "malformed"),
        (b'{"version": 4, "settings": {"colour": "red"}}', "unknown settings: colour"),
        (b'{"version": 4, "settings": {"interval_s": 0}}', "between 0.1 and 3600"),
        (b'{"version": 4, "settings": {"interval_s": "soon"}}', "between 0.1 and 3600"),
    ],
)
def test_settings_that_make_no_sense_are_reported_and_change_nothing(payload: bytes, error: str):
    config = Configuration(5.0)
    report = config.take_over(payload)
    assert error in (report.error or "")
    assert (report.version, config.interval_s) == (0, 5.0)
