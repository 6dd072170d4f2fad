/** A value of a field as a person reads it. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return '–'
  if (Array.isArray(value)) return value.map(shownValue).join('、')
  if (typeof value === 'object') {
    const body = value as Record<string, unknown>
    return String(body['text_zh'] ?? body['code'] ?? body['class'] ?? JSON.stringify(body))
  }
  return String(value)
}
