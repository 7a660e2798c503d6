// The part of html-to-text 10 that this project uses; the package ships no types and @types stops at version 9.
declare module 'html-to-text' {
  export interface Element {
    children: unknown[];
  }
  export interface TextBuilder {
    addInline(text: string): void;
    openBlock(options: { leadingLineBreaks: number }): void;
    closeBlock(options: { trailingLineBreaks: number }): void;
  }
  export type Formatter = (element: Element, walk: (children: unknown[], builder: TextBuilder) => void, builder: TextBuilder) => void;
  export interface Options {
    baseElements?: { selectors: string[]; returnDomByDefault?: boolean };
    formatters?: Record<string, Formatter>;
    limits?: { maxDepth?: number; maxBaseElements?: number };
    selectors?: { selector: string; format: string; options?: Record<string, unknown> }[];
    wordwrap?: number | false;
  }
  export function compile(options: Options): (html: string) => string;
}
