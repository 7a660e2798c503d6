// The thread in which pdf-text.ts reads one PDF file: it gets the bytes, posts title and page after page, and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { getDocument } from 'unpdf/pdfjs';
import type { PdfPiece } from './pdf-text.ts';
import { cleanText, cutText } from './readable-text.ts';

const MAX_TITLE = 300;

const post = (piece: PdfPiece): void => parentPort?.postMessage(piece);

function titleOf(info: object): string | null {
  const given = 'Title' in info && typeof info.Title === 'string' ? info.Title : '';
  const title = cleanText(given).replace(/\s+/g, ' ').trim();
  return title === '' ? null : cutText(title, MAX_TITLE);
}

const { bytes, maxCharacters, maxPages } = workerData as { bytes: Uint8Array; maxCharacters: number; maxPages: number };
// The file is all there is: nothing is fetched for it, whatever it asks for.
Reflect.deleteProperty(globalThis, 'fetch');
const loading = getDocument({
  data: bytes,
  verbosity: 0,
  disableFontFace: true,
  useSystemFonts: false,
  useWorkerFetch: false,
  useWasm: false,
  enableXfa: false,
  stopAtErrors: false,
  maxImageSize: 0,
});
const file = await loading.promise;
const { info } = await file.getMetadata();
post({ title: titleOf(info), pages: file.numPages });

let left = maxCharacters;
for (let number = 1; number <= Math.min(file.numPages, maxPages) && left > 0; number += 1) {
  const page = await file.getPage(number);
  const { items } = await page.getTextContent();
  const written = items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('');
  const text = cleanText(written)
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  left -= text.length;
  post({ text });
  page.cleanup();
}
await loading.destroy();
