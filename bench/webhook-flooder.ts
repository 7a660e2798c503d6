// Floods a webhook address from a process of its own: no signature, wrong signatures with bodies up to the limit, bodies beyond it.
// Arguments: address, seconds, connections. Prints how many were answered, by status.
import { Agent, request } from 'node:http';

const [address = '', seconds = '10', connections = '32'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const until = Date.now() + Number(seconds) * 1000;
const statuses: Record<string, number> = {};

const KINDS: { headers: Record<string, string>; body: Buffer }[] = [
  { headers: {}, body: Buffer.alloc(200, 'a') },
  { headers: {}, body: Buffer.alloc(60_000, 'b') },
  { headers: { 'stripe-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` }, body: Buffer.alloc(60_000, 'c') },
  { headers: { 'stripe-signature': 't=1,v1=0' }, body: Buffer.alloc(300_000, 'd') },
];

function send({ headers, body }: (typeof KINDS)[number]): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(address, { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } }, (response) => {
      response.resume();
      response.once('end', () => resolve(String(response.statusCode)));
      response.once('error', () => resolve('cut'));
    });
    sent.once('error', () => resolve('cut'));
    sent.end(body);
  });
}

async function flood(lane: number): Promise<void> {
  for (let turn = lane; Date.now() < until; turn += 1) {
    const kind = KINDS[turn % KINDS.length];
    if (kind === undefined) return;
    const status = await send(kind);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}

await Promise.all(Array.from({ length: Number(connections) }, (_, lane) => flood(lane)));
process.stdout.write(`${JSON.stringify(statuses)}\n`);
process.exit(0);
