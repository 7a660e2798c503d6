// Title and readable text of an HTML page. The whole page's text comes first; where an article stands out in time, it takes its place.
import { readInThread } from './reading-thread.ts';

/** Text worth reading stands well within this; memory per page grows with it. */
const MAX_HTML_CHARACTERS = 1_000_000;

export interface HtmlText {
  title: string | null;
  text: string;
  truncated: boolean;
}

/**
 * At most `maxCharacters` of text; `timeoutMs` bounds the work.
 * @throws Upstream when the page takes too long or too much memory to read; the signal's reason when it aborts.
 */
export async function readHtmlText(
  html: string,
  options: { maxCharacters: number; timeoutMs: number; signal: AbortSignal },
): Promise<HtmlText> {
  const { maxCharacters, timeoutMs, signal } = options;
  const { found } = await readInThread<HtmlText>({
    script: new URL('./html-text-worker.ts', import.meta.url),
    workerData: { html: html.slice(0, MAX_HTML_CHARACTERS), maxCharacters },
    timeoutMs,
    signal,
    name: 'page',
  });
  const page = found.at(-1) ?? found[0];
  return { ...page, truncated: page.truncated || html.length > MAX_HTML_CHARACTERS };
}
