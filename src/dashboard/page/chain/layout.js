import { Ancestry } from '../data/ancestry.js'

/**
 * Where each block stands in a picture of the chain: `{ rows: [{ height, cells: [{ block, lane }] }], links: [{ from, to, isKnown }], lanes }`.
 * Rows are heights, the highest first, and at most `most`. Lane 0 is the chain of the tip, forks are beside it. Blocks whose links nobody
 * has told are put in lane 0 where they are the only proven block of their height: then the link is not known.
 */
export function layOut(blocks, most) {
  const main = new Set(blocks.tip ? new Ancestry(blocks.tip, { get: (hash) => blocks.get(hash) }).blocks : [])
  const heights = groupByHeight(blocks.all).slice(0, most)
  const laneOf = new Map()
  // From below, so that a block finds the lane of the one before it.
  for (const { blocks: level } of [...heights].reverse()) placeLevel(level, { main, laneOf, blocks })
  const rows = heights.map(({ height, blocks: level }) => ({
    height,
    cells: level.map((block) => ({ block, lane: laneOf.get(block) })).sort((a, b) => a.lane - b.lane),
  }))
  return { rows, links: linksOf(rows, blocks), lanes: 1 + Math.max(0, ...laneOf.values()) }
}

function groupByHeight(all) {
  const levels = []
  for (const block of all) {
    const last = levels[levels.length - 1]
    if (last?.height === block.height) last.blocks.push(block)
    else levels.push({ height: block.height, blocks: [block] })
  }
  return levels
}

function placeLevel(level, { main, laneOf, blocks }) {
  const taken = new Set()
  const place = (block, lane) => {
    laneOf.set(block, lane)
    taken.add(lane)
  }
  const first = level.find((block) => main.has(block)) ?? onlyProven(level)
  if (first) place(first, 0)
  for (const block of level) {
    if (block === first) continue
    const inherited = laneOf.get(blocks.get(block.previous)) ?? 0
    let lane = inherited > 0 && !taken.has(inherited) ? inherited : 1
    while (taken.has(lane)) lane += 1
    place(block, lane)
  }
}

function onlyProven(level) {
  const proven = level.filter(({ isProven, isLeft }) => isProven && !isLeft)
  return proven.length === 1 ? proven[0] : undefined
}

/** Lines between blocks, by row and lane. */
function linksOf(rows, blocks) {
  const places = new Map(rows.flatMap(({ cells }, row) => cells.map(({ block, lane }) => [block.hash, { row, lane }])))
  const links = []
  for (const [row, { height, cells }] of rows.entries()) {
    for (const { block, lane } of cells) {
      const to = places.get(block.previous)
      const below = rows[row + 1]
      if (to) links.push({ from: { row, lane }, to, isKnown: true })
      else if (lane === 0 && !blocks.get(block.previous) && below?.height === height - 1 && below.cells[0].lane === 0)
        links.push({ from: { row, lane }, to: { row: row + 1, lane: 0 }, isKnown: false })
    }
  }
  return links
}
