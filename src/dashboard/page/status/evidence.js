import { element } from '../dom/element.js'
import { visible } from '../dom/format.js'

/** The evidence of a ban, folded: a line for each field of the audit, and one for each offence. */
export function createEvidence() {
  const lines = element('ul', { className: 'evidence-lines' })
  const node = element('details', { className: 'evidence' }, [element('summary', { text: 'Evidence' }), lines])
  let drawn = null
  return {
    node,
    draw(evidence) {
      const said = linesOf(evidence ?? {})
      node.hidden = said.length === 0
      if (drawn === said.join()) return
      drawn = said.join()
      lines.replaceChildren(...said.map((text) => element('li', { text: visible(text) })))
    },
  }
}

function linesOf({ door: _said, ...evidence }) {
  return Object.entries(evidence).flatMap(([name, value]) => {
    if (value === null || value === undefined || value === '') return []
    if (Array.isArray(value)) return value.map(itemText)
    return [`${name}: ${itemText(value)}`]
  })
}

function itemText(value) {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, each]) => `${name} ${typeof each === 'object' ? JSON.stringify(each) : each}`)
    .join(' · ')
}
