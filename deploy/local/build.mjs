// `npm run build`: bundles src into dist/main.js, dist/program.js, dist/chunks and dist/client, and compiles deploy/local to dist/local. Types are checked by
// `npm run typecheck`. Plain JavaScript, because it runs before anything is built. It replaces an earlier build file by file, so a
// bridge that runs from dist keeps running; files without a source are removed.
//
// Why a bundle: Node takes half a millisecond of CPU for each module that it loads. The bridge and libp2p are a thousand small ones:
// as a bundle they are ready after 0.85 s of CPU, as single modules after 1.4 s.
//
// `node deploy/local/build.mjs FOLDER` bundles the src of another folder, which has its own package.json and node_modules.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import ts from 'typescript'

const project = fileURLToPath(new URL('../..', import.meta.url))
const root = process.argv[2] === undefined ? project : resolve(process.argv[2])
const dist = join(root, 'dist')
const startedAt = performance.now()
const readManifest = (...folder) => JSON.parse(readFileSync(join(root, ...folder, 'package.json'), 'utf8'))

/** Packages that stay outside the bundle: CommonJS, which may load native parts or files by name, and what loads modules by name. */
const outside = Object.keys(readManifest().dependencies).filter(
  (name) => name === 'node-pg-migrate' || readManifest('node_modules', name).type !== 'module',
)
const isOutside = (id) => outside.some((name) => id === name || id.startsWith(`${name}/`))

const common = { platform: 'node', transform: { target: 'node20' }, resolve: { extensionAlias: { '.js': ['.ts', '.js'] } } }
// `program.js` has the commands as a function, for tests that run them without a process.
const entries = { main: join(root, 'src/main.ts'), program: join(root, 'src/cli/program.ts') }
const program = {
  input: { ...common, input: entries, external: isOutside },
  output: { dir: dist, format: 'esm', sourcemap: true, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' },
}
const local = {
  input: { ...common, input: ['demo.ts', 'kafka/tool.ts'].map((file) => join(root, 'deploy/local', file)), external: /^[^./]/ },
  output: { dir: join(dist, 'local'), format: 'esm', preserveModules: true, preserveModulesRoot: join(root, 'deploy/local') },
}

/** The client for browsers and other programs: `exports` of package.json. */
const client = {
  input: { ...common, platform: 'neutral', input: join(root, 'src/client/client.ts'), external: [] },
  output: { dir: join(dist, 'client'), format: 'esm', entryFileNames: 'client.js' },
}

/** Types of the client, file by file: each says the types of what it exports, so no other file needs to be read. */
function writeClientTypes() {
  const folder = join(root, 'src/client')
  mkdirSync(join(dist, 'client'), { recursive: true })
  return readdirSync(folder).map((name) => {
    const { outputText } = ts.transpileDeclaration(readFileSync(join(folder, name), 'utf8'), { fileName: name })
    const file = join(dist, 'client', name.replace(/\.ts$/, '.d.ts'))
    writeFileSync(file, outputText.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"))
    return file
  })
}

async function write({ input, output }) {
  const bundle = await rolldown(input)
  const { output: files } = await bundle.write(output)
  await bundle.close()
  return files.map(({ fileName }) => join(output.dir, fileName))
}

const isProject = root === project
const builds = isProject ? [program, local, client] : [program]
const current = new Set([...(await Promise.all(builds.map(write))).flat(), ...(isProject ? writeClientTypes() : [])])
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (entry.isFile() && !current.has(file)) rmSync(file)
}
chmodSync(join(dist, 'main.js'), 0o755)
console.log(
  `build: ${current.size} files in ${relative(process.cwd(), dist) || '.'} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
)
