import { readGoObject } from '../go-json.ts'

const POLICY = {
  miningfee: 'object?',
  maxscriptsizepolicy: 'uint64',
  maxtxsizepolicy: 'uint64',
  maxtxsigopscountspolicy: 'uint64',
} as const
const FEE = { satoshis: 'uint64', bytes: 'uint64' } as const

/** The fee policy in a node status, rewritten with Teranode's keys in its order. Throws RefusedError for a wrong type. */
export function feePolicyText(json: string | null): string | null {
  if (json === null) return null
  const { miningfee, maxscriptsizepolicy, maxtxsizepolicy, maxtxsigopscountspolicy } = readGoObject(Buffer.from(json), POLICY)
  const { satoshis, bytes } = readGoObject(Buffer.from(miningfee ?? '{}'), FEE)
  return (
    `{"miningFee":{"satoshis":${satoshis},"bytes":${bytes}},"maxscriptsizepolicy":${maxscriptsizepolicy},` +
    `"maxtxsizepolicy":${maxtxsizepolicy},"maxtxsigopscountspolicy":${maxtxsigopscountspolicy}}`
  )
}
