/** The variables of a process; one that is not set may stand there as undefined. */
export type Environment = Readonly<Record<string, string | undefined>>

const HOST = '_SERVICE_HOST'
/** `P2P_PORT=tcp://10.96.0.7:9905`, as Kubernetes sets it for a service named p2p. */
const LINK = /^(tcp|udp|sctp):\/\//
/** What else it sets, behind the name of the service. */
const OTHERS = /^(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/

/**
 * The variables that Kubernetes adds to a container for each service of its namespace, unless the pod has `enableServiceLinks: false`
 * (its documentation: "Service", "Environment variables"). Nobody has written them for us, though `P2P_PORT` is the name of a setting.
 */
export function serviceLinks(environment: Environment): string[] {
  const services = Object.keys(environment).flatMap((name) => (name.endsWith(HOST) ? [name.slice(0, -HOST.length)] : []))
  return Object.entries(environment).flatMap(([name, value]) => {
    const isLink = services.some((service) => {
      if (!name.startsWith(`${service}_`)) return false
      const rest = name.slice(service.length + 1)
      return OTHERS.test(rest) || (rest === 'PORT' && LINK.test(value ?? ''))
    })
    return isLink ? [name] : []
  })
}

/** The environment without these variables. */
export function withoutServiceLinks(environment: Environment): Environment {
  const links = new Set(serviceLinks(environment))
  return links.size === 0 ? environment : Object.fromEntries(Object.entries(environment).filter(([name]) => !links.has(name)))
}
