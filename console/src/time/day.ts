/** The district's local day of an instant, as 2026-03-01. */
export function localDay(at: string | number, timeZone = 'Asia/Shanghai'): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date(at))
}
