// The frame around every page: navigation, the command box, the dialog that asks for what a button needs.
import type { Config } from '../../config.ts';
import type { Visitor } from '../http/sign-in.ts';
import { type Html, html, nothing } from './markup.ts';

export interface Frame {
  visitor: Visitor;
  mode: Config['mode'];
  /** No real model is configured: the practice playbooks answer. */
  isPlaybook: boolean;
  timezone: string;
  /** How many approvals wait. */
  waiting: number;
}

export type Section =
  | 'feed'
  | 'goals'
  | 'approvals'
  | 'opportunities'
  | 'experiments'
  | 'orders'
  | 'pages'
  | 'money'
  | 'budgets'
  | 'ledger'
  | 'conversations'
  | 'audit'
  | 'commands'
  | 'none';

type Link = { section: Section; href: string; label: string };

const LINKS: readonly Link[] = [
  { section: 'feed', href: '/', label: 'Feed' },
  { section: 'goals', href: '/goals', label: 'Goals' },
  { section: 'approvals', href: '/approvals', label: 'Approvals' },
  { section: 'experiments', href: '/experiments', label: 'Experiments' },
  { section: 'orders', href: '/orders', label: 'Orders' },
  { section: 'money', href: '/money', label: 'Money' },
  { section: 'conversations', href: '/conversations', label: 'Talk' },
];

/** What is looked at less often waits behind one button, so that the first row fits beside a badge. */
const MORE_LINKS: readonly Link[] = [
  { section: 'opportunities', href: '/opportunities', label: 'Ideas' },
  { section: 'pages', href: '/pages', label: 'Pages' },
  { section: 'budgets', href: '/budgets', label: 'Budgets' },
  { section: 'ledger', href: '/ledger', label: 'Ledger' },
  { section: 'audit', href: '/audit', label: 'Audit' },
  { section: 'commands', href: '/commands', label: 'Commands' },
];

function renderHead(title: string): Html {
  return html`<head>
    <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
    <meta name="htmx-config" content='{"includeIndicatorCSS":false,"history":false,"morphIgnore":["data-htmx-powered","open"]}'>
    <title>${title} · Juggernaut</title>
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/assets/console.css">
    <script src="/assets/htmx.js" defer></script><script src="/assets/console.js" type="module"></script><script src="/assets/command-box.js" type="module"></script>
  </head>`;
}

function renderNavigation(frame: Frame, current: Section): Html {
  const renderLink = (link: Link): Html =>
    html`<a href="${link.href}"${link.section === current && html` aria-current="page"`}>${link.label}${link.section === 'approvals' && renderBadge(frame.waiting)}</a>`;
  const behind = MORE_LINKS.find((link) => link.section === current);
  return html`<nav aria-label="Main">${LINKS.map(renderLink)}
    <button type="button" class="more" popovertarget="more"${behind !== undefined && html` aria-current="page"`}>${behind?.label ?? 'More'}<span aria-hidden="true"> ▾</span></button>
    <div id="more" popover>${MORE_LINKS.map(renderLink)}</div></nav>`;
}

/** @param live re-fetches #live when something changes: `goal:3` on that goal's news, `any` on all, `none` never. */
export function renderPage(frame: Frame, page: { title: string; section: Section; live: string; body: Html }): Html {
  const { visitor } = frame;
  return html`<!doctype html><html lang="en">${renderHead(page.title)}
  <body hx-headers:inherited='{"X-CSRF-Token":"${visitor.csrf}"}'>
    <a class="skip" href="#main">Skip to content</a>
    <header class="top">
      <a class="brand" href="/"><span class="mark" aria-hidden="true"></span>Juggernaut</a>
      ${renderNavigation(frame, page.section)}
      <span class="mode ${frame.mode}" title="${frame.mode === 'practice' ? 'Practice dollars only; nothing here is real money' : 'Live: real money'}">${frame.mode}</span>
    </header>
    <main id="main"><div id="live" data-live="${page.live}">${page.body}</div></main>
    <footer class="foot"><p>${visitor.person.platformId} · times in ${frame.timezone} <span id="link-state" role="status"></span></p>
      <p class="keys"><kbd>/</kbd> command <kbd>j</kbd> <kbd>k</kbd> cards <kbd>Esc</kbd> close</p></footer>
    <dialog id="ask-dialog" aria-labelledby="ask-title"><div id="ask"></div></dialog>
    <div id="announce" class="unseen" role="status" aria-live="polite"></div>
  </body></html>`;
}

export function renderBadge(waiting: number): Html {
  return html`<span id="badge" class="badge" hx-get="/badge" hx-trigger="approvals-changed from:body" hx-swap="outerHTML">${waiting > 0 && html`${waiting}<span class="unseen"> waiting</span>`}</span>`;
}

/** The box where a person types a command or plain words. */
export function renderCommandBox(frame: Frame, goalId: number | null): Html {
  const hint = goalId === null ? 'Type a goal, a question or a command' : 'Write to this goal, ask about it, or type a command';
  return html`<form id="say" class="say" method="post" action="/say" hx-post="/say" hx-target="#answers" hx-swap="afterbegin" hx-disable="find button" autocomplete="off">
    <input type="hidden" name="_csrf" value="${frame.visitor.csrf}">${goalId !== null && html`<input type="hidden" name="goalId" value="${goalId}">`}
    <div class="box"><textarea id="words" name="text" rows="1" required aria-label="${hint}" placeholder="${hint}" role="combobox" aria-expanded="false" aria-controls="choices" aria-autocomplete="list" spellcheck="true"></textarea>
    <button type="submit" class="primary">Send</button></div>
    <ul id="choices" role="listbox" aria-label="Completions" hidden></ul>
  </form>
  <ol id="answers" class="entries" aria-live="polite" aria-label="Answers"></ol>`;
}

/** A page outside a session: sign in, or an explanation. */
export function renderBarePage(title: string, body: Html): Html {
  return html`<!doctype html><html lang="en">${renderHead(title)}<body class="bare"><main id="main"><div class="sheet"><span class="mark" aria-hidden="true"></span><h1>${title}</h1>${body}</div></main></body></html>`;
}

/** `2026-11-22 10:13` in the configured zone, with the exact moment for machines; script turns it relative. */
export function renderTime(at: Date | null | undefined, timezone: string): Html {
  if (at === null || at === undefined) return nothing;
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  return html`<time datetime="${at.toISOString()}">${parts}</time>`;
}

/** "Older" link of a list, when there is more. */
export function renderOlder(path: string, query: Record<string, string | number | null>, before: number | null): Html {
  if (before === null) return nothing;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, before })) if (value !== null) search.set(name, String(value));
  return html`<p class="older"><a href="${path}?${search.toString()}">Older</a></p>`;
}

/** The last id of a full page, which the next page continues from. */
export function nextPage(rows: readonly { id: number }[], limit: number): number | null {
  return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
}
