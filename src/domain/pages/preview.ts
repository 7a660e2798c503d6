// Signed looks at a page that are no visits: an operator's preview, and the bot's own reading of what it published. Pure.
import { createHmac } from 'node:crypto';
import { equalSecrets } from '../../core/secret.ts';

const sign = (secret: string, slug: string, variant: string): string =>
  createHmac('sha256', secret).update(`preview\u0000${slug}\u0000${variant}`).digest('base64url').slice(0, 22);

/** `/o/SLUG?preview=LETTER.SIGNATURE` */
export const previewPath = (secret: string, slug: string, variant: string): string =>
  `/o/${slug}?preview=${variant}.${sign(secret, slug, variant)}`;

/** @returns the variant that is to be shown, or null for a link that we did not make */
export function readPreview(secret: string, slug: string, token: string): string | null {
  const [, variant = '', signature = ''] = /^([a-z])\.([\w-]{22})$/.exec(token) ?? [];
  return variant !== '' && equalSecrets(signature, sign(secret, slug, variant)) ? variant : null;
}
