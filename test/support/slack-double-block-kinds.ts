// Slack's rules for each kind of block, and which kinds a message may hold and which a view.
// Limits: docs.slack.dev Block Kit reference as of late 2026 (shared/facts/chat-platforms.md, 3a).
import { also, anything, boolean, byType, type Check, fields, items, number, oneOf, string } from './slack-double-checks.ts';
import {
  accessory,
  actionElement,
  anyText,
  button,
  contextAction,
  contextElement,
  imageSource,
  inputElement,
  markdownText,
  plainText,
  richText,
} from './slack-double-elements.ts';
import { type Fields, isFields } from './slack-double-model.ts';

const id = { 'block_id?': string(255) };
const image = byType({ image: imageSource });
const cell = byType({
  raw_text: fields({ text: string(4000) }),
  raw_number: fields({ value: number(), text: string(255) }),
  rich_text: richText,
});

/** What modals, the home and containers may hold too. */
export const everywhere: Record<string, Check> = {
  section: also(
    fields({ ...id, 'text?': anyText(3000), 'fields?': items(anyText(2000), 10), 'accessory?': accessory, 'expand?': boolean }),
    (value) => (value['text'] === undefined && value['fields'] === undefined ? 'text or fields is required' : null),
  ),
  header: fields({ ...id, text: plainText(150), 'level?': number(1, 6) }),
  divider: fields(id),
  image: also(
    fields({ ...id, 'image_url?': string(3000), 'slack_file?': anything, alt_text: string(2000), 'title?': plainText(2000) }),
    (value) => (value['image_url'] === undefined && value['slack_file'] === undefined ? 'image_url or slack_file is required' : null),
  ),
  actions: also(fields({ ...id, elements: items(actionElement, 25) }), findTwin),
  context: fields({ ...id, elements: items(contextElement, 10) }),
  input: fields({
    ...id,
    label: plainText(2000),
    element: inputElement,
    'hint?': plainText(2000),
    'optional?': boolean,
    'dispatch_action?': boolean,
  }),
  rich_text: richText,
};

const card = fields({
  ...id,
  'hero_image?': image,
  'icon?': image,
  'title?': markdownText(150),
  'subtitle?': markdownText(150),
  'body?': markdownText(200),
  'actions?': items(button, 25),
});
const point = fields({ label: string(20), value: number() });
const plotted = also(
  fields({
    series: items(fields({ name: string(20), data: items(point, 20) }), 6),
    axis_config: fields({ categories: items(string(20), 20), 'x_label?': string(50), 'y_label?': string(50) }),
  }),
  findStray,
);
const taskCard = fields({
  ...id,
  task_id: string(255),
  title: string(255),
  'details?': richText,
  'output?': richText,
  'sources?': items(fields({ url: string(3000), text: string(255) }), 20),
  status: oneOf('pending', 'in_progress', 'complete', 'error'),
});

export const inMessages: Record<string, Check> = {
  ...everywhere,
  markdown: fields({ ...id, text: string(12_000) }),
  table: fields({
    ...id,
    rows: items(items(cell, 20), 100),
    'column_settings?': items(fields({ 'align?': oneOf('left', 'center', 'right'), 'is_wrapped?': boolean }), 20),
  }),
  data_table: fields({
    ...id,
    rows: items(items(cell, 20), 101, 2),
    caption: string(2000),
    'page_size?': number(1, 100),
    'row_header_column_index?': number(0, 19),
  }),
  data_visualization: fields({
    ...id,
    title: string(50),
    chart: byType({ pie: fields({ segments: items(point, 6) }), bar: plotted, area: plotted, line: plotted }),
  }),
  alert: fields({ ...id, text: anyText(200), 'level?': oneOf('default', 'info', 'warning', 'error', 'success') }),
  card,
  carousel: fields({ ...id, elements: items(byType({ card }), 10) }),
  context_actions: fields({ ...id, elements: items(contextAction, 5) }),
  task_card: taskCard,
  plan: fields({ ...id, title: string(255), 'tasks?': items(byType({ task_card: taskCard }), 50) }),
  container: fields({
    ...id,
    'title?': plainText(150),
    'rich_text_title?': richText,
    'subtitle?': anyText(150),
    child_blocks: items(byType(everywhere), 10),
    'width?': oneOf('narrow', 'standard', 'wide', 'full'),
    'icon?': image,
    'is_collapsible?': boolean,
    'default_collapsed?': boolean,
    'has_header_divider?': boolean,
  }),
};

function findTwin(block: Fields): string | null {
  const ids = (Array.isArray(block['elements']) ? block['elements'] : [])
    .map((each: unknown) => (isFields(each) ? each['action_id'] : undefined))
    .filter((each) => each !== undefined);
  return new Set(ids).size === ids.length ? null : 'action_id already exists in this block';
}

/** Every series has one point for each category, in name; series have names of their own. */
function findStray(chart: Fields): string | null {
  const series = Array.isArray(chart['series']) ? chart['series'].filter(isFields) : [];
  const axis = isFields(chart['axis_config']) ? chart['axis_config']['categories'] : [];
  const categories = JSON.stringify([...(Array.isArray(axis) ? axis : [])].sort());
  if (new Set(series.map((each) => each['name'])).size !== series.length) return 'series names must be unique';
  const labels = series.map((each) =>
    (Array.isArray(each['data']) ? each['data'] : []).map((one) => (isFields(one) ? one['label'] : null)),
  );
  return labels.every((each) => JSON.stringify(each.sort()) === categories) ? null : 'data labels must match axis_config.categories';
}
