import { httpUrl, listenAddress } from '../kinds/address-kinds.ts'
import { httpHeaders } from '../kinds/header-kinds.ts'
import { choice, duration, share } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** Health, log, traces and shutdown of the process. */
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
    otlp_endpoint: setting(httpUrl(), {
      description:
        'Base URL of an OpenTelemetry collector to which spans are sent (OTLP over HTTP, JSON; `/v1/traces` is added). Empty: nothing is traced; trace contexts in the headers of records are passed on all the same.',
      default: '',
      example: 'http://localhost:4318',
      secret: 'password',
    }),
    otlp_headers: setting(httpHeaders(), {
      description: 'HTTP headers for the collector, such as its key: `name=value`, separated by commas, with `%2C` for a comma.',
      default: '',
      secret: 'value',
    }),
    otlp_sampling_ratio: setting(share(), {
      description:
        'Share of the traces that begin at the bridge and are recorded. A record that carries a trace context keeps its decision.',
      default: '1',
    }),
    shutdown_deadline: setting(duration({ min: '1s' }), {
      description: 'Time limit of a graceful shutdown.',
      default: '10s',
    }),
  },
}
