// The shape of one REST endpoint of the double, and reading a request's body: JSON, or multipart with payload_json and files[n].
import type { IncomingMessage } from 'node:http';
import { refuse } from './discord-double-errors.ts';
import { isRecord, type Json, type World } from './discord-double-model.ts';

export interface Upload {
  /** The n of files[n]. */
  index: string;
  name: string;
  type: string;
  bytes: Buffer;
}

export interface Call {
  params: Record<string, string>;
  query: URLSearchParams;
  /** What the request carried: an object, for commands a list. */
  whole: unknown;
  /** The same when it is an object, else {}. */
  body: Json;
  uploads: Upload[];
}

export interface Answer {
  status: number;
  body?: unknown;
}

export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Like `/channels/:channel/messages`. */
  path: string;
  /** Interaction and webhook routes carry their token in the path. */
  open?: boolean;
  run(world: World, call: Call): Answer;
}

const LARGEST = 10 * 1024 * 1024;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('invalidJson');
  }
}

async function readForm(bytes: Buffer, type: string): Promise<{ whole: unknown; uploads: Upload[] }> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  const uploads: Upload[] = [];
  let whole: unknown = {};
  for (const [field, value] of form.entries()) {
    if (field === 'payload_json') whole = parse(typeof value === 'string' ? value : await value.text());
    else if (typeof value !== 'string')
      uploads.push({
        index: /^files\[(\d+)\]$/.exec(field)?.[1] ?? field,
        name: value.name,
        type: value.type,
        bytes: Buffer.from(await value.arrayBuffer()),
      });
  }
  return { whole, uploads };
}

/** @throws ApiError 40005 for more than 10 files or 10 MiB a file, 50109 for broken JSON */
export async function readBody(request: IncomingMessage): Promise<Pick<Call, 'whole' | 'body' | 'uploads'>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  const { whole, uploads } = type.startsWith('multipart/form-data')
    ? await readForm(bytes, type)
    : { whole: bytes.length === 0 ? {} : parse(String(bytes)), uploads: [] };
  if (uploads.length > 10 || uploads.some((upload) => upload.bytes.length > LARGEST)) throw refuse('tooLarge');
  return { whole, uploads, body: isRecord(whole) ? whole : {} };
}
