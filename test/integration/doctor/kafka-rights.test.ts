import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { createFakeHost } from '../../support/bridge/fake-host.ts'
import { type SecureBroker, startSecureBroker, USER } from '../../support/stack/secure-broker.ts'
import { diagnose, healthyEnvironment } from './set-up.ts'

let broker: SecureBroker

beforeAll(async () => {
  broker = await startSecureBroker()
})

afterAll(() => broker?.stop())

/** A bridge that logs in at a broker on which its user has no rights yet. The topics are made by the super user. */
async function environmentWithLogin(password = USER.password): Promise<Record<string, string>> {
  const environment: Record<string, string> = { ...(await healthyEnvironment()), KAFKA_BROKERS: broker.plain }
  const topics = createFakeHost(environment)
  expect({ code: await runProgram(['topics', 'create'], topics), err: topics.err() }).toEqual({ code: 0, err: '' })
  return {
    ...environment,
    KAFKA_BROKERS: broker.sasl,
    KAFKA_SSL_ENABLED: 'true',
    KAFKA_SSL_CA_FILE: broker.files.ca,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: USER.username,
    KAFKA_SASL_PASSWORD: password,
  }
}

test('missing rights are named, topic by topic, and nothing is complained of once they are granted', async () => {
  const environment = await environmentWithLogin()
  const { BRIDGE_ID: bridgeId, TOPIC_PREFIX: prefix } = environment
  const before = await diagnose(environment)
  expect(before.code).toBe(2)
  expect(before.complaints).toContain(`fail this user lacks Read, Write, Describe, DescribeConfigs on the topic ${prefix}p2p-events`)
  expect(before.complaints).toContain(`fail this user lacks Read, Describe on the group ${bridgeId}.log`)
  const prefixed = ['--resource-pattern-type', 'prefixed']
  const operations = ['Read', 'Write', 'Describe', 'DescribeConfigs'].flatMap((operation) => ['--operation', operation])
  await broker.allow([...operations, '--topic', `${prefix}`, ...prefixed])
  await broker.allow(['--operation', 'Read', '--operation', 'Describe', '--group', `${bridgeId}.`, ...prefixed])
  expect(await diagnose(environment)).toMatchObject({ code: 0, complaints: '' })
})

test('a wrong password is told apart from a broker that is away, and is not shown', async () => {
  const { code, complaints } = await diagnose(await environmentWithLogin('wrong-secret'))
  expect(code).toBe(2)
  expect(complaints).toMatch(/does not accept user, password or certificate .* correct kafka_sasl_/)
  expect(complaints).not.toContain('wrong-secret')
})
