import { byId, element, setText } from '../dom/element.js'
import { compact, visible } from '../dom/format.js'
import { createKeyedList } from '../dom/keyed-list.js'
import { note } from './note.js'

/** The records that each group has yet to read of a topic, with a bar. The scale is at least ten, so that one record is no alarm. */
export class LagsView {
  #list = createKeyedList(byId('lags'), { keyOf: ({ group, topic }) => `${group} ${topic}`, make, update })

  draw({ kafka, view, roles, ready }) {
    const lags = kafka?.lags ?? []
    const longest = Math.max(10, ...lags.map(({ records }) => records))
    this.#list.show(lags.map((lag) => ({ ...lag, share: lag.records / longest })))
    note('kafka-note', lags.length > 0 ? '' : emptyText({ view, roles, ready }))
  }
}

function emptyText({ view, roles, ready }) {
  if (view === 'summary') return 'Topics are shown on the bridge’s own host only (setting dashboard_status).'
  if (!roles.includes('relay')) return 'This instance reads for browsers only; an instance with the role relay knows the groups.'
  if (!ready) return 'Not known while the groups have not begun to read.'
  return 'This instance reads no partition now: others of the bridge do.'
}

function make({ group, topic }) {
  const records = element('span', { className: 'lag-records' })
  const bar = element('span', { className: 'lag-bar', 'aria-hidden': 'true' }, [element('span', { className: 'lag-fill' })])
  const node = element('li', { className: 'lag' }, [
    element('bdi', { className: 'lag-topic', text: visible(topic), title: visible(topic) }),
    element('bdi', { className: 'lag-group', text: visible(group), title: `group ${visible(group)}` }),
    records,
    bar,
  ])
  return { node, records, fill: bar.firstElementChild }
}

function update({ records, fill }, lag) {
  setText(records, compact(lag.records))
  fill.style.transform = `scaleX(${lag.share.toFixed(3)})`
}
