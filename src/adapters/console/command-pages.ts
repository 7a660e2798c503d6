// Forms made from the commands' schemas: the menu, one command's page, and the small form a button opens to ask what is missing.
import type { MenuEntry, MenuField } from '../http/menu.ts';
import type { Frame } from './layout.ts';
import { type Html, html } from './markup.ts';

export function renderMenu(menu: readonly MenuEntry[]): Html {
  return html`<h1>Commands</h1><p>Everything here can also be typed in the box on the feed, or in a terminal: <code>npm run jug -- help</code></p>
    <ul class="rows">${menu.map((entry) => html`<li><a class="row" href="/commands/${entry.name}"><span class="id">${entry.name}</span><span class="what">${entry.summary}</span><span class="meta">${entry.role ?? 'role depends on what you ask'}${entry.examples[0] !== undefined && html` · <code>${entry.examples[0]}</code>`}</span></a></li>`)}</ul>`;
}

/** @param values what was filled in already */
export function renderField(field: MenuField, values: Record<string, string>, problem: string | undefined, isFirst: boolean): Html {
  const label = `${field.name
    .replaceAll(/([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase()}${field.required ? '' : ' (optional)'}`;
  const note = `n-${field.name}`;
  return html`<label class="field"><span>${label}</span>${renderControl(field, values[field.name] ?? '', isFirst)}
    ${field.description !== '' && html`<small>${field.description}</small>`}${problem !== undefined && html`<small class="problem" id="${note}">${problem}</small>`}</label>`;
}

function renderControl(field: MenuField, value: string, isFirst: boolean): Html {
  const common = html` name="${field.name}"${field.required && html` required`}${isFirst && html` autofocus`}`;
  const choices = field.type === 'boolean' ? ['true', 'false'] : field.choices;
  if (choices.length > 0) {
    return html`<select${common}>${!field.required && html`<option value=""></option>`}${choices.map((choice) => html`<option${choice === value && html` selected`}>${choice}</option>`)}</select>`;
  }
  if (field.words) return html`<textarea rows="2"${common}>${value}</textarea>`;
  return html`<input type="text"${field.type !== 'text' && html` inputmode="decimal"`}${common} value="${value}">`;
}

export function renderCommandForm(entry: MenuEntry, frame: Frame, values: Record<string, string>): Html {
  const action = `/do/${entry.name}`;
  return html`<p class="crumbs"><a href="/commands">Commands</a></p><h1>${entry.name}</h1><p>${entry.summary}</p>
    <form class="sheet-form" method="post" action="${action}" hx-post="${action}" hx-target="#a-form" hx-disable="find button">
      <input type="hidden" name="_csrf" value="${frame.visitor.csrf}">
      ${entry.fields.map((field, index) => renderField(field, values, undefined, index === 0))}
      <button type="submit" class="primary">Run ${entry.name}</button></form>
    <div class="answer" id="a-form" aria-live="polite"></div>
    ${entry.examples.length > 0 && html`<h2>Typed</h2><ul>${entry.examples.map((example) => html`<li><code>${example}</code></li>`)}</ul>`}`;
}

export interface Ask {
  entry: MenuEntry;
  /** What the button says. */
  label: string;
  style: 'primary' | 'danger';
  confirm: string | null;
  /** Fields to be filled in. */
  asks: string[];
  /** Everything already known, sent again as it is. */
  hidden: Record<string, string>;
  values: Record<string, string>;
  problems: Record<string, string>;
  /** Id of the element the answer goes to. */
  target: string;
}

/** Asked before a button's command runs: "are you sure", and arguments that only the person knows. */
export function renderAsk(ask: Ask): Html {
  const action = `/do/${ask.entry.name}`;
  const label = ask.label.replace(/…$/, '');
  const fields = ask.asks.map(
    (name) =>
      ask.entry.fields.find((field) => field.name === name) ?? {
        name,
        type: 'text' as const,
        description: '',
        required: true,
        choices: [],
        defaultValue: null,
        maxLength: null,
        words: true,
      },
  );
  return html`<form class="sheet-form" method="post" action="${action}" hx-post="${action}" hx-target="#${ask.target}" hx-swap="innerHTML" hx-disable="find button">
    <h2 id="ask-title">${label}</h2>
    ${ask.confirm !== null && html`<p>${ask.confirm}</p>`}${ask.problems['_'] !== undefined && html`<p class="problem">${ask.problems['_']}</p>`}
    ${Object.entries({ ...ask.hidden, _ready: '1' }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
    ${fields.map((field, index) => renderField(field, ask.values, ask.problems[field.name], index === 0))}
    <div class="buttons"><button type="submit" class="${ask.style}"${fields.length === 0 && html` autofocus`}>${label}</button><button type="button" class="plain" data-close>Cancel</button></div>
  </form>`;
}
