"""Traffic: cars and people in a street, and the place of each at an instant."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera, Matrix
from scenes.canvas import Canvas, Outline, Patch
from scenes.layout import StreetPlan
from scenes.noise import within
from scenes.people import Person
from scenes.vehicles import Car

_LOOP_START_M = -14.0
_NEAREST_M = 1.2


@dataclass(frozen=True)
class StreetPath:
    """A path along the street, `across` metres off; after `span_m` it begins again at its start."""

    across: float
    start_m: float
    span_m: float
    speed_m_s: float

    def along_at(self, at_s: float) -> float:
        """Distance along the street at an instant."""
        return _LOOP_START_M + (self.start_m + self.speed_m_s * at_s) % self.span_m


@dataclass(frozen=True)
class RoadUser:
    """A car or a person on a path."""

    body: Car | Person
    path: StreetPath

    def place(self, plan: StreetPlan, at_s: float) -> Matrix:
        """Return the ground point (x, y, 0) at an instant."""
        return plan.place(self.path.across, self.path.along_at(at_s))

    def patches(self, camera: GroundCamera, plan: StreetPlan, at_s: float) -> list[Patch]:
        """Return its visible patches; none if it is too near or behind the camera."""
        return body_patches(
            self.body, camera, plan, self.place(plan, at_s), self.path.speed_m_s >= 0, at_s
        )


def body_patches(
    body: Car | Person,
    camera: GroundCamera,
    plan: StreetPlan,
    place: Matrix,
    forward: bool,
    at_s: float,
) -> list[Patch]:
    """Return the visible patches of a car or a person at a ground point."""
    if isinstance(body, Person):
        return (
            body.patches(camera, place, at_s)
            if camera.depth(place[0], place[1], body.tall_m) > _NEAREST_M
            else []
        )
    heading = plan.axes()[1] * (1.0 if forward else -1.0)
    if min(camera.depth(*corner) for corner in body.footprint(place, heading)) < _NEAREST_M:
        return []
    return body.patches(camera, place, heading)


def draw_traffic(rng: Generator, plan: StreetPlan, cars: int, people: int) -> list[RoadUser]:
    """Draw cars on the lanes and people on both pavements."""
    road_users = []
    for index in range(cars):
        lane = index % plan.lanes
        speed = within(rng, 5, 10) * (1 if lane < plan.lanes // 2 else -1)
        road_users.append(
            RoadUser(
                Car.draw(rng),
                StreetPath(
                    plan.lane_middle(lane), within(rng, 0, 110), within(rng, 100, 125), speed
                ),
            )
        )
    for index in range(people):
        near = index % 3 == 0
        across = (
            plan.near_kerb - within(rng, 0.6, 2.6)
            if near
            else plan.far_kerb + within(rng, 0.6, plan.far_pavement - 0.5)
        )
        speed = within(rng, 0.9, 1.5) * (1 if rng.random() < 0.5 else -1)
        road_users.append(
            RoadUser(
                Person.draw(rng), StreetPath(across, within(rng, 0, 60), within(rng, 50, 65), speed)
            )
        )
    return road_users


def draw_road_users(
    canvas: Canvas, camera: GroundCamera, plan: StreetPlan, road_users: list[RoadUser], at_s: float
) -> None:
    """Draw road users with their shadows, far ones first."""
    for road_user in sorted(road_users, key=lambda m: -float(np.hypot(*m.place(plan, at_s)[:2]))):
        patches = road_user.patches(camera, plan, at_s)
        if patches:
            place = road_user.place(plan, at_s)
            canvas.darken(shadow(camera, plan, road_user.body, place), 0.4)
            canvas.draw(patches, float(np.hypot(*place[:2])))


def shadow(camera: GroundCamera, plan: StreetPlan, body: Car | Person, place: Matrix) -> Outline:
    """Outline of the shadow on the ground."""
    if isinstance(body, Car):
        aside = np.array([0.25, 0.1, 0])
        return camera.project(body.footprint(place + aside, plan.axes()[1] * 1.04))
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    return camera.project(
        np.c_[place[0] + 0.18 + 0.35 * np.cos(turn), place[1] + 0.14 * np.sin(turn), np.zeros(12)]
    )


def crosses(road_user: RoadUser, camera: GroundCamera, plan: StreetPlan, box: Outline) -> bool:
    """Tell whether the road user ever hides a box (x, y, x, y) of the picture."""
    lap_s = road_user.path.span_m / max(abs(road_user.path.speed_m_s), 0.1)
    tall = 2.0 if isinstance(road_user.body, Car) else road_user.body.tall_m
    for at_s in np.linspace(0, lap_s, 160):
        foot = _surroundings(road_user, plan, float(at_s))
        corners = np.vstack([foot, foot + np.array([0, 0, tall])])
        if min(camera.depth(*corner) for corner in corners) < 0.3:
            continue
        points = camera.project(corners)
        low, high = points.min(0), points.max(0)
        if low[0] < box[2] and high[0] > box[0] and low[1] < box[3] and high[1] > box[1]:
            return True
    return False


def _surroundings(road_user: RoadUser, plan: StreetPlan, at_s: float) -> Matrix:
    """Return the corners of the ground that the road user and its shadow cover."""
    place = road_user.place(plan, at_s)
    if isinstance(road_user.body, Car):
        aside = np.array([0.12, 0.05, 0])
        return road_user.body.footprint(place + aside, plan.axes()[1] * 1.15)
    return np.add(place, [[-0.4, -0.2, 0], [0.6, -0.2, 0], [0.6, 0.2, 0], [-0.4, 0.2, 0]])
