import { runBridge } from '../bridge/bridge-process.ts'

/** A record as `gossip-bridge tail` prints it. */
export interface TailedRecord {
  readonly partition: number
  readonly offset: number
  readonly time: string
  readonly key?: string
  readonly headers: Record<string, string>
  readonly value?: unknown
}

/** All records of a topic now, decoded by `tail` of the built program. */
export async function tailTopic(topic: string, environment: Record<string, string>): Promise<TailedRecord[]> {
  const { code, stdout, stderr } = await runBridge(['tail', topic, '--from', 'earliest', '--until-end'], environment)
  if (code !== 0) throw new Error(`\`tail ${topic}\` failed: ${stderr}`)
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as TailedRecord]))
}
