"""A peer of the embedded relay: an aiortc connection that speaks to the clients of other people.

The one place, besides `encoded.py`, that reaches into aiortc: it has no way to give a peer another cipher,
nor to keep ICE from an address, nor to restart it. Made for aiortc 1.16 and aioice 0.13.
"""

from dataclasses import dataclass
from uuid import uuid4

import structlog
from aioice import Candidate, Connection
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcdtlstransport import RTCCertificate, SRTPProtectionProfile
from aiortc.rtcicetransport import connection_kwargs
from OpenSSL import SSL

from hub.errors import InvalidInput
from hub.settings import IceServer
from hub.video.fragment import IceFragment, write_fragment
from hub.video.ice import IceCredentials, Network, RelayIce
from hub.video.offer import MediaLine

log = structlog.get_logger()

CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES128-GCM-SHA256",
)
"""aiortc has only the first four; a peer with an RSA certificate, such as GStreamer, needs the last."""

_UNANSWERABLE = (
    ValueError,
    LookupError,
    AttributeError,
    AssertionError,
    TypeError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)
"""What aiortc raises for an offer that it cannot make sense of."""


class RelayCertificate(RTCCertificate):
    """A certificate whose side agrees to a peer's RSA certificate, too."""

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(":".join(CIPHERS).encode())
        return context


@dataclass(frozen=True, slots=True)
class IceSettings:
    """`servers` are STUN and TURN servers; `networks` those that a peer's candidates may name."""

    servers: tuple[IceServer, ...] = ()
    networks: tuple[Network, ...] = ()

    def of_aiortc(self) -> list[RTCIceServer]:
        """Never None: aiortc would ask a public server on the internet."""
        return [
            RTCIceServer(
                urls=each.url,
                username=each.username,
                credential=each.credential.get_secret_value() if each.credential else None,
            )
            for each in self.servers
        ]


class RelayPeer:
    """One publisher's or viewer's connection. `etag` changes with each restart of its ICE."""

    def __init__(self, ice: IceSettings) -> None:
        bundle = RTCBundlePolicy.MAX_BUNDLE
        configuration = RTCConfiguration(iceServers=ice.of_aiortc(), bundlePolicy=bundle)
        self.connection = RTCPeerConnection(configuration)
        certificates = [RelayCertificate.generateCertificate()]
        setattr(self.connection, "_RTCPeerConnection__certificates", certificates)  # noqa: B010
        self._ice: RelayIce | None = None
        self._first_line: MediaLine | None = None
        self._settings = ice
        self.etag = _new_etag()

    def add(
        self, line: MediaLine, direction: str, track: MediaStreamTrack | None = None
    ) -> RTCRtpTransceiver:
        """Make a transceiver; call it for every line of the offer, in their order."""
        transceiver = self.connection.addTransceiver(track or line.kind, direction=direction)
        if self._ice is None:
            self._ice, self._first_line = self._guard(transceiver), line
        return transceiver

    def prefer(self, kind: str, codecs: list[RTCRtpCodecCapability]) -> None:
        """Agree to these codecs only."""
        for transceiver in self.connection.getTransceivers():
            if transceiver.kind == kind:
                transceiver.setCodecPreferences(codecs)

    async def answer(self, offer: str) -> str:
        """Raises InvalidInput if the offer cannot be answered."""
        description = RTCSessionDescription(offer, "offer")
        try:
            await self.connection.setRemoteDescription(description)
            await self.connection.setLocalDescription(await self.connection.createAnswer())
        except _UNANSWERABLE as error:
            log.info("offer_unanswerable", error=repr(error))
            raise InvalidInput(
                "the offer cannot be answered as a whole; it needs video in VP8", field="body"
            ) from error
        sdp: str = self.connection.localDescription.sdp
        return sdp

    async def take(self, fragment: IceFragment) -> str | None:
        """Add the peer's candidates; or restart with its new credentials, and return the fragment
        with ours.

        Raises InvalidInput for candidates that make no sense, or if there is nothing to restart; the
        connection goes on as it was.
        """
        candidates = [_candidate(line) for line in fragment.candidates]
        ice, line = self._ice, self._first_line
        assert ice is not None
        assert line is not None
        if fragment.credentials is None or fragment.credentials == ice.remote_credentials:
            for candidate in candidates:
                await ice.add_remote_candidate(candidate)
            return None
        try:
            await ice.restart(fragment.credentials, candidates)
        except ConnectionError as error:
            raise InvalidInput(
                "this connection has ended; begin a new one", field="body"
            ) from error
        self.etag = _new_etag()
        ours = IceCredentials(ice.local_username, ice.local_password)
        offered = tuple(each.to_sdp() for each in ice.local_candidates)
        return write_fragment(IceFragment(ours, offered, ended=True), line)

    async def close(self) -> None:
        await self.connection.close()

    def _guard(self, transceiver: RTCRtpTransceiver) -> RelayIce:
        """Put our ICE in the place of the one that aiortc has made for all its lines."""
        transport = transceiver.receiver.transport.transport
        servers = connection_kwargs(self._settings.of_aiortc())

        def make() -> Connection:
            return Connection(ice_controlling=False, **servers)

        ice = RelayIce(make, self._settings.networks)
        setattr(transport.iceGatherer, "_connection", ice)  # noqa: B010
        for name, value in (("_connection", ice), ("_recv", ice.recv), ("_send", ice.send)):
            setattr(transport, name, value)
        return ice


def _new_etag() -> str:
    return f'"{uuid4().hex}"'


def _candidate(line: str) -> Candidate:
    try:
        return Candidate.from_sdp(line)
    except (ValueError, IndexError) as error:
        raise InvalidInput(f"this is no candidate: {line[:80]}", field="body") from error
