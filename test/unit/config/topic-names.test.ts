import { expect, test } from 'vitest'
import { registeredRoles } from '../../../src/config/topic-names.ts'
import { VALUE_ROLES } from '../../../src/messages/topics.ts'
import { settingsOf } from '../../support/bridge/settings.ts'

test('a registry has schemas of all topics but those that the bridge writes in Protobuf', () => {
  expect(registeredRoles(settingsOf())).toEqual(VALUE_ROLES)
  const encodings = { ENCODING_BLOCKS: 'protobuf', ENCODING_SUBTREES: 'json', ENCODING_REJECTED_TX: 'protobuf' }
  const roles = registeredRoles(settingsOf(encodings))
  expect(VALUE_ROLES.filter((role) => !roles.includes(role))).toEqual(['blocks'])
})
