import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createAdminDesk } from '../../../src/app/admin/admin-desk.ts'
import { createWireFormats } from '../../../src/app/wire-formats.ts'
import { SETTING_NAMES, SETTINGS } from '../../../src/config/settings.ts'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Health } from '../../../src/lifecycle/health.ts'
import { Stops } from '../../../src/lifecycle/stops.ts'
import { readSchemas } from '../../../src/messages/codec/schemas.ts'
import { createKafkaMetrics } from '../../../src/telemetry/kafka-metrics.ts'
import { settingsOf } from '../../support/bridge/settings.ts'
import { fc } from '../../support/properties.ts'

const SECRET_NAMES = SETTING_NAMES.filter((name) => SETTINGS[name].secret !== undefined)

test('no secret of the settings is in the status, whoever asks for it', async () => {
  const log = pino({ enabled: false })
  const formats = createWireFormats(settingsOf(), { schemas: readSchemas() })
  const secrets = fc.array(fc.stringMatching(/^[A-Za-z0-9]{20,40}$/), { minLength: SECRET_NAMES.length, maxLength: SECRET_NAMES.length })
  await fc.assert(
    fc.asyncProperty(secrets, async (values) => {
      const secretSettings = Object.fromEntries(SECRET_NAMES.map((name, at) => [name, values[at]]))
      const settings = { ...settingsOf(), ...secretSettings, dashboard_status: 'full' as const, dashboard_admin: true }
      const registry = new Registry()
      const stops = new Stops({ clock: SYSTEM_CLOCK, log })
      const { door } = createAdminDesk(settings, {
        ...{ version: '1.2.3', formats, log, registry, stops },
        health: new Health({ clock: SYSTEM_CLOCK }),
        view: { instances: () => [] },
        kafkaMetrics: createKafkaMetrics(registry),
      })
      const request = { method: 'GET', target: '/v1/status', headers: {}, address: '127.0.0.1', readBody: async () => '' }
      const { status, text } = await door.respond(request)
      await stops.run(1000)
      expect(status).toBe(200)
      expect(values.filter((value) => text.includes(value))).toEqual([])
    }),
    { numRuns: 20 },
  )
})
