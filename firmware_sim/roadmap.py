"""The roads as a graph to walk on: nearest point, shortest way, loops for patrols."""

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry import LineString, Point

from firmware_sim.geometry import XY, distance_m

_FAR_M = 400.0
"""A road further away than this is not used; the way is then a straight line."""


@dataclass(frozen=True)
class OnRoad:
    """A point on the piece of road between two junctions or bends."""

    point: XY
    start: XY
    end: XY


class RoadMap:
    """Built from lines in metres; lines that share a point are connected there."""

    def __init__(self, lines: Iterable[Sequence[XY]]) -> None:
        self._ways: dict[XY, dict[XY, float]] = defaultdict(dict)
        self._found: dict[tuple[XY, float, float], list[XY]] = {}
        pieces: list[tuple[XY, XY]] = []
        for line in lines:
            for a, b in itertools.pairwise(line):
                self._ways[a][b] = self._ways[b][a] = distance_m(a, b)
                pieces.append((a, b))
        self._pieces = pieces
        self._tree = shapely.STRtree([LineString(piece) for piece in pieces])

    def junctions(self, centre: XY, near_m: float, far_m: float) -> list[XY]:
        """Junctions and bends between two distances from a point, in a fixed order.

        What was found is remembered, since thousands of terminals share a few hundred homes.
        """
        ring = (centre, near_m, far_m)
        if ring not in self._found:
            near = (p for p in self._ways if near_m <= distance_m(centre, p) <= far_m)
            self._found[ring] = sorted(near)
        return self._found[ring]

    def degree(self, node: XY) -> int:
        return len(self._ways[node])

    def nearest(self, place: XY) -> OnRoad | None:
        found = self._tree.query_nearest(Point(place), max_distance=_FAR_M, all_matches=False)
        if len(found) == 0:
            return None
        start, end = self._pieces[int(found[0])]
        road = LineString([start, end])
        foot = road.interpolate(road.project(Point(place)))
        return OnRoad((foot.x, foot.y), start, end)

    def way(self, start: XY, end: XY) -> list[XY]:
        """The shortest way along roads, or the straight line if there is none."""
        here, there = self.nearest(start), self.nearest(end)
        if here is None or there is None or {here.start, here.end} == {there.start, there.end}:
            return [start, end]
        nodes = self._search(here, there)
        if not nodes:
            return [start, end]
        return _without_repeats([start, here.point, *nodes, there.point, end])

    def _search(self, here: OnRoad, there: OnRoad) -> list[XY]:
        """A* from the ends of one piece of road to the ends of another."""
        best = {node: distance_m(here.point, node) for node in (here.start, here.end)}
        before: dict[XY, XY] = {}
        heap = [(cost + distance_m(node, there.point), node) for node, cost in best.items()]
        heapq.heapify(heap)
        done: set[XY] = set()
        while heap:
            _, node = heapq.heappop(heap)
            if node in (there.start, there.end):
                return list(_back(before, node))[::-1]
            if node in done:
                continue
            done.add(node)
            for other, length in self._ways[node].items():
                cost = best[node] + length
                if cost < best.get(other, math.inf):
                    best[other], before[other] = cost, node
                    heapq.heappush(heap, (cost + distance_m(other, there.point), other))
        return []

    def stroll(
        self, rng: Random, start: XY, length: float, inside: tuple[XY, float, float]
    ) -> list[XY]:
        """A closed walk from a junction: about `length` metres out by chance, then back.

        It turns round rather than leave the ring `inside` (centre, nearest, furthest, in metres).
        """
        centre, nearest, furthest = inside
        path, walked = [start], 0.0
        while walked < length:
            here, came_from = path[-1], path[-2] if len(path) > 1 else None
            options = [
                node
                for node in sorted(self._ways[here])
                if node != came_from and nearest <= distance_m(centre, node) <= furthest
            ]
            if not options:
                break
            fresh = [node for node in options if node not in path]
            path.append(rng.choice(fresh or options))
            walked += self._ways[here][path[-1]]
        return path + path[-2::-1]


def _back(before: dict[XY, XY], node: XY) -> Iterator[XY]:
    yield node
    while node in before:
        node = before[node]
        yield node


def _without_repeats(line: Sequence[XY]) -> list[XY]:
    return [p for n, p in enumerate(line) if n == 0 or distance_m(p, line[n - 1]) > 0.01]
