// Modals, the app's home and files at Slack's double. A trigger opens one modal, once, within three seconds of the click.
// Uploads arrive outside the Web API, at the address that files.getUploadURLExternal gave out.

import { takeView } from './slack-double-blocks.ts';
import {
  addFault,
  type Fields,
  findWritable,
  isFields,
  list,
  type Method,
  Refusal,
  type SlackView,
  text,
  type World,
} from './slack-double-model.ts';
import { addMessage, takeContent } from './slack-double-posting.ts';

/** For how long a click may be answered with a modal. */
const TRIGGER_MS = 3000;

export function giveTrigger(world: World, user: string): string {
  const id = `${world.nextId('')}.${world.nextId('')}.trigger`;
  world.triggers.set(id, { user, until: world.now() + TRIGGER_MS, used: false });
  return id;
}

function useTrigger(world: World, args: Fields): string {
  const trigger = world.triggers.get(text(args, 'trigger_id'));
  if (trigger === undefined) throw new Refusal('invalid_trigger_id');
  if (trigger.used) throw new Refusal('exchanged_trigger_id');
  if (world.now() > trigger.until) throw new Refusal('expired_trigger_id');
  trigger.used = true;
  return trigger.user;
}

/** @throws Refusal when the view breaks Slack's rules. */
export function addView(world: World, user: string, given: unknown, replaces: SlackView | null = null): SlackView {
  const taken = takeView(world, given);
  const id = replaces?.id ?? world.nextId('V');
  const raw: Fields = {
    private_metadata: '',
    callback_id: '',
    external_id: '',
    ...taken,
    id,
    team_id: world.teamId,
    app_id: world.appId,
    app_installed_team_id: world.teamId,
    bot_id: world.botId,
    hash: `${world.nextTs()}.${world.nextId('h')}`,
    root_view_id: id,
    previous_view_id: null,
    state: { values: {} },
  };
  const view: SlackView = {
    id,
    user,
    type: taken['type'] === 'home' ? 'home' : 'modal',
    callbackId: text(raw, 'callback_id'),
    privateMetadata: text(raw, 'private_metadata'),
    blocks: list(taken['blocks']),
    raw,
    open: true,
  };
  if (replaces !== null) replaces.open = false;
  world.views.push(view);
  return view;
}

function openView(world: World, args: Fields): Fields {
  const user = useTrigger(world, args);
  if (!isFields(args['view']) || args['view']['type'] !== 'modal') throw new Refusal('invalid_arguments');
  return { view: addView(world, user, args['view']).raw };
}

function updateView(world: World, args: Fields): Fields {
  const id = text(args, 'view_id');
  const external = text(args, 'external_id');
  const known = world.views.findLast((each) => each.open && (id === '' ? each.raw['external_id'] === external : each.id === id));
  if (known === undefined) throw new Refusal('not_found');
  if (args['hash'] !== undefined && args['hash'] !== known.raw['hash']) throw new Refusal('hash_conflict');
  return { view: addView(world, known.user, args['view'], known).raw };
}

function publishView(world: World, args: Fields): Fields {
  const user = text(args, 'user_id');
  if (world.users !== null && !world.users.has(user)) throw new Refusal('user_not_found');
  if (!isFields(args['view']) || args['view']['type'] !== 'home') throw new Refusal('invalid_arguments');
  const known = world.views.findLast((each) => each.open && each.type === 'home' && each.user === user) ?? null;
  if (args['hash'] !== undefined && args['hash'] !== known?.raw['hash']) throw new Refusal('hash_conflict');
  return { view: addView(world, user, args['view'], known).raw };
}

function giveUpload(world: World, args: Fields): Fields {
  const filename = text(args, 'filename');
  const length = Number(text(args, 'length'));
  if (filename === '') throw new Refusal('invalid_arguments');
  if (!(length > 0)) throw new Refusal('invalid_arguments');
  const id = world.nextId('F');
  world.uploads.set(id, { filename, length, bytes: null });
  return { upload_url: `${world.baseUrl}/upload/v1/${id}`, file_id: id };
}

/** @returns the HTTP status of the answer. */
export function takeUpload(world: World, id: string, bytes: Uint8Array): number {
  const upload = world.uploads.get(id);
  if (upload === undefined) return 404;
  if (bytes.length !== upload.length)
    addFault(world, 'warned', 'upload', 'length', `${bytes.length} bytes came, ${upload.length} were announced`);
  upload.bytes = bytes;
  return 200;
}

function completeUpload(world: World, args: Fields): Fields {
  const files = list(args['files']);
  if (files.length === 0) throw new Refusal('invalid_arguments');
  for (const file of files) if ((world.uploads.get(text(file, 'id'))?.bytes ?? null) === null) throw new Refusal('file_not_found');
  const shown = files.map((each) => ({ id: text(each, 'id'), title: text(each, 'title') }));
  const place = text(args, 'channel_id') || text(args, 'channels');
  if (place === '') return { files: shown };
  const channel = findWritable(world, place);
  const words = text(args, 'initial_comment');
  const said =
    words === '' && args['blocks'] === undefined
      ? {}
      : takeContent(world, 'files.completeUploadExternal', { text: words, blocks: args['blocks'] });
  const threadTs = text(args, 'thread_ts') || null;
  addMessage(world, { channel: channel.id, threadTs, ...said, files: shown.map((each) => each.id), via: 'files.completeUploadExternal' });
  return { files: shown };
}

export const surfaceMethods: Record<string, Method> = {
  'views.open': { scope: null, args: 'view trigger_id interactivity_pointer', run: openView },
  'views.update': { scope: null, args: 'view view_id external_id hash', run: updateView },
  'views.publish': { scope: null, args: 'view user_id hash', run: publishView },
  'files.getUploadURLExternal': { scope: 'files:write', args: 'filename length alt_text snippet_type', run: giveUpload },
  'files.completeUploadExternal': {
    scope: 'files:write',
    args: 'files channel_id channels initial_comment thread_ts blocks',
    run: completeUpload,
  },
};
