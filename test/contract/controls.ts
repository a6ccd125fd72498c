import type { Patch } from './harness/patched-build.ts'

/** A protection, taken out of a copy of the build; the fault that then does harm; and the harm. */
export interface Control {
  readonly protection: string
  readonly patches: readonly Patch[]
  readonly fault: string
  readonly harm: RegExp
}

const FIRST_OCCURRENCE = 'log/first-occurrence.js'

export const CONTROLS: readonly Control[] = [
  {
    protection: 'readers take the first occurrence of an event',
    patches: [
      { file: FIRST_OCCURRENCE, replace: 'return seen === undefined;', by: 'return true;' },
      { file: FIRST_OCCURRENCE, replace: 'return offset === seen.first;', by: 'return true;' },
    ],
    fault: 'strangers write copies into the log',
    harm: /^\d+ repeats to a live browser/,
  },
  {
    protection: 'others write what the holder does not',
    patches: [
      {
        file: 'log/log-writer.js',
        replace: 'if (isHolder || this.#writeAll || this.#ring.age(entry)',
        by: 'if (isHolder || this.#writeAll || -1',
      },
    ],
    fault: 'SIGKILL of the holder',
    harm: /^\d+ ms of pause of the log/,
  },
  {
    protection: 'the offset of the log moves after the effect',
    patches: [
      {
        file: 'log/committed-follower.js',
        replace: 'await unlessAborted(Promise.all(records.map((record) => this.#deps.handle(record))), signal);',
        // The time between the two is stretched, so that the kill falls into it every time and not once in a hundred.
        by: `await this.#deps.commit(last.offset + 1n);
          await new Promise((resolve) => setTimeout(resolve, 1000));
          await unlessAborted(Promise.all(records.map((record) => this.#deps.handle(record))), signal);`,
      },
    ],
    fault: 'SIGKILL of the holder',
    harm: /^\d+ missing in blocks and subtrees/,
  },
]
