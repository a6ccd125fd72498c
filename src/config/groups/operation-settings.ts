import { listenAddress } from '../kinds/address-kinds.ts'
import { choice, duration } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** Health, log and shutdown of the process. */
export const operationSettings = {
  title: 'Operation',
  settings: {
    healthListenAddress: setting(listenAddress(), {
      description: 'Listen address of health, metrics and the schema registry, all read-only.',
      default: ':9908',
      example: '127.0.0.1:9908',
    }),
    log_level: setting(choice('trace', 'debug', 'info', 'warn', 'error', 'fatal'), {
      description: 'Minimum log level. Each SIGUSR2 changes it at run time: info, debug, trace, then info again.',
      default: 'info',
      isReloaded: true,
    }),
    log_format: setting(choice('auto', 'json', 'pretty'), {
      description: 'Format of the log; `auto` is pretty in a terminal and JSON elsewhere.',
      default: 'auto',
    }),
    shutdown_deadline: setting(duration({ min: '1s' }), {
      description: 'Time limit of a graceful shutdown.',
      default: '10s',
    }),
  },
}
