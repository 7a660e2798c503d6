// PostgreSQL's message framing: cuts a byte stream into whole messages and reads the few fields the proxy needs.

export interface Frame {
  /** The message's letter; '' for the untyped ones that open a connection. */
  readonly type: string;
  /** The whole message as it goes over the wire. */
  readonly bytes: Buffer;
}

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

/** Collects chunks and gives out whole messages. `isOpening`: the stream begins with untyped messages (a client's does). */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #isOpening: boolean;

  constructor(isOpening: boolean) {
    this.#isOpening = isOpening;
  }

  read(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | null {
    const letter = this.#isOpening ? 0 : 1;
    if (this.#rest.length < letter + 4) return null;
    const length = letter + this.#rest.readInt32BE(letter);
    if (this.#rest.length < length) return null;
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    const type = this.#isOpening ? '' : String.fromCharCode(bytes[0] ?? 0);
    // After a refused encryption the client opens again; anything else opens the typed conversation.
    if (this.#isOpening && !isEncryptionRequest(bytes)) this.#isOpening = false;
    return { type, bytes };
  }
}

const opening = (bytes: Buffer): number => (bytes.length >= 8 ? bytes.readInt32BE(4) : 0);

export const isEncryptionRequest = (bytes: Buffer): boolean => [SSL_REQUEST, GSS_REQUEST].includes(opening(bytes));
export const isCancelRequest = (bytes: Buffer): boolean => opening(bytes) === CANCEL_REQUEST;

/** The zero-terminated strings of a message's body, `count` of them. */
function readStrings(bytes: Buffer, from: number, count: number): string[] {
  const strings: string[] = [];
  let start = from;
  while (strings.length < count) {
    const end = bytes.indexOf(0, start);
    strings.push(bytes.toString('utf8', start, end < 0 ? bytes.length : end));
    start = end < 0 ? bytes.length : end + 1;
  }
  return strings;
}

/** Knows which SQL text each prepared statement and portal of one connection stands for. */
export class StatementNames {
  readonly #statements = new Map<string, string>();
  readonly #portals = new Map<string, string>();

  /** @returns the SQL text when this message makes the server run something, else null */
  follow({ type, bytes }: Frame): string | null {
    if (type === 'Q') return readStrings(bytes, 5, 1)[0] ?? '';
    if (type === 'E') return this.#portals.get(readStrings(bytes, 5, 1)[0] ?? '') ?? '';
    if (type === 'P') {
      const [name = '', sql = ''] = readStrings(bytes, 5, 2);
      this.#statements.set(name, sql);
    } else if (type === 'B') {
      const [portal = '', name = ''] = readStrings(bytes, 5, 2);
      this.#portals.set(portal, this.#statements.get(name) ?? '');
    }
    return null;
  }
}
