// The image's health check: asks /livez, or the path that is given (/readyz), where healthListenAddress says that it is.
const path = process.argv[2] ?? '/livez'
const { HEALTHLISTENADDRESS, healthListenAddress } = process.env
const address = HEALTHLISTENADDRESS || healthListenAddress || ':9908'
const host = address.slice(0, address.lastIndexOf(':'))
const port = address.slice(address.lastIndexOf(':') + 1)
const reachable = host === '' || host === '0.0.0.0' || host === '[::]' ? '127.0.0.1' : host
try {
  const response = await fetch(`http://${reachable}:${port}${path}`, { signal: AbortSignal.timeout(4000) })
  if (!response.ok) console.error(await response.text())
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  console.error(`no answer from ${reachable}:${port}${path}: ${error.cause?.message ?? error.message}`)
  process.exitCode = 1
}
