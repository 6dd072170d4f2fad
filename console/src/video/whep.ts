export type WhepState =
  /** Nothing asked for. */
  | { name: 'idle' }
  /** Offer sent, no picture yet. */
  | { name: 'connecting' }
  /** Media arrives. */
  | { name: 'playing' }
  /** It broke or was refused; only the viewer's own request tries again. */
  | { name: 'failed'; reason: WhepFailure; status: number | null }
  /** Closed by us. */
  | { name: 'closed' }

export type WhepFailure = 'refused' | 'unreachable' | 'no_media' | 'dropped'

export interface WhepSource {
  url: string
  token: string
  iceServers: RTCIceServer[]
}

const GATHERING_LIMIT_MS = 2_000
const FIRST_MEDIA_LIMIT_MS = 15_000

/** One viewing of one WHEP resource. It gives the resource back on `close`. */
export class WhepReader {
  private current: WhepState = { name: 'idle' }
  private peer: RTCPeerConnection | null = null
  private resource: string | null = null
  private mediaTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly source: WhepSource,
    private readonly onState: (state: WhepState) => void,
    private readonly onStream: (stream: MediaStream) => void,
  ) {}

  get state(): WhepState {
    return this.current
  }

  async open(): Promise<void> {
    if (this.current.name !== 'idle') return
    this.enter({ name: 'connecting' })
    const peer = this.newPeer()
    this.peer = peer
    this.mediaTimer = setTimeout(() => this.fail('no_media'), FIRST_MEDIA_LIMIT_MS)
    try {
      await peer.setLocalDescription(await peer.createOffer())
      await gathered(peer)
      const answer = await this.exchange(peer.localDescription?.sdp ?? '')
      if (this.peer !== peer || answer === null) return
      await peer.setRemoteDescription({ type: 'answer', sdp: answer })
    } catch {
      this.fail('unreachable')
    }
  }

  close(): void {
    if (this.current.name === 'closed') return
    this.release()
    this.enter({ name: 'closed' })
  }

  private newPeer(): RTCPeerConnection {
    const peer = new RTCPeerConnection({ iceServers: this.source.iceServers })
    const stream = new MediaStream()
    peer.addTransceiver('video', { direction: 'recvonly' })
    peer.addTransceiver('audio', { direction: 'recvonly' })
    peer.ontrack = ({ track }) => {
      stream.addTrack(track)
      track.onunmute = () => this.play(peer)
      this.onStream(stream)
    }
    peer.onconnectionstatechange = () => {
      if (peer !== this.peer) return
      if (peer.connectionState === 'connected') this.play(peer)
      if (peer.connectionState === 'failed') this.fail('dropped')
    }
    return peer
  }

  private async exchange(offer: string): Promise<string | null> {
    const response = await fetch(this.source.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${this.source.token}` },
      body: offer,
    })
    if (!response.ok) {
      this.fail('refused', response.status)
      return null
    }
    const location = response.headers.get('Location')
    if (location) this.resource = new URL(location, new URL(this.source.url, window.location.href)).href
    if (this.current.name !== 'connecting') this.giveBack()
    return await response.text()
  }

  private play(peer: RTCPeerConnection): void {
    if (peer !== this.peer || this.current.name !== 'connecting') return
    clearTimeout(this.mediaTimer)
    this.enter({ name: 'playing' })
  }

  private fail(reason: WhepFailure, status: number | null = null): void {
    if (this.current.name !== 'connecting' && this.current.name !== 'playing') return
    this.release()
    this.enter({ name: 'failed', reason, status })
  }

  private release(): void {
    clearTimeout(this.mediaTimer)
    this.peer?.close()
    this.peer = null
    this.giveBack()
  }

  private giveBack(): void {
    if (!this.resource) return
    const headers = { Authorization: `Bearer ${this.source.token}` }
    // The hub also drops a viewer whose peer is gone, so a lost DELETE does no harm.
    fetch(this.resource, { method: 'DELETE', headers, keepalive: true }).catch(() => undefined)
    this.resource = null
  }

  private enter(state: WhepState): void {
    this.current = state
    this.onState(state)
  }
}

/** The hub takes one whole offer, so the candidates must be in it. */
function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERING_LIMIT_MS)
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState !== 'complete') return
      clearTimeout(timer)
      resolve()
    })
  })
}
