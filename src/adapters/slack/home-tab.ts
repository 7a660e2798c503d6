// The app's own pages in Slack: the home tab (what runs, what waits, what is tried, today's money) and the first steps in the messages tab.
import type { App, types } from '@slack/bolt';
import type { Answer } from '../../chat/answer.ts';
import { EXAMPLE_GOALS } from '../../chat/views/draft-card.ts';
import { asKnown } from './block-parts.ts';
import { renderBlocks } from './blocks.ts';
import { findCaller, isNew, type SlackParts, type Speaker } from './slack-parts.ts';

const SHOWN = ['status', 'approvals', 'experiments', 'revenue'] as const;
/** Slack's limit for one view. */
const MOST_BLOCKS = 100;
const PER_CARD = Math.floor(MOST_BLOCKS / SHOWN.length) - 1;
/** Slack's limit for a prompt's title. */
const PROMPT_TITLE_MAX = 75;

interface OpenedEvent {
  user: string;
  channel: string;
  tab?: string;
}

export function showHome(app: App, parts: SlackParts): void {
  app.event('app_home_opened', async ({ event, body }) => {
    const opened = event as unknown as OpenedEvent;
    const { team_id: team, event_id: eventId } = body as { team_id: string; event_id: string };
    if (!(await isNew(parts, 'event', eventId))) return;
    if (opened.tab === 'messages') return suggest(parts, opened.channel);
    await publishHome(parts, { user: opened.user, team });
  });
}

/** With a thread_ts Slack would show nothing and say nothing: in the agent view prompts belong to the conversation. */
async function suggest(parts: SlackParts, channel: string): Promise<void> {
  const prompts = EXAMPLE_GOALS.map((message) => ({ title: message.slice(0, PROMPT_TITLE_MAX), message }));
  await parts.client.assistant.threads.setSuggestedPrompts({ channel_id: channel, title: 'Give it a goal', prompts });
}

export async function publishHome(parts: SlackParts, speaker: Speaker): Promise<void> {
  const caller = await findCaller(parts, speaker, null);
  // Someone without a role is told so once, not for each part.
  const names = caller.roles.size === 0 ? SHOWN.slice(0, 1) : SHOWN;
  const answers = await Promise.all(names.map((name) => parts.dispatch({ name, input: {}, caller })));
  await parts.client.views.publish({ user_id: speaker.user, view: { type: 'home', blocks: drawAll(parts, answers) } });
}

function drawAll(parts: SlackParts, answers: readonly Answer[]): types.KnownBlock[] {
  const { publicUrl } = parts.deps.config.http;
  return answers.flatMap(({ card }, at) => {
    const { blocks } = renderBlocks(card, { surface: 'view', publicUrl, prefix: `home${at}` });
    return asKnown([...(at === 0 ? [] : [{ type: 'divider' as const }]), ...blocks.slice(0, PER_CARD)]);
  });
}
