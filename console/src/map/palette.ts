/** The map's colours. Shape and text carry the same meaning, colour only helps. */
export const palette = {
  ground: '#0d1319',
  territory: '#111a22',
  townLine: '#3b5166',
  villageLine: '#22303d',
  water: '#123047',
  waterLine: '#1d4866',
  roadPrimary: '#4d5f70',
  roadSecondary: '#364553',
  roadStreet: '#25313c',
  label: '#8ea3b6',
  labelStrong: '#c4d2df',
  halo: '#0d1319',
  online: '#53c6a3',
  stale: '#d9b45b',
  offline: '#75828f',
  camera: '#8fb4e8',
  cameraReach: '#5f8fd0',
  fence: '#c58be0',
  calm: '#5aa9e6',
  near: '#e3b341',
  overdue: '#f0616d',
  stopped: '#9a8cd6',
  selected: '#ffffff',
  link: '#f4f7fa',
  dark: '#0b1015',
} as const

/** The letters are drawn from the fonts of the machine: no glyph server is asked. */
export const FONT = ['Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif']
