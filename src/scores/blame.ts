import type { InvalidContent } from '../messages/invalid-content.ts'

interface Announcer {
  readonly peerId: string
  readonly dataHubUrl: string
}

/**
 * Reasons that say nothing of the content: a peer that did not answer, or trouble of the own services. Subtree validation of Teranode
 * says `peer_cannot_provide_...`; block validation gives the text of its error, which begins with the name of its kind.
 */
const INFRASTRUCTURE =
  /^(peer_cannot_provide_|(STORAGE|SERVICE|NETWORK|CONTEXT|CONFIGURATION|KAFKA|BLOB|THRESHOLD)[A-Z_]* ?\(|context canceled|unknown$)/

/** Whether the reason is somebody's fault at all. */
export function isInfrastructureFault({ reason }: Pick<InvalidContent, 'reason'>): boolean {
  return reason.trim() === '' || INFRASTRUCTURE.test(reason.trim())
}

/** Who is charged: the peer that the verdict names, else the signers who announced the hash. */
export function blamed({ peerId, peerUrl }: InvalidContent, announcers: readonly Announcer[]): string[] {
  if (peerId) return [peerId]
  const url = peerUrl && withoutSlash(peerUrl)
  const narrowed = url ? announcers.filter(({ dataHubUrl }) => withoutSlash(dataHubUrl) === url) : []
  return (narrowed.length > 0 ? narrowed : announcers).map((announcer) => announcer.peerId)
}

function withoutSlash(url: string): string {
  return url.trim().replace(/\/+$/, '')
}
