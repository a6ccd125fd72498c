/**
 * Shows items as children of `parent`, one for each key. A child stays while its item does, so focus and selection survive an update;
 * it moves only when the order has changed.
 */
export function createKeyedList(parent, { keyOf, make, update }) {
  const children = new Map()
  return {
    show(items) {
      const kept = new Set(items.map(keyOf))
      for (const [key, { node }] of children)
        if (!kept.has(key)) {
          node.remove()
          children.delete(key)
        }
      for (const [at, item] of items.entries()) {
        const key = keyOf(item)
        if (!children.has(key)) children.set(key, make(item))
        const child = children.get(key)
        update(child, item)
        if (parent.children[at] !== child.node) parent.insertBefore(child.node, parent.children[at] ?? null)
      }
    },
    /** Calls back with each child that is shown. */
    each(visit) {
      for (const child of children.values()) visit(child)
    },
  }
}
