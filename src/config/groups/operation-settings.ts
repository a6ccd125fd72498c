import { listenAddress } from '../kinds/address-kinds.ts'
import { choice, duration } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** How the process is watched and ended. */
export const operationSettings = {
  title: 'Operation',
  settings: {
    healthListenAddress: setting(listenAddress(), {
      description: 'Where health, metrics and the schema registry are served, read-only.',
      default: ':9908',
      example: '127.0.0.1:9908',
    }),
    log_level: setting(choice('trace', 'debug', 'info', 'warn', 'error', 'fatal'), {
      description: 'Least level that is logged. SIGUSR2 changes it at run time: info, debug, trace, and again.',
      default: 'info',
    }),
    log_format: setting(choice('auto', 'json', 'pretty'), {
      description: 'Form of the log; `auto` is pretty in a terminal and JSON elsewhere.',
      default: 'auto',
    }),
    shutdown_deadline: setting(duration({ min: '1s' }), {
      description: 'An ordered stop takes at most this long.',
      default: '10s',
    }),
  },
}
