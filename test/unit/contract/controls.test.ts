import { existsSync, readFileSync } from 'node:fs'
import { Script } from 'node:vm'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { CONTROLS } from '../../contract/controls/controls.ts'
import { RELEASE_PATCHES } from '../../support/bridge/other-releases.ts'

const root = new URL('../../../', import.meta.url)
const source = (file: string) => new URL(`src/${file}`, root)

function compile(text: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.CommonJS }
  return ts.transpileModule(text, { compilerOptions }).outputText
}

const patches = [
  ...CONTROLS.flatMap(({ protection, patches }) => patches.map((patch) => ({ of: `the control for "${protection}"`, patch }))),
  ...RELEASE_PATCHES.map((patch) => ({ of: 'another release', patch })),
]

test.each(patches)('the patch of $of fits $patch.file', ({ patch }) => {
  if ('module' in patch) {
    const module = readFileSync(new URL(`test/contract/controls/${patch.module}`, root), 'utf8')
    const imported = [...module.matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => new URL(path, source(patch.file)))
    expect(imported.filter((url) => !existsSync(url))).toEqual([])
    expect(existsSync(source(patch.file))).toBe(true)
    return
  }
  const text = readFileSync(source(patch.file), 'utf8')
  expect(text.split(patch.replace)).toHaveLength(2)
  // The sources have no semicolons: a bracket at the beginning of a line would continue the line before it.
  const [before = ''] = text.split(patch.replace)
  const beginsLine = before.slice(before.lastIndexOf('\n') + 1).trim() === ''
  expect(beginsLine && /^[([`]/.test(patch.by)).toBe(false)
  // A name that has gone, such as a private field, would be an error of syntax in the patched build.
  const patched = compile(text.replace(patch.replace, () => patch.by))
  expect(() => new Script(`(function () { ${patched} })`)).not.toThrow()
})
