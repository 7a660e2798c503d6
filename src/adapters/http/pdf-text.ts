// Title and text of a PDF file, page by page, in a thread of its own; without fonts, images, scripts or anything from elsewhere.
import { unreadable } from './fetch-failure.ts';
import { cutText } from './readable-text.ts';
import { readInThread } from './reading-thread.ts';

export interface PdfText {
  title: string | null;
  /** Pages have an empty line between them. */
  text: string;
  truncated: boolean;
}

/** The thread says first what the file is, then the text of each page. */
export type PdfPiece = { title: string | null; pages: number } | { text: string };

/**
 * At most `maxPages` and `maxCharacters`; what was read when `timeoutMs` is over is kept.
 * @throws Upstream when nothing could be read, or the file holds no text; the signal's reason when it aborts
 */
export async function readPdfText(
  bytes: Uint8Array,
  options: { maxCharacters: number; maxPages: number; timeoutMs: number; signal: AbortSignal },
): Promise<PdfText> {
  const { maxCharacters, maxPages, timeoutMs, signal } = options;
  const { found, complete } = await readInThread<PdfPiece>({
    script: new URL('./pdf-text-worker.ts', import.meta.url),
    workerData: { bytes, maxCharacters, maxPages },
    timeoutMs,
    signal,
    name: 'PDF file',
  });
  const read = found.flatMap((piece) => ('text' in piece ? [piece.text] : []));
  const about = found.find((piece) => 'pages' in piece);
  const text = read.filter((page) => page !== '').join('\n\n');
  if (text === '') throw unreadable('The PDF file holds no text that can be read; its pages may be pictures.');
  return {
    title: about?.title ?? null,
    text: cutText(text, maxCharacters),
    truncated: !complete || text.length > maxCharacters || read.length < (about?.pages ?? 0),
  };
}
