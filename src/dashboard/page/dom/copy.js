const SAID_MS = 1500

/** Copies, and says so on the button itself. Without the clipboard's permission (plain HTTP) the old way is taken. */
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
