import { byId, element, setText } from '../dom/element.js'
import { agoText, shortPeer, visible } from '../dom/format.js'
import { createKeyedList } from '../dom/keyed-list.js'

/** The instances of the bridge, the own one first. */
export class InstancesView {
  #list = createKeyedList(byId('instances'), { keyOf: ({ instanceId }) => instanceId, make, update })

  draw({ instances, isPrimary, roles }) {
    const sorted = [...instances].sort((one, other) => Number(other.isOwn) - Number(one.isOwn))
    this.#list.show(
      sorted.map((instance) => ({
        ...instance,
        isPrimary: instance.isOwn && isPrimary === true,
        isStarting: instance.isOwn && roles.includes('relay'),
      })),
    )
  }

  tick(now) {
    this.#list.each(({ heard, heardAt }) => setText(heard, heardAt === null ? 'starting' : `heard ${agoText(now - heardAt)}`))
  }
}

function make({ instanceId, isOwn }) {
  const [version, peer, heard, primary] = ['instance-version', 'instance-peer', 'instance-heard', 'chip'].map((className) =>
    element('span', { className }),
  )
  const name = element('bdi', { className: 'instance-name', text: visible(instanceId), title: visible(instanceId) })
  const own = isOwn ? [element('span', { className: 'chip', text: 'this one' })] : []
  const node = element('li', { className: 'instance' }, [
    element('span', { className: 'instance-line' }, [name, ...own, primary]),
    element('span', { className: 'instance-line muted' }, [version, peer, heard]),
  ])
  return { node, version, peer, heard, primary, heardAt: null }
}

function update(child, { version, peerId, heardAt, isPrimary, isStarting }) {
  child.heardAt = heardAt === null ? null : Date.parse(heardAt)
  setText(child.version, visible(version))
  setText(child.peer, peerId === null ? (isStarting ? 'no peer id yet' : 'for browsers only') : visible(shortPeer(peerId)))
  child.peer.title = visible(peerId)
  setText(child.primary, isPrimary ? 'primary' : '')
  child.primary.hidden = !isPrimary
}
