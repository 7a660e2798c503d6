// Writes small PDF files by hand: pages of lines in a standard font, a title, and whatever else a test puts into a page's stream.
import { deflateSync } from 'node:zlib';

const escaped = (text: string): string => text.replace(/[\\()]/g, (character) => `\\${character}`);

const linesAsStream = (lines: readonly string[]): Buffer =>
  Buffer.from(`BT /F1 12 Tf 72 720 Td ${lines.map((line) => `(${escaped(line)}) Tj 0 -14 Td`).join(' ')} ET`, 'latin1');

const stream = (bytes: Buffer): Buffer => {
  const packed = deflateSync(bytes);
  return Buffer.concat([Buffer.from(`<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n`), packed, Buffer.from('\nendstream')]);
};

/** Pages by their lines, or by the bytes of their content stream. */
export function writePdf(pages: readonly (readonly string[] | Buffer)[], title?: string): Buffer {
  const pageIds = pages.map((_, index) => 4 + 2 * index);
  const objects: (string | Buffer)[] = [
    '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.launchURL\\("http://127.0.0.1/"\\)) >> >>',
    `<< /Type /Pages /Kids [${pageIds.map((id) => `${id} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((page, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${(pageIds[index] ?? 0) + 1} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      stream(Buffer.isBuffer(page) ? page : linesAsStream(page)),
    ]),
    ...(title === undefined ? [] : [`<< /Title (${escaped(title)}) >>`]),
  ];
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const offsets: number[] = [];
  let size = parts[0]?.length ?? 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    size += part.length;
  };
  for (const [index, object] of objects.entries()) {
    offsets.push(size);
    add(Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(object as string, 'latin1'), Buffer.from('\nendobj\n')]));
  }
  const info = title === undefined ? '' : ` /Info ${objects.length} 0 R`;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  parts.push(Buffer.from(`${table}trailer << /Size ${objects.length + 1} /Root 1 0 R${info} >>\nstartxref\n${size}\n%%EOF`));
  return Buffer.concat(parts);
}
