// What a person typed in Slack, without Slack's markup: mentions of the bot go, links and entities become the words people see.

const MARKUP = /<([^<>]*)>/g;

/** @param team the speaker's workspace: a mentioned person is read as their platform id, as commands take it. */
export function readText(text: string, botUserId: string | null, team: string): string {
  return text
    .replace(MARKUP, (_, inner: string) => readMarkup(inner, botUserId, team))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/[^\S\n]+/g, ' ')
    .trim();
}

/** Whether the bot is spoken to by name. */
export const isMentioned = (text: string, botUserId: string | null): boolean =>
  botUserId !== null && new RegExp(`<@${botUserId}(?:\\|[^>]*)?>`).test(text);

function readMarkup(inner: string, botUserId: string | null, team: string): string {
  const [target = '', label] = inner.split('|', 2);
  if (target === `@${botUserId}`) return ' ';
  if (target.startsWith('@')) return `slack:${team}/${target.slice(1)}`;
  if (target.startsWith('#')) return `#${label === undefined || label === '' ? target.slice(1) : label}`;
  if (target.startsWith('!')) return label ?? `@${target.slice(1).split('^')[0]}`;
  const address = target.replace(/^mailto:|^tel:/, '');
  // Slack makes links of bare names like example.com: the label is what was typed.
  return label === undefined || label === '' || address.endsWith(label) ? (label ?? address) : `${label} (${address})`;
}
