// Publish a moving picture with whip-whep until a line comes on standard input: `restart` restarts ICE,
// `stop` hangs up, the end of the input leaves without a word. Events are lines of JSON.
import { createInterface } from 'node:readline'

import wrtc from '@roamhq/wrtc'
import { WHIPClient } from 'whip-whep/whip.js'

const [url, token] = process.argv.slice(2)
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`)

const width = 160, height = 120, source = new wrtc.nonstandard.RTCVideoSource()
let shade = 20
const painting = setInterval(() => {
  const data = new Uint8ClampedArray((width * height * 3) / 2).fill(128)
  data.fill(shade, 0, width * height)
  shade = shade >= 200 ? 20 : shade + 3
  source.onFrame({ width, height, data, rotation: 0 })
}, 66)

const peer = new wrtc.RTCPeerConnection({ iceServers: [] })
peer.addTransceiver(source.createTrack(), { direction: 'sendonly', streams: [new wrtc.MediaStream()] })
const client = new WHIPClient()
await client.publish(peer, url, token)
peer.addEventListener('connectionstatechange', () => tell({ state: peer.connectionState }))
tell({ state: peer.connectionState, resource: client.resourceURL.pathname, etag: client.etag })

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'restart') {
    const before = client.etag
    await client.restart()
    tell({ restarted: client.etag !== before, ice: peer.iceConnectionState })
  } else if (line === 'stop') {
    await client.stop()
    tell({ stopped: true })
    break
  }
}
clearInterval(painting)
process.exit(0)
