// Slack's rules for the blocks of a message and for a view as a whole: how many, how long, and that ids are unique.
// The rules for each kind of block are in slack-double-block-kinds.ts.
import { everywhere, inMessages } from './slack-double-block-kinds.ts';
import { anything, boolean, byType, type Check, fields, items, string } from './slack-double-checks.ts';
import { plainText } from './slack-double-elements.ts';
import { addFault, type Fields, isFields, Refusal, type World } from './slack-double-model.ts';

/** The characters of every text in the blocks. */
function countCharacters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + countCharacters(each), 0);
  if (!isFields(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, each]) => sum + (name === 'text' && typeof each === 'string' ? each.length : countCharacters(each)),
    0,
  );
}

function findProblems(blocks: unknown, kinds: Record<string, Check>, max: number): string[] {
  const problems: string[] = [];
  items(byType(kinds), max, 0)(blocks, '/blocks', problems);
  const all = Array.isArray(blocks) ? blocks.filter(isFields) : [];
  const ids = all.map((each) => each['block_id']).filter((each) => each !== undefined);
  if (new Set(ids).size !== ids.length) problems.push('[ERROR] block_id already exists [json-pointer:/blocks]');
  const count = (type: string): number => all.filter((each) => each['type'] === type).length;
  if (count('data_visualization') > 2) problems.push('[ERROR] no more than 2 data_visualization blocks [json-pointer:/blocks]');
  if (count('table') > 1) problems.push('[ERROR] only_one_table_allowed [json-pointer:/blocks]');
  return problems;
}

/** @returns the blocks with the ids Slack gives to those without. @throws Refusal `invalid_blocks`, `msg_blocks_too_long` */
export function takeBlocks(world: World, where: string, blocks: unknown): Fields[] {
  if (blocks === undefined || blocks === null || blocks === '') return [];
  if (typeof blocks === 'string') throw new Refusal('invalid_blocks_format');
  const problems = findProblems(blocks, inMessages, 50);
  if (problems.length > 0) throw new Refusal('invalid_blocks', { errors: problems, response_metadata: { messages: problems } });
  if (countCharacters(blocks) > 13_200) throw new Refusal('msg_blocks_too_long');
  const taken = nameBlocks(world, blocks as Fields[]);
  if (taken.length === 0) addFault(world, 'warned', where, 'empty_blocks', 'an empty list of blocks was sent');
  return taken;
}

function nameBlocks(world: World, blocks: Fields[]): Fields[] {
  return blocks.map((each) => ({ ...structuredClone(each), block_id: each['block_id'] ?? world.nextId('b') }));
}

const common = {
  blocks: anything,
  'private_metadata?': string(3000, 0),
  'callback_id?': string(255, 0),
  'external_id?': string(255, 0),
};
const view = byType({
  home: fields(common),
  modal: fields({
    ...common,
    title: plainText(24),
    'submit?': plainText(24),
    'close?': plainText(24),
    'clear_on_close?': boolean,
    'notify_on_close?': boolean,
    'submit_disabled?': boolean,
  }),
});

/** @throws Refusal `invalid_arguments`, as views.open answers a bad view. */
export function takeView(world: World, given: unknown): Fields {
  const problems: string[] = [];
  view(given, '/view', problems);
  const blocks = isFields(given) ? given['blocks'] : undefined;
  problems.push(...findProblems(blocks, everywhere, 100));
  const asks = Array.isArray(blocks) && blocks.some((each) => isFields(each) && each['type'] === 'input');
  if (asks && isFields(given) && given['type'] === 'modal' && given['submit'] === undefined)
    problems.push('[ERROR] missing required field: submit (a modal with inputs needs it) [json-pointer:/view]');
  if (problems.length > 0 || !isFields(given)) throw new Refusal('invalid_arguments', { response_metadata: { messages: problems } });
  return { ...given, blocks: nameBlocks(world, blocks as Fields[]) };
}
