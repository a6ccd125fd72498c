const SAID_MS = 1500

/** Copies the text and shows the result on the button. Without clipboard permission (plain HTTP) it copies by a selection. */
export async function copyText(button, text) {
  const copied = await write(text)
  const label = button.textContent
  if (button.dataset.copied !== undefined) return
  button.dataset.copied = String(copied)
  button.textContent = copied ? 'Copied' : 'Not copied'
  setTimeout(() => {
    delete button.dataset.copied
    button.textContent = label
  }, SAID_MS)
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function copyBySelection(text) {
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'visually-hidden'
  field.setAttribute('readonly', '')
  const focused = document.activeElement
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  return copied
}
