import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { SETTING_NAMES } from '../../../src/config/settings.ts'
import { readSources } from '../../support/import-graph.ts'
import { everyMetric, listedLabels, SCRAPE_LABELS, selectors } from './bridge-metrics.ts'

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; description: string; runbook: string }
}

const { groups } = parse(readFileSync('deploy/prometheus/alerts.yaml', 'utf8')) as { groups: { name: string; rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const runbook = readFileSync('deploy/RUNBOOK.md', 'utf8')
const sources = readSources(new URL('../../../src', import.meta.url).pathname)
const source = sources.map(({ text }) => text).join('\n')
const metrics = everyMetric()

function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

test('alerts have names of their own, and say what to do and where to read on', () => {
  expect(rules.length).toBeGreaterThan(20)
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  const anchors = anchorsOf(runbook)
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^GossipBridge[A-Z]\w+$/)
    expect(['critical', 'warning']).toContain(labels.severity)
    expect(annotations.summary, alert).toMatch(/^.{10,120}$/)
    expect(annotations.description, alert).toMatch(/^.{40,400}$/)
    const [file, anchor] = annotations.runbook.split('#')
    expect(file).toBe('deploy/RUNBOOK.md')
    expect(anchors, alert).toContain(anchor)
  }
})

test('every metric that an alert names exists, with the labels by which it is chosen and summed', () => {
  for (const { alert, expr } of rules) {
    const used = selectors(expr)
    expect(used, alert).not.toEqual([])
    for (const { name, matchers } of used) {
      expect(metrics.has(name), `${alert}: ${name}`).toBe(true)
      for (const [label] of matchers) expect([...SCRAPE_LABELS, ...(metrics.get(name) ?? [])], `${alert}: ${name}`).toContain(label)
    }
    const known = [...SCRAPE_LABELS, ...used.flatMap(({ name }) => metrics.get(name) ?? [])]
    for (const label of listedLabels(expr)) expect(known, alert).toContain(label)
  }
})

test('every label value that an alert compares with is a word of the source', () => {
  for (const { alert, expr } of rules) {
    for (const { matchers } of selectors(expr)) {
      for (const [label, operator, value] of matchers) {
        if (operator.endsWith('~') || label === 'job') continue
        expect(source.includes(`'${value}'`), `${alert}: ${label}=${value}`).toBe(true)
      }
    }
  }
})

test('labels in the texts of an alert are labels that its expression leaves', () => {
  for (const { alert, expr, annotations } of rules) {
    const used = [...SCRAPE_LABELS, ...selectors(expr).flatMap(({ name }) => metrics.get(name) ?? [])]
    const said = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label)
    for (const label of said) expect(used, alert).toContain(label)
  }
})

test('everything in the runbook that looks like a metric or a setting is one', () => {
  const words = [...runbook.matchAll(/`([a-z][a-z0-9]*(?:_[A-Za-z0-9]+)+)(?:\{[^`]*\})?`/g)].map(([, word = '']) => word)
  expect(words.length).toBeGreaterThan(30)
  const known = new Set<string>([...metrics.keys(), ...SETTING_NAMES])
  expect(words.filter((word) => !known.has(word))).toEqual([])
})

test('labels that the runbook names belong to their metrics', () => {
  for (const [, name = '', braces = ''] of runbook.matchAll(/`([a-z]\w+)\{([^`}]*)\}`/g)) {
    for (const [, label] of braces.matchAll(/(\w+)(?==|,|$)/g)) expect(metrics.get(name), name).toContain(label)
  }
})

test('parts of /readyz that the runbook names exist', () => {
  const literal = [...source.matchAll(/\.part\('([^']+)'/g)].map(([, part = '']) => part)
  const parts = [...literal, 'group log', 'group gossip'] // these two get their names from those of the groups
  const named = [...runbook.matchAll(/part `([^`]+)`/g)].map(([, part = '']) => part)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((part) => !parts.includes(part))).toEqual([])
})

test('what the runbook quotes, the bridge says', () => {
  const quotes = [...runbook.matchAll(/“([^”]+)”/g)].flatMap(([, quote = '']) => quote.replace(/\s+/g, ' ').split(/\s*…\s*/))
  expect(quotes.length).toBeGreaterThan(10)
  expect(quotes.filter((quote) => !source.includes(quote))).toEqual([])
})

test('a metric that does not exist is found', () => {
  expect(selectors('rate(bridge_no_such_total{flow="x"}[5m])').filter(({ name }) => !metrics.has(name))).toHaveLength(1)
  expect(new Registry().getMetricsAsArray()).toEqual([])
})

interface AlertCases {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[]
    readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[]
  }[]
}

test('every alert has a case in which it fires', () => {
  const files = ['alerts-test.yaml', 'alerts-fire-test.yaml'].map((file) => readFileSync(`deploy/prometheus/${file}`, 'utf8'))
  const cases = files.flatMap((file) => (parse(file) as AlertCases).tests)
  const byRule = cases.flatMap((each) => each.alert_rule_test ?? []).filter((each) => each.exp_alerts.length > 0)
  const byQuery = cases.flatMap((each) => each.promql_expr_test ?? []).filter((each) => each.exp_samples.length > 0)
  const firing = [...byRule.map(({ alertname }) => alertname), ...byQuery.map(({ expr }) => /alertname="(\w+)"/.exec(expr)?.[1])]
  expect(rules.map(({ alert }) => alert).filter((alert) => !firing.includes(alert))).toEqual([])
})
