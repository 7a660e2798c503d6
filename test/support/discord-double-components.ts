// Which components a message may carry: Discord's limits for legacy rows and for components v2, and the text and buttons in them.
import type { FormErrors, Path } from './discord-double-errors.ts';
import { isRecord, type Json, type PostedButton, readRecords, readString } from './discord-double-model.ts';

interface Check {
  form: FormErrors;
  /** Names of the message's files. */
  files: ReadonlySet<string>;
  count: number;
  characters: number;
  customIds: Set<string>;
  ids: Set<number>;
  shown: Set<string>;
}

type Rule = (check: Check, component: Json, path: Path) => void;

const FIELDS: Record<number, readonly string[]> = {
  1: ['components'],
  2: ['style', 'label', 'emoji', 'custom_id', 'url', 'disabled', 'sku_id'],
  3: ['custom_id', 'options', 'placeholder', 'min_values', 'max_values', 'disabled', 'required'],
  5: ['custom_id', 'placeholder', 'default_values', 'min_values', 'max_values', 'disabled', 'required'],
  9: ['components', 'accessory'],
  10: ['content'],
  11: ['media', 'description', 'spoiler'],
  12: ['items'],
  13: ['file', 'spoiler', 'name', 'size'],
  14: ['divider', 'spacing'],
  17: ['components', 'accent_color', 'spoiler'],
};
const SELECTS = [3, 5, 6, 7, 8];
const CONTAINED = [1, 9, 10, 12, 13, 14];

