import type { Ban, BanChange } from '../../bans/ban.ts'
import type { BanCommand } from '../../bans/ban-command.ts'
import { parseBanKey } from '../../bans/ban-key.ts'
import { changeSentence } from '../../bans/text/change-sentence.ts'
import { timeOfText, timeText } from '../../lifecycle/time-text.ts'
import { badRequest, type Reply } from '../answers.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { AdminPorts } from '../ports.ts'
import type { AdminRequest, Route } from '../route.ts'

const KEY: JsonSchema = {
  type: 'string',
  description: 'IPv4 or IPv6 address, CIDR or peer id, in any usual spelling. The answer has the canonical one.',
  examples: ['203.0.113.7', '2001:db8::/32', '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK'],
  minLength: 1,
  maxLength: 128,
}
const REASON: JsonSchema = { type: 'string', description: 'Why, for the audit.', maxLength: 1024 }

const ADD: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['key'],
  properties: {
    key: KEY,
    durationSeconds: { type: 'integer', description: 'Length of the ban. Give at most one of durationSeconds, until and permanent.' },
    until: { type: 'string', format: 'date-time', description: 'End of the ban.' },
    permanent: { type: 'boolean', description: 'A ban without an end.' },
    reason: REASON,
  },
}

const DEFAULT_LIMIT = 1000
const MOST_PER_PAGE = 10_000

/** The ban list. */
export const BAN_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/bans',
    operation: 'listBans',
    summary: 'The bans in force, in the order of their keys',
    isChange: false,
    query: {
      limit: { type: 'integer', description: `Upper bound on the entries, 1 to ${MOST_PER_PAGE}; ${DEFAULT_LIMIT} by default.` },
      after: { type: 'string', description: 'Begin after this key: the `next` of the answer before.' },
    },
    answer: 'BanPage',
    handle: ({ query }, { bans }) => page(bans.list(), query),
  },
  {
    method: 'POST',
    path: '/v1/bans',
    operation: 'addBan',
    summary: 'Bans an address, CIDR or peer id; without an end for ban_default_duration',
    isChange: true,
    body: ADD,
    answer: 'BanChange',
    handle: ({ body, requester }, { bans }) => changed(bans, addCommand(body), requester),
  },
  {
    method: 'DELETE',
    path: '/v1/bans',
    operation: 'clearBans',
    summary: 'Lifts all bans',
    isChange: true,
    query: { confirm: { type: 'string', enum: ['all'], description: 'Has to be `all`.' }, reason: REASON },
    answer: 'BanChange',
    handle({ query, requester }, { bans }) {
      if (query.get('confirm') !== 'all') throw badRequest('this lifts all bans of the bridge: confirm it with ?confirm=all')
      return changed(bans, { action: 'clear', key: '', reason: query.get('reason') ?? '' }, requester)
    },
  },
  {
    method: 'GET',
    path: '/v1/bans/{key}',
    operation: 'checkBan',
    summary: 'Whether an address, CIDR or peer id is banned, and by which entry',
    isChange: false,
    parameters: { key: KEY },
    answer: 'BanCheck',
    handle({ parameters }, { bans }) {
      const { text: key } = parseBanKey(parameters.key ?? '')
      const by = bans.check(key)
      return { status: 200, body: { key, banned: by !== undefined, by: by ? shownBan(by) : null } }
    },
  },
  {
    method: 'DELETE',
    path: '/v1/bans/{key}',
    operation: 'removeBan',
    summary: 'Lifts the ban of exactly this address, CIDR or peer id',
    isChange: true,
    parameters: { key: KEY },
    query: { reason: REASON },
    answer: 'BanChange',
    handle: ({ parameters, query, requester }, { bans }) =>
      changed(bans, { action: 'remove', key: parameters.key ?? '', reason: query.get('reason') ?? '' }, requester),
  },
]

function page(bans: readonly Ban[], query: URLSearchParams): Reply {
  const [limitText, after] = [query.get('limit'), query.get('after') ?? '']
  const limit = limitText === null ? DEFAULT_LIMIT : /^\d{1,6}$/.test(limitText) ? Number(limitText) : 0
  if (limit < 1 || limit > MOST_PER_PAGE) throw badRequest(`limit is not a whole number from 1 to ${MOST_PER_PAGE}`)
  const rest = bans.filter(({ key }) => key > after).sort((one, other) => (one.key < other.key ? -1 : 1))
  const shownBans = rest.slice(0, limit)
  const next = rest.length > limit ? (shownBans.at(-1)?.key ?? null) : null
  return { status: 200, body: { bans: shownBans.map(shownBan), next, total: bans.length } }
}

function addCommand({ key, durationSeconds, until, permanent, reason }: AdminRequest['body']): BanCommand {
  return {
    action: 'add',
    key: String(key),
    reason: String(reason ?? ''),
    ...(durationSeconds === undefined ? {} : { durationSeconds: Number(durationSeconds) }),
    ...(until === undefined ? {} : { until: timeOf(String(until)) }),
    ...(permanent === true ? { permanent: true } : {}),
  }
}

function timeOf(text: string): number {
  const time = timeOfText(text)
  if (time === undefined) throw badRequest('until is not a time such as 2026-01-31T12:00:00Z')
  return time
}

async function changed(bans: AdminPorts['bans'], command: BanCommand, requester: AdminRequest['requester']): Promise<Reply> {
  const change = await bans.change(command, requester)
  return { status: 200, body: { ...shownChange(change), sentence: changeSentence(change) } }
}

function shownChange({ action, key, until, reason, changed: isChanged }: BanChange) {
  return { action, key, until: until === null ? null : timeText(until), reason, changed: isChanged }
}

/** A ban as the API shows it. */
export function shownBan({ key, until, since, reason, cause }: Ban) {
  return { key, until: until === null ? null : timeText(until), since: timeText(since), reason, cause }
}
