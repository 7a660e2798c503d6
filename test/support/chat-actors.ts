// Everybody who may try to decide a request and must not, with what each of them is to be told.
import { discordId, type Medium, openSlackForm, type Shown, type SlackPerson } from './chat-acts.ts';
import type { ChatStory } from './chat-story.ts';
import type { Person, PostedMessage } from './discord-double-model.ts';
import type { SlackMessage, SlackView } from './slack-double-model.ts';

export const give = (chat: ChatStory, platformId: string, role: string): Promise<unknown> =>
  chat.story.say('team', { add: platformId, role });

export interface SlackActor {
  name: string;
  who: SlackPerson;
  /** What the answer says, beside their id. */
  told: RegExp;
  form?: SlackView | 'refused';
}

export interface DiscordActor {
  name: string;
  who: Person;
  told: RegExp;
  media?: readonly Medium[];
  form?: Awaited<ReturnType<ChatStory['discord']['click']>>;
}

export const LACKS = /needs the role approver/;
export const NOBODY = /You have no role here yet/;

/** `Uapprover` is called as UAPPROVER is; the workspace T2 has a UAPPROVER of its own. */
export async function gatherSlack(chat: ChatStory, on: Shown<SlackMessage>): Promise<SlackActor[]> {
  const removed = { user: 'UREMOVED' };
  await give(chat, 'slack:T1/UREMOVED', 'approver');
  const opened = await openSlackForm(chat, removed, on.card);
  await give(chat, 'slack:T1/UREMOVED', 'none');
  return [
    { name: 'owner', who: { user: 'UOWNER' }, told: LACKS },
    { name: 'operator', who: { user: 'UOPERATOR' }, told: LACKS },
    { name: 'viewer', who: { user: 'UVIEWER' }, told: LACKS },
    { name: 'outsider', who: { user: 'UOUTSIDER' }, told: NOBODY, form: 'refused' },
    { name: 'guest of a shared channel', who: { user: 'UGUEST', team: 'T9' }, told: NOBODY, form: 'refused' },
    { name: 'same id in another workspace', who: { user: 'UAPPROVER', team: 'T2' }, told: NOBODY, form: 'refused' },
    { name: 'same display name', who: { user: 'Uapprover' }, told: NOBODY, form: 'refused' },
    { name: 'removed, with a form opened before', who: removed, told: NOBODY, form: opened },
  ];
}

export async function gatherDiscord(chat: ChatStory, on: Shown<PostedMessage>): Promise<DiscordActor[]> {
  const { discord, people } = chat;
  const [owner, guest, namesake, removed] = [
    discord.addPerson('Olga'),
    discord.addPerson('Gus', { inGuild: false }),
    discord.addPerson(people.approver.name),
    discord.addPerson('Rob'),
  ];
  await give(chat, discordId(owner), 'owner');
  await give(chat, discordId(removed), 'approver');
  const opened = await discord.click({ message: on.card, label: 'Deny…', user: removed });
  await give(chat, discordId(removed), 'none');
  return [
    { name: 'owner', who: owner, told: LACKS },
    { name: 'operator', who: people.operator, told: LACKS },
    { name: 'viewer', who: people.viewer, told: LACKS },
    { name: 'outsider', who: people.outsider, told: NOBODY },
    { name: 'guest from outside the server', who: guest, told: NOBODY, media: ['dm'] },
    { name: 'same display name', who: namesake, told: NOBODY },
    { name: 'removed, with a form opened before', who: removed, told: NOBODY, form: opened },
  ];
}
