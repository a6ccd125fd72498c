import { byId, element, setText } from '../dom/element.js'
import { ageText, agoText, visible } from '../dom/format.js'
import { BanForm } from './ban-form.js'
import { BansView } from './bans-view.js'
import { FiguresView } from './figures-view.js'
import { InstancesView } from './instances-view.js'
import { LagsView } from './lags-view.js'
import { PartsView } from './parts-view.js'
import { PeersView } from './peers-view.js'
import { StatusPoll } from './status-poll.js'
import { verdictOf } from './verdict.js'

/** An answer comes every two seconds; what is older than this is said to be old. */
const STALE_MS = 7000
const WORDS = { good: 'well', warn: 'running, with remarks', bad: 'not ready', unknown: 'unknown' }

/** How the bridge is, as the instance that serves the page sees it. */
export class StatusView {
  #form
  #parts = new PartsView()
  #figures = new FiguresView()
  #instances = new InstancesView()
  #lags = new LagsView()
  #peers = new PeersView((peerId) => this.#form.begin(peerId))
  #bans = new BansView((key) => this.#form.lift(key))
  #poll
  #say
  #status = null
  #health = 'unknown'
  /** When the last status came, by our own steady clock, and the bridge's time then. */
  #cameAt = 0
  #bridgeTime = 0
  #failure = ''

  constructor(baseUrl, say) {
    this.#say = say
    this.#poll = new StatusPoll(new URL('v1/status', baseUrl), {
      status: (status) => this.#came(status),
      failure: (sentence, isOff) => this.#failed(sentence, isOff),
    })
    this.#form = new BanForm(baseUrl, () => void this.#poll.now())
  }

  open(isOpen) {
    this.#poll.view(isOpen)
  }

  /** Ages go on; called once a second. */
  tick() {
    if (this.#status) {
      const sinceMs = performance.now() - this.#cameAt
      const now = this.#bridgeTime + sinceMs
      for (const view of [this.#instances, this.#peers, this.#bans]) view.tick(now)
      setText(byId('verdict-facts'), factsText(this.#status, sinceMs))
    }
    this.#drawNote()
  }

  #came(status) {
    this.#status = status
    this.#failure = ''
    this.#cameAt = performance.now()
    this.#bridgeTime = Date.parse(status.time)
    this.#drawVerdict(verdictOf(status))
    for (const view of [this.#parts, this.#figures, this.#instances, this.#lags, this.#peers, this.#bans]) view.draw(status)
    this.#form.show(status.mayChange && status.view === 'full')
    this.tick()
  }

  #failed(sentence, isOff) {
    this.#failure = sentence
    if (isOff || !this.#status) {
      this.#status = null
      this.#drawVerdict({ health: 'unknown', title: isOff ? 'No status here' : 'The bridge does not tell its status', reasons: [] })
      setText(byId('verdict-facts'), '')
    }
    byId('view-status').dataset.empty = String(!this.#status)
    this.#drawNote()
  }

  #drawVerdict({ health, title, reasons }) {
    byId('view-status').dataset.empty = String(!this.#status)
    byId('verdict').dataset.health = health
    setText(byId('verdict-title'), title)
    const list = byId('verdict-reasons')
    const said = reasons.map(({ subject, text }) => `${subject} ${text}`).join('\n')
    if (list.dataset.said !== said) {
      list.dataset.said = said
      list.replaceChildren(
        ...reasons.map(({ subject, text }) =>
          element('li', {}, [element('strong', { text: visible(subject) }), element('span', { text: visible(text) })]),
        ),
      )
    }
    this.#drawLamp(health)
  }

  #drawLamp(health) {
    byId('tab-lamp').dataset.health = health
    setText(byId('tab-health'), ` (${WORDS[health]})`)
    if (health !== this.#health && this.#health !== 'unknown') this.#say(`The bridge is ${WORDS[health]}.`)
    this.#health = health
  }

  #drawNote() {
    const ageMs = this.#status ? performance.now() - this.#cameAt : 0
    const isStale = this.#status !== null && this.#failure !== '' && ageMs > STALE_MS
    byId('view-status').dataset.stale = String(isStale)
    if (isStale) {
      byId('verdict').dataset.health = 'unknown'
      setText(byId('verdict-title'), 'No answer from the bridge')
      this.#drawLamp('unknown')
    }
    const old = isStale ? `What you see is from ${agoText(ageMs)}. ` : ''
    byId('verdict-note').hidden = this.#failure === '' || (this.#status !== null && !isStale)
    setText(byId('verdict-note'), `${old}${this.#failure}`)
  }
}

function factsText({ version, instanceId, uptimeSeconds, isPrimary, kafka, network, view }, sinceMs) {
  const facts = [
    `gossip-bridge ${visible(version)} on ${visible(network)}`,
    `as ${visible(instanceId)} sees it`,
    `up ${ageText(uptimeSeconds * 1000 + sinceMs)}`,
    isPrimary === null ? '' : isPrimary ? 'the primary' : 'not the primary',
    clockText(kafka?.clockAheadMs ?? null),
    view === 'summary' ? 'summary: addresses and reasons are shown on its own host only' : '',
  ]
  return facts.filter(Boolean).join(' · ')
}

function clockText(aheadMs) {
  if (aheadMs === null) return ''
  const off = Math.abs(aheadMs)
  const amount = off < 1000 ? `${off} ms` : `${(off / 1000).toFixed(1)} s`
  return off < 1 ? 'clock as the brokers’' : `clock ${amount} ${aheadMs > 0 ? 'ahead of' : 'behind'} the brokers`
}
