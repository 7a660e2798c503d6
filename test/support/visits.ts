// Visitors of a page as a tunnel brings them: with the tunnel's own Host, and each visitor's address appended.
import { Agent, request } from 'node:http';

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', accept: 'text/html,*/*' };

export interface Seen {
  status: number;
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

export interface Visiting {
  method?: string;
  /** In the place of a browser's. */
  headers?: Record<string, string>;
  /** Beside a browser's. */
  more?: Record<string, string>;
  from?: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** @throws when the connection breaks: then nobody knows what became of it */
export function visit(
  port: number | null,
  path: string,
  { method = 'GET', headers = BROWSER, more = {}, from = '203.0.113.7' }: Visiting = {},
) {
  return new Promise<Seen>((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: '127.0.0.1',
        port: port ?? 0,
        path,
        method,
        headers: { host: 'shop.example', 'x-forwarded-for': from, ...headers, ...more },
      },
      (response) => {
        response.setEncoding('utf8');
        let body = '';
        response.on('data', (part: string) => {
          body += part;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}
