/**
 * Why the WebSocket does not open, as a sentence: a page is not told. Empty while the bridge does not answer at all, since then it is
 * right to wait. The question is a POST, because that carries the page's origin.
 */
export async function whyNotOpen(url) {
  try {
    const answer = await fetch(url, { method: 'POST', cache: 'no-store', signal: AbortSignal.timeout(5000) })
    if (answer.status === 403)
      return `The bridge refuses this page: ${location.origin} is not among the origins that may connect (setting ws_allowed_origins).`
    if (answer.status === 426)
      return 'The bridge answers, but its WebSocket does not open: a proxy before it may not pass on Upgrade and Connection.'
    return `The WebSocket does not open, and the bridge, or a proxy before it, answers ${answer.status}.`
  } catch {
    return ''
  }
}
