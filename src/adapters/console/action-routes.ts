// What people do in the console: typed words and pressed buttons. Both end in dispatch, like on every other surface.
import type { Hono } from 'hono';
import type { Caller } from '../../chat/command.ts';
import { type MenuEntry, readFields } from '../http/menu.ts';
import { isSameSite, type Visitor } from '../http/sign-in.ts';
import { type Form, showAnswer, showAsk } from './answer-reply.ts';
import { html } from './markup.ts';
import { askToken, readForm, readOwnForm, respondBare, type Session } from './session.ts';

function callerOf(visitor: Visitor, form: Form): Caller {
  const goalId = /^\d{1,15}$/.test(form['goalId'] ?? '') ? Number(form['goalId']) : null;
  return { ...visitor.person, surface: 'console', goalId };
}

/** Only what the command takes; `_…` fields are the form's own. */
function readArguments(form: Form): Form {
  return Object.fromEntries(Object.entries(form).filter(([name]) => !name.startsWith('_')));
}

export function addActionRoutes(app: Hono, session: Session, menu: readonly MenuEntry[]): void {
  const { parts } = session;

  app.post('/sign-in', async (c) => {
    if (!isSameSite(c, session.hosts)) return askToken(c, 'That form came from another page.');
    const form = await readForm(c);
    if (form instanceof Response) return form;
    const isKnown = await session.signIn.acceptToken(c, (form['token'] ?? '').trim());
    return isKnown ? c.redirect('/', 303) : askToken(c, 'This token is not known here, or was revoked.');
  });

  app.post('/say', async (c) => {
    const pressed = await readOwnForm(c, session);
    if (pressed instanceof Response) return pressed;
    const text = pressed.form['text'] ?? '';
    if (text.trim() === '') return respondBare(c, 400, 'Nothing said', html`<p>Type some words first. <a href="/">Back</a></p>`);
    const answer = await parts.hear({ text, caller: callerOf(pressed.visitor, pressed.form) });
    return await showAnswer(c, session, pressed, answer);
  });

  app.post('/do/:name', async (c) => {
    const pressed = await readOwnForm(c, session);
    if (pressed instanceof Response) return pressed;
    const { visitor, form } = pressed;
    const entry = menu.find(({ name }) => name === c.req.param('name'));
    const isReady = form['_ready'] !== undefined || (form['_ask'] ?? form['_confirm']) === undefined;
    if (entry !== undefined && !isReady) return await showAsk(c, session, pressed, entry, {});
    const input = readFields(entry ?? { fields: [] }, readArguments(form));
    const answer = await parts.dispatch({ name: c.req.param('name'), input, caller: callerOf(visitor, form) });
    if (answer.code !== 'invalid_input' || entry === undefined || form['_ready'] === undefined)
      return await showAnswer(c, session, pressed, answer);
    // A refused value is asked for again in the same form, with what is wrong beside it.
    return await showAsk(c, session, pressed, entry, answer.fields ?? { _: answer.card.text ?? answer.card.title });
  });
}
