// Discord as the outbox needs it: post, edit, find again, open a thread. It never tries a call again by itself.
import { type APIChannel, type APIMessage, type APIUser, type REST, Routes, SnowflakeUtil, ThreadAutoArchiveDuration } from 'discord.js';
import { type ChatChannel, DeliveryTrouble, type Letter, type Spot } from '../../chat/channel.ts';
import { plainLine } from '../../chat/escape.ts';
import { markId } from './components.ts';
import type { PublicUrl } from './markdown.ts';
import { buildMessage } from './message-body.ts';
import { addressOf, answersTo, type Places } from './places.ts';
import { codeOf, toTrouble } from './rest.ts';

const MAX_THREAD_NAME = 100;
const PAGE = 100;
const MAX_PAGES = 10;
/** Discord's clock and the database's need not agree. */
const CLOCK_SKEW_MS = 60_000;
const THREAD_EXISTS = 160_004;
const THREAD_ARCHIVED = 50_083;
const UNKNOWN_CHANNEL = 10_003;
/** How Discord refuses to open a thread again that a moderator locked. */
const LOCKED: ReadonlySet<number> = new Set([50_001, 50_013, 50_083, 160_005]);

export interface ChannelNeeds {
  rest: REST;
  places: Places;
  publicUrl: PublicUrl;
  /** Told of every refused call, before it becomes a trouble. */
  onError: (error: unknown) => void;
}

export function createDiscordChannel({ rest, places, publicUrl, onError }: ChannelNeeds): ChatChannel {
  let ownId: string | null = null;

  /** @param spot where it is about; a thread that nobody knows any more is no channel in trouble. */
  async function call<Result>(work: () => Promise<Result>, spot: Spot | null = null): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      onError(error);
      if (error instanceof DeliveryTrouble) throw error;
      if (codeOf(error) !== UNKNOWN_CHANNEL || spot === null || addressOf(spot).channelId === spot.place) throw toTrouble(error);
      throw new DeliveryTrouble('thread_lost', 'The thread is no longer there.', { cause: error });
    }
  }

  async function readOwnId(): Promise<string> {
    ownId ??= ((await rest.get(Routes.user())) as APIUser).id;
    return ownId;
  }

  async function post(spot: Spot, { card, mark }: Letter): Promise<string> {
    const { channelId, answers } = addressOf(spot);
    const { body, files } = await buildMessage(card, { mark, publicUrl });
    const reference = answers === null ? {} : { message_reference: { message_id: answers, fail_if_not_exists: false } };
    const posted = await inOpenThread(rest, channelId, () =>
      rest.post(Routes.channelMessages(channelId), { body: { ...body, ...reference, nonce: mark, enforce_nonce: true }, files }),
    );
    return (posted as APIMessage).id;
  }

  async function edit(spot: Spot, remoteId: string, { card, mark }: Letter): Promise<void> {
    const { channelId } = addressOf(spot);
    const { body, files } = await buildMessage(card, { mark, publicUrl });
    await inOpenThread(rest, channelId, () => rest.patch(Routes.channelMessage(channelId, remoteId), { body, files }));
  }

  async function find(spot: Spot, { mark }: Letter, since: Date): Promise<string | null> {
    const { channelId } = addressOf(spot);
    const own = await readOwnId();
    let after = SnowflakeUtil.generate({ timestamp: since.getTime() - CLOCK_SKEW_MS }).toString();
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = new URLSearchParams({ after, limit: String(PAGE) });
      const messages = (await rest.get(Routes.channelMessages(channelId), { query })) as APIMessage[];
      const found = messages.find((message) => message.author.id === own && carries(message, mark));
      if (found !== undefined) return found.id;
      if (messages.length < PAGE) return null;
      after = messages.reduce((newest, { id }) => (BigInt(id) > BigInt(newest) ? id : newest), after);
    }
    return null;
  }

  async function openThread(spot: Spot, remoteId: string, title: string): Promise<string> {
    if ((await places.look(spot.place)).kind === 'direct') return answersTo(remoteId);
    const body = { name: threadName(title), auto_archive_duration: ThreadAutoArchiveDuration.OneWeek };
    try {
      return ((await rest.post(Routes.threads(spot.place, remoteId), { body })) as APIChannel).id;
    } catch (error) {
      // A message's thread has its message's id.
      if (codeOf(error) === THREAD_EXISTS) return remoteId;
      throw error;
    }
  }

  return {
    platform: 'discord',
    post: (spot, letter) => call(() => post(spot, letter), spot),
    edit: (spot, remoteId, letter) => call(() => edit(spot, remoteId, letter), spot),
    find: (spot, letter, since) => call(() => find(spot, letter, since), spot),
    openThread: (spot, remoteId, title) => call(() => openThread(spot, remoteId, title)),
    directPlace: (userId) =>
      call(async () => ((await rest.post(Routes.userChannels(), { body: { recipient_id: userId } })) as APIChannel).id),
  };
}

/** An archived thread takes edits again once it is open; new messages open it by themselves unless a moderator locked it. */
async function inOpenThread<Result>(rest: REST, channelId: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== THREAD_ARCHIVED) throw error;
    await wake(rest, channelId);
    return work();
  }
}

async function wake(rest: REST, threadId: string): Promise<void> {
  try {
    await rest.patch(Routes.channel(threadId), { body: { archived: false } });
  } catch (error) {
    if (!LOCKED.has(codeOf(error) ?? 0)) throw error;
    throw new DeliveryTrouble('thread_lost', 'This thread is locked. A moderator can unlock it.', { cause: error });
  }
}

export function threadName(title: string): string {
  return plainLine(title, 60).slice(0, MAX_THREAD_NAME) || 'Goal';
}

function carries(message: APIMessage, mark: string): boolean {
  const id = markId(mark);
  return message.components?.some((component) => component.id === id) ?? false;
}
