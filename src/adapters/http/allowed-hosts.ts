// Which Host headers are ours. A page of another site that resolves its name to 127.0.0.1 (DNS rebinding) gets 421.
import type { Config } from '../../config.ts';

export interface AllowedHosts {
  has(host: string | null): boolean;
  /** True for an Origin header of one of our own pages. */
  hasOrigin(origin: string): boolean;
}

/** @param port the port really listened on (configured 0 means any). */
export function allowHosts(http: Config['http'], port: number): AllowedHosts {
  const hosts = new Set<string>();
  const bracketed = http.host.includes(':') ? `[${http.host}]` : http.host;
  for (const name of ['127.0.0.1', 'localhost', '[::1]', bracketed.toLowerCase()]) {
    hosts.add(`${name}:${port}`);
    if (port === 80) hosts.add(name);
  }
  if (http.publicUrl !== null) {
    const url = new URL(http.publicUrl);
    hosts.add(url.host.toLowerCase());
    hosts.add(`${url.hostname.toLowerCase()}:${url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port}`);
  }
  return {
    has: (host) => host !== null && hosts.has(host.toLowerCase()),
    hasOrigin: (origin) => {
      const parsed = URL.parse(origin);
      return parsed !== null && /^https?:$/.test(parsed.protocol) && hosts.has(parsed.host.toLowerCase());
    },
  };
}
