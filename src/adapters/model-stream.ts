// Puts a streamed chat completion together. Every field of a chunk may be missing, repeated or of the wrong type:
// servers differ, and a model's output is not to be trusted.
import { ModelCallFailure } from '../domain/brain/call-failure.ts';
import type { ChatReply, RequestedCall } from '../domain/brain/chat-model.ts';
import { readUsage } from './model-usage.ts';

const MAX_REPLY_CHARACTERS = 1_000_000;
const MAX_TOOL_CALLS = 64;
const MAX_ID_CHARACTERS = 128;

/** Anything else, known or not, is an ordinary end. */
const FINISHES: ReadonlyMap<string, ChatReply['finish']> = new Map([
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'refusal'],
  ['refusal', 'refusal'],
]);

export interface ReplyCollector {
  /** @throws ModelCallFailure when the reply outgrows 1,000,000 characters. */
  add(chunk: unknown): void;
  /** Whether anything that looks like a chunk of a completion has come. */
  hasStarted(): boolean;
  /** @throws ModelCallFailure when the stream ended without saying why: it was cut. */
  finish(): ChatReply;
}

interface Draft extends RequestedCall {
  index: number | null;
}

export function createReplyCollector(model: string, onText: ((delta: string) => void) | undefined): ReplyCollector {
  const drafts: Draft[] = [];
  let text = '';
  let refusal = '';
  let size = 0;
  let started = false;
  let reason: string | null = null;
  let usage: ChatReply['usage'] = null;
  /** Fragments of calls beyond the limit: dropped, but counted so that they still end. */
  let lastDropped = false;

  function count(piece: string): string {
    size += piece.length;
    if (size > MAX_REPLY_CHARACTERS) throw garbled('the reply is larger than 1,000,000 characters');
    return piece;
  }

  function addCall(value: unknown): void {
    const piece = readFragment(value);
    const draft = findDraft(drafts, piece);
    count(piece.name + piece.arguments);
    if (draft === null) {
      lastDropped = drafts.length >= MAX_TOOL_CALLS;
      if (!lastDropped) drafts.push(piece);
    } else if (!lastDropped || piece.index !== null) {
      draft.arguments += piece.arguments;
      draft.name ||= piece.name;
    }
  }

  return {
    add(chunk) {
      const envelope = record(chunk);
      usage = readUsage(envelope['usage']) ?? usage;
      const choice = record(list(envelope['choices'])[0]);
      if (Object.keys(choice).length === 0) return;
      started = true;
      // `message` instead of `delta`: a server that ignored `stream: true`.
      const delta = record(choice['delta'] ?? choice['message']);
      const piece = count(string(delta['content']));
      text += piece;
      refusal += count(string(delta['refusal']));
      for (const part of list(delta['tool_calls'])) addCall(part);
      reason = string(choice['finish_reason']) || reason;
      if (piece !== '') onText?.(piece);
    },
    hasStarted: () => started,
    finish() {
      if (reason === null) throw garbled('the stream ended before the reply did');
      if (reason === 'error')
        throw new ModelCallFailure('the provider ended the reply with an error', { kind: 'server', sent: true, mayCost: true });
      const toolCalls = settle(drafts);
      return { text: text || refusal, toolCalls, finish: finishOf(reason, refusal !== '', toolCalls.length > 0), usage, model };
    },
  };
}

function readFragment(value: unknown): Draft {
  const part = record(value);
  const called = record(part['function']);
  const written = called['arguments'];
  return {
    index: typeof part['index'] === 'number' ? part['index'] : null,
    id: string(part['id']),
    name: string(called['name']),
    // Some servers send the arguments as an object instead of text.
    arguments: typeof written === 'object' && written !== null ? JSON.stringify(written) : string(written),
  };
}

/** The call a fragment belongs to, null for a new one. A new id at a known index is a new call: several servers number every call 0. */
function findDraft(drafts: Draft[], { index, id, name }: Draft): Draft | null {
  if (index === null) return name === '' ? (drafts.findLast((draft) => id === '' || draft.id === id) ?? null) : null;
  const known = drafts.findLast((draft) => draft.index === index);
  if (known === undefined) return null;
  const isAnother = id !== '' && name !== '' && known.id !== '' && id !== known.id;
  return isAnother ? null : known;
}

/** Ids are unique and never empty afterwards: results are matched to calls by them. */
function settle(drafts: Draft[]): RequestedCall[] {
  const taken = new Set<string>();
  return drafts.map((draft, position) => {
    const usable = draft.id !== '' && draft.id.length <= MAX_ID_CHARACTERS && !taken.has(draft.id);
    let id = usable ? draft.id : `call_${position}`;
    while (taken.has(id)) id = `${id}_`;
    taken.add(id);
    return { id, name: draft.name, arguments: draft.arguments };
  });
}

function finishOf(reason: string, refused: boolean, hasCalls: boolean): ChatReply['finish'] {
  if (refused) return 'refusal';
  return FINISHES.get(reason.toLowerCase()) ?? (hasCalls ? 'tool_calls' : 'stop');
}

function garbled(message: string): ModelCallFailure {
  return new ModelCallFailure(message, { kind: 'garbled', sent: true, mayCost: true });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
