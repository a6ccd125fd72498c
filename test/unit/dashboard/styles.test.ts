import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('../../../src/dashboard/page/styles/', import.meta.url)
const styles = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(new URL(name, folder), 'utf8').replaceAll(/\/\*.*?\*\//gs, ''),
}))

/** Functions of CSS Color 4 and 5, and relative colours. */
const MODERN = /\b(light-dark|color-mix|color|lab|lch|oklab|oklch|hwb|contrast-color|device-cmyk)\(|\b(rgb|hsl)a?\(\s*from\b/

test('colours that old browsers do not know stand behind a question whether they do', () => {
  for (const { name, text } of styles) {
    const [plain = '', ...asked] = text.split('@supports')
    expect(`${name}: ${MODERN.exec(plain)?.[0]}`).toBe(`${name}: undefined`)
    expect(asked.length).toBe(name === 'colours.css' ? 1 : 0)
  }
})

test('the theme button changes plain colours: it names the same ones as a dark system', () => {
  const colours = styles.find(({ name }) => name === 'colours.css')?.text ?? ''
  const bySystem = /prefers-color-scheme: dark\) \{\s*:root:not\(\[data-theme="light"\]\) \{(.*?)\}/s.exec(colours)?.[1] ?? ''
  const byButton = /:root\[data-theme="dark"\] \{(.*?)\}/s.exec(colours)?.[1] ?? ''
  const valuesIn = (text: string) => [...text.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => `${name}: ${value}`)
  expect(valuesIn(bySystem)).toContain('--ground: #0c0f14')
  expect(valuesIn(byButton)).toEqual(valuesIn(bySystem))
})

test('every variable that a style uses without a fallback is defined for all browsers', () => {
  const all = styles.map(({ text }) => text.split('@supports')[0]).join('\n')
  const defined = new Set([...all.matchAll(/(--[\w-]+):/g)].map(([, name]) => name))
  const set = ['--lanes', '--rows'] // by the map of the chain
  const used = styles.flatMap(({ text }) => [...text.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name))
  expect([...new Set(used)].filter((name) => name !== undefined && !defined.has(name) && !set.includes(name))).toEqual([])
})
