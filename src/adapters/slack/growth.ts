// How a card of one kind grows while it is streamed, and the chunks every kind has.
import type { types } from '@slack/bolt';
import type { Card } from '../../chat/card.ts';
import { escapeMarkdown } from '../../chat/escape.ts';
import { asKnown, type Block, type Look } from './block-parts.ts';
import { markBlockId } from './message-mark.ts';
import { clipRendered, escapeControl } from './mrkdwn.ts';

/** Slack's limit for the words of a task or plan. */
const CHUNK_MAX = 256;

export interface Growth {
  /** Slack is given something new this seldom. */
  pauseMs: number;
  /** How Slack shows tasks: together, or each in its place. */
  mode: 'plan' | 'timeline';
  /** Whether this state of the card is one that grows; any other ends the stream. */
  isGrowing(card: Card): boolean;
  first(card: Card, mark: string, look: Look): types.AnyChunk[];
  /** What comes to what is shown; null when the new state is no continuation of it. */
  next(card: Card, shown: Card, look: Look): types.AnyChunk[] | null;
  /** What is added where a stream ends in silence: what it does not show, its title left out. */
  rest(card: Card): Card;
}

export const titleChunk = ({ title }: Card): types.AnyChunk => ({
  type: 'markdown_text',
  text: `**${escapeMarkdown(escapeControl(title).replace(/\s+/g, ' ').slice(0, 300))}**`,
});

/** By this block the message is found again after a crash. */
export const markChunk = (mark: string, blocks: Block[] = []): types.AnyChunk => ({
  type: 'blocks',
  blocks: asKnown([{ type: 'divider', block_id: markBlockId(mark) }, ...blocks]),
});

/** One line in which nothing can be read as a mention. */
export const chunkText = (text: string): string => clipRendered(escapeControl(text.replace(/\s+/g, ' ').trim()), CHUNK_MAX) || '–';
