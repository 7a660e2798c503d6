// What a button still has to ask, as a form, and what was filled in. Only what the button left open is asked for or taken.
import { type APIModalInteractionResponseCallbackData, ComponentType, type ModalSubmitLabelComponent, TextInputStyle } from 'discord.js';
import type { PressedButton } from '../../chat/button-code.ts';
import type { Command } from '../../chat/command.ts';
import { plainLine } from '../../chat/escape.ts';
import { type FieldSchema, readFieldSchemas } from './command-definitions.ts';

const MAX_TITLE = 45;
const MAX_LABEL = 45;
const MAX_HINT = 100;
const MAX_INPUT = 4000;
const MAX_QUESTIONS = 5;

export const openQuestions = ({ args }: PressedButton): string[] => Object.keys(args).filter((name) => args[name] === '');

/** @param label the pressed button's own words. */
export function buildModal(
  customId: string,
  pressed: PressedButton,
  label: string,
  command: Command | undefined,
): APIModalInteractionResponseCallbackData {
  const fields = new Map(command === undefined ? [] : readFieldSchemas(command).fields);
  return {
    custom_id: customId,
    title: cut(label.replace(/…$/, '') || pressed.command, MAX_TITLE),
    components: openQuestions(pressed)
      .slice(0, MAX_QUESTIONS)
      .map((name) => askFor(name, fields.get(name) ?? {})),
  };
}

function askFor(name: string, field: FieldSchema) {
  const about = field.description ?? '';
  const isSentence = field.words === true;
  return {
    type: ComponentType.Label as const,
    label: cut(capitalise(name), MAX_LABEL),
    ...(about === '' ? {} : { description: cut(about, MAX_HINT) }),
    component: {
      type: ComponentType.TextInput as const,
      custom_id: name,
      style: isSentence ? TextInputStyle.Paragraph : TextInputStyle.Short,
      required: true,
      min_length: 1,
      max_length: Math.min(MAX_INPUT, field.maxLength ?? (isSentence ? MAX_INPUT : 200)),
    },
  };
}

const capitalise = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
const cut = (text: string, max: number): string => {
  const line = plainLine(text, 500);
  return line.length <= max ? line : `${line.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

/** The button's arguments with its open ones filled in; null when one of them was left out. */
export function fillIn(pressed: PressedButton, components: readonly unknown[]): Record<string, unknown> | null {
  const filled: Record<string, unknown> = { ...pressed.args };
  for (const name of openQuestions(pressed).slice(0, MAX_QUESTIONS)) {
    const value = components.map((component) => answerOf(component as ModalSubmitLabelComponent, name)).find((found) => found !== null);
    if (value === undefined || value === null || value.trim() === '') return null;
    filled[name] = value;
  }
  return filled;
}

function answerOf(label: ModalSubmitLabelComponent, name: string): string | null {
  const input = label.component;
  return input?.type === ComponentType.TextInput && input.custom_id === name ? input.value : null;
}
