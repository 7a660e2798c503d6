// The practice market as the playbooks see it: its offers, where they were read, and which look best before any visitor came.
import { z } from 'zod';
import { callsOf, type Situation } from './playbook-step.ts';

/** Amounts are micro-dollars; JSON carries them as a number or as digits. */
const micros = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/)]).transform((value) => BigInt(value));

const offer = z.object({
  id: z.union([z.string(), z.number()]),
  name: z.string(),
  channel: z.string(),
  listPriceMicros: micros,
  costPerVisitorMicros: micros,
  capacityPerDay: z.number(),
  running: z.boolean(),
});

const offersOutput = z.object({ day: z.number(), offers: z.array(offer) });

export type Offer = z.infer<typeof offer> & {
  /** Where it stands in the recorded output, for the paths of figures. */
  position: number;
};

export interface OffersRead {
  callId: number;
  day: number;
  offers: Offer[];
}

/** Offers read in an earlier task or in this one; the newest reading of this task wins. Null when there is none. */
export function findOffers({ facts, turns }: Situation): OffersRead | null {
  const own = callsOf(turns, 'market_offers').flatMap((call) => readOffers(call.callId, call.output));
  const earlier = facts.inputs.filter((input) => input.tool === 'market_offers').flatMap((input) => readOffers(input.callId, input.output));
  return own.at(-1) ?? earlier.at(-1) ?? null;
}

function readOffers(callId: number | null, output: unknown): OffersRead[] {
  const parsed = offersOutput.safeParse(output);
  if (!parsed.success || callId === null) return [];
  const { day, offers } = parsed.data;
  return [{ callId, day, offers: offers.map((one, position) => ({ ...one, position })) }];
}

/** Offers that don't run yet, the highest price per dollar of traffic first; ties in the market's order. */
export function rankOffers({ offers }: OffersRead): Offer[] {
  const idle = offers.filter((one) => !one.running && one.costPerVisitorMicros > 0n);
  // Compared crosswise, so that no division rounds two offers together.
  return idle.toSorted((a, b) => {
    const difference = b.listPriceMicros * a.costPerVisitorMicros - a.listPriceMicros * b.costPerVisitorMicros;
    return difference === 0n ? a.position - b.position : difference > 0n ? 1 : -1;
  });
}
