import { pino } from 'pino'

/** For parts of the bridge that a bench program is made of: only what breaks a run is worth a line. */
export const quietLog = pino({ level: 'error' }, pino.destination(2))
