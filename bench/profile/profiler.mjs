// Loaded into every process of a bench by `BENCH_PROFILE=folder`: writes a CPU profile there when the process ends. Node's own
// --cpu-prof cannot be given to the bridge by its environment.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { basename, join } from 'node:path'

const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.setSamplingInterval', { interval: 500 })
session.post('Profiler.start')

process.on('exit', () => {
  const name = basename(process.argv[1] ?? 'node', '.js')
  session.post('Profiler.stop', (_, { profile }) => {
    writeFileSync(join(process.env.BENCH_PROFILE ?? '.', `${name}-${process.pid}.cpuprofile`), JSON.stringify(profile))
  })
})
