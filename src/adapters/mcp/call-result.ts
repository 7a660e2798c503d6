// What a server answered, as it may be kept and shown to a model: text, cut and cleaned; pictures and binaries only by name and size.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { findUnstorable, type Json, storableText } from '../../core/canonical-json.ts';
import { cleanText, cutText } from '../http/readable-text.ts';

/** All text of one answer together, in characters. */
const MOST_TEXT = 40_000;
const MOST_PARTS = 100;

export interface ReadResult {
  output: { content: Json[]; structured: Json; truncated: boolean };
  /** All text in one, for an error. */
  text: string;
}

export function readResult(result: CallToolResult): ReadResult {
  let left = MOST_TEXT;
  let truncated = result.content.length > MOST_PARTS;
  const cut = (text: string): string => {
    const clean = storableText(cleanText(text));
    const kept = cutText(clean, left);
    left -= kept.length;
    if (kept.length < clean.length) truncated = true;
    return kept;
  };
  const content = result.content.slice(0, MOST_PARTS).map((part) => readPart(part, cut));
  const structured = readStructured(result.structuredContent, left);
  if (structured === null && result.structuredContent !== undefined) truncated = true;
  const text = content.flatMap((part) => (part['type'] === 'text' ? [String(part['text'])] : [])).join('\n');
  return { output: { content, structured, truncated }, text };
}

function readPart(part: CallToolResult['content'][number], cut: (text: string) => string): { [key: string]: Json } {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: cut(part.text) };
    case 'image':
    case 'audio':
      return { type: part.type, mimeType: cut(part.mimeType.slice(0, 100)), leftOut: `${part.data.length} characters of base64` };
    case 'resource_link':
      // Only ever an address in text: nobody follows it here.
      return { type: 'link', uri: cut(part.uri.slice(0, 2_048)), name: cut(part.name.slice(0, 200)) };
    case 'resource':
      return 'text' in part.resource
        ? { type: 'resource', uri: cut(part.resource.uri.slice(0, 2_048)), text: cut(part.resource.text) }
        : { type: 'resource', uri: cut(part.resource.uri.slice(0, 2_048)), leftOut: `${part.resource.blob.length} characters of base64` };
  }
}

/** Whole or not at all: half of it would say something else. */
function readStructured(structured: Record<string, unknown> | undefined, left: number): Json {
  if (structured === undefined || findUnstorable(structured) !== null) return null;
  return JSON.stringify(structured).length <= left ? (structured as Json) : null;
}
