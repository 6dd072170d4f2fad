"""GCJ-02, the datum of Chinese web maps, to and from WGS-84.

The shift is the publicly known approximation on the Krasovsky 1940 ellipsoid (a = 6378245 m,
e² = 0.00669342162296594); it holds to about a metre. Outside mainland China nothing is shifted.
"""

from math import cos, pi, radians, sin, sqrt

_A = 6378245.0
_E2 = 0.00669342162296594323


def _outside_china(lon: float, lat: float) -> bool:
    return not (73.66 < lon < 135.05 and 3.86 < lat < 53.55)


def _shift(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    phi = radians(lat)
    w = 1 - _E2 * sin(phi) ** 2
    dlat = north * 180 / (_A * (1 - _E2) / (w * sqrt(w)) * pi)
    dlon = east * 180 / (_A / sqrt(w) * cos(phi) * pi)
    return dlon, dlat


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Degrees lon, lat in WGS-84 to GCJ-02."""
    if _outside_china(lon, lat):
        return lon, lat
    dlon, dlat = _shift(lon, lat)
    return lon + dlon, lat + dlat


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """Degrees lon, lat in GCJ-02 to WGS-84, by fixed-point iteration to under a centimetre."""
    guess_lon, guess_lat = lon, lat
    for _ in range(4):
        there_lon, there_lat = wgs84_to_gcj02(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + lon - there_lon, guess_lat + lat - there_lat
    return guess_lon, guess_lat
