export interface FreezeWatch {
  /** True while a late answer may be our own fault, because this process was frozen a moment ago. */
  wasFrozen(): boolean
  stop(): void
}

const TICK_MS = 500
const FROZEN_AFTER_MS = 600
const REMEMBERED_MS = 3000

/** Detects that this process was frozen (a suspended container, a long pause) by the lateness of a timer. */
export function createFreezeWatch(now: () => number): FreezeWatch {
  let lastTick = now()
  let frozenUntil = 0
  const look = () => {
    const time = now()
    if (time - lastTick > TICK_MS + FROZEN_AFTER_MS) frozenUntil = time + REMEMBERED_MS
    lastTick = time
  }
  const timer = setInterval(look, TICK_MS)
  return {
    wasFrozen() {
      look() // after a thaw other timers may run before ours
      return now() < frozenUntil
    },
    stop: () => clearInterval(timer),
  }
}
