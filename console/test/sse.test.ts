import { expect, it } from 'vitest'

import { SseParser, type SseMessage } from '../src/live/sse'

const STREAM = 'retry: 5\n\n: a comment\n\nevent: journal\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:plain\r\n\r\nevent: ping\n\n'
const MESSAGES: SseMessage[] = [
  { event: 'journal', id: '7', data: '{"a":\n1}' },
  { event: 'message', id: null, data: 'plain' },
]

it('reads events, and leaves out comments and what has no data', () => {
  expect(new SseParser().push(STREAM)).toEqual(MESSAGES)
})

it('does not care where the stream is cut', () => {
  for (let cut = 1; cut < STREAM.length; cut++) {
    const parser = new SseParser()
    expect([...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))], `cut at ${cut}`).toEqual(MESSAGES)
  }
})
