import type { Route } from '../route.ts'

/** The bridge itself. */
export const STATUS_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/status',
    operation: 'showStatus',
    summary: 'What runs here, and how each part is',
    isChange: false,
    answer: 'Status',
    handle: async (_request, { status }) => ({ status: 200, body: await status() }),
  },
]
