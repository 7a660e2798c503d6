// What an opportunity takes, against what the bot has: a capability is a tool of the registry by name, or one of these words for it. Pure.

/** Any one of the tools does. Words that stand here with none are what no tool can do: they are never there. */
const TOOLS_FOR: Readonly<Record<string, readonly string[]>> = {
  sell_on_market: ['market_launch'],
  take_payment: ['payment_link', 'market_launch'],
  refund: ['payment_refund', 'market_launch'],
  read_web: ['web_fetch'],
  search_web: ['web_search'],
  write_text: ['write_document'],
  sell_download: ['write_document'],
  publish_page: ['publish_page', 'payment_link'],
};

/** What a model is told it may name. */
export const CAPABILITY_WORDS: readonly string[] = Object.keys(TOOLS_FOR);

export const hasCapability = (name: string, tools: ReadonlySet<string>): boolean =>
  tools.has(name) || (TOOLS_FOR[name] ?? []).some((tool) => tools.has(tool));

/** What is asked for and not there, in the order it was asked for. */
export const missingOf = (needed: readonly string[], tools: ReadonlySet<string>): string[] =>
  needed.filter((name) => !hasCapability(name, tools));
