import type { Place } from '../api/types'

const EARTH_RADIUS_M = 6_371_008.8

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}

export function distanceM(a: Place, b: Place): number {
  const dLat = radians(b.lat - a.lat)
  const dLon = radians(b.lon - a.lon)
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(h))
}

/** A ring of `points` around `center`; exact enough for the reach of a camera. */
export function circle(center: Place, radiusM: number, points = 40): [number, number][] {
  const dLat = (radiusM / EARTH_RADIUS_M) * (180 / Math.PI)
  const dLon = dLat / Math.cos(radians(center.lat))
  return Array.from({ length: points + 1 }, (_, index) => {
    const angle = (2 * Math.PI * index) / points
    return [center.lon + dLon * Math.cos(angle), center.lat + dLat * Math.sin(angle)]
  })
}

export function formatDistance(metres: number): string {
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`
}

export function formatPlace(place: Place): string {
  return `${place.lon.toFixed(6)}, ${place.lat.toFixed(6)}`
}
