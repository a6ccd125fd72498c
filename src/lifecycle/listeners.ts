/** The listeners of one kind of news. */
export class Listeners<News = void> {
  readonly #listeners = new Set<(news: News) => void>()

  /** Returns the function that removes the listener. */
  add(listener: (news: News) => void): () => void {
    const own = (news: News) => listener(news) // a function added twice counts as two listeners
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  emit(news: News): void {
    for (const listener of this.#listeners) listener(news)
  }
}
