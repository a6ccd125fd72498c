import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { HeapGrowth } from './heap-growth.ts'
import { YoungGeneration } from './young-generation.ts'

const BYTES_PER_MB = 1 << 20

/** Keeps the heap of this process small, where V8 would use a machine's memory because it is there. Both rules follow V8's own collections. */
export function limitHeap(): void {
  const old = new HeapGrowth((percent) => setFlagsFromString(`--heap-growing-percent=${percent}`))
  const young = new YoungGeneration((factor) => setFlagsFromString(`--semi-space-growth-factor=${factor}`))
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { startTime } = entry
      const kind = kindOf(entry)
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) old.collected(startTime)
      else if (kind === constants.NODE_PERFORMANCE_GC_MINOR) young.collected(startTime, youngMegabytes())
    }
  }).observe({ entryTypes: ['gc'] })
}

function kindOf(entry: PerformanceEntry & { readonly detail?: { readonly kind?: number } }): number | undefined {
  return entry.detail?.kind
}

function youngMegabytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  return (space?.space_size ?? 0) / BYTES_PER_MB
}
