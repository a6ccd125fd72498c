import { byId, element, setText } from '../dom/element.js'
import { ageText, agoText, count, fullTime, visible } from '../dom/format.js'
import { createKeyedList } from '../dom/keyed-list.js'
import { createEvidence } from './evidence.js'
import { note } from './note.js'

/** How long a button waits for its second click. */
const SURE_MS = 4000

/** The bans in force, newest first. Each can be lifted where the bridge takes changes. */
export class BansView {
  #list
  #mayLift = false

  constructor(onLift) {
    this.#list = createKeyedList(byId('bans'), { keyOf: ({ key }) => key, make: (ban) => make(ban, onLift), update })
  }

  draw({ bans, view, mayChange, roles }) {
    const list = bans?.list ?? []
    this.#mayLift = mayChange && view === 'full'
    byId('bans-table').hidden = list.length === 0
    byId('bans-action').hidden = !this.#mayLift
    note('bans-note', noteOn(bans, view, roles))
    this.#list.show(list.map((ban) => ({ ...ban, mayLift: this.#mayLift })))
  }

  tick(now) {
    this.#list.each(({ until, since, ban }) => {
      setText(until, ban.until === null ? 'for good' : `in ${ageText(Date.parse(ban.until) - now)}`)
      setText(since, agoText(now - Date.parse(ban.since)))
    })
  }
}

function noteOn(bans, view, roles) {
  if (!bans) return roles.includes('relay') ? 'The bans are not known yet: the bridge starts.' : NO_RELAY
  if (view === 'summary') return `${count(bans.total, 'ban is', 'bans are')} in force. ${HIDDEN}`
  if (bans.total === 0) return 'Nobody is banned.'
  return bans.total > bans.list.length ? `The newest ${bans.list.length} of ${bans.total}.` : ''
}

const NO_RELAY = 'This instance keeps no bans, since its roles lack relay. The page of an instance with that role shows them.'
const HIDDEN = 'They are listed on the bridge’s own host only (setting dashboard_status).'

/** The door by which a ban came, from its cause: `ban-commands:0:4`, `http:…`, `score:…`. */
const DOORS = { http: 'admin API', grpc: 'gRPC', cli: 'command line', dashboard: 'dashboard', score: 'score' }

function doorOf(cause) {
  const [door = ''] = cause.split(':')
  return DOORS[door] ?? 'command'
}

function make(ban, onLift) {
  const key = element('bdi', { className: 'ban-key', text: visible(ban.key), title: visible(ban.key) })
  const cell = (name, className) => element('td', { className, 'data-name': name })
  const [reason, until, since, by] = [cell('Why', 'ban-why'), cell('Until', ''), cell('Since', ''), cell('By', '')]
  const why = element('bdi', {})
  const evidence = createEvidence()
  reason.append(why, evidence.node)
  const lift = element('button', { type: 'button', className: 'plain small', text: 'Lift' })
  lift.addEventListener('click', () => {
    if (isSure(lift)) void onLift(ban.key)
  })
  const action = element('td', { className: 'action' }, [lift])
  const node = element('tr', {}, [element('th', { scope: 'row', className: 'row-head' }, [key]), reason, until, since, by, action])
  return { node, why, evidence, until, since, by, action, lift, ban }
}

function update(child, ban) {
  child.ban = ban
  setText(child.why, visible(ban.reason) || 'no reason given')
  child.evidence.draw(ban.evidence)
  child.until.title = ban.until === null ? '' : fullTime(Date.parse(ban.until))
  child.since.title = fullTime(Date.parse(ban.since))
  setText(child.by, doorOf(ban.cause))
  child.by.title = visible(ban.cause)
  child.action.hidden = !ban.mayLift
  child.lift.setAttribute('aria-label', `Lift the ban of ${visible(ban.key)}`)
}

/** A ban is lifted with the second click, because the list moves under the pointer. */
function isSure(button) {
  if (button.dataset.sure) return true
  button.dataset.sure = 'asked'
  setText(button, 'Sure?')
  setTimeout(() => {
    delete button.dataset.sure
    setText(button, 'Lift')
  }, SURE_MS)
  return false
}
