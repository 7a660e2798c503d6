// What the tools of the storefront take; the approval card reads the same.
import { z } from 'zod';
import { channelKey, pageBlocks, pageSlug, variantKey } from './page.ts';

const amount = z.string().regex(/^\d{1,10}(\.\d{1,6})?$/);

export const publishInput = z.object({
  slug: pageSlug,
  variant: variantKey,
  name: z.string().trim().min(1).max(200).describe('what is sold, as the customer reads it when paying'),
  description: z.string().trim().min(1).max(500).nullish().describe('one or two sentences on the payment page'),
  blocks: pageBlocks.describe('the page from top to bottom; begins with a hero'),
  amount: amount.describe('price of one, in whole units of the currency, like "19.90"; a published variant keeps its price'),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/)
    .describe('ISO code, like USD'),
  unitCost: amount.describe('what one sale costs us apart from fees, in the same currency, like "2.50"; "0" for a download'),
});
export type PublishInput = z.output<typeof publishInput>;

export const priceInput = z.object({ slug: pageSlug, variant: variantKey, amount: amount.describe('the new price, like "14.90"') });
export type PriceInput = z.output<typeof priceInput>;

export const retireInput = z.object({
  slug: pageSlug,
  variant: variantKey.nullish().describe('absent: the whole page'),
  why: z.string().trim().min(3).max(300),
});
export type RetireInput = z.output<typeof retireInput>;

export const pageInput = z.object({ slug: pageSlug, variant: variantKey });
export type PageInput = z.output<typeof pageInput>;

export const channelInput = z.object({
  slug: pageSlug,
  channel: channelKey,
  name: z.string().trim().min(3).max(120).describe('where it is, like "the newsletter of the alumni club"'),
});
export type ChannelInput = z.output<typeof channelInput>;
