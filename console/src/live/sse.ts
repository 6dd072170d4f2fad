export interface SseMessage {
  event: string
  id: string | null
  data: string
}

/** Cuts a text stream into server-sent events; feed it pieces of any size. */
export class SseParser {
  private rest = ''

  push(text: string): SseMessage[] {
    // A lone CR at the end may be the first half of CRLF, so it waits for the next piece.
    const joined = this.rest + text
    const held = joined.endsWith('\r') ? '\r' : ''
    const blocks = joined
      .slice(0, joined.length - held.length)
      .replace(/\r\n?/g, '\n')
      .split('\n\n')
    this.rest = (blocks.pop() ?? '') + held
    return blocks.map(messageOf).filter((message) => message !== null)
  }
}

function messageOf(block: string): SseMessage | null {
  let event = 'message'
  let id: string | null = null
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon === 0) continue
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = value
    else if (field === 'id') id = value
    else if (field === 'data') data.push(value)
  }
  return data.length === 0 ? null : { event, id, data: data.join('\n') }
}
