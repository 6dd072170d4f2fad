"""Cameras over RTSP by GStreamer's server. A program of its own, for the system's Python.

Each film is shown at the path of its name: street.mkv at /street.
"""

import argparse
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")

from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", help="on 127.0.0.1")
    parser.add_argument("films", nargs="+", type=Path, help="H.264 in Matroska")
    parser.add_argument("--login", nargs=2, metavar=("USER", "PASSWORD"))
    parser.add_argument("--certificate", help="PEM file of a key and its certificates, for rtsps")
    asked = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=asked.port)
    guarded = asked.login is not None or asked.certificate is not None
    if guarded:
        server.set_auth(_auth(asked.login, asked.certificate))
    for film in asked.films:
        server.get_mount_points().add_factory(f"/{film.stem}", _camera(film, guarded=guarded))
    server.attach(None)
    GLib.MainLoop().run()


def _camera(film: Path, *, guarded: bool) -> GstRtspServer.RTSPMediaFactory:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f'( filesrc location="{film}" ! matroskademux ! rtph264pay name=pay0 pt=96 )'
    )
    factory.set_shared(True)
    if guarded:
        permissions = GstRtspServer.RTSPPermissions()
        for what in ("media.factory.access", "media.factory.construct"):
            permissions.add_permission_for_role("viewer", what, True)
        factory.set_permissions(permissions)
    return factory


def _auth(login: list[str] | None, certificate: str | None) -> GstRtspServer.RTSPAuth:
    """Without a login everyone is a viewer."""
    auth = GstRtspServer.RTSPAuth()
    viewer = GstRtspServer.RTSPToken()
    viewer.set_string("media.factory.role", "viewer")
    if certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(certificate))
    if login:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(*login, viewer)
    else:
        auth.set_default_token(viewer)
    return auth


if __name__ == "__main__":
    main()
