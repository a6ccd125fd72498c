import { existsSync, readFileSync } from 'node:fs'
import { Script } from 'node:vm'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { CONTROLS } from '../../contract/controls/controls.ts'

const root = new URL('../../../', import.meta.url)
const source = (file: string) => new URL(`src/${file.replace(/\.js$/, '.ts')}`, root)

function compile(text: string, module: ts.ModuleKind): string {
  return ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2023, module } }).outputText
}

const patches = CONTROLS.flatMap(({ protection, patches }) => patches.map((patch) => ({ protection, patch })))

test.each(patches)('the patch of the control for "$protection" fits the code', ({ patch }) => {
  if ('module' in patch) {
    const module = readFileSync(new URL(`test/contract/controls/${patch.module}`, root), 'utf8')
    const imported = [...module.matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => new URL(path, source(patch.file)))
    expect(imported.filter((url) => !existsSync(new URL(url.href.replace(/\.js$/, '.ts'))))).toEqual([])
    expect(existsSync(source(patch.file))).toBe(true)
    return
  }
  const built = compile(readFileSync(source(patch.file), 'utf8'), ts.ModuleKind.ESNext)
  expect(built.split(patch.replace)).toHaveLength(2)
  // A name that has gone, such as a private field, would be an error of syntax in the patched build.
  const patched = compile(
    built.replace(patch.replace, () => patch.by),
    ts.ModuleKind.CommonJS,
  )
  expect(() => new Script(`(function () { ${patched} })`)).not.toThrow()
})
