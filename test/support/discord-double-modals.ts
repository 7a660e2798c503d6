// Modals: what Discord takes as one, and a person's filled-in values as the submission carries them.
import type { FormErrors, Path } from './discord-double-errors.ts';
import { isRecord, type Json, readRecords, readString, type ShownModal } from './discord-double-model.ts';

const FIELDS: Record<number, readonly string[]> = {
  3: ['options', 'placeholder', 'min_values', 'max_values'],
  4: ['style', 'label', 'min_length', 'max_length', 'value', 'placeholder'],
  5: ['placeholder', 'min_values', 'max_values', 'default_values'],
  19: ['min_values', 'max_values', 'file_types'],
  21: ['options'],
  22: ['options', 'min_values', 'max_values'],
  23: ['default'],
};
const LABELLED = [3, 4, 5, 6, 7, 8, 19, 21, 22, 23];

function checkTextInput(form: FormErrors, input: Json, path: Path, inRow: boolean): void {
  if (inRow) form.length([...path, 'label'], input['label'], 1, 45);
  else if (input['label'] !== undefined) form.fault('modal: a text input inside a label has no label of its own');
  if (input['style'] !== 1 && input['style'] !== 2) form.report([...path, 'style'], 'BASE_TYPE_CHOICES', 'Value must be one of {1, 2}.');
  form.optionalLength([...path, 'value'], input['value'], 0, 4000);
  form.optionalLength([...path, 'placeholder'], input['placeholder'], 0, 100);
  for (const [field, least] of [
    ['min_length', 0],
    ['max_length', 1],
  ] as const) {
    const length = input[field];
    if (length !== undefined && (typeof length !== 'number' || length < least || length > 4000))
      form.report([...path, field], 'NUMBER_TYPE_MAX', `int value should be ${least} to 4000.`);
  }
}

function checkInput(form: FormErrors, input: Json, path: Path, inRow: boolean, ids: Set<string>): void {
  const type = Number(input['type']);
  if (!(inRow ? [4] : LABELLED).includes(type)) {
    form.report([...path, 'type'], 'UNION_TYPE_CHOICES', `Value of field "type" must be one of (${inRow ? '4' : LABELLED.join(', ')}).`);
    return;
  }
  form.known(`modal input ${type}`, input, ['type', 'id', 'custom_id', 'required', ...(FIELDS[type] ?? FIELDS[5] ?? [])]);
  form.length([...path, 'custom_id'], input['custom_id'], 1, 100);
  const id = readString(input['custom_id']);
  if (ids.has(id)) form.report([...path, 'custom_id'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated');
  ids.add(id);
  if (type === 4) checkTextInput(form, input, path, inRow);
  if (type === 3 || type === 21 || type === 22) form.list([...path, 'options'], input['options'], 1, 25);
}

/** Reports what is wrong; the caller ends the form. */
export function checkModal(form: FormErrors, data: Json): void {
  form.known('modal', data, ['custom_id', 'title', 'components']);
  form.length(['data', 'custom_id'], data['custom_id'], 1, 100);
  form.length(['data', 'title'], data['title'], 1, 45);
  const ids = new Set<string>();
  for (const [index, each] of form.list(['data', 'components'], data['components'], 1, 5).entries()) {
    const path = ['data', 'components', index];
    if (each['type'] === 18) {
      form.known('label', each, ['type', 'id', 'label', 'description', 'component']);
      form.length([...path, 'label'], each['label'], 1, 45);
      form.optionalLength([...path, 'description'], each['description'], 0, 100);
      checkInput(form, isRecord(each['component']) ? each['component'] : {}, [...path, 'component'], false, ids);
    } else if (each['type'] === 1) {
      const inputs = form.list([...path, 'components'], each['components'], 1, 1);
      for (const input of inputs) checkInput(form, input, [...path, 'components', 0], true, ids);
    } else if (each['type'] === 10) form.length([...path, 'content'], each['content'], 1, 4000);
    else form.report([...path, 'type'], 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1, 10, 18).');
  }
}

export function readModal(data: Json): ShownModal {
  return { customId: readString(data['custom_id']), title: readString(data['title']), components: readRecords(data['components']) };
}

export interface ModalInput {
  label: string;
  customId: string;
  input: Json;
}

/** The fields a person sees, in order. */
export function readInputs(modal: ShownModal): ModalInput[] {
  return modal.components.flatMap((each) => {
    const inputs = each['type'] === 18 && isRecord(each['component']) ? [each['component']] : readRecords(each['components']);
    return inputs.map((input) => ({
      label: readString(each['label']) || readString(input['label']),
      customId: readString(input['custom_id']),
      input,
    }));
  });
}

function fill(input: Json, values: Record<string, string>): Json {
  const customId = readString(input['custom_id']);
  const value = values[customId] ?? readString(input['value']);
  const shown = { type: input['type'], id: 1, custom_id: customId };
  if (input['type'] !== 4)
    return input['type'] === 21 ? { ...shown, value: value || null } : { ...shown, values: value === '' ? [] : [value] };
  const least = Number(input['min_length'] ?? (input['required'] === false ? 0 : 1));
  // An optional field may stay empty whatever its minimum.
  const tooShort = value.length < least && !(value === '' && input['required'] === false);
  if (tooShort || value.length > Number(input['max_length'] ?? 4000))
    throw new Error(`The form cannot be sent: ${customId} has ${value.length} characters.`);
  return { ...shown, value };
}

/** The submission of a filled form. @throws Error when Discord's own form would not let a person send it */
export function fillModal(modal: ShownModal, values: Record<string, string>): Json {
  const known = readInputs(modal).map((each) => each.customId);
  for (const name of Object.keys(values))
    if (!known.includes(name)) throw new Error(`The form has no field ${name}, only ${known.join(', ')}.`);
  return {
    custom_id: modal.customId,
    components: modal.components.map((each, index) => {
      if (each['type'] === 18 && isRecord(each['component']))
        return { type: 18, id: index + 1, component: fill(each['component'], values) };
      if (each['type'] === 1)
        return { type: 1, id: index + 1, components: readRecords(each['components']).map((input) => fill(input, values)) };
      return { type: each['type'], id: index + 1 };
    }),
  };
}
