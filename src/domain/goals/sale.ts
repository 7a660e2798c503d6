// Reads what a goal sells through a payment link, or on a page of ours, out of its words: sell "NAME" for $19 with a payment link. Deterministic, and shy.

export interface Sale {
  name: string;
  /** In whole units of the currency, like `19.90`. */
  amount: string;
  currency: string;
  /** On a page of ours rather than through a bare link. */
  onPage?: true;
}

const SALE = /\bsell(?:ing)?\s+["“„']([^"“”„'\n]{1,80})["”“']\s+(?:for|at)\s+\$?(\d{1,7}(?:\.\d{1,3})?)(?:\s*([A-Z]{3})\b)?/i;

/** Null when no name in quotes and no price stand there, or neither a payment link nor a page is named as the way. */
export function readSale(words: string): Sale | null {
  const text = words.slice(0, 2_000);
  const onPage = /\b(?:offer|landing|sales|product) page\b/i.test(text);
  if (!onPage && !/\bpayment (link|page)/i.test(text)) return null;
  const [, name = '', amount = '', currency = 'USD'] = SALE.exec(text) ?? [];
  return name.trim() === '' ? null : { name: name.trim(), amount, currency: currency.toUpperCase(), ...(onPage ? { onPage } : {}) };
}
