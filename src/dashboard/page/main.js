import { Connection } from './data/connection.js'
import { Store } from './data/store.js'
import { whyNotOpen } from './data/why-not-open.js'
import { byId, setText } from './dom/element.js'
import { shortPeer, visible } from './dom/format.js'
import { StatusView } from './status/status-view.js'
import { Announcer } from './views/announcer.js'
import { ChainView } from './views/chain-view.js'
import { FeedView } from './views/feed-view.js'
import { hasClockTimes, keepFilters, readFilters } from './views/filters.js'
import { startTabs } from './views/tabs.js'
import { startTheme } from './views/theme.js'
import { TilesView } from './views/tiles-view.js'

const store = new Store()
const announcer = new Announcer()
const chain = new ChainView()
const filters = readFilters()
const tiles = new TilesView(filters.without, () => filtered())
const feed = new FeedView(store, isShown, serverNow)
/** The server's clock minus ours: ages are right even where this machine's clock is wrong. */
let clockOffsetMs = 0
let hello = null
let retryAt = 0

function serverNow() {
  return Date.now() + clockOffsetMs
}

function isShown(entry) {
  if (entry.gap) return true
  const origin = byId('origin').value
  const search = byId('search').value.trim().toLowerCase()
  const { data } = entry.frame
  return tiles.shows(data.type) && (origin === '' || data.origin === origin) && (search === '' || entry.text.includes(search))
}

function filtered() {
  keepFilters(tiles.hidden())
  feed.redraw()
}

const STATES = {
  connecting: () => 'Connecting',
  'catching-up': () => 'Catching up',
  live: () => 'Live',
  waiting: () => (retryAt - Date.now() > 1000 ? `Reconnecting in ${Math.ceil((retryAt - Date.now()) / 1000)} s` : 'Reconnecting'),
}
const SAID = { live: 'Live: events arrive as they happen.', waiting: 'Connection lost; reconnecting.' }

let state = 'connecting'
let isExplained = false

function onState(next, waitMs) {
  retryAt = Date.now() + waitMs
  if (next !== state && SAID[next]) announcer.say(SAID[next])
  state = next
  if (next === 'live' && isExplained) {
    isExplained = false
    notify('')
  }
  announcer.replaying(next !== 'live')
  byId('connection').dataset.state = next
  setText(byId('connection-text'), STATES[next]())
}

function onHello(frame) {
  clockOffsetMs = frame.time - Date.now()
  store.start(frame.time)
  if (hello && (hello.bridgeId !== frame.bridgeId || hello.network !== frame.network)) {
    store.clear()
    feed.redraw()
    connection.forget()
    notify('The server is now another bridge; the earlier events have been cleared.')
  } else if (hello && hello.server !== frame.server) notify('The bridge was updated; reload the page to get its new dashboard.')
  hello = frame
  const name = visible(frame.clientName || frame.bridgeId)
  document.title = `${name} · gossip-bridge`
  setText(byId('node-name'), name)
  show('network', visible(frame.network))
  show('own-peer', frame.peerId ? `peer ${visible(shortPeer(frame.peerId))}` : '')
  byId('own-peer').title = visible(frame.peerId)
  setText(byId('server'), visible(frame.server))
}

function show(id, text) {
  byId(id).hidden = text === ''
  setText(byId(id), text)
}

function notify(sentence) {
  show('notice', sentence)
}

/** Says why there is no connection; gone when there is one. */
function explain(sentence) {
  if (state === 'live') return
  isExplained = sentence !== ''
  if (isExplained) notify(sentence)
}

const connection = new Connection(socketUrl(), {
  state: onState,
  unopened: () => void whyNotOpen(new URL('p2p-ws', location.href)).then(explain),
  hello: onHello,
  earlierBlock: (frame) => store.addBlock(frame),
  event(frame) {
    const kinds = store.seenTypes.size
    const entry = store.add(frame)
    if (!entry) return
    if (store.seenTypes.size > kinds) tiles.draw(store, serverNow())
    announcer.event(frame)
    feed.add(entry)
  },
  gap: (frame) => feed.add(store.addGap(frame)),
})

const status = new StatusView(location.href, (sentence) => announcer.say(sentence))

/** Relative to the page, so that a reverse proxy may serve both under a path of its own. */
function socketUrl() {
  const url = new URL('p2p-ws', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  return url.href
}

function tick() {
  const now = serverNow()
  chain.draw(store, now)
  tiles.draw(store, now)
  feed.tick()
  status.tick()
  setText(byId('connection-text'), STATES[state]())
  setText(byId('clock'), new Date(now).toISOString().slice(0, 19).replace('T', ' ').concat(' UTC'))
}

startTheme()
startTabs((view) => status.open(view === 'status'))
byId('search').addEventListener('input', filtered)
byId('origin').addEventListener('change', filtered)
byId('times').addEventListener('click', () => {
  byId('times').setAttribute('aria-pressed', String(!hasClockTimes()))
  keepFilters(tiles.hidden())
  feed.showClockTimes(hasClockTimes())
})
feed.showClockTimes(filters.hasClockTimes)
setInterval(tick, 1000)
// A new block should not wait for the next second.
setInterval(() => chain.draw(store, serverNow()), 200)
feed.redraw()
connection.open()
