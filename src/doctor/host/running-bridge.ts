import { type ListenAddress, urlHost } from '../../addresses/host-port.ts'

const DEADLINE_MS = 2000
const MOST_BYTES = 4 << 20

/** Whether the health port at the address belongs to an instance of this bridge. */
export async function isBridgeAt({ host, port }: ListenAddress, bridgeId: string): Promise<boolean> {
  const isEverywhere = host === null || host === '0.0.0.0' || host === '::'
  const url = `http://${isEverywhere ? 'localhost' : urlHost(host)}:${port}/metrics`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS), redirect: 'error', headers: { connection: 'close' } })
    return (await boundedText(response)).includes(`bridge_id="${bridgeId}"`)
  } catch {
    return false // nobody answers, or something else does
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MOST_BYTES) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
