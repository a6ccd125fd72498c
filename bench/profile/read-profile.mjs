// A CPU profile of V8 (`.cpuprofile`): a tree of nodes, one for each call path, and for each sample the id of its node and the
// microseconds since the sample before. Times begin at `startTime`, in microseconds of the machine's monotonic clock, which is
// `process.hrtime` too.
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Reads a profile; frames have the file and line of their source where the program has a source map. */
export function readProfile(file) {
  const { nodes, samples, timeDeltas, startTime } = JSON.parse(readFileSync(file, 'utf8'))
  const frameOf = frameReader()
  const byId = new Map(nodes.map((node) => [node.id, { frame: frameOf(node.callFrame), parent: undefined }]))
  for (const { id, children = [] } of nodes) for (const child of children) byId.get(child).parent = byId.get(id)
  const paths = new Map()

  /** The frames of a node, innermost first. */
  function pathOf(id) {
    let path = paths.get(id)
    if (path) return path
    path = []
    for (let node = byId.get(id); node; node = node.parent) path.push(node.frame)
    paths.set(id, path)
    return path
  }

  return {
    /** Samples between two times in milliseconds, each with its frames. */
    *samples(from, to) {
      let now = startTime
      for (const [index, id] of samples.entries()) {
        now += timeDeltas[index]
        if (now >= from * 1000 && now <= to * 1000) yield { frames: pathOf(id), microseconds: timeDeltas[index] }
      }
    },
  }
}

function frameReader() {
  const maps = new Map()
  const mapOf = (url) => {
    if (!url.startsWith('file://')) return undefined
    if (!maps.has(url)) {
      const file = `${fileURLToPath(url)}.map`
      maps.set(url, existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : undefined)
    }
    return maps.get(url)
  }
  return ({ functionName: name, url, lineNumber, columnNumber }) => {
    const source = mapOf(url)?.findEntry(lineNumber, columnNumber)
    if (!source?.originalSource) return { name, file: shortName(url), line: lineNumber + 1 }
    return { name, file: shortName(source.originalSource), line: source.originalLine + 1 }
  }
}

/** From the name of the package or from `src/` on. */
function shortName(path) {
  return path.replace(/^.*node_modules\//, '').replace(/^(\.\.\/)+/, '')
}
