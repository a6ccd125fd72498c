import { pino } from 'pino'

/** For parts of the bridge in a bench program: logs only errors, which break a run. */
export const quietLog = pino({ level: 'error' }, pino.destination(2))
