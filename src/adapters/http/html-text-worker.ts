// The thread in which html-text.ts reads one page of HTML: it gets the page, answers with title and text, and ends.
// A hostile page can keep the parser busy for minutes; here that costs this thread, never the bot.
import { parentPort, workerData } from 'node:worker_threads';
import { compile, type Formatter } from 'html-to-text';
import { cleanText, cutText } from './readable-text.ts';

const MAX_DEPTH = 200;
const MAX_TITLE = 300;
/** A title stands near the top; looking further would parse the page twice. */
const TITLE_SCAN = 100_000;
/** Stand for the end of a table cell and row until the text is whole; control characters are removed later anyway. */
const CELL_END = '\u001f';
const ROW_END = '\u001e';

const skipped = [
  'script',
  'style',
  'nav',
  'img',
  'picture',
  'svg',
  'template',
  'iframe',
  'object',
  'video',
  'audio',
  'canvas',
  'title',
  // Text that no visitor sees is the usual place for words meant for machines only.
  '[hidden]',
  '[aria-hidden="true"]',
  '[style*="display:none"]',
  '[style*="display: none"]',
];

const formatCell: Formatter = (element, walk, builder) => {
  walk(element.children, builder);
  builder.addInline(CELL_END);
};

const formatRow: Formatter = (element, walk, builder) => {
  builder.openBlock({ leadingLineBreaks: 1 });
  walk(element.children, builder);
  builder.addInline(ROW_END);
  builder.closeBlock({ trailingLineBreaks: 1 });
};

const toText = compile({
  wordwrap: false,
  limits: { maxDepth: MAX_DEPTH },
  formatters: { cell: formatCell, row: formatRow },
  selectors: [
    { selector: 'a', format: 'inline' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, format: 'heading', options: { uppercase: false } })),
    { selector: 'table', format: 'block', options: { leadingLineBreaks: 2, trailingLineBreaks: 2 } },
    { selector: 'tr', format: 'row' },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    ...skipped.map((selector) => ({ selector, format: 'skip' })),
  ],
});

const toTitle = compile({
  wordwrap: false,
  baseElements: { selectors: ['title'], returnDomByDefault: false },
  limits: { maxDepth: MAX_DEPTH, maxBaseElements: 1 },
});

/** Cells of a row stand on one line, `a | b`, whatever blocks they hold; one piece at a time, so that a huge table stays linear. */
function joinCells(text: string): string {
  const rows = text.split(ROW_END).map((row) => {
    const cells = row.split(CELL_END);
    if (cells.length === 1) return row;
    const [first = '', ...others] = cells.map((cell, index) => (index === 0 ? cell.trimEnd() : cell.trim()));
    // The last cell's end mark has nothing behind it; an empty cell in the middle keeps its column.
    if (others.at(-1) === '') others.pop();
    return [first, ...others].join(' | ');
  });
  return rows.join('');
}

function readHtml(html: string, maxCharacters: number): { title: string | null; text: string; truncated: boolean } {
  const title = cleanText(toTitle(html.slice(0, TITLE_SCAN)))
    .replace(/\s+/g, ' ')
    .trim();
  const text = cleanText(joinCells(toText(html)))
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return {
    title: title === '' ? null : cutText(title, MAX_TITLE),
    text: cutText(text, maxCharacters),
    truncated: text.length > maxCharacters,
  };
}

const { html, maxCharacters } = workerData as { html: string; maxCharacters: number };
parentPort?.postMessage(readHtml(html, maxCharacters));
