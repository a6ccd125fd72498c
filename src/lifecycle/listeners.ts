/** Those who want to hear of something. */
export class Listeners<News = void> {
  readonly #listeners = new Set<(news: News) => void>()

  /** Returns the undo. */
  add(listener: (news: News) => void): () => void {
    const own = (news: News) => listener(news) // one function that is added twice is two listeners
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  emit(news: News): void {
    for (const listener of this.#listeners) listener(news)
  }
}
