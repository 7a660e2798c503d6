// Bodies of whom nobody knows yet: all of them together have a ceiling, so that no flood of half-sent ones fills the memory.
import type { IncomingMessage } from 'node:http';

/** What bodies still to be verified may hold together; a sender who finds no room tries again later. */
const ROOM_BYTES = 8 * 1024 * 1024;

export interface BodyRoom {
  /** The whole body; `too_large` beyond the limit, `no_room` when others take up too much, `gone` when its sender left before its end. */
  read(incoming: IncomingMessage, limit: number): Promise<Buffer | 'too_large' | 'no_room' | 'gone'>;
}

export function openBodyRoom(roomBytes = ROOM_BYTES): BodyRoom {
  let taken = 0;
  return {
    read: (incoming, limit) =>
      new Promise((resolve) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const end = (result: Buffer | 'too_large' | 'no_room' | 'gone'): void => {
          incoming.off('data', take).off('end', finish).off('error', leave).off('close', leave);
          // The rest stays unread: the answer ends the connection.
          if (!incoming.complete) incoming.pause();
          taken -= size;
          resolve(result);
        };
        const take = (chunk: Buffer): void => {
          size += chunk.length;
          taken += chunk.length;
          chunks.push(chunk);
          if (size > limit) end('too_large');
          else if (taken > roomBytes) end('no_room');
        };
        const finish = (): void => end(Buffer.concat(chunks));
        const leave = (): void => end('gone');
        incoming.on('data', take).on('end', finish).on('error', leave).on('close', leave);
      }),
  };
}
