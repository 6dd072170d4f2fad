"""A node goes back to an older model only by a permit of the models' maker, for this node, and once."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.remote.lowest_version import LowestVersion, TooOld, is_older
from models.signing import Release, permit_rollback
from wire.messages import DesiredModel, RollbackPermit

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
OLD = Release(name="street", model_version="1.1.0", sha256="1" * 64, bytes=1, signature="-")
NODE = LowestVersion("E-01", "1.2.0", None)


def desired(
    release: Release = OLD, permit: RollbackPermit | None = None, **other: object
) -> DesiredModel:
    return DesiredModel(
        version=7,
        url="https://models.example/x.tar",
        rollback=permit,
        **(release.model_dump(exclude={"bytes"}) | other),
    )


def permit(
    node: str = "E-01",
    from_version: str = "1.2.0",
    at: datetime = AT,
    key: Ed25519PrivateKey = KEY,
    release: Release = OLD,
) -> RollbackPermit:
    paper = permit_rollback(release, node, from_version, at, key)
    return RollbackPermit.model_validate(paper.model_dump(), extra="ignore")


@pytest.mark.parametrize(
    ("version", "than"),
    [("1.1.0", "1.2.0"), ("1.9", "1.10"), ("2.0-rc1", "2.0"), ("1.9.9", "2"), ("dev", "0.1")],
)
def test_versions_are_compared_by_their_numbers(version: str, than: str):
    assert is_older(version, than)
    assert not is_older(than, version)


def test_the_same_version_written_otherwise_is_not_older():
    assert not is_older("1.2", "1.2.0")
    assert not is_older("1.2.0", "1.2")


def test_an_older_model_is_refused_and_a_newer_or_an_unknown_one_is_not():
    with pytest.raises(TooOld, match=r"1\.1\.0 is older than 1\.2\.0.*permit-rollback"):
        NODE.check(desired(), KEY.public_key())
    NODE.check(desired(model_version="1.3.0"), KEY.public_key())
    LowestVersion("E-01", None, None).check(desired(), KEY.public_key())


def test_a_permit_lets_the_node_go_back():
    NODE.check(desired(permit=permit()), KEY.public_key())
    assert NODE.permit_used(desired(permit=permit())) == AT
    assert NODE.permit_used(desired(model_version="1.3.0", permit=permit())) is None


@pytest.mark.parametrize(
    "bad",
    [
        permit(node="E-02"),
        permit(from_version="1.3.0"),
        permit(key=OTHER),
        permit(release=OLD.model_copy(update={"sha256": "2" * 64})),
        permit().model_copy(update={"issued_at": AT + timedelta(days=1)}),
        permit().model_copy(update={"signature": "no base64"}),
    ],
    ids=[
        "another node",
        "another version",
        "another key",
        "another archive",
        "redated",
        "nonsense",
    ],
)
def test_a_permit_for_something_else_is_refused(bad: RollbackPermit):
    with pytest.raises(TooOld):
        NODE.check(desired(permit=bad), KEY.public_key())


def test_a_permit_serves_once():
    used = LowestVersion("E-01", "1.2.0", AT)
    with pytest.raises(TooOld, match="used before"):
        used.check(desired(permit=permit()), KEY.public_key())
    used.check(desired(permit=permit(at=AT + timedelta(hours=1))), KEY.public_key())
