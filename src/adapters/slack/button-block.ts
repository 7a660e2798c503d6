// A card's buttons: a label and the short code of the command behind it. What fits into no code is said as the words to type.
import type { types } from '@slack/bolt';
import { encodeButton } from '../../chat/button-code.ts';
import type { Button } from '../../chat/card.ts';
import { type Block, type Look, note, plain } from './block-parts.ts';
import { clipRendered, literal } from './mrkdwn.ts';

/** Slack's limit for one row of buttons. */
const MOST_BUTTONS = 25;

export function renderButtons(buttons: readonly Button[], look: Look): Block[] {
  const elements: types.Button[] = [];
  const typed: Button[] = [];
  for (const button of buttons) {
    const code = encodeButton(button.command, button.args);
    if (code === null || elements.length === MOST_BUTTONS) typed.push(button);
    else elements.push(drawButton(button, code, `${look.prefix ?? 'jug'}-${elements.length}`));
  }
  const row: types.ActionsBlock[] = elements.length === 0 ? [] : [{ type: 'actions', elements }];
  return [...row, ...typed.slice(0, 5).map(renderTyped)];
}

function drawButton(button: Button, code: string, id: string): types.Button {
  const danger = button.style === 'danger';
  return {
    type: 'button',
    action_id: id,
    value: code,
    text: plain(button.label, 75),
    ...(button.style === 'plain' ? {} : { style: button.style }),
    ...(button.confirm === undefined
      ? {}
      : {
          confirm: {
            title: plain('Are you sure?', 100),
            text: plain(button.confirm, 300),
            confirm: plain(button.label, 30),
            deny: plain('No', 30),
            style: danger ? ('danger' as const) : ('primary' as const),
          },
        }),
  };
}

function renderTyped(button: Button): Block {
  const words = Object.entries(button.args).map(([name, value]) => `${name}:${value === '' ? '…' : String(value)}`);
  return note(
    `${clipRendered(literal(button.label), 200)}: type \`/jug\` ${clipRendered(literal([button.command, ...words].join(' ')), 500)}`,
  );
}
