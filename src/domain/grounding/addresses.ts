// Web and mail addresses in a text: one stands for another only where they are the same, or where the host alone is said.

const ADDRESS = /\b(?:[a-z][a-z\d+]{1,9}:\/\/|www\.)[^\s<>"')\]|]+|\b[\w.+-]+@[\w-]+\.[\w.]+/gi;

export interface Address {
  at: number;
  shown: string;
}

export const addressesIn = (text: string): Address[] =>
  [...text.matchAll(ADDRESS)].map((match) => ({ at: match.index, shown: match[0].replace(/[.,;:!?]+$/, '') }));

/** Without scheme, `www.` and the last slash. */
export const plainAddress = (shown: string): string =>
  shown
    .toLowerCase()
    .replace(/^git\+|\.git$/g, '')
    .replace(/^(?:https?:\/\/)?(?:www\.)?/, '')
    .replace(/\/$/, '');

/** Whether an address that was said is one that is recorded, or the host of one. */
export const isSameAddress = (said: string, recorded: string): boolean =>
  said === recorded || (!said.includes('/') && (recorded.startsWith(`${said}/`) || recorded.endsWith(`@${said}`)));
