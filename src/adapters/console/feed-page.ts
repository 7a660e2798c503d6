// The feed: newest cards first, by channel; and what an empty console says to do first.
import { EXAMPLE_GOALS, REAL_MODEL_LINE } from '../../chat/views/draft-card.ts';
import type { Channel } from '../../db/tables/states.ts';
import { CHANNELS } from '../http/api-routes.ts';
import type { PostedMessage } from '../http/message-store.ts';
import { renderEntry } from './card-view.ts';
import { type Frame, nextPage, renderCommandBox, renderOlder, renderTime } from './layout.ts';
import { type Html, html } from './markup.ts';

export const FEED_PAGE = 40;

/** A posted card; in the feed it names its goal, in the goal's own thread it does not. */
export function renderMessage(message: PostedMessage, frame: Pick<Frame, 'timezone' | 'visitor'>, inThread: boolean): Html {
  return renderEntry(message.card, placeOf(message, frame, inThread));
}

export function placeOf(message: PostedMessage, frame: Pick<Frame, 'timezone' | 'visitor'>, inThread: boolean) {
  const { goalId, goalTitle } = message;
  const heading = html`<p class="meta">${!inThread && goalId !== null && html`<a class="thread" href="/goals/${goalId}">#${goalId}${goalTitle !== null && html` <span>${goalTitle}</span>`}</a>`}
    ${renderTime(message.editedAt ?? message.at, frame.timezone)}</p>`;
  return { key: `m-${message.id}`, version: message.version, csrf: frame.visitor.csrf, heading };
}

export function renderFeed(
  frame: Frame,
  feed: { channel: Channel | null; messages: PostedMessage[]; isFirstPage: boolean; invites: boolean },
): Html {
  const path = feed.channel === null ? '/' : `/?channel=${feed.channel}`;
  return html`<h1 class="unseen">Feed</h1>
    ${renderCommandBox(frame, null)}
    ${feed.invites && renderWelcome(frame)}
    <nav class="tabs" aria-label="Channels">${[null, ...CHANNELS].map((channel) => html`<a href="${channel === null ? '/' : `/?channel=${channel}`}"${channel === feed.channel && html` aria-current="page"`}>${channel ?? 'all'}</a>`)}</nav>
    <ol id="feed" class="entries" data-channel="${feed.channel ?? ''}" data-insert="${feed.isFirstPage ? 'first' : 'none'}">${feed.messages.map((message) => renderMessage(message, frame, false))}</ol>
    ${feed.messages.length === 0 && !feed.invites && html`<p class="empty">Nothing here yet.</p>`}
    ${renderOlder(path.split('?')[0] ?? '/', { channel: feed.channel }, nextPage(feed.messages, FEED_PAGE))}`;
}

function renderWelcome(frame: Frame): Html {
  return html`<section class="welcome" id="welcome">
    <h2>Give it a goal</h2>
    <p>It drafts a plan, asks before money leaves or anything happens outside, does the work, and books what it cost and what it earned. Start with one of these:</p>
    <div class="examples">${EXAMPLE_GOALS.map(
      (text) => html`<form method="post" action="/say" hx-post="/say" hx-target="#answers" hx-swap="afterbegin" hx-disable="find button">
      <input type="hidden" name="_csrf" value="${frame.visitor.csrf}"><input type="hidden" name="text" value="goal ${text}"><button type="submit" class="example">${text}</button></form>`,
    )}</div>
    ${frame.mode === 'practice' && html`<p class="note"><strong>Practice mode.</strong> The dollars, the market and its customers are made up; nothing leaves this machine.</p>`}
    ${
      frame.isPlaybook &&
      html`<p class="note"><strong>No language model yet.</strong> Without one the agent follows fixed playbooks for the practice market. It does not understand free text and is no language model.
      ${renderModelLine()}</p>`
    }
  </section>`;
}

/** The line for .env comes first, the sentence about it after. */
function renderModelLine(): Html {
  const [lines = '', rest = ''] = REAL_MODEL_LINE.split(' in .env ');
  return html`${lines.split(' and ').map((line) => html`<code class="line">${line}</code>`)} in <code>.env</code> ${rest}`;
}
