// Commands, buttons and forms from Discord: acknowledged first, counted once, then dispatched like on every other surface.
import {
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  MessageFlags,
} from 'discord.js';
import type { Answer } from '../../chat/answer.ts';
import type { Card } from '../../chat/card.ts';
import { isDelivered } from '../../chat/delivery-store.ts';
import { escapeMarkdown } from '../../chat/escape.ts';
import { hearOnce } from '../../chat/heard-store.ts';
import { findChatCaller } from '../../flows/chat-caller.ts';
import { answerAutocomplete } from './autocomplete.ts';
import { type Pressed, readPressed } from './button-rows.ts';
import { readOptions } from './command-definitions.ts';
import { platformIdOf, spotOf } from './interaction-words.ts';
import { buildModal, fillIn, openQuestions } from './modals.ts';
import type { DiscordParts } from './parts.ts';
import { acknowledge, acknowledgeClick, addPrivately, replaceAtOnce, replaceOriginal, replyPrivately, showModal } from './replies.ts';

/** The button that answers "are you sure?" with no; no command is called so. */
const KEEP = 'no';
const STRANGE: Card = { title: 'This button is not known here', tone: 'bad', text: 'It may be from an older version. Nothing was done.' };
const KEPT: Card = { title: 'Nothing was done', tone: 'muted' };
const EMPTY: Card = {
  title: 'Something was left out',
  tone: 'bad',
  text: 'Nothing was done. Press the button again and fill in every field.',
};
const BROKEN: Card = {
  title: 'Something broke',
  tone: 'bad',
  text: 'It is in the log. Look at the card before you try again: it says what was done.',
};

type Clicked = APIMessageComponentInteraction | APIModalSubmitInteraction;

/** @throws when Discord or the database is away; the person was told where that is possible. */
export async function answerInteraction(parts: DiscordParts, raised: APIInteraction): Promise<void> {
  switch (raised.type) {
    case InteractionType.ApplicationCommandAutocomplete:
      return answerAutocomplete(parts, raised);
    case InteractionType.ApplicationCommand:
      if (raised.data.type === ApplicationCommandType.ChatInput)
        await answerCommand(parts, raised as APIChatInputApplicationCommandInteraction);
      return;
    case InteractionType.MessageComponent:
      return answerClick(parts, raised);
    case InteractionType.ModalSubmit:
      return answerModal(parts, raised);
    default:
      return;
  }
}

async function answerCommand(parts: DiscordParts, raised: APIChatInputApplicationCommandInteraction): Promise<void> {
  await acknowledge(parts, raised);
  await tellWhenBroken(
    parts,
    async () => {
      if (!(await hearOnce(parts.deps.db, 'discord', raised.id))) return;
      const command = parts.commands.find(({ name }) => name === raised.data.name);
      const answer = await run(parts, raised, raised.data.name, readOptions(command, raised.data.options ?? []));
      await replaceOriginal(parts, raised, answer.card);
    },
    () => replaceOriginal(parts, raised, BROKEN),
  );
}

async function answerClick(parts: DiscordParts, raised: APIMessageComponentInteraction): Promise<void> {
  const { custom_id: customId } = raised.data;
  if (customId === KEEP) return replaceAtOnce(parts, raised, KEPT);
  const pressed = readPressed(customId);
  if (pressed === null) return replyPrivately(parts, raised, STRANGE);
  if (openQuestions(pressed).length > 0) {
    // A form is a second thought by itself, so it is not asked twice.
    const command = parts.commands.find(({ name }) => name === pressed.command);
    return showModal(parts, raised, buildModal(customId, pressed, labelOf(raised), command));
  }
  if (pressed.confirm !== null) return replyPrivately(parts, raised, sureCard(pressed, labelOf(raised)));
  await acknowledgeClick(parts, raised);
  await perform(parts, raised, pressed.command, pressed.args);
}

async function answerModal(parts: DiscordParts, raised: APIModalSubmitInteraction): Promise<void> {
  const pressed = readPressed(raised.data.custom_id);
  if (pressed === null) return replyPrivately(parts, raised, STRANGE);
  const input = fillIn(pressed, raised.data.components);
  if (input === null) return replyPrivately(parts, raised, EMPTY);
  await acknowledgeClick(parts, raised);
  await perform(parts, raised, pressed.command, input);
}

/** The work behind a click that was acknowledged, and what its person sees of it. */
async function perform(parts: DiscordParts, raised: Clicked, name: string, input: Record<string, unknown>): Promise<void> {
  await tellWhenBroken(
    parts,
    async () => {
      if (!(await hearOnce(parts.deps.db, 'discord', raised.id))) return;
      const answer = await run(parts, raised, name, input);
      if (!answer.ok) return addPrivately(parts, raised, answer.card);
      // The outbox edits its own cards; a direct answer becomes its answer.
      if (!(await isOutboxCard(parts, raised))) await replaceOriginal(parts, raised, answer.card);
    },
    () => addPrivately(parts, raised, BROKEN),
  );
}

async function isOutboxCard({ deps }: DiscordParts, { message }: Clicked): Promise<boolean> {
  return message !== undefined && (await isDelivered(deps.db, 'discord', message.channel_id, message.id));
}

async function run(parts: DiscordParts, raised: APIInteraction, name: string, input: Record<string, unknown>): Promise<Answer> {
  const said = await spotOf(raised, parts.places);
  const caller = await findChatCaller(parts.deps, { platform: 'discord', platformId: platformIdOf(raised), said });
  // What is asked where one person alone sees it is answered to this person alone.
  const privately = raised.type === InteractionType.ApplicationCommand || isForOne(raised);
  return parts.dispatch({ name, input, caller: { ...caller, privately } });
}

const isForOne = ({ message }: APIInteraction): boolean =>
  message !== undefined && ((message.flags ?? 0) & MessageFlags.Ephemeral) === MessageFlags.Ephemeral;

/** After "thinking…" nobody may be left waiting. The error goes on either way. */
async function tellWhenBroken({ turns }: DiscordParts, work: () => Promise<void>, tell: () => Promise<void>): Promise<void> {
  try {
    await turns(work);
  } catch (error) {
    await tell().catch((second: unknown) => {
      throw new AggregateError([error, second], 'an answer broke, and so did the word about it');
    });
    throw error;
  }
}

function sureCard(pressed: Pressed, label: string): Card {
  const { command, args } = pressed;
  const words = Object.entries(args).map(([name, value]) => `${name}:${String(value)}`);
  const question =
    pressed.confirm === '' || pressed.confirm === null ? `“${label}” runs ${command} ${words.join(' ')}`.trim() : pressed.confirm;
  return {
    title: 'Are you sure?',
    tone: 'ask',
    text: escapeMarkdown(question, 1000),
    buttons: [
      { label: `Yes: ${label}`, command, args, style: 'danger' },
      { label: 'No', command: KEEP, args: {}, style: 'plain' },
    ],
  };
}

interface Piece {
  type: number;
  custom_id?: string;
  label?: string;
  components?: Piece[];
}

/** The words on the pressed button, as its message shows them. */
function labelOf(raised: APIMessageComponentInteraction): string {
  const find = (pieces: readonly Piece[]): string | undefined => {
    for (const piece of pieces) {
      if (piece.type === ComponentType.Button && piece.custom_id === raised.data.custom_id) return piece.label;
      const inner = find(piece.components ?? []);
      if (inner !== undefined) return inner;
    }
    return undefined;
  };
  return find((raised.message.components ?? []) as Piece[]) ?? readPressed(raised.data.custom_id)?.command ?? '';
}
