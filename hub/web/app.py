"""The API and the console as one ASGI application, put together from its parts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Lifespan

from hub.accounts.administration_api import router as accounts_router
from hub.accounts.api import router as session_router
from hub.alarms.api import router as alarms_router
from hub.approvals.api import router as approvals_router
from hub.audit.api import router as audit_router
from hub.casefile.api import router as cases_router
from hub.casefile.casework_api import router as casework_router
from hub.casefile.desk_api import router as desk_router
from hub.catalogue.api import router as catalogue_router
from hub.clock import Clock, now
from hub.db import Pool
from hub.devices.api import router as devices_router
from hub.devices.registry_api import router as registry_router
from hub.devices.remote_api import router as remote_router
from hub.dispatch.api import router as dispatch_router
from hub.district.api import router as district_router
from hub.district.base_map import BaseMap
from hub.evidence import open_evidence
from hub.evidence.api import router as evidence_router
from hub.evidence.decoder import PhotoDecoder
from hub.evidence.photo_library import PhotoLibrary
from hub.evidence.uploads import MAX_UPLOAD_BYTES
from hub.geofences.api import router as geofences_router
from hub.http import problems
from hub.indicators.api import router as indicators_router
from hub.indicators.publication_api import router as publications_router
from hub.live import Feed
from hub.live.api import router as live_router
from hub.people.api import router as people_router
from hub.points.api import router as points_router
from hub.quality.api import router as quality_router
from hub.refusals.api import router as refusals_router
from hub.settings import Settings
from hub.signals.api import router as signals_router
from hub.signals.split_api import router as split_router
from hub.studies.api import router as studies_router
from hub.supervision.calendar.api import router as calendar_router
from hub.supervision.dashboard.api import router as dashboard_router
from hub.supervision.digest.api import router as digests_router
from hub.supervision.ladder.api import router as ladder_router
from hub.supervision.letters.api import router as letters_router
from hub.supervision.matters.api import router as matters_router
from hub.supervision.weekly.api import router as weekly_router
from hub.telemetry.api import router as telemetry_router
from hub.video.addresses import Addresses, of_embedded_relay, of_mediamtx
from hub.video.api import router as video_router
from hub.video.embedded import EmbeddedRelay
from hub.video.mediamtx import MediaMtxRelay
from hub.video.mediamtx_hook import router as mediamtx_router
from hub.video.peer import IceSettings
from hub.video.relay import Relay
from hub.video.watch import watching
from hub.video.whip import ice_links
from hub.video.whip import router as whip_router
from hub.web import openapi
from hub.web.console import ConsoleMount
from hub.web.cross_origin import OpenToOtherOrigins
from hub.web.middleware import BoundedBody, DatabaseTrouble, RequestLog, SecurityHeaders
from wire.ice import allow_loopback_candidates

MAX_BODY_BYTES = 256 * 1024
MAX_FORM_BYTES = MAX_UPLOAD_BYTES + 16 * 1024
"""The largest photo that is accepted, and the form around it."""

_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; "
    "connect-src 'self'{video}; "
    "img-src 'self' blob: data:; "
    "media-src 'self' blob:; "
    "worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; "  # Element Plus places its pop-ups with inline styles
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)

try:
    VERSION = version("patrolhub")
except PackageNotFoundError:  # run from a checkout
    VERSION = "0.1.0"


class Health(BaseModel):
    status: str
    version: str


health_router = APIRouter(prefix="/api/health", tags=["health"])


@health_router.get("")
async def health() -> Health:
    """Whether this process answers; the database is not checked."""
    return Health(status="ok", version=VERSION)


ROUTERS: tuple[APIRouter, ...] = (
    health_router,
    session_router,
    accounts_router,
    audit_router,
    district_router,
    devices_router,
    refusals_router,
    remote_router,
    registry_router,
    geofences_router,
    telemetry_router,
    catalogue_router,
    calendar_router,
    desk_router,  # its fixed addresses come before those with a case's id
    cases_router,
    casework_router,
    approvals_router,
    alarms_router,
    signals_router,
    split_router,
    quality_router,
    studies_router,
    people_router,
    points_router,
    evidence_router,
    dashboard_router,
    indicators_router,
    ladder_router,
    letters_router,
    publications_router,
    matters_router,
    weekly_router,
    digests_router,
    live_router,
    dispatch_router,
    video_router,
    whip_router,
)


def routed(
    lifespan: Lifespan[FastAPI] | None = None, middleware: Sequence[Middleware] = ()
) -> FastAPI:
    """The routes and their errors, without anything to serve them from."""
    app = FastAPI(
        title="patrolhub",
        version=VERSION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=middleware,
        generate_unique_id_function=lambda route: route.name,
    )
    problems.install(app)
    openapi.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


def openapi_text() -> str:
    """The text that `python -m hub openapi` prints; hub/web/openapi.json holds the same."""
    return openapi.as_text(routed())


def create_app(settings: Settings, pool: Pool, clock: Clock = now) -> FastAPI:
    """The application; the pool is open while it runs. Its lifespan runs live feed and video relay."""
    feed = Feed(pool, settings.database_url.get_secret_value(), clock)
    relay, addresses = _video(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with feed, watching(relay, pool, clock):
            yield

    app = routed(lifespan, _middleware(settings))
    app.state.settings = settings
    app.state.pool = pool
    app.state.clock = clock
    app.state.photos = PhotoLibrary(
        pool, open_evidence(settings.evidence_url), PhotoDecoder(), clock
    )
    app.state.feed = feed
    app.state.relay = relay
    app.state.addresses = addresses
    app.state.ice_links = ice_links(settings.ice_servers)
    app.state.base_map = BaseMap(pool)
    if settings.mediamtx_url is not None:
        app.include_router(mediamtx_router)
    if settings.console_dir is not None:
        app.router.routes.append(ConsoleMount(settings.console_dir))
    return app


def _video(settings: Settings) -> tuple[Relay, Addresses]:
    """The relay, and where terminals and browsers find it."""
    if settings.mediamtx_url is not None and settings.mediamtx_api_url is not None:
        return MediaMtxRelay(settings.mediamtx_api_url), of_mediamtx(settings.mediamtx_url)
    if settings.ice_loopback:
        allow_loopback_candidates()
    return EmbeddedRelay(_ice(settings)), of_embedded_relay(settings.base_url)


def _ice(settings: Settings) -> IceSettings:
    return IceSettings(settings.ice_servers, settings.ice_networks)


def _middleware(settings: Settings) -> list[Middleware]:
    """From the outside in."""
    return [
        Middleware(RequestLog),
        Middleware(SecurityHeaders, headers=dict(_security_headers(settings))),
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
        Middleware(BoundedBody, max_bytes=MAX_BODY_BYTES, max_upload_bytes=MAX_FORM_BYTES),
        Middleware(OpenToOtherOrigins),
        Middleware(DatabaseTrouble),
    ]


def _security_headers(settings: Settings) -> Mapping[str, str]:
    headers = {
        "Content-Security-Policy": _CONTENT_SECURITY_POLICY.format(video=_video_origin(settings)),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    }
    if settings.secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _video_origin(settings: Settings) -> str:
    """The origin that pages may reach besides this server: MediaMTX, if video goes through it."""
    if settings.mediamtx_url is None:
        return ""
    parts = urlsplit(settings.mediamtx_url)
    return f" {parts.scheme}://{parts.netloc}"
