// Says whether an IP address is on the public internet, and whether a URL may be asked for at all.
// Pure judgement: the connected socket must be judged with it too, because a name can change its answer between two looks.
import ipaddr from 'ipaddr.js';

const MAX_URL_LENGTH = 2048;
const ALLOWED_PORTS = new Set(['', '80', '443', '8080', '8443']);

/** IPv4 space that is not public internet: IANA special-purpose registry (RFC 6890 and updates) and addresses clouds use for themselves. */
const NON_PUBLIC_V4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT, and 100.100.100.200 (Alibaba metadata)
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's host agent, inside public space
  '169.254.0.0/16', // link-local and nearly every cloud's metadata
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocol assignments, and 192.0.0.192 (Oracle metadata)
  '192.0.2.0/24', // TEST-NET-1
  '192.88.99.0/24', // 6to4 relays, withdrawn
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // TEST-NET-2
  '203.0.113.0/24', // TEST-NET-3
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
].map((range) => ipaddr.IPv4.parseCIDR(range));

/**
 * IPv6 is the other way round: only global unicast is public. That leaves out ::, ::1, every form with an IPv4 address
 * inside (mapped, compatible, translated, NAT64), 100::/64, 5f00::/16, fc00::/7, fe80::/10, fec0::/10 and ff00::/8.
 */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

const NON_PUBLIC_V6 = [
  '2001::/23', // IETF protocol assignments: Teredo, benchmarking, ORCHID, DRIP
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address inside
  '3ffe::/16', // 6bone, returned
  '3fff::/20', // documentation
].map((range) => ipaddr.IPv6.parseCIDR(range));

/** Names that mean "here" or "the machine's own cloud", whatever they resolve to today. A suffix covers the name and all below it. */
const INSIDE_NAMES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'private',
  'lan',
  'home',
  'corp',
  'home.arpa',
  'onion',
  'metadata.goog',
  'metadata.tencentyun.com',
];

const isPublicV4 = (address: ipaddr.IPv4): boolean => !NON_PUBLIC_V4.some((range) => address.match(range));

/** RFC 5214: the interface identifier 0000:5efe or 0200:5efe carries an IPv4 address, under any prefix. */
function isIsatap(address: ipaddr.IPv6): boolean {
  return ((address.parts[4] ?? 0) & 0xfdff) === 0 && address.parts[5] === 0x5efe;
}

function isPublicV6(address: ipaddr.IPv6): boolean {
  return address.match(GLOBAL_UNICAST_V6) && !NON_PUBLIC_V6.some((range) => address.match(range)) && !isIsatap(address);
}

/**
 * True only for an address that strangers on the internet can own. Takes the text an operating system or a socket reports;
 * anything else (`127.1`, brackets, a zone id, an empty string) is false.
 */
export function isPublicAddress(ip: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) return isPublicV4(ipaddr.IPv4.parse(ip));
  // A zone (`%eth0`) names an interface of this machine, so it is never a public address.
  if (ip.includes('%') || !ipaddr.IPv6.isValid(ip)) return false;
  return isPublicV6(ipaddr.IPv6.parse(ip));
}

const PRIVATE_V4 = ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((range) =>
  ipaddr.IPv4.parseCIDR(range),
);
const PRIVATE_V6 = ['::1/128', 'fc00::/7'].map((range) => ipaddr.IPv6.parseCIDR(range));
/** Where clouds answer their own machines, inside private space. */
const METADATA = new Set(['100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254', 'fd00:42::42']);

/** This machine or its network, for a server the owner says stands there; never link-local and never a cloud's metadata. */
export function isPrivateAddress(ip: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) return !METADATA.has(ip) && PRIVATE_V4.some((range) => ipaddr.IPv4.parse(ip).match(range));
  if (ip.includes('%') || !ipaddr.IPv6.isValid(ip)) return false;
  const address = ipaddr.IPv6.parse(ip);
  return !METADATA.has(address.toString()) && PRIVATE_V6.some((range) => address.match(range));
}

/** The address inside a URL's host, or null when the host is a name. `URL` has already folded `0x7f.1` and friends into four parts. */
function addressOfHost(host: string): string | null {
  if (host.startsWith('[')) return host.slice(1, -1);
  return ipaddr.IPv4.isValidFourPartDecimal(host) ? host : null;
}

function faultOfHost(host: string): string | null {
  const address = addressOfHost(host);
  if (address !== null) return isPublicAddress(address) ? null : 'its address is not on the public internet';
  if (host.length === 0 || host.length > 253) return 'it has no usable host name';
  if (host.endsWith('.') || host.startsWith('.') || host.includes('..')) return 'its host name has a stray dot';
  // A bare word is completed by the resolver's search list, which means a machine nearby.
  if (!host.includes('.')) return 'its host name is not a full internet name';
  const isInside = INSIDE_NAMES.some((name) => host === name || host.endsWith(`.${name}`));
  return isInside ? 'its host name belongs to a private network' : null;
}

function faultOfUrl(url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'only http and https are allowed';
  if (url.username !== '' || url.password !== '') return 'it carries a user name or password';
  if (!ALLOWED_PORTS.has(url.port)) return 'only the ports 80, 443, 8080 and 8443 are allowed';
  if (url.href.length > MAX_URL_LENGTH) return `it is longer than ${MAX_URL_LENGTH} characters`;
  return faultOfHost(url.hostname);
}

/**
 * Whether a URL from a stranger may be asked for. `reason` continues the sentence "This address was refused: …" and is safe to show.
 * A name that passes still has to be resolved and its addresses judged.
 */
export function judgeUrl(text: string): { ok: true; url: URL } | { ok: false; reason: string } {
  const trimmed = text.trim();
  if (trimmed.length > MAX_URL_LENGTH) return { ok: false, reason: `it is longer than ${MAX_URL_LENGTH} characters` };
  // Parsers drop tabs and turn backslashes round, so what a person reads would not be what is asked for.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0020\u007f\\]/.test(trimmed)) return { ok: false, reason: 'it contains spaces, control characters or backslashes' };
  if (!URL.canParse(trimmed)) return { ok: false, reason: 'it is not a complete web address' };
  const url = new URL(trimmed);
  const fault = faultOfUrl(url);
  return fault === null ? { ok: true, url } : { ok: false, reason: fault };
}
