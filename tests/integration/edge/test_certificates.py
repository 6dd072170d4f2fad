"""Cameras that encrypt what they send, and others in their place."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from cryptography import x509

from deploy.local.ports import free_port
from edge.sources import FrameSource
from edge.sources.address import HttpAddress, RtspAddress, parse
from edge.sources.certificates import CertificatePolicy
from edge.sources.http import HttpFrames
from edge.sources.rtsp import RtspFrames
from scenes import encode_jpeg
from tests.integration.edge.authority import ELSEWHERE, LOOPBACK, Authority
from tests.integration.edge.conftest import wait_until
from tests.integration.edge.film import write_film
from tests.integration.edge.http_camera import http_camera, picture
from tests.integration.edge.receiving import Kept, beside
from tests.integration.edge.test_rtsp_source import RtspCamera

JPEG = encode_jpeg(np.full((360, 640, 3), 120, np.uint8))


@contextmanager
def rtsps(certificate: Path, kept: Kept, trust: CertificatePolicy) -> Iterator[FrameSource]:
    film = certificate.with_name("live.mkv")
    write_film(film, seconds=60)
    camera = RtspCamera(film, free_port(), ("--certificate", str(certificate)))
    camera.on()
    address = parse(f"rtsps://127.0.0.1:{camera.port}/live")
    assert isinstance(address, RtspAddress)
    try:
        yield RtspFrames("C-001", address, kept, every_s=0.2, timeout_s=5.0, trust=trust)
    finally:
        camera.off()


@contextmanager
def https(certificate: Path, kept: Kept, trust: CertificatePolicy) -> Iterator[FrameSource]:
    with http_camera({"/": picture(JPEG)}, certificate=certificate) as port:
        address = parse(f"https://127.0.0.1:{port}/")
        assert isinstance(address, HttpAddress)
        yield HttpFrames("C-001", address, kept, every_s=0.1, timeout_s=5.0, trust=trust)


Watching: TypeAlias = Callable[[Path, Kept, CertificatePolicy], AbstractContextManager[FrameSource]]


@pytest.fixture(params=[rtsps, https])
def watching(request: pytest.FixtureRequest) -> Watching:
    made: Watching = request.param
    return made


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def reason(watching: Watching, certificate: Path, trust: CertificatePolicy) -> str:
    """Why such a camera is not watched."""
    kept = Kept()
    with watching(certificate, kept, trust) as source, beside(source):
        wait_until(lambda: bool(kept.outages), 30, "it is refused")
    assert kept.frames == []
    return kept.outages[0]


@pytest.mark.parametrize("named", [LOOPBACK, ELSEWHERE])
def test_a_certificate_that_nobody_known_has_signed_is_refused_with_advice(
    watching: Watching, authority: Authority, named: x509.GeneralName
) -> None:
    reason_given = reason(watching, authority.certificate(named), CertificatePolicy())
    assert "certificate that cannot be trusted" in reason_given
    assert "PATROLHUB_EDGE_CAMERA_CA_FILE" in reason_given
    assert "check_certificate" in reason_given


def test_a_certificate_for_another_name_is_refused(
    watching: Watching, authority: Authority
) -> None:
    reason_given = reason(
        watching, authority.certificate(ELSEWHERE), CertificatePolicy(authority.file)
    )
    assert "mismatch" in reason_given


@pytest.mark.parametrize("checked", [True, False])
def test_frames_come_from_a_camera_that_is_known_or_need_not_be(
    watching: Watching, authority: Authority, checked: bool
) -> None:
    trust = CertificatePolicy(authority.file) if checked else CertificatePolicy(checked=False)
    certificate = authority.certificate(LOOPBACK if checked else ELSEWHERE)
    kept = Kept()
    with watching(certificate, kept, trust) as source, beside(source):
        wait_until(lambda: bool(kept.frames), 30, f"a frame comes: {kept.outages}")
