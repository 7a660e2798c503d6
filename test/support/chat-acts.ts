// The six ways in which a person on Slack or Discord can decide a request, and the answers that only this person gets to see.
import { expect } from 'vitest';
import { type ChatStory, see } from './chat-story.ts';
import type { Person, PostedMessage } from './discord-double-model.ts';
import type { Seen } from './discord-double-people.ts';
import { PERMISSIONS } from './discord-double-permissions.ts';
import type { SlackMessage, SlackView } from './slack-double-model.ts';

export const MEDIA = ['button', 'command', 'mention', 'modal', 'reply', 'dm'] as const;
export type Medium = (typeof MEDIA)[number];

export interface SlackPerson {
  user: string;
  team?: string;
}

/** A request as both platforms show it, and the thread of its goal on each. */
export interface Shown<Message> {
  id: number;
  card: Message;
  /** The card's button that says yes. */
  yes: string;
  thread: string;
}

export const slackId = ({ user, team = 'T1' }: SlackPerson): string => `slack:${team}/${user}`;
export const discordId = ({ id }: Person): string => `discord:${id}`;

const REASON = 'not now';

export async function openSlackForm({ slack }: ChatStory, who: SlackPerson, card: SlackMessage): Promise<SlackView> {
  await slack.click({ ...who, on: card, button: 'Deny…' });
  return see(() => slack.modal(who.user), `the form of ${who.user}`);
}

/** Says yes; in a form, no. @param form one that was opened before */
export async function actOnSlack(
  chat: ChatStory,
  { medium, who, on, form }: { medium: Medium; who: SlackPerson; on: Shown<SlackMessage>; form?: SlackView | 'refused' },
): Promise<void> {
  const { slack } = chat;
  const text = `approve ${on.id}`;
  const acts: Record<Medium, () => Promise<{ outcome: string }>> = {
    button: () => slack.click({ ...who, on: on.card, button: on.yes }),
    command: () => slack.slash({ ...who, channel: 'C3', text }),
    mention: () => slack.mention({ ...who, channel: 'C3', text }),
    modal: async () => {
      if (form === 'refused') return slack.click({ ...who, on: on.card, button: 'Deny…' });
      return slack.submitView({ ...who, view: form ?? (await openSlackForm(chat, who, on.card)), values: { reason: REASON } });
    },
    reply: () => slack.reply({ ...who, channel: 'C1', thread: on.thread, text }),
    dm: () => slack.directMessage({ ...who, text }),
  };
  expect((await acts[medium]()).outcome, `${slackId(who)} by ${medium}`).toBe('ack');
}

/** Says yes; in a form, no. @param form one that was opened before */
export async function actOnDiscord(
  { discord }: ChatStory,
  { medium, who, on, form }: { medium: Medium; who: Person; on: Shown<PostedMessage>; form?: Seen },
): Promise<void> {
  const other = discord.channel('other');
  const content = `approve ${on.id}`;
  const acts: Record<Medium, () => unknown> = {
    button: () => discord.click({ message: on.card, label: on.yes, user: who }),
    // Whoever may write here is shown the commands that act.
    command: () => {
      who.permissions |= PERMISSIONS.SEND_MESSAGES;
      return discord.command({ name: 'approve', options: { id: String(on.id) }, channel: other, user: who });
    },
    mention: () => discord.say({ channel: other, user: who, content, mentionsBot: true }),
    modal: async () => {
      const seen = form ?? (await discord.click({ message: on.card, label: 'Deny…', user: who }));
      return discord.submitModal({ seen, values: { reason: REASON }, user: who });
    },
    reply: () => discord.say({ channel: on.thread, user: who, content, mentionsBot: true }),
    dm: () => discord.directMessage(who, content),
  };
  await acts[medium]();
}

/** The app's words that this person alone sees and that name their id: in ephemeral messages and direct ones. */
export function toldOnSlack({ slack }: ChatStory, who: SlackPerson, direct: string | null): string[] {
  const ephemeral = ['C1', 'C2', 'C3'].flatMap((channel) => slack.posted(channel).filter((each) => each.ephemeralTo === who.user));
  return [...ephemeral, ...(direct === null ? [] : slack.posted(direct))]
    .map(({ text }) => text)
    .filter((text) => text.includes(slackId(who)));
}

export function toldOnDiscord({ discord }: ChatStory, who: Person): string[] {
  return discord.journal.messages
    .filter((each) => each.authorId === discord.bot.id)
    .filter((each) => each.ephemeralTo === who.id || discord.place(each.channelId).recipientId === who.id)
    .map(({ text }) => text)
    .filter((text) => text.includes(discordId(who)));
}
