// "Refunded", "sent", "paid", "delivered" are facts about a customer: whoever writes them names the receipt that proves them, in the same sentence.
import type { ReceiptKind } from '../../db/tables/states.ts';

export interface CitedReceipt {
  id: number;
  kind: ReceiptKind;
  orderId: number;
}

const PROVEN_BY: Record<string, readonly ReceiptKind[]> = {
  refund: ['refund'],
  payment: ['payment', 'refund'],
  delivery: ['delivery', 'message'],
};
/** The words that say a thing was done, and what kind of receipt proves it. */
const DONE_WORDS: readonly [kind: string, words: string][] = [
  ['refund', 'refunded|reimbursed|repaid|credited'],
  ['payment', 'paid'],
  ['delivery', 'sent|resent|emailed|e-mailed|mailed|shipped|dispatched|delivered|fulfilled|handed over'],
];
const ACTS: readonly [kind: string, words: string][] = [
  ['refund', 'refunds?|reimbursements?'],
  ['payment', 'payments?|payouts?'],
  ['delivery', 'deliver(?:y|ies)|shipments?|parcels?|packages?|fulfilments?'],
];
const ENDED = 'issued|made|completed?|done|processed|initiated|confirmed|arrived|out|through|underway|on (?:its|the|their) way';
const HAVE = `was|were|is|are|been|being|be|got|gets|gotten|has|have|had|having|['’](?:s|ve|re|d)|i|we|they|you|he|she|it|who|customer|customers|buyer|buyers|just|already|successfully|now|fully`;

/** What follows such a word at the beginning of a sentence when it is a verb: "Refunded the order", not "Paid ads". */
const OBJECT =
  'the|a|an|all|both|every|each|them|him|her|it|order|orders|customer|customers|buyer|buyers|back|out|in full|to|by|on|yesterday|today|#?\\d+|\\$\\d';

const pattern = (source: string): RegExp => new RegExp(source, 'iu');

/** "was refunded", "we have now sent", "Order 5: delivered", "Refunded the order", "the refund has been issued", "delivery is complete". */
const CLAIMS: readonly { kind: string; shape: RegExp }[] = [
  ...DONE_WORDS.map(([kind, words]) => ({
    kind,
    shape: pattern(
      `(?:(?<![\\p{L}\\p{N}])(?:${HAVE})(?:\\s+\\p{L}+){0,3}\\s+|[:|–—=→✓✔]\\s*[*_]*)(?:${words})(?![\\p{L}\\p{N}-])|^[\\s\\-*•>#\\d.)]*(?:${words})(?=\\s*$|[\\s*_]*[.!,:;]|\\s+(?:${OBJECT})(?![\\p{L}]))`,
    ),
  })),
  ...ACTS.map(([kind, words]) => ({
    kind,
    shape: pattern(`(?<![\\p{L}\\p{N}])(?:${words})(?:\\s+[\\p{L}\\p{N}#$.,]+){0,8}?\\s+(?:${ENDED})(?![\\p{L}\\p{N}-])`),
  })),
];

/** Not done, not yet, only perhaps: no claim. */
const DENIED =
  /(?<![\p{L}\p{N}])(?:not|never|no|nobody|none|nothing|cannot|won['’]t|\p{L}+n['’]t|will|shall|would|can|could|may|might|must|should|to\s+(?:be|have|get)|if|unless|until|once|when|whether|before|after|days? after)(?![\p{L}\p{N}])/iu;
const CITATION = /(?<![\p{L}\p{N}])receipts?\s+((?:#?\d{1,15}(?:\s*(?:,|and|&)\s*)?)+)/giu;
const ORDER = /(?<![\p{L}\p{N}])order\s+#?(\d{1,15})(?!\d|[.,]\d)/giu;

const numbersIn = (text: string): number[] => [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));

/** Every receipt that a text names, like `(receipt 34)` or `receipts 34 and 35`. */
export function citedReceipts(text: string): number[] {
  return [...new Set([...text.matchAll(CITATION)].flatMap(([, list = '']) => numbersIn(list)))].slice(0, 1000);
}

/** The text without the numbers of receipts, and of orders named beside one: they are names, no figures. */
export function withoutCitations(text: string): string {
  if (citedReceipts(text).length === 0) return text;
  return splitSentences(text)
    .map((sentence) => (citedReceipts(sentence).length === 0 ? sentence : sentence.replace(CITATION, 'receipt ').replace(ORDER, 'order')))
    .join('\n');
}

/** Sentences, list items and table cells; an ending inside a number or a link is none. */
const splitSentences = (text: string): string[] => text.split(/\n|(?<=[.!?;])\s+/u);

/**
 * @param receipts what the receipts named in the text prove; one that is not there does not exist.
 * @returns what is wrong, one sentence each; empty when everything said to be done has its receipt.
 */
export function checkClaims(text: string, receipts: ReadonlyMap<number, CitedReceipt>): string[] {
  const problems = splitSentences(text.slice(0, 200_000)).flatMap((sentence) => judgeSentence(sentence, receipts));
  return [...new Set(problems)];
}

function judgeSentence(sentence: string, receipts: ReadonlyMap<number, CitedReceipt>): string[] {
  const cited = citedReceipts(sentence);
  const missing = cited.filter((id) => !receipts.has(id)).map((id) => `there is no receipt ${id}`);
  const orders = [...sentence.matchAll(ORDER)].map(([, id]) => Number(id));
  const proofs = cited.flatMap((id) => receipts.get(id) ?? []);
  const unproven = CLAIMS.flatMap(({ kind, shape }) => {
    const said = findClaim(sentence, shape);
    if (said === null) return [];
    const fitting = proofs.filter((receipt) => PROVEN_BY[kind]?.includes(receipt.kind));
    if (fitting.length === 0) return [`"${said}" needs the receipt of the ${kind} in its sentence, like (receipt 34), or leave it out`];
    const bare = orders.find((order) => !fitting.some((receipt) => receipt.orderId === order));
    return bare === undefined ? [] : [`the ${kind} of order ${bare} is not what receipt ${fitting.map(({ id }) => id).join(', ')} proves`];
  });
  return [...missing, ...unproven];
}

/** The first claim that its own clause does not deny. */
function findClaim(sentence: string, shape: RegExp): string | null {
  for (const clause of sentence.split(/[,:](?=\s+\p{L}+\s+\p{L})|\bbut\b|\band\b(?=[^,]*\b(?:was|were|is|are|has|have|we|i)\b)/iu)) {
    const found = shape.exec(clause);
    if (found === null) continue;
    const upTo = clause.slice(0, found.index + found[0].length);
    if (!DENIED.test(upTo)) return found[0].trim();
  }
  return null;
}
