// Watch with whip-whep, and tell of every frame its mean brightness, until standard input ends.
import wrtc from '@roamhq/wrtc'
import { WHEPClient } from 'whip-whep/whep.js'

const [url, token] = process.argv.slice(2)
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`)

const peer = new wrtc.RTCPeerConnection({ iceServers: [] })
peer.addTransceiver('video', { direction: 'recvonly' })
peer.ontrack = ({ track }) => {
  const sink = new wrtc.nonstandard.RTCVideoSink(track)
  sink.onframe = ({ frame }) => {
    const luma = frame.data.subarray(0, frame.width * frame.height)
    tell({ shade: Math.round(luma.reduce((sum, value) => sum + value, 0) / luma.length) })
  }
}
const client = new WHEPClient()
await client.view(peer, url, token)
tell({ state: peer.connectionState, resource: client.resourceURL.pathname })

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
