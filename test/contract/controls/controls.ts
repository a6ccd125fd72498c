import type { Patch } from '../harness/patched-build.ts'

/** A protection, taken out of a copy of the build; the fault that then does harm; and the harm. */
export interface Control {
  readonly protection: string
  readonly patches: readonly Patch[]
  readonly fault: string
  readonly harm: RegExp
}

const FIRST_OCCURRENCE = 'events/reading/first-occurrence.ts'
const LANE = 'kafka/producer/lane.ts'

export const CONTROLS: readonly Control[] = [
  {
    protection: 'readers take the first occurrence of an event',
    patches: [
      { file: FIRST_OCCURRENCE, replace: 'return isFirst', by: 'return true' },
      { file: FIRST_OCCURRENCE, replace: 'return offset === first', by: 'return true' },
    ],
    fault: 'strangers write copies into the log',
    harm: /^\d+ repeats to a live browser/,
  },
  {
    protection: 'others write what the primary does not',
    patches: [
      {
        file: 'events/writing/turns.ts',
        replace: 'this.#deps.rank(entry.id)',
        by: '(this.#wasPrimary ? 1 : Number.POSITIVE_INFINITY)',
      },
    ],
    fault: 'SIGKILL of the primary',
    harm: /^\d+ ms of pause of the log/,
  },
  {
    protection: 'the offset of the event log moves after the effect',
    patches: [
      {
        file: 'events/following/committed-follower.ts',
        replace: 'await unlessAborted(Promise.all(records.map((record) => this.#effects.of(record))), signal)',
        // The effects of a chunk come after the commit of the next one, so there is no moment in which the kill loses nothing. And a
        // chunk takes half of the time that is judged before the fault, so what is lost was sent in it.
        by: `if (last) {
            await this.#deps.commit({ next: last.offset + 1n, fingerprint: '' });
            this.#commits.committed = last.offset + 1n;
          }
          await new Promise((resolve) => setTimeout(resolve, 1000));
          const late = this.late ?? [];
          this.late = records;
          await unlessAborted(Promise.all(late.map((record) => this.#effects.of(record))), signal);`,
      },
      {
        // The commit after the effect would be on its way together with that before the next one, and could arrive behind it.
        file: 'events/following/committed-follower.ts',
        replace: 'this.#commits.push({ next, fingerprint: this.#fingerprint }, { isUrgent })',
        by: '',
      },
    ],
    fault: 'SIGKILL of the primary',
    harm: /^\d+ missing in blocks and subtrees/,
  },
  {
    protection: 'the offset of an in-topic moves after the effect',
    patches: [
      {
        file: 'kafka/group/partition-worker.ts',
        replace: 'this.#settle(entry, await this.#process(entry))',
        // Stretched as well: node A says five things a second.
        by: `this.#settle(entry, 'handled');
            await new Promise((resolve) => setTimeout(resolve, 3000));
            await this.#process(entry);`,
      },
    ],
    fault: 'SIGKILL of all instances at once',
    harm: /^\d+ own announcements missing in the log/,
  },
  {
    protection: 'each partition has a lane of its own',
    patches: [
      {
        file: LANE,
        replace: 'await this.#deliver(this.#takeBatch())',
        by: `{
          const batch = this.#takeBatch();
          const mine = (globalThis.oneSend ?? Promise.resolve()).then(() => this.#deliver(batch));
          globalThis.oneSend = mine;
          await mine;
        }`,
      },
    ],
    fault: 'no dead-letter topic, 8 s, and bad records',
    harm: /^\d+ ms of pause of the log/,
  },
  {
    protection: 'the same batch is sent until it is acknowledged',
    patches: [
      {
        file: LANE,
        replace: 'this.#acknowledge(batch, written.firstOffset, startedAt)',
        by: `;(globalThis.startedLanes ??= new WeakSet()).add(this);
            this.#acknowledge(batch, written.firstOffset, startedAt);`,
      },
      {
        file: LANE,
        replace: 'metrics.laneRetries.inc(',
        // From the first acknowledged batch on, since a cluster that starts refuses a few.
        by: `if (globalThis.startedLanes?.has(this)) {
                for (const entry of batch) entry.reject(error);
                return;
            }
            metrics.laneRetries.inc(`,
      },
    ],
    fault: "SIGKILL of the leader's broker",
    harm: /^\d+ (own announcements )?missing in/,
  },
  {
    protection: 'the tail of the log is no consumer group',
    patches: [{ file: 'kafka/reader/tail.ts', module: 'throw-away-tail.js' }],
    // A frozen leader does it no harm any more, since the patches of kafkajs have every group look for another one.
    fault: "SIGKILL of the coordinator's broker",
    harm: /^\d+ ms of pause of the browsers/,
  },
]
