// Conversations: a list with their cost, and one of them with every message as it was said. One's own; an operator sees everybody's.
import { answerText } from '../../chat/answer-text.ts';
import { formatUsd } from '../../core/money.ts';
import { findConversation } from '../../domain/conversations/conversation-store.ts';
import { readTalkCost } from '../../domain/conversations/cost-store.ts';
import { type Frame, nextPage, renderOlder, renderTime } from './layout.ts';
import { renderMarkdown } from './markdown.ts';
import { type Html, html } from './markup.ts';
import { type Build, countOf, idOf } from './page-request.ts';
import { findTalkOf, listTalkers, listTalkMessages, listTalks, type PersonRow, type TalkRow } from './talk-page-store.ts';

const PAGE = 50;

const isOperator = (frame: Frame): boolean => frame.visitor.person.roles.has('operator');

export const buildTalks: Build = async (c, frame, db) => {
  const person = isOperator(frame) ? null : frame.visitor.person.person;
  const rows = await listTalks(db, { person, before: countOf(c, 'before'), limit: PAGE });
  const body = renderTalks(frame, rows, await listTalkers(db, person));
  return { title: 'Conversations', section: 'conversations', live: 'none', body };
};

export const buildTalk: Build = async (c, frame, db) => {
  const talk = await findConversation(db, idOf(c));
  if (talk === undefined || !(isOperator(frame) || talk.person === frame.visitor.person.person)) return null;
  const cost = await readTalkCost(db, { conversationId: talk.id });
  const messages = await listTalkMessages(db, talk.id);
  const body = html`<p class="crumbs"><a href="/conversations">Conversations</a></p>
    <h1>${talk.title}</h1>
    <p class="meta">${talk.person} · ${talk.surface}${talk.goal_id !== null && html` · <a href="/goals/${talk.goal_id}">goal #${talk.goal_id}</a>`} · ${formatUsd(cost.costMicros)} live money for ${cost.answers} answers, ${cost.inputTokens.toLocaleString('en-US')} tokens in, ${cost.outputTokens.toLocaleString('en-US')} out${cost.assumed && ', some at an assumed price'} · ${renderTime(talk.created_at, frame.timezone)}</p>
    ${talk.summary !== null && html`<details><summary>What a model is shown of the older part</summary><pre tabindex="0">${talk.summary}</pre></details>`}
    <ol class="entries">${messages.map((message) => renderSaid(frame, message))}</ol>`;
  return { title: talk.title, section: 'conversations', live: 'none', body };
};

export const findSaid: Build = async (c, _frame, db) => {
  const talk = await findTalkOf(db, idOf(c));
  return talk === null ? null : c.redirect(`/conversations/${talk}#said-${idOf(c)}`, 303);
};

function renderTalks(frame: Frame, rows: readonly TalkRow[], people: readonly PersonRow[]): Html {
  return html`<h1>Conversations</h1>
    ${rows.length === 0 && html`<p class="empty">Nobody has asked anything yet. Try: <em>What are you doing?</em></p>`}
    <ul class="rows">${rows.map(
      (
        talk,
      ) => html`<li><a class="row" href="/conversations/${talk.id}"><span class="id">#${talk.id}</span><span class="what">${talk.title}</span>
      <span class="meta">${talk.person} · ${talk.surface} · ${talk.answers} answers · ${talk.tokens.toLocaleString('en-US')} tokens · ${formatUsd(talk.cost_micros)} · ${renderTime(talk.last_at, frame.timezone)}</span></a></li>`,
    )}</ul>
    ${renderOlder('/conversations', {}, nextPage(rows, PAGE))}
    ${
      people.length > 0 &&
      html`<h2>By person (live money)</h2><div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Person</th><th scope="col" class="num">Conversations</th><th scope="col" class="num">Answers</th><th scope="col" class="num">Tokens</th><th scope="col" class="num">Cost</th></tr></thead>
    <tbody>${people.map((row) => html`<tr><td>${row.person}</td><td class="num">${row.conversations}</td><td class="num">${row.answers}</td><td class="num">${row.tokens.toLocaleString('en-US')}</td><td class="num">${formatUsd(row.cost_micros)}</td></tr>`)}</tbody></table></div>`
    }`;
}

type Said = Awaited<ReturnType<typeof listTalkMessages>>[number];

function renderSaid(frame: Frame, message: Said): Html {
  const isPerson = message.role === 'person';
  const readings = message.records as { id?: unknown; tool?: unknown; input?: unknown; ok?: unknown; error?: unknown }[];
  return html`<li class="entry" id="said-${message.id}"><article class="card ${isPerson ? 'muted' : 'info'}">
    <header><h3>${isPerson ? message.platform_id : 'Juggernaut'}</h3><p class="meta">${!isPerson && message.status !== 'done' && html`<strong>${message.status}</strong> · `}${message.model !== null && html`${message.model}, ${message.input_tokens ?? 0} tokens in, ${message.output_tokens ?? 0} out · `}${renderTime(message.created_at, frame.timezone)}</p></header>
    <div class="text">${isPerson ? html`<p>${message.text}</p>` : renderMarkdown(answerText(message.text))}${message.error !== null && html`<p>${message.error}</p>`}</div>
    ${readings.length > 0 && html`<details><summary>${readings.length} readings</summary><pre tabindex="0">${JSON.stringify(readings, null, 2)}</pre></details>`}
  </article></li>`;
}
