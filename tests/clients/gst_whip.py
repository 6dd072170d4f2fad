"""Publish a test picture with GStreamer's webrtcbin by WHIP until standard input ends.

Usage, with the system's Python: gst_whip.py URL TOKEN. The offer has no candidates; they
follow by PATCH. Events are lines of JSON.
"""

import json
import sys
import threading
import urllib.error
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

PIPELINE = (
    "videotestsrc is-live=true pattern=blink ! video/x-raw,width=320,height=240,framerate=15/1"
    " ! vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay"
    " ! application/x-rtp,media=video,encoding-name=VP8,payload=96"
    " ! webrtcbin name=peer bundle-policy=max-bundle"
)


def tell(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


class Publisher:
    """One publication: offer, answer, candidates, hanging up."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.resource = self.etag = self.head = None
        self.candidates: list[str] = []
        self.pipeline = Gst.parse_launch(PIPELINE)
        self.peer = self.pipeline.get_by_name("peer")
        self.peer.connect("on-negotiation-needed", self._negotiate)
        self.peer.connect("on-ice-candidate", self._found)
        self.peer.connect("notify::connection-state", self._changed)
        self.pipeline.set_state(Gst.State.PLAYING)

    def request(self, method: str, url: str, body: str = "", **headers: str):
        headers["Authorization"] = f"Bearer {self.token}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(url, body.encode() or None, named, method=method)
        try:
            return urllib.request.urlopen(asked, timeout=10)
        except urllib.error.HTTPError as error:
            tell(refused=error.code, why=error.read().decode())
            raise

    def _negotiate(self, peer: Gst.Element) -> None:
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self._offer, None))

    def _offer(self, promise: Gst.Promise, _: None) -> None:
        reply = promise.get_reply()  # it owns the offer
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())
        text = offer.sdp.as_text()
        lines = text.splitlines()
        self.head = "".join(
            f"{line}\r\n"
            for line in lines
            if line.startswith(("m=", "a=mid:", "a=ice-ufrag:", "a=ice-pwd:"))
        )
        # What comes of it is not for this thread, which is webrtcbin's own.
        threading.Thread(target=self._post, args=(text,), daemon=True).start()

    def _post(self, text: str) -> None:
        answer = self.request("POST", self.url, text, Content_Type="application/sdp")
        self.resource = urljoin(self.url, answer.headers["Location"])
        self.etag = answer.headers["ETag"]
        tell(status=answer.status, candidates="a=candidate" in text)
        _, message = GstSdp.SDPMessage.new_from_text(answer.read().decode())
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        described = GstWebRTC.WebRTCSessionDescription.new(kind, message)
        self.peer.emit("set-remote-description", described, Gst.Promise.new())
        GLib.idle_add(self._trickle)

    def _found(self, _: Gst.Element, index: int, candidate: str) -> None:
        self.candidates.append(candidate)
        if self.resource:
            GLib.idle_add(self._trickle)

    def _trickle(self) -> bool:
        found, self.candidates = self.candidates, []
        if found:
            body = self.head + "".join(f"a={candidate}\r\n" for candidate in found)
            kind = "application/trickle-ice-sdpfrag"
            answer = self.request(
                "PATCH", self.resource, body, Content_Type=kind, If_Match=self.etag
            )
            tell(trickled=len(found), status=answer.status)
        return False

    def _changed(self, peer: Gst.Element, _: object) -> None:
        tell(state=peer.get_property("connection-state").value_nick)

    def stop(self) -> None:
        tell(stopped=self.request("DELETE", self.resource).status)
        self.pipeline.set_state(Gst.State.NULL)


def main() -> None:
    Gst.init(None)
    publisher, loop = Publisher(*sys.argv[1:3]), GLib.MainLoop()

    def leave() -> None:
        sys.stdin.read()
        publisher.stop()
        loop.quit()

    threading.Thread(target=leave, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
