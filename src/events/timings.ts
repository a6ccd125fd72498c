/**
 * The timings that depend on each other, in milliseconds. The first four are chosen; the others follow from them.
 *
 * A turn is long compared with the time of a record through Kafka (10 to 100 ms), so that the others see the primary's write in their
 * tail before their own turn comes. It is short compared with a session timeout (6 s), so that a dead primary costs a pause of half a
 * second.
 */
export const TURN_MS = 500

/** Instances after the third one write in the third turn too: with more turns a dead instance would add a second of latency. */
export const TURNS = 3

/** The step of all waits: longer than a healthy broker takes, short compared with a turn. */
export const STEP_MS = TURN_MS / 5

/** How often each instance writes its own record. */
export const INSTANCE_RECORD_EVERY_MS = 60_000

/** How often the writer checks which announcements are due. */
export const TICK_MS = STEP_MS / 5

/** A write without an answer for longer than this means that nobody's writes are acknowledged, not even the primary's. */
export const HELD_UP_AFTER_MS = STEP_MS

/** Waiting time is counted in steps of at most this, so that not every announcement is due when a frozen process wakes up. */
export const LONGEST_AGE_STEP_MS = STEP_MS

/** Pause before a failed write is repeated. */
export const RETRY_MS = STEP_MS

/** A batch whose acknowledgement took longer than two turns: others may have written the same announcements meanwhile. */
export const SLOW_ACK_MS = 2 * TURN_MS

/** A tail whose last answer from the end was requested longer ago than this is not live: it may miss writes of others in their turns. */
export const LIVE_MS = 2 * TURN_MS

/** How long a stop waits for the pending announcements: by then the last turn has come, and one step more has passed. */
export const DRAIN_MS = TURNS * TURN_MS + STEP_MS

/** How long to wait for an acknowledged batch to appear in the own tail. */
export const LONGEST_ECHO_MS = 30 * SLOW_ACK_MS

/** How long a process that starts waits for the record of an earlier process with its instance id: two turns, so a live tail has read it. */
export const INSTANCE_RECORD_ANSWER_MS = 2 * TURN_MS

/** How long an instance counts as alive after its last record: one record may be lost. */
export const INSTANCE_RECORD_LIFETIME_MS = 2.5 * INSTANCE_RECORD_EVERY_MS
