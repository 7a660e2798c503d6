// Modals: one input for each thing a button asks for, and answers to clicks in the home tab. What is asked travels in private_metadata.
import type { types } from '@slack/bolt';
import { z } from 'zod';
import { encodeButton, type PressedButton } from '../../chat/button-code.ts';
import type { Card } from '../../chat/card.ts';
import { asKnown, plain } from './block-parts.ts';
import { renderBlocks } from './blocks.ts';

export const ASK_CALLBACK = 'jug-ask';
const INPUT = 'value';
const TITLE_MAX = 24;
const INPUT_MAX = 3_000;

/** Where the click came from; a null place is the home tab. */
const originSchema = z.object({
  code: z.string(),
  place: z.string().nullable(),
  thread: z.string().nullable(),
  ts: z.string().nullable(),
  url: z.string().nullable(),
});
export type Origin = Omit<z.output<typeof originSchema>, 'code'>;

/** Arguments a button leaves open: the person is asked for them. */
export const findAsked = (button: PressedButton): string[] => Object.keys(button.args).filter((name) => button.args[name] === '');

export function drawAsk(button: PressedButton, label: string, origin: Origin): types.ModalView {
  const code = encodeButton(button.command, button.args) ?? '';
  return {
    type: 'modal',
    callback_id: ASK_CALLBACK,
    private_metadata: JSON.stringify({ code, ...origin }),
    title: plain(label, TITLE_MAX),
    submit: plain('Send', TITLE_MAX),
    close: plain('Cancel', TITLE_MAX),
    blocks: findAsked(button).map(drawInput),
  };
}

/** Sentences get a large field, amounts and lists of numbers a line. */
const LINES = new Set(['amount', 'budget', 'only', 'deadline']);

const drawInput = (name: string): types.InputBlock => ({
  type: 'input',
  block_id: name,
  label: plain(`${name.charAt(0).toUpperCase()}${name.slice(1)}`, 100),
  element: { type: 'plain_text_input', action_id: INPUT, multiline: !LINES.has(name), min_length: 1, max_length: INPUT_MAX },
});

/** @returns null for a modal that is not ours. */
export function readOrigin(metadata: string): z.output<typeof originSchema> | null {
  try {
    return originSchema.safeParse(JSON.parse(metadata)).data ?? null;
  } catch {
    return null;
  }
}

interface ViewState {
  values: Record<string, Record<string, { value?: string | null }>>;
}

/** What was typed, by argument. */
export function readInputs(state: ViewState, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, (state.values[name]?.[INPUT]?.value ?? '').trim()]));
}

/** An answer in a window of its own. */
export function drawModal(card: Card, publicUrl: string | null): types.ModalView {
  const { blocks } = renderBlocks(card, { surface: 'view', publicUrl });
  return { type: 'modal', title: plain('Juggernaut', TITLE_MAX), close: plain('Close', TITLE_MAX), blocks: asKnown(blocks) };
}
