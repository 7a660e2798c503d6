// The thread in which html-text.ts reads one page of HTML: it posts title and text of all of it, then of its article if it has one, and ends.
// A hostile page can keep a parser busy for minutes; here that costs this thread, never the bot.
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

/** Below this a page is read whole: an article in it would hardly be shorter. */
const LEAST_ARTICLE = 500;
/** In a page with more tags no article is looked for: it would take seconds. */
const MOST_TAGS = 30_000;

function hasTooManyTags(html: string): boolean {
  let at = html.indexOf('<');
  for (let tags = 0; at >= 0 && tags <= MOST_TAGS; tags += 1) at = html.indexOf('<', at + 1);
  return at >= 0;
}

/** The part of a page that is an article, as HTML; null where none stands out. Loaded only for pages long enough to hold one. */
async function findArticle(html: string): Promise<string | null> {
  const { parseHTML } = await import('linkedom/worker');
  const { isProbablyReaderable, Readability } = (await import('@mozilla/readability')).default;
  const { document } = parseHTML(html);
  if (!isProbablyReaderable(document)) return null;
  return new Readability(document, { disableJSONLD: true }).parse()?.content ?? null;
}

const tidy = (html: string): string =>
  cleanText(joinCells(toText(html)))
    .replace(/\n{3,}/g, '\n\n')
    .trim();

const { html, maxCharacters } = workerData as { html: string; maxCharacters: number };
const written = cleanText(toTitle(html.slice(0, TITLE_SCAN)))
  .replace(/\s+/g, ' ')
  .trim();
const title = written === '' ? null : cutText(written, MAX_TITLE);
const post = (text: string): void =>
  parentPort?.postMessage({ title, text: cutText(text, maxCharacters), truncated: text.length > maxCharacters });

const whole = tidy(html);
post(whole);
const article = whole.length < LEAST_ARTICLE || hasTooManyTags(html) ? null : await findArticle(html);
const chosen = article === null ? '' : tidy(article);
// What is left of an article nested too deep says less than the page.
if (chosen.length >= LEAST_ARTICLE) post(chosen);
