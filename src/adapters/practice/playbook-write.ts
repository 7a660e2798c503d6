// Writing: a short document about the best offers, for a person who runs the business. Every number in it is a figure
// with its source, so it says nothing it computed itself and counts in words.
import { formatUsd } from '../../core/money.ts';
import { findOffers, type Offer, type OffersRead, rankOffers } from './playbook-market.ts';
import { readOffersFirst } from './playbook-research.ts';
import { type Answer, callsOf, callTools, finish, inWords, lastError, type Situation } from './playbook-step.ts';

interface Figure {
  shown: string;
  callId: number;
  /** Dotted path into that call's output. */
  path: string;
}

export function writeStep(situation: Situation): Answer {
  const written = callsOf(situation.turns, 'write_document');
  if (written.some((call) => call.output !== null))
    return finish(situation, 'done', 'The document is written, every figure with its source.');
  if (written.length > 0)
    return finish(situation, 'nothing_done', `The document was not accepted: ${lastError(situation.turns, 'write_document')}`);
  const read = findOffers(situation);
  if (read === null) return readOffersFirst(situation);
  if (!situation.tools.has('write_document')) return finish(situation, 'nothing_done', 'There is no tool to write a document with.');
  return callTools('write_document', [draftDocument(read)]);
}

function draftDocument(read: OffersRead): Record<string, unknown> {
  const best = rankOffers(read).slice(0, 3);
  const figures: Figure[] = [];
  const cite = (shown: string, path: string): string => {
    figures.push({ shown, callId: read.callId, path });
    return shown;
  };
  // Cited in reading order, so that figures and text can be followed side by side.
  const opening = `Read from the practice market on its day ${cite(String(read.day), 'day')}.`;
  const rows = best.map((offer) => tableRow(offer, cite));
  const lines = [opening, '', ...(rows.length === 0 ? ['No offer is free to launch: all of them run already.'] : proposal(rows))];
  return { title: 'Which offers to launch on the practice market', body: lines.join('\n'), figures };
}

function proposal(rows: string[]): string[] {
  return [
    `**Proposal:** launch ${rows.length === 1 ? 'the offer' : `the ${inWords(rows.length)} offers`} below, best first.`,
    '',
    '| Offer | Channel | List price | Cost per visitor | Visitors a day at most |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '**Why these:** among the offers that do not run yet, their list price is the highest for each dollar of traffic. ' +
      'So they need the smallest share of visitors to buy before they pay for themselves.',
    '',
    '**What is not known:** how many visitors buy, how many ask for their money back, and how long payments take. ' +
      'The market does not tell; it has to be measured. An offer can lose its whole budget.',
  ];
}

function tableRow({ position, name, channel, ...offer }: Offer, cite: (shown: string, path: string) => string): string {
  const at = `offers.${position}`;
  const cells = [
    inLetters(name),
    inLetters(channel),
    cite(formatUsd(offer.listPriceMicros), `${at}.listPriceMicros`),
    cite(formatUsd(offer.costPerVisitorMicros), `${at}.costPerVisitorMicros`),
    cite(String(offer.capacityPerDay), `${at}.capacityPerDay`),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A stranger's name: digits would be figures without a source, and markup could break the table. */
function inLetters(name: string): string {
  const plain = name
    .replace(/\p{N}+(?:[.,]\p{N}+)*|[\p{C}|`*_<>[\]()\\#]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.slice(0, 60).toWellFormed() || 'unnamed';
}
