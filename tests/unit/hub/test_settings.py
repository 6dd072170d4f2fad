"""The hub's settings come from the environment that is passed in."""

import pytest
from pydantic import ValidationError

from hub.settings import UnknownVariable, read_settings

GIVEN = {
    "PATROLHUB_DATABASE_URL": "postgresql:///nowhere",
    "PATROLHUB_DISTRICT": "530303",
    "PATROLHUB_EVIDENCE_URL": "file:///nowhere",
}


def test_only_the_environment_that_is_passed_in_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATROLHUB_API_PORT", "9999")
    monkeypatch.setenv("PATROLHUB_MISSPELT", "x")
    assert read_settings(GIVEN).api_port == 8080
    with pytest.raises(ValidationError, match="database_url"):
        read_settings({})
    with pytest.raises(UnknownVariable, match="PATROLHUB_MISSPELT"):
        read_settings()


def test_text_becomes_what_a_setting_is() -> None:
    settings = read_settings(
        GIVEN
        | {
            "patrolhub_api_port": "9000",
            "PATROLHUB_ICE_LOOPBACK": "true",
            "PATROLHUB_ICE_SERVERS": '["stun:a", "turn:b"]',
        }
    )
    assert (settings.api_port, settings.ice_loopback) == (9000, True)
    assert [server.url for server in settings.ice_servers] == ["stun:a", "turn:b"]


def test_a_list_that_is_not_json_is_a_bad_setting() -> None:
    with pytest.raises(ValidationError, match="ice_servers"):
        read_settings(GIVEN | {"PATROLHUB_ICE_SERVERS": "stun:a"})
    for unfit in ('["http://a"]', '["turn:a>; rel=x"]', '[{"url": "turn:a", "login": "x"}]'):
        with pytest.raises(ValidationError, match="ice_servers"):
            read_settings(GIVEN | {"PATROLHUB_ICE_SERVERS": unfit})
    with pytest.raises(ValidationError, match="ice_networks"):
        read_settings(GIVEN | {"PATROLHUB_ICE_NETWORKS": '["10.0.0.0/40"]'})


def test_the_variables_of_other_parts_are_no_mistakes() -> None:
    others = {"PATROLHUB_EDGE_ID": "E-1", "PATROLHUB_DATA": "/photos", "HOME": "/root"}
    assert read_settings(GIVEN | others).district == "530303"
