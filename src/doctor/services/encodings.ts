import type { Encoding } from '../../messages/codec/codec.ts'
import type { ValueRole } from '../../messages/topics.ts'
import { type Finding, ok, warn } from '../finding.ts'

/** Teranode's validation services read both topics in Protobuf, and nothing else; a mixture is a setting that was forgotten. */
export function judgeEncodings({ blocks, subtrees }: Readonly<Record<ValueRole, Encoding>>): Finding[] {
  if (blocks === 'protobuf' && subtrees === 'protobuf') return [ok('blocks and subtrees are written in Protobuf, as Teranode reads them')]
  if (blocks !== 'protobuf' && subtrees !== 'protobuf') return []
  const [odd, other] = blocks === 'protobuf' ? (['subtrees', subtrees] as const) : (['blocks', blocks] as const)
  return [
    warn(
      `encoding_${odd} is ${other}, while the other validation topic is in Protobuf: a Teranode cannot read it`,
      `set encoding_${odd}=protobuf, unless the readers of ${odd} are no Teranode`,
    ),
  ]
}
