// How the console shows what a command answered: a card in its place, a form that asks for more, or a whole page without script.
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import type { Answer } from '../../chat/answer.ts';
import type { Card } from '../../chat/card.ts';
import { toStatus } from '../http/api-error.ts';
import type { MenuEntry } from '../http/menu.ts';
import { loadMessages } from '../http/message-store.ts';
import type { Visitor } from '../http/sign-in.ts';
import { renderCard, renderEntry } from './card-view.ts';
import { renderAsk } from './command-pages.ts';
import { placeOf } from './feed-page.ts';
import { renderPage } from './layout.ts';
import { type Html, html } from './markup.ts';
import { isFragment, readFrame, respond, type Session } from './session.ts';

export type Form = Record<string, string>;

interface Pressed {
  visitor: Visitor;
  form: Form;
}

/** The element the answer goes to, as htmx names it: `div#a-m-17`. */
function readTarget(c: Context): string {
  return /^\w+#(a-[\w-]{1,60})$/.exec(c.req.header('hx-target') ?? '')?.[1] ?? 'answers';
}

/** @param problems what was wrong with the last try, by field; `_` for the whole. */
export async function showAsk(
  c: Context,
  session: Session,
  { visitor, form }: Pressed,
  entry: MenuEntry,
  problems: Form,
): Promise<Response> {
  const asks = (form['_ask'] ?? '').split(',').filter((name) => name !== '');
  const hidden = Object.fromEntries(Object.entries(form).filter(([name]) => !asks.includes(name) && name !== '_ready'));
  const elsewhere = Object.entries(problems).find(([name]) => !asks.includes(name));
  const ask = renderAsk({
    entry,
    asks,
    hidden,
    label: form['_label'] ?? entry.name,
    style: form['_style'] === 'danger' ? 'danger' : 'primary',
    confirm: form['_confirm'] ?? null,
    values: form,
    target: readTarget(c),
    // A problem with a field that is not in the form is told above it.
    problems: elsewhere === undefined ? problems : { ...problems, _: elsewhere[0] === '_' ? elsewhere[1] : elsewhere.join(': ') },
  });
  if (!isFragment(c)) return await showPage(c, session, visitor, ask);
  c.header('HX-Retarget', '#ask');
  c.header('HX-Reswap', 'innerHTML');
  return respond(c, ask);
}

export async function showAnswer(c: Context, session: Session, { visitor, form }: Pressed, answer: Answer): Promise<Response> {
  const entry = renderEntry(answer.card, { key: `r-${randomBytes(6).toString('hex')}`, version: 0, csrf: visitor.csrf });
  if (!isFragment(c)) {
    const body = html`<ol class="entries">${entry}</ol><p><a href="/">Back to the feed</a></p>`;
    return await showPage(c, session, visitor, body, toStatus(answer));
  }
  const target = readTarget(c);
  const replaced = answer.ok ? await replaceCard(c, session, visitor, answer.card, { target, ref: form['_ref'] }) : null;
  return replaced ?? respond(c, target === 'answers' ? entry : html`<ol class="entries">${entry}</ol>`);
}

/** When the answer is the pressed card itself, one step on, it takes that card's place until the stream brings the stored one. */
async function replaceCard(
  c: Context,
  session: Session,
  visitor: Visitor,
  card: Card,
  pressed: { target: string; ref: string | undefined },
): Promise<Response | null> {
  const id = /^a-m-(\d{1,15})$/.exec(pressed.target)?.[1];
  if (id === undefined || card.ref === undefined || pressed.ref !== `${card.ref.kind}:${card.ref.id}`) return null;
  const [message] = await loadMessages(session.parts.db, [Number(id)]);
  if (message === undefined) return null;
  c.header('HX-Retarget', `#m-${id}`);
  c.header('HX-Reswap', 'outerHTML');
  return respond(c, renderCard(card, { ...placeOf(message, { visitor, timezone: session.parts.config.timezone }, false), version: 0 }));
}

async function showPage(
  c: Context,
  session: Session,
  visitor: Visitor,
  body: Html,
  status: ReturnType<typeof toStatus> = 200,
): Promise<Response> {
  return respond(c, renderPage(await readFrame(session, visitor), { title: 'Answer', section: 'none', live: 'none', body }), status);
}
