import ipaddr from 'ipaddr.js'

/** The address of `ip:port` or `[ip]:port`, in its one normal form. Text that is no address comes back as it is, and so equals no address. */
export function ipOf(endpoint: string): string {
  const [, bracketed, plain] = /^(?:\[(.+)\]|([^:]*)):\d+$/u.exec(endpoint) ?? []
  return normalIp(bracketed ?? plain ?? endpoint) ?? endpoint
}

/** One spelling per address: IPv4-mapped IPv6 becomes IPv4, IPv6 is shortened (RFC 5952). Undefined when `text` is no address. */
export function normalIp(text: string): string | undefined {
  const trimmed = text.trim()
  // Four-part decimal only: ipaddr.js also reads "10.1" and octal, which people do not mean.
  return ipaddr.IPv4.isValidFourPartDecimal(trimmed) || (trimmed.includes(':') && ipaddr.isValid(trimmed)) ? ipaddr.process(trimmed).toString() : undefined
}
