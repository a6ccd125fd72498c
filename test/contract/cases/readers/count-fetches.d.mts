/** Fetch requests that this process has sent with a client id. */
export function fetchesOf(clientId: string): number
