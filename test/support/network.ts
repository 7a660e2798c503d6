// Loaded before every test file: no TCP connection leaves the machine. Unix sockets and loopback go through.
import net from 'node:net';

type Target = { host: string | null };

/** The forms of Socket.connect: (options), (path), (port, host), and the argument list that net.connect has already normalised. */
function findTarget(args: unknown[]): Target {
  const [first, second] = args;
  if (Array.isArray(first)) return findTarget(first);
  if (typeof first === 'object' && first !== null) {
    const options = first as net.TcpNetConnectOpts & { path?: string };
    return { host: options.path ? null : (options.host ?? 'localhost') };
  }
  // A string that is no port number is the path of a Unix socket.
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { host: null };
  return { host: typeof second === 'string' ? second : 'localhost' };
}

/** Whether a host, as it would be connected to, is this machine. A name other than localhost is not: it would have to be looked up. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === '' || bare === 'localhost' || bare === '::1') return true;
  if (net.isIPv4(bare)) return bare.startsWith('127.');
  if (!net.isIPv6(bare)) return false;
  const loopback = new net.BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');
  // Knows the IPv4-mapped forms (::ffff:127.0.0.1) and every way to write an address.
  return loopback.check(bare, 'ipv6');
}

const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function guardedConnect(this: net.Socket, ...args: unknown[]) {
  const { host } = findTarget(args);
  if (host !== null && !isLoopback(String(host))) throw new Error(`Tests stay on this machine: refused to connect to ${host}.`);
  return Reflect.apply(connect, this, args);
} as typeof connect;
