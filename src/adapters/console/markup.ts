// hono's html template with two habits built in: it is synchronous, and every value shows its hidden characters.
import { raw, html as template } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { makeVisible } from '../../core/visible-text.ts';

export type Html = HtmlEscapedString;
type Value = string | number | bigint | null | undefined | false | Html | readonly Value[];

/** Longer text is shown elsewhere, by its own link; this is the last guard for a page's size. */
const MAX_VALUE = 300_000;

function show(value: Value): unknown {
  if (Array.isArray(value)) return value.map(show);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'string') return value;
  return makeVisible(value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}… (cut here)` : value);
}

/** Escapes every plain string; only the result of another `html` call goes in as markup. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  return template(strings, ...values.map(show)) as Html;
}

export const nothing: Html = raw('');
