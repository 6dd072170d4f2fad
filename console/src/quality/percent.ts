/** A share rounded half up to two digits; a dash if there is none. */
export function percent(share: number | null): string {
  return share === null ? '—' : `${(Math.floor(share * 10_000 + 0.5) / 100).toFixed(2)} %`
}
