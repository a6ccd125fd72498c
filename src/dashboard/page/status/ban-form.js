import { byId, setText } from '../dom/element.js'

const ANSWER_WITHIN_MS = 15_000

/** Adds and lifts bans. The key lives in its field alone, and goes with the page. */
export class BanForm {
  #baseUrl
  #onChanged
  #form = byId('ban-form')

  constructor(baseUrl, onChanged) {
    this.#baseUrl = baseUrl
    this.#onChanged = onChanged
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#add()
    })
    // A page that is kept for "back" would keep the key.
    addEventListener('pagehide', () => {
      byId('ban-key').value = ''
    })
  }

  show(isShown) {
    this.#form.hidden = !isShown
  }

  /** Fills in whom to ban; nothing is sent yet. */
  begin(target) {
    byId('ban-target').value = target
    byId('ban-reason').focus()
  }

  async lift(key) {
    await this.#send('DELETE', `v1/bans/${key.split('/').map(encodeURIComponent).join('/')}`)
  }

  async #add() {
    const length = byId('ban-length').value
    const body = {
      key: byId('ban-target').value.trim(),
      reason: byId('ban-reason').value.trim(),
      ...(length === 'permanent' ? { permanent: true } : { durationSeconds: Number(length) }),
    }
    if (await this.#send('POST', 'v1/bans', body)) {
      byId('ban-target').value = ''
      byId('ban-reason').value = ''
    }
  }

  /** Says what became of it; true when it was done. */
  async #send(method, path, body) {
    const key = byId('ban-key').value
    if (key === '') {
      this.#say('Type the API key first (setting admin_api_key).', false)
      byId('ban-key').focus()
      return false
    }
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
      const sent = body ? { body: JSON.stringify(body) } : {}
      const answer = await fetch(new URL(path, this.#baseUrl), {
        method,
        headers: { 'x-api-key': key },
        cache: 'no-store',
        signal,
        ...sent,
      })
      const { sentence, error } = await answer
        .json()
        .catch(() => ({ error: `The bridge, or a proxy before it, answers ${answer.status}.` }))
      this.#say(answer.ok ? sentence : error, answer.ok)
      if (answer.ok) this.#onChanged()
      return answer.ok
    } catch {
      this.#say('The bridge does not answer; the change may have been made all the same. The list below shows it.', false)
      return false
    }
  }

  #say(sentence, isDone) {
    const result = byId('ban-result')
    result.dataset.done = String(isDone)
    setText(result, sentence)
  }
}
