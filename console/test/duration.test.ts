import { expect, it } from 'vitest'

import { formatAge, formatClock, formatDuration } from '../src/time/duration'
import { InstantFormat } from '../src/time/instant'

const words = { days: '天', hours: '时', minutes: '分', seconds: '秒' }

it('counts down in the two largest units', () => {
  expect(formatDuration(59, words)).toBe('59秒')
  expect(formatDuration(61, words)).toBe('1分01秒')
  expect(formatDuration(2 * 3600 + 5 * 60, words)).toBe('2时05分')
  expect(formatDuration(50 * 3600, words)).toBe('2天2时')
  expect(formatDuration(-5, words)).toBe('0秒')
})

it('gives an age in its largest unit', () => {
  expect(formatAge(8.9, words)).toBe('8秒')
  expect(formatAge(3_599, words)).toBe('59分')
  expect(formatAge(86_400, words)).toBe('1天')
})

it('shows a remaining time as a clock', () => {
  expect(formatClock(754.2)).toBe('12:34')
  expect(formatClock(-1)).toBe('00:00')
})

it('shows instants in the time of the district, with the day only when it is another', () => {
  const format = new InstantFormat('zh-CN', 'Asia/Shanghai')
  const now = Date.parse('2025-08-07T23:00:00+08:00')
  expect(format.short('2025-08-07T07:19:02Z', now)).toBe('15:19:02')
  expect(format.short('2025-08-06T07:19:02Z', now)).toBe('8月6日 15:19')
})
