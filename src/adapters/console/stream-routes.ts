// Live updates: the same stream as JSON for programs and as rendered cards for the console's pages.
import type { Context, Hono } from 'hono';
import { CHANNELS, isChannel, readCount, refuse, requireViewer, toJson } from '../http/api-routes.ts';
import type { PostedMessage } from '../http/message-store.ts';
import type { MessageTail } from '../http/message-tail.ts';
import type { Visitor } from '../http/sign-in.ts';
import { readResumePoint, streamMessages } from '../http/stream.ts';
import { renderEntry } from './card-view.ts';
import { placeOf } from './feed-page.ts';
import type { Session } from './session.ts';

export function addStreamRoutes(app: Hono, session: Session, tail: MessageTail, signal: AbortSignal): void {
  const { parts, signIn } = session;

  async function open(c: Context, render: (message: PostedMessage, visitor: Visitor) => string): Promise<Response> {
    const visitor = await requireViewer(c, signIn);
    if (visitor instanceof Response) return visitor;
    const { channel, thread } = c.req.query();
    const after = readCount(readResumePoint(c));
    const goalId = readCount(thread);
    if (Number.isNaN(after) || Number.isNaN(goalId))
      return refuse(c, 400, 'invalid_input', 'Last-Event-ID, after and thread: whole numbers');
    if (channel !== undefined && !isChannel(channel)) return refuse(c, 400, 'invalid_input', `channel: one of ${CHANNELS.join(', ')}`);
    return streamMessages(c, {
      tail,
      after,
      signal,
      wants: (message) => (channel === undefined || message.channel === channel) && (goalId === null || message.goalId === goalId),
      render: (message) => render(message, visitor),
      isStillAllowed: async () => (await signIn.identify(c))?.person.roles.has('viewer') ?? false,
      onError: (error) => parts.log.warn({ err: error }, 'a live stream ended early'),
    });
  }

  app.get('/api/stream', (c) => open(c, (message) => JSON.stringify(toJson(message))));

  app.get('/stream', (c) =>
    open(c, (message, visitor) => {
      const { id, version, change, channel, goalId, card } = message;
      const draw = (inThread: boolean) =>
        renderEntry(card, placeOf(message, { visitor, timezone: parts.config.timezone }, inThread)).toString();
      return JSON.stringify({
        id,
        version,
        change,
        channel,
        goal: goalId,
        title: card.title,
        kind: card.ref?.kind ?? null,
        html: draw(c.req.query('inThread') === '1'),
      });
    }),
  );
}
