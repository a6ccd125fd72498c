import { ChainView } from './chain/chain-view.js'
import { ChartsView } from './charts/charts-view.js'
import { Access } from './data/access.js'
import { Connection } from './data/connection.js'
import { entryOf } from './data/entry.js'
import { Store } from './data/store.js'
import { DetailDialog } from './detail/detail-dialog.js'
import { DetailView } from './detail/detail-view.js'
import { byId, setText } from './dom/element.js'
import { findEvent } from './past/find-event.js'
import { Past } from './past/past.js'
import { PastView } from './past/past-view.js'
import { Announcer } from './shell/announcer.js'
import { ConnectionLine } from './shell/connection-line.js'
import { Identity } from './shell/identity.js'
import { startTabs } from './shell/tabs.js'
import { startTheme } from './shell/theme.js'
import { TokenForm } from './shell/token-form.js'
import { StatusView } from './status/status-view.js'
import { FeedView } from './views/feed-view.js'
import { Filters } from './views/filters.js'
import { TilesView } from './views/tiles-view.js'
import { TipView } from './views/tip-view.js'

/** Relative to the page, so that a reverse proxy may serve both under a path of its own. */
const access = new Access(new URL('p2p-ws', location.href).href)

const store = new Store()
const announcer = new Announcer()
const identity = new Identity()
const filters = new Filters({ past: () => past.asked })
const tiles = new TilesView(filters.without, () => filters.changed(tiles.hidden()))
const isShown = (entry) => entry.gap !== undefined || (tiles.shows(entry.frame.data.type) && filters.passes(entry))
const feed = new FeedView(store, isShown, () => identity.now())
const tip = new TipView()
const chain = new ChainView()
const charts = new ChartsView()
const status = new StatusView(location.href, (sentence) => announcer.say(sentence))
const line = new ConnectionLine(announcer)

const past = new Past(access, {
  changed() {
    pastView.draw()
    feed.show(past.asked ? past : null)
  },
})
const pastView = new PastView(past, {
  shownOf: () => ({ types: tiles.shownTypes(), origin: filters.origin }),
  on: {
    asked() {
      feed.show(past.asked ? past : null)
      filters.keep()
    },
  },
})

const connection = new Connection(access, {
  state: (state, waitMs) => line.state(state, waitMs),
  unopened: () => void explain(),
  hello(frame) {
    store.start(frame.time)
    if (!identity.hello(frame, (sentence) => line.notify(sentence))) return
    store.clear()
    pastView.go(null)
    connection.forget()
  },
  earlierBlock: (frame) => store.chain.add(frame),
  event(frame) {
    const kinds = store.seenTypes.size
    const entry = store.add(frame)
    if (!entry) return
    if (line.isLive) store.timed(frame, identity.now())
    if (store.seenTypes.size > kinds) tiles.draw(store, identity.now())
    announcer.event(frame)
    feed.add(entry)
  },
  gap: (frame) => feed.add(store.addGap(frame)),
})

const tokenForm = new TokenForm({
  given(token) {
    access.use(token)
    connection.open()
  },
})

async function explain() {
  const { needsToken, sentence } = await access.whyNot()
  line.explain(sentence)
  if (!needsToken) return
  connection.pause()
  tokenForm.show()
}

function loaded() {
  return [...store.entries, ...past.entries].filter(({ frame }) => frame)
}

const viewName = startTabs((view) => {
  chain.open(view === 'chain')
  charts.open(view === 'charts')
  status.open(view === 'status')
  draw()
})
const dialog = new DetailDialog({
  view: new DetailView({
    search(hash) {
      location.hash = '#events'
      pastView.go({ hash })
    },
  }),
  context: () => ({ others: loaded(), hello: identity.said }),
  find: (id) => loaded().find(({ frame }) => frame.id === id),
  async look(id, at) {
    const { frame, failure } = await findEvent({ access, id, at })
    return { entry: frame && entryOf(frame), failure: failure || undefined }
  },
  viewName,
})

function draw() {
  const now = identity.now()
  tip.draw(store, now)
  chain.draw(store, now)
  charts.draw(store, now)
}

function tick() {
  const now = identity.now()
  draw()
  tiles.draw(store, now)
  feed.tick()
  status.tick()
  line.tick()
  setText(byId('clock'), new Date(now).toISOString().slice(0, 19).replace('T', ' ').concat(' UTC'))
}

startTheme(() => charts.recolour())
filters.start({ redraw: () => feed.redraw(), times: (hasClockTimes) => feed.showClockTimes(hasClockTimes) })
setInterval(tick, 1000)
// A new block should not wait for the next second.
setInterval(() => tip.draw(store, identity.now()), 200)
feed.redraw()
if (filters.past) pastView.go(filters.past)
connection.open()
dialog.show()
