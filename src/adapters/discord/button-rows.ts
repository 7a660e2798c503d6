// A card's buttons as rows of five, and back: what the pressed one stands for. The wire carries command and arguments, never state.
import { type APIActionRowComponent, type APIButtonComponentWithCustomId, ButtonStyle, ComponentType } from 'discord.js';
import { decodeButton, encodeButton, type PressedButton } from '../../chat/button-code.ts';
import type { Button } from '../../chat/card.ts';
import { makeVisible } from '../../core/visible-text.ts';
import { escapeData, takeLines } from './markdown.ts';

export type ButtonRow = APIActionRowComponent<APIButtonComponentWithCustomId>;

const PER_ROW = 5;
const MAX_BUTTONS = 25;
const MAX_LABEL = 80;
const MAX_CODE = 100;
const MAX_NOTES = 600;

const STYLE: Record<Button['style'], APIButtonComponentWithCustomId['style']> = {
  primary: ButtonStyle.Primary,
  danger: ButtonStyle.Danger,
  plain: ButtonStyle.Secondary,
};

export interface RenderedButtons {
  rows: ButtonRow[];
  /** What to type instead of the buttons there is no room for; empty when all are there. */
  unpressable: string;
}

export function renderButtons(buttons: readonly Button[]): RenderedButtons {
  const placed = new Map<string, APIButtonComponentWithCustomId>();
  const typed: Button[] = [];
  for (const button of buttons) {
    const code = encodeOnce(button, placed);
    if (code === null || placed.size >= MAX_BUTTONS) typed.push(button);
    else
      placed.set(code, {
        type: ComponentType.Button,
        style: STYLE[button.style] ?? ButtonStyle.Secondary,
        label: labelOf(button),
        custom_id: code,
      });
  }
  return { rows: toRows([...placed.values()]), unpressable: typeInstead(typed) };
}

export function toRows(buttons: readonly APIButtonComponentWithCustomId[]): ButtonRow[] {
  const rows: ButtonRow[] = [];
  for (let at = 0; at < buttons.length; at += PER_ROW)
    rows.push({ type: ComponentType.ActionRow, components: buttons.slice(at, at + PER_ROW) });
  return rows;
}

function labelOf(button: Button): string {
  const label = makeVisible(button.label).replace(/\s+/g, ' ').trim() || button.command;
  return label.length <= MAX_LABEL ? label : `${label.slice(0, MAX_LABEL - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function typeInstead(buttons: readonly Button[]): string {
  const lines = buttons.map((button) => {
    const words = Object.entries(button.args).map(([name, value]) => `${name}:${value === '' ? '…' : String(value)}`);
    return `-# ${escapeData(labelOf(button))}: ${escapeData(`/${button.command} ${words.join(' ')}`.replace(/\s+/g, ' ').trim().slice(0, 200))}`;
  });
  return takeLines(lines, MAX_NOTES);
}

export interface Pressed extends PressedButton {
  /** The question to ask before it counts; null when none is needed. */
  confirm: string | null;
}

/** Stands in no code, where every `%` has two digits behind it. */
const QUESTION = '%?';

/** Discord takes no id twice in a message: buttons that do the same under other words are counted, like `2!approve:id=17`. */
const COUNT = /^[2-9]!/;

function encodeOnce(button: Button, placed: ReadonlyMap<string, unknown>): string | null {
  const code = encodeConfirmed(button);
  if (code === null || !placed.has(code)) return code;
  const free = [2, 3, 4, 5, 6, 7, 8, 9].map((count) => `${count}!${code}`).find((counted) => !placed.has(counted));
  return free === undefined || free.length > MAX_CODE ? null : free;
}

/** `?` before the code: ask first. The question rides along where there is room. */
function encodeConfirmed(button: Button): string | null {
  const code = encodeButton(button.command, button.args);
  if (code === null || button.confirm === undefined) return code;
  const full = `?${code}${QUESTION}${button.confirm}`;
  if (full.length <= MAX_CODE && button.confirm.isWellFormed()) return full;
  return code.length < MAX_CODE ? `?${code}` : null;
}

/** @returns null for whatever no button of ours carries. */
export function readPressed(customId: string): Pressed | null {
  const code = customId.replace(COUNT, '');
  const asks = code.startsWith('?');
  const at = asks ? code.indexOf(QUESTION) : -1;
  const button = decodeButton(code.slice(asks ? 1 : 0, at === -1 ? undefined : at));
  if (button === null) return null;
  return { ...button, confirm: asks ? (at === -1 ? '' : code.slice(at + QUESTION.length)) : null };
}