function checkCustomId(check: Check, component: Json, path: Path): void {
  const id = component['custom_id'];
  check.form.length([...path, 'custom_id'], id, 1, 100);
  if (typeof id !== 'string') return;
  if (check.customIds.has(id))
    check.form.report([...path, 'custom_id'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
  check.customIds.add(id);
}

const checkButton: Rule = (check, button, path) => {
  const { form } = check;
  form.optionalLength([...path, 'label'], button['label'], 0, 80);
  const style = button['style'];
  if (typeof style !== 'number' || style < 1 || style > 6) form.report([...path, 'style'], 'BASE_TYPE_CHOICES', 'Value must be 1 to 6.');
  if (style === 5) {
    form.length([...path, 'url'], button['url'], 1, 512);
    if (button['custom_id'] !== undefined) form.report([...path, 'custom_id'], 'BUTTON_COMPONENT_CUSTOM_ID_URL', 'A link has no custom id');
  } else checkCustomId(check, button, path);
  if (!readString(button['label']) && !isRecord(button['emoji']))
    form.report(path, 'BUTTON_COMPONENT_INVALID_LABEL', 'A button needs a label or an emoji');
};

const checkSelect: Rule = (check, select, path) => {
  checkCustomId(check, select, path);
  check.form.optionalLength([...path, 'placeholder'], select['placeholder'], 0, 150);
  if (select['type'] !== 3) return;
  for (const [index, option] of check.form.list([...path, 'options'], select['options'], 1, 25).entries()) {
    check.form.length([...path, 'options', index, 'label'], option['label'], 1, 100);
    check.form.length([...path, 'options', index, 'value'], option['value'], 1, 100);
    check.form.optionalLength([...path, 'options', index, 'description'], option['description'], 0, 100);
  }
};

const checkRow: Rule = (check, row, path) => {
  const children = check.form.list([...path, 'components'], row['components'], 1, 5);
  const selects = children.filter((child) => SELECTS.includes(Number(child['type'])));
  if (selects.length > 0 && children.length > 1)
    check.form.report([...path, 'components'], 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'A select takes the whole row');
  checkEach(check, children, [...path, 'components'], [2, ...SELECTS]);
};

const checkText: Rule = (check, text, path) => {
  check.form.length([...path, 'content'], text['content'], 1, 4000);
  check.characters += readString(text['content']).length;
};

function checkMedia(check: Check, media: unknown, path: Path): void {
  const url = isRecord(media) ? readString(media['url']) : '';
  if (!url.startsWith('attachment://')) {
    if (!/^https?:\/\//.test(url))
      check.form.report([...path, 'url'], 'URL_TYPE_INVALID_SCHEME', 'Scheme must be http, https or attachment.');
    return;
  }
  const name = url.slice('attachment://'.length);
  check.shown.add(name);
  if (!check.files.has(name))
    check.form.report(path, 'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND', `The attachment ${name} was not found`);
}

const checkSection: Rule = (check, section, path) => {
  const texts = check.form.list([...path, 'components'], section['components'], 1, 3);
  checkEach(check, texts, [...path, 'components'], [10]);
  const accessory = section['accessory'];
  if (isRecord(accessory)) checkOne(check, accessory, [...path, 'accessory'], [2, 11]);
  else check.form.report([...path, 'accessory'], 'BASE_TYPE_REQUIRED', 'This field is required');
};

const checkGallery: Rule = (check, gallery, path) => {
  for (const [index, item] of check.form.list([...path, 'items'], gallery['items'], 1, 10).entries()) {
    checkMedia(check, item['media'], [...path, 'items', index, 'media']);
    check.form.optionalLength([...path, 'items', index, 'description'], item['description'], 0, 1024);
  }
};

const checkContainer: Rule = (check, container, path) => {
  const colour = container['accent_color'];
  if (typeof colour === 'number' && (colour < 0 || colour > 0xffffff))
    check.form.report([...path, 'accent_color'], 'NUMBER_TYPE_MAX', 'int value should be less than or equal to 16777215.');
  const children = check.form.list([...path, 'components'], container['components'], 1, 40);
  checkEach(check, children, [...path, 'components'], CONTAINED);
};

const RULES: Record<number, Rule> = {
  1: checkRow,
  2: checkButton,
  9: checkSection,
  10: checkText,
  11: (check, thumbnail, path) => {
    checkMedia(check, thumbnail['media'], [...path, 'media']);
    check.form.optionalLength([...path, 'description'], thumbnail['description'], 0, 1024);
  },
  12: checkGallery,
  13: (check, file, path) => checkMedia(check, file['file'], [...path, 'file']),
  14: () => undefined,
  17: checkContainer,
};

/** The number a bot may give a component; 0 and none at all leave it to Discord. */
function checkId(check: Check, id: unknown, path: Path): void {
  if (id === undefined || id === 0) return;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= 2 ** 31)
    check.form.report([...path, 'id'], 'NUMBER_TYPE_MAX', 'int value should be 0 to 2147483647.');
  else if (check.ids.has(id)) check.form.report([...path, 'id'], 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated');
  else check.ids.add(id);
}

function checkOne(check: Check, component: Json, path: Path, allowed: readonly number[]): void {
  const type = Number(component['type']);
  check.count += 1;
  checkId(check, component['id'], path);
  if (!allowed.includes(type)) {
    check.form.report([...path, 'type'], 'UNION_TYPE_CHOICES', `Value of field "type" must be one of (${allowed.join(', ')}).`);
    return;
  }
  const select = SELECTS.includes(type);
  const fields = FIELDS[select && type !== 3 ? 5 : type] ?? [];
  check.form.known(`component ${type} at ${path.join('.')}`, component, [
    'type',
    'id',
    ...fields,
    ...(type === 8 ? ['channel_types'] : []),
  ]);
  (select ? checkSelect : RULES[type])?.(check, component, path);
}

function checkEach(check: Check, components: readonly Json[], path: Path, allowed: readonly number[]): void {
  for (const [index, component] of components.entries()) checkOne(check, component, [...path, index], allowed);
}

export function checkComponents(form: FormErrors, components: unknown, v2: boolean, files: readonly string[], path: Path): void {
  const check: Check = { form, files: new Set(files), count: 0, characters: 0, customIds: new Set(), ids: new Set(), shown: new Set() };
  const listed = form.list(path, components, 0, v2 ? 40 : 5);
  checkEach(check, listed, path, v2 ? [...CONTAINED, 17] : [1]);
  if (!v2) return;
  if (check.count > 40) form.report(path, 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', 'Total number of components cannot exceed 40');
  if (check.characters > 4000)
    form.report(path, 'COMPONENT_MAX_TOTAL_TEXT_EXCEEDED', 'Total text of text displays cannot exceed 4000 characters');
  for (const file of files) if (!check.shown.has(file)) form.fault(`components v2: the file ${file} is attached but shown nowhere`);
}

function* walk(components: readonly Json[]): Generator<Json> {
  for (const component of components) {
    yield component;
    yield* walk(readRecords(component['components']));
    if (isRecord(component['accessory'])) yield component['accessory'];
  }
}

/** The words people read in components, in order. */
export function readComponentText(components: readonly Json[]): string[] {
  return [...walk(components)].filter((each) => each['type'] === 10).map((each) => readString(each['content']));
}

export function readButtons(components: readonly Json[]): PostedButton[] {
  return [...walk(components)]
    .filter((each) => each['type'] === 2)
    .map((each) => ({
      label: readString(each['label']),
      customId: typeof each['custom_id'] === 'string' ? each['custom_id'] : null,
      style: Number(each['style']),
      disabled: each['disabled'] === true,
    }));
}
