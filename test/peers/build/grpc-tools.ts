import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheDirectory, makeOnce } from '../../../deploy/local/programs/cache.ts'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { findTool, fingerprint } from '../../../deploy/local/programs/toolchain.ts'
import { go } from './build-peers.ts'

/** Paths of the programs: in Go, with code that is generated from the protos, a client of the bridge and the blockchain service of a node; and grpcurl. */
export interface GrpcTools {
  readonly client: string
  readonly grpcurl: string
  readonly blockchain: string
}

const BUILD_DEADLINE_MS = 900_000
const PROTOS = 'schemas/proto'
const STEPS = [
  ['run', './generate'],
  ['build', '-o', 'bin/client', './client'],
  ['build', '-o', 'bin/blockchain', './blockchain'],
  ['build', '-o', 'bin/grpcurl', 'github.com/fullstorydev/grpcurl/cmd/grpcurl'],
]

/** Generates and builds the clients, once for their sources and the proto. Undefined where Go is missing, except in CI. */
export async function buildGrpcTools(say: (line: string) => void): Promise<GrpcTools | undefined> {
  const tool = findTool(go)
  if (tool === undefined) {
    if (process.env.CI) throw new Error('go is missing, so the clients of gRPC cannot be built: install it')
    say('left out: the clients of gRPC, because go is not on this machine')
    return undefined
  }
  const sources = projectFile('test/peers/programs/grpc')
  const folder = join(cacheDirectory(), 'peers', `grpc-${fingerprint([sources, projectFile(PROTOS)])}`)
  await makeOnce(folder, () => build({ tool, sources, folder, say }), { deadlineMs: BUILD_DEADLINE_MS })
  return { client: join(folder, 'bin/client'), grpcurl: join(folder, 'bin/grpcurl'), blockchain: join(folder, 'bin/blockchain') }
}

interface Build {
  readonly tool: string
  readonly sources: string
  readonly folder: string
  readonly say: (line: string) => void
}

async function build({ tool, sources, folder, say }: Build): Promise<void> {
  const work = `${folder}.partial`
  await rm(work, { recursive: true, force: true })
  await mkdir(dirname(work), { recursive: true })
  await cp(sources, work, { recursive: true })
  await cp(projectFile(PROTOS), work, { recursive: true })
  say('generating and building the clients of gRPC; the first time takes minutes')
  for (const args of STEPS) {
    const path = `${dirname(tool)}:${process.env.PATH ?? ''}` // the generator calls `go` itself
    const { code, stdout, stderr } = await runCommand(tool, args, { cwd: work, timeoutMs: BUILD_DEADLINE_MS, env: { PATH: path } })
    if (code !== 0) throw new Error(`the clients of gRPC could not be built by go ${args.join(' ')}:\n${stdout}${stderr.slice(-3000)}`)
  }
  await rename(work, folder)
}
