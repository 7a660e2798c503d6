// A modal in a person's hands at Slack's double: what the form lets them submit, and what becomes of it after the app's answer.
// The delivery in between is in slack-double-clicks.ts.
import { addFault, type Fields, isFields, list, Refusal, type SlackView, text, type World } from './slack-double-model.ts';
import { addView } from './slack-double-surfaces.ts';

interface Input {
  blockId: string;
  actionId: string;
  label: string;
  optional: boolean;
  element: Fields;
}

function readInputs(view: SlackView): Input[] {
  return view.blocks
    .filter((each) => each['type'] === 'input')
    .map((block) => {
      const element = isFields(block['element']) ? block['element'] : {};
      const label = isFields(block['label']) ? text(block['label'], 'text') : '';
      const blockId = text(block, 'block_id');
      return { blockId, actionId: text(element, 'action_id'), label, optional: block['optional'] === true, element };
    });
}

function enter({ element, label, optional }: Input, typed: string | undefined): Fields {
  const value = typed ?? text(element, 'initial_value');
  if (value === '' && !optional) throw new Error(`Slack asks for "${label}" before the modal can be submitted.`);
  if (value.length > Number(element['max_length'] ?? 3000)) throw new Error(`Slack takes no such long "${label}".`);
  if (element['options'] === undefined) return { type: element['type'], value: value === '' ? null : value };
  const chosen = list(element['options']).find((each) => each['value'] === value);
  if (chosen === undefined && value !== '') throw new Error(`"${label}" has no option "${value}".`);
  return { type: element['type'], selected_option: chosen ?? null };
}

/** @returns `state.values`. @throws Error when Slack's own form would not let the person go on. */
export function fillIn(view: SlackView, values: Record<string, string>): Fields {
  const state: Record<string, Fields> = {};
  const left = new Set(Object.keys(values));
  for (const input of readInputs(view)) {
    const name = [input.blockId, input.actionId, input.label].find((each) => left.delete(each));
    state[input.blockId] = { [input.actionId]: enter(input, name === undefined ? undefined : values[name]) };
  }
  if (left.size > 0) throw new Error(`The modal has no input ${[...left].join(', ')}.`);
  return state;
}

export interface ViewAnswer {
  /** Slack's name for what the app answered; null: the modal closes. */
  responseAction: string | null;
  /** Shown under the inputs, by block id. */
  errors: Record<string, string>;
}

function replace(world: World, view: SlackView, given: unknown, replaced: SlackView | null): void {
  try {
    addView(world, view.user, given, replaced);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    addFault(world, 'refused', 'view_submission', error.error, JSON.stringify(error.extra));
  }
}

export function applyViewAnswer(world: World, view: SlackView, body: unknown): ViewAnswer {
  const answer = isFields(body) ? body : {};
  const responseAction = text(answer, 'response_action') || null;
  const errors = isFields(answer['errors']) ? (answer['errors'] as Record<string, string>) : {};
  const ids = readInputs(view).map((each) => each.blockId);
  for (const id of Object.keys(errors)) if (!ids.includes(id)) addFault(world, 'refused', 'view_submission', 'unknown_block_id', id);
  switch (responseAction) {
    case 'errors':
      break;
    case 'update':
      replace(world, view, answer['view'], view);
      break;
    case 'push':
      replace(world, view, answer['view'], null);
      break;
    case 'clear':
      for (const each of world.views) if (each.user === view.user && each.type === 'modal') each.open = false;
      break;
    case null:
      view.open = false;
      break;
    default:
      addFault(world, 'refused', 'view_submission', 'invalid_response_action', responseAction);
  }
  return { responseAction, errors };
}
