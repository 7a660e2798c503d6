// The tests' own fence: what it lets through and what it stops, in every form a connection can be asked for.
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { expect, test } from 'vitest';
import { isLoopback } from '../support/network.ts';

test.each(['localhost', '127.0.0.1', '127.8.9.10', '::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
  '%s is this machine',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

test.each([
  'example.com',
  'localhost.example.com',
  '10.0.0.1',
  '0.0.0.0',
  '128.0.0.1',
  '127.1',
  '::ffff:8.8.8.8',
  '::',
  'fe80::1',
  '127.0.0.1.nip.io',
])('%s is not', (host) => {
  expect(isLoopback(host)).toBe(false);
});

test.each([
  ['net.connect(options)', () => net.connect({ host: '192.0.2.1', port: 80 })],
  ['net.connect(port, host)', () => net.connect(80, '192.0.2.1')],
  ['a string port', () => net.connect({ host: '192.0.2.1', port: '80' as unknown as number })],
  ['socket.connect', () => new net.Socket().connect(80, '192.0.2.1')],
  ['tls.connect', () => tls.connect({ host: '192.0.2.1', port: 443 })],
  ['a name', () => net.connect(443, 'example.com')],
])('an outgoing connection by %s is refused', (_form, open) => {
  expect(open).toThrow('Tests stay on this machine');
});

test('fetch to the outside fails, also by address', async () => {
  await expect(fetch('http://192.0.2.1/')).rejects.toMatchObject({
    cause: { message: expect.stringContaining('Tests stay on this machine') },
  });
});

test('loopback works', async () => {
  const server = net.createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port);
  const [chunk] = await once(socket, 'data');
  expect(String(chunk)).toBe('hello');
  server.close();
});
