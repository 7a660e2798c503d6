// What a stream at Slack's double is made of: words, blocks, and one plan whose tasks are told apart by their ids.
import { takeBlocks } from './slack-double-blocks.ts';
import { type Fields, list, Refusal, text, type World } from './slack-double-model.ts';

const CHUNKS = ['markdown_text', 'task_update', 'plan_update', 'blocks'];
const STATUSES = ['pending', 'in_progress', 'complete', 'error'];
const MOST_SIGNS = 256;

/** @throws Refusal */
function checkChunk(chunk: Fields): void {
  if (!CHUNKS.includes(text(chunk, 'type'))) throw new Refusal('invalid_chunks');
  if (chunk['type'] === 'markdown_text' && text(chunk, 'text') === '') throw new Refusal('invalid_chunks');
  if (text(chunk, 'type').endsWith('_update')) {
    const words = ['title', 'details', 'output'].map((name) => text(chunk, name));
    if (words[0] === '' || words.some((each) => each.length > MOST_SIGNS)) throw new Refusal('invalid_chunks');
  }
  if (chunk['type'] === 'task_update' && (text(chunk, 'id') === '' || !STATUSES.includes(text(chunk, 'status'))))
    throw new Refusal('invalid_chunks');
}

/** @returns the words to add and all blocks as they are then. @throws Refusal */
export function takeChunks(world: World, args: Fields, before: readonly Fields[]): { text: string; blocks: Fields[] } {
  const chunks = list(args['chunks']);
  const blocks = before.map((each) => structuredClone(each));
  const words = [text(args, 'markdown_text')];
  for (const chunk of chunks) {
    checkChunk(chunk);
    if (chunk['type'] === 'markdown_text') words.push(text(chunk, 'text'));
    if (chunk['type'] === 'blocks') blocks.push(...takeBlocks(world, 'stream', chunk['blocks']));
    if (chunk['type'] === 'plan_update') findPlan(blocks)['title'] = chunk['title'];
    if (chunk['type'] === 'task_update') updateTask(findPlan(blocks), chunk);
  }
  if (words.some((each) => each.length > 12_000)) throw new Refusal('msg_too_long');
  return { text: words.join(''), blocks };
}

function findPlan(blocks: Fields[]): Fields {
  const known = blocks.find((each) => each['type'] === 'plan');
  if (known !== undefined) return known;
  const plan: Fields = { type: 'plan', block_id: 'plan', title: '', tasks: [] };
  blocks.push(plan);
  return plan;
}

function updateTask(plan: Fields, chunk: Fields): void {
  const tasks = list(plan['tasks']);
  const known = tasks.find((each) => each['task_id'] === chunk['id']);
  const task = { type: 'task_card', task_id: chunk['id'], title: chunk['title'], status: chunk['status'] };
  if (known === undefined) plan['tasks'] = [...tasks, task];
  else Object.assign(known, task);
}
