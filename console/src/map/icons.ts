import type { Map } from 'maplibre-gl'

import { palette } from './palette'

const RATIO = 2

type Draw = (pen: CanvasRenderingContext2D) => void

/** All images of the map, drawn here so that none has to be fetched. */
export function addIcons(map: Map): void {
  for (const [name, image] of icons()) {
    if (!map.hasImage(name)) map.addImage(name, image, { pixelRatio: RATIO })
  }
}

function* icons(): Generator<[string, ImageData]> {
  yield ['terminal-online', drawn(28, (pen) => arrow(pen, palette.online, true))]
  yield ['terminal-stale', drawn(28, (pen) => arrow(pen, palette.stale, false))]
  yield ['terminal-online-still', drawn(28, (pen) => disc(pen, palette.online, true))]
  yield ['terminal-stale-still', drawn(28, (pen) => disc(pen, palette.stale, false))]
  yield ['terminal-offline', drawn(28, cross)]
  yield ['camera', drawn(30, (pen) => camera(pen, palette.camera, true))]
  yield ['camera-offline', drawn(30, (pen) => camera(pen, palette.offline, false))]
  for (const tone of ['calm', 'near', 'overdue', 'stopped'] as const) {
    for (const severity of ['high', 'mid', 'low'] as const) {
      yield [`case-${severity}-${tone}`, drawn(32, (pen) => caseSign(pen, severity, palette[tone]))]
    }
  }
}

/** Draws with the origin in the middle of a square of `size` CSS pixels. */
function drawn(size: number, draw: Draw): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size * RATIO
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('this browser gives no 2D canvas')
  pen.scale(RATIO, RATIO)
  pen.translate(size / 2, size / 2)
  pen.lineJoin = 'round'
  draw(pen)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}

function paint(pen: CanvasRenderingContext2D, colour: string, solid: boolean): void {
  pen.lineWidth = 4
  pen.strokeStyle = palette.dark
  pen.stroke()
  pen.fillStyle = solid ? colour : palette.dark
  pen.fill()
  pen.lineWidth = 1.8
  pen.strokeStyle = colour
  pen.stroke()
}

function arrow(pen: CanvasRenderingContext2D, colour: string, solid: boolean): void {
  pen.beginPath()
  pen.moveTo(0, -10)
  pen.lineTo(7, 8)
  pen.lineTo(0, 4)
  pen.lineTo(-7, 8)
  pen.closePath()
  paint(pen, colour, solid)
}

function disc(pen: CanvasRenderingContext2D, colour: string, solid: boolean): void {
  pen.beginPath()
  pen.arc(0, 0, 6, 0, 2 * Math.PI)
  paint(pen, colour, solid)
}

function cross(pen: CanvasRenderingContext2D): void {
  for (const [width, colour] of [
    [5, palette.dark],
    [2, palette.offline],
  ] as const) {
    pen.beginPath()
    pen.moveTo(-5, -5)
    pen.lineTo(5, 5)
    pen.moveTo(5, -5)
    pen.lineTo(-5, 5)
    pen.lineWidth = width
    pen.strokeStyle = colour
    pen.stroke()
  }
}

function camera(pen: CanvasRenderingContext2D, colour: string, solid: boolean): void {
  pen.beginPath()
  pen.roundRect(-6, -2, 12, 11, 2)
  paint(pen, colour, solid)
  pen.beginPath()
  pen.moveTo(-3, -3)
  pen.lineTo(-7, -12)
  pen.lineTo(7, -12)
  pen.lineTo(3, -3)
  pen.closePath()
  paint(pen, colour, solid)
}

function caseSign(pen: CanvasRenderingContext2D, severity: 'high' | 'mid' | 'low', colour: string): void {
  pen.beginPath()
  if (severity === 'high') polygon(pen, [[0, -12], [12, 0], [0, 12], [-12, 0]])
  else if (severity === 'mid') polygon(pen, [[0, -11], [12, 10], [-12, 10]])
  else pen.arc(0, 0, 9, 0, 2 * Math.PI)
  paint(pen, colour, true)
  pen.fillStyle = palette.dark
  pen.font = 'bold 13px sans-serif'
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  if (severity !== 'low') pen.fillText('!', 0, severity === 'mid' ? 3 : 0.5)
}

function polygon(pen: CanvasRenderingContext2D, points: [number, number][]): void {
  points.forEach(([x, y], index) => (index === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)))
  pen.closePath()
}
