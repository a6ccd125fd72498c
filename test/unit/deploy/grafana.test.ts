import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { everyMetric, listedLabels, SCRAPE_LABELS, selectors } from './bridge-metrics.ts'

interface Panel {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[]
}

interface Board {
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] }
}

const board = JSON.parse(readFileSync('deploy/grafana/gossip-bridge.json', 'utf8')) as Board
const metrics = everyMetric()
const charts = board.panels.filter(({ type }) => type !== 'row')
const variables = board.templating.list.map(({ name }) => name)

/** Metrics and labels of an expression that a bridge does not have. */
function unknownIn(expr: string): string[] {
  const used = selectors(expr)
  const labels = [...SCRAPE_LABELS, ...used.flatMap(({ name }) => metrics.get(name) ?? [])]
  return [
    ...used.filter(({ name }) => !metrics.has(name)).map(({ name }) => name),
    ...used.flatMap(({ name, matchers }) =>
      matchers.map(([label]) => label).filter((label) => ![...SCRAPE_LABELS, ...(metrics.get(name) ?? [])].includes(label)),
    ),
    ...listedLabels(expr).filter((label) => !labels.includes(label)),
  ]
}

test('each panel of the Grafana board asks for metrics and labels that exist', () => {
  expect(charts.length).toBeGreaterThan(15)
  for (const { title, description, targets = [] } of charts) {
    expect(targets, title).not.toEqual([])
    expect(description, title).toMatch(/^[A-Z0-9].{8,}\.$/)
    for (const { expr, legendFormat } of targets) {
      expect(selectors(expr), title).not.toEqual([])
      expect(unknownIn(expr), title).toEqual([])
      const summed = /\bby\b/.test(expr) ? listedLabels(expr) : [...SCRAPE_LABELS, ...(metrics.get(selectors(expr)[0]?.name ?? '') ?? [])]
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(summed, `${title}: ${legendFormat}`).toContain(label)
    }
  }
})

test('its variables and their labels exist, and it uses no other', () => {
  for (const { query } of board.templating.list) {
    const [, label = ''] = /^label_values\(.*, (\w+)\)$/.exec(query) ?? []
    if (query.startsWith('label_values')) expect(unknownIn(`sum by (${label}) (${query.slice(13, query.lastIndexOf(','))})`)).toEqual([])
  }
  const used = [...JSON.stringify(board).matchAll(/\$\{?([a-z]+)\b/g)].map(([, name]) => name)
  expect(new Set(used)).toEqual(new Set(variables))
})

test('its panels have ids of their own, and do not lie over each other', () => {
  expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length)
  const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(Math.max(...board.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
})

test('a label that does not exist is found', () => {
  expect(unknownIn('sum by (nothing) (bridge_primary{nobody="x"})')).toEqual(['nobody', 'nothing'])
})
