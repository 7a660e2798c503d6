// The parts blocks are built of, and Slack's limits for them (docs.slack.dev, Block Kit reference).
import type { types } from '@slack/bolt';
import { clipRendered, escapeControl } from './mrkdwn.ts';

/** The native chart block is younger than @slack/types 3.2. */
export type Block = types.KnownBlock | { type: 'data_visualization'; title: string; chart: object };

/** Slack's own types do not know every block yet. */
export const asKnown = (blocks: Block[]): types.KnownBlock[] => blocks as types.KnownBlock[];

/** Where blocks are to be shown: tables and charts exist in messages only. */
export interface Look {
  surface: 'message' | 'view';
  publicUrl: string | null;
  /** Tells the buttons of several cards in one view apart. */
  prefix?: string;
  /** What does not fit lies in files beside the message, where everybody who sees it can read it. */
  hasFiles?: boolean;
}

/** Blocks, and whether all of it is in them. */
export interface Drawn {
  blocks: Block[];
  whole: boolean;
}

export const restIs = (look: Look): string => (look.hasFiles === true ? 'in the attached file' : 'in the console');

export const SECTION_MAX = 3_000;
/** Slack refuses about 13,200 characters over all blocks (`msg_blocks_too_long`); this leaves room for what is not counted here. */
export const MESSAGE_MAX = 12_000;

/** Text without any markup, at most `max` characters. Never empty, which Slack refuses. */
export function plain(text: string, max: number): types.PlainTextElement {
  const line = clipRendered(escapeControl(text.replace(/\s+/g, ' ').trim()), max);
  return { type: 'plain_text', text: line === '' ? '–' : line, emoji: false };
}

/** Verbatim: Slack turns nothing in it into a mention or a link by itself. */
export const markup = (text: string) => ({ type: 'mrkdwn' as const, text, verbatim: true });

export const section = (text: string): Block => ({ type: 'section', text: markup(text) });

export const note = (text: string): Block => ({ type: 'context', elements: [markup(clipRendered(text, 2_000))] });

/** Characters of everything a person reads in these blocks, and of what is counted with it. */
export function countText(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + countText(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [name, one]) => sum + (SILENT.has(name) ? 0 : countText(one)), 0);
}

const SILENT = new Set(['type', 'action_id', 'block_id', 'style', 'align']);
