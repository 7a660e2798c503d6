// What a person typed in Slack, without Slack's markup: mentions of the bot go, links and entities become the words people see.

const MARKUP = /<([^<>]*)>/g;

/** @param team the speaker's workspace: a mentioned person is read as their platform id, as commands take it. */
export function readText(text: string, botUserId: string | null, team: string): string {
  return text
    .replace(mentionOf(botUserId), '')
    .replace(MARKUP, (_, inner: string) => readMarkup(inner, team))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}

/** With one space before it, so that the words around it stand as they were typed. */
const mentionOf = (botUserId: string | null): RegExp => new RegExp(`[^\\S\\n]?<@${botUserId ?? '-'}(?:\\|[^>]*)?>`, 'g');

/** Whether the bot is spoken to by name. */
export const isMentioned = (text: string, botUserId: string | null): boolean =>
  botUserId !== null && new RegExp(`<@${botUserId}(?:\\|[^>]*)?>`).test(text);

function readMarkup(inner: string, team: string): string {
  const [target = '', label] = inner.split('|', 2);
  if (target.startsWith('@')) return `slack:${team}/${target.slice(1)}`;
  if (target.startsWith('#')) return `#${label === undefined || label === '' ? target.slice(1) : label}`;
  if (target.startsWith('!')) return label ?? `@${target.slice(1).split('^')[0]}`;
  const address = target.replace(/^mailto:|^tel:/, '');
  // Slack makes links of bare names like example.com: the label is what was typed.
  return label === undefined || label === '' || address.endsWith(label) ? (label ?? address) : `${label} (${address})`;
}
