// Opens a connection to a stranger's host, and only to the public internet: the addresses are judged after the name is resolved and
// the peer of the connected socket is judged again before a byte is sent, so a name that changes its answer gains nothing.

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { isPrivateAddress, isPublicAddress } from '../../core/public-address.ts';
import { refusal, unresolved } from './fetch-failure.ts';

const MOST_ADDRESSES = 4;
const ATTEMPT_MS = 1500;
const NOT_PUBLIC = 'it leads to a machine that is not on the public internet';
const NOT_OWNED = 'it leads to an address that no server can have';

/** All addresses of a name, IPv4 and IPv6. */
export type Resolver = (hostname: string) => Promise<readonly string[]>;

/** A connected TCP socket and the peer address that it reports. */
interface Dialed {
  socket: Socket;
  remoteAddress: string | undefined;
}

/** Connects to the first of these addresses that answers. Never resolves a name. */
export type Dialer = (target: { addresses: readonly string[]; port: number; signal: AbortSignal }) => Promise<Dialed>;

export const resolveName: Resolver = async (hostname) => (await lookup(hostname, { all: true })).map((answer) => answer.address);

async function dialOne(address: string, port: number, signal: AbortSignal): Promise<Dialed> {
  const socket = connect({ host: address, port });
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return { socket, remoteAddress: socket.remoteAddress };
}

/** The last address gets all the time that is left; the ones before it get a moment each, because a dead IPv6 route is common. */
export const dialTcp: Dialer = async ({ addresses, port, signal }) => {
  const tried = addresses.slice(0, MOST_ADDRESSES);
  for (const address of tried.slice(0, -1)) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]);
    const dialed = await dialOne(address, port, patience).catch(() => null);
    if (dialed !== null) return dialed;
    signal.throwIfAborted();
  }
  return dialOne(tried.at(-1) ?? '', port, signal);
};

/** Public addresses of this very machine are no strangers: the bot must not talk to its own console from outside. */
function isOurs(address: string): boolean {
  return Object.values(networkInterfaces()).some((cards) => cards?.some((card) => card.address === address));
}

function requirePublic(address: string): void {
  if (!isPublicAddress(address) || isOurs(address)) throw refusal(NOT_PUBLIC, `judged ${address}`);
}

/** For a server of the owner's own: what stands nearby may be reached too, a cloud's metadata never. */
export function requireOwned(address: string): void {
  if (!isPrivateAddress(address) && !isPublicAddress(address)) throw refusal(NOT_OWNED, `judged ${address}`);
}

/** `promise`, or the signal's reason as soon as it aborts; for work that knows no signal. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function resolveAddresses(host: string, resolve: Resolver, signal: AbortSignal): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  signal.throwIfAborted();
  const addresses = await orAbort(resolve(host), signal).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : unresolved(host, error);
  });
  if (addresses.length === 0) throw unresolved(host);
  return addresses;
}

async function secure(socket: Socket, host: string, signal: AbortSignal): Promise<TLSSocket> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED in the environment would turn it off.
  const tls = connectTls({ socket, host, ...name, ALPNProtocols: ['http/1.1'], rejectUnauthorized: true });
  tls.on('error', () => undefined);
  await once(tls, 'secureConnect', { signal });
  return tls;
}

/**
 * A connected (and for https, verified) socket to the host of `url`, which aborting `signal` destroys.
 * One non-public answer among several refuses the name: nobody has an honest reason to mix them.
 * @param options.require which addresses it may go to; public ones unless said otherwise
 * @throws Upstream when an address is refused or the name is unknown; else the socket's own error or the signal's reason.
 */
export async function openGuarded(
  url: URL,
  options: { resolve: Resolver; dial: Dialer; signal: AbortSignal; require?: (address: string) => void },
): Promise<Socket> {
  const { resolve, dial, signal, require = requirePublic } = options;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await resolveAddresses(host, resolve, signal);
  for (const address of addresses) require(address);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const { socket, remoteAddress } = await dial({ addresses, port, signal });
  // Whoever uses the socket hears of its end; without this, an error between two users would end the process.
  socket.on('error', () => undefined);
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  try {
    signal.throwIfAborted();
    require(remoteAddress ?? 'nowhere');
    return url.protocol === 'https:' ? await secure(socket, host, signal) : socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
