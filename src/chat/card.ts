// What the bot says, as data; every surface renders it by one pure function. The shape is public (docs/contract.md).

export type Tone = 'info' | 'ask' | 'good' | 'bad' | 'muted';

/** A pre-filled command. An argument with an empty string is asked for when the button is pressed (a reason, a note, an amount). */
export interface Button {
  label: string;
  command: string;
  args: Record<string, string | number | boolean>;
  style: 'primary' | 'danger' | 'plain';
  /** Text of the "are you sure" question. */
  confirm?: string;
}

export interface Series {
  name: string;
  points: { x: string; y: number }[];
}

export interface Card {
  title: string;
  tone: Tone;
  /** Markdown: bold, links to our own pages, lists. Data is escaped by whoever puts it in (chat/escape.ts). */
  text?: string;
  fields?: { label: string; value: string }[];
  table?: { columns: string[]; rows: string[][] };
  chart?: { kind: 'line' | 'bar'; title: string; series: Series[] };
  progress?: { done: number; total: number };
  buttons?: Button[];
  ref?: { kind: string; id: number };
}
