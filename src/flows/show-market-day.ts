// The practice market's day as one card for the console, edited in place: at the end of each market day, and when an order of it comes late.
import { postMessage } from '../chat/outbox-store.ts';
import { marketDayCard } from '../chat/views/market-day-card.ts';
import type { Trx } from '../db/database.ts';
import { readCommitted } from '../domain/money/cap-store.ts';
import { byKey, toProfitAndLoss } from '../domain/money/profit.ts';
import { lockReport, readMarketDays } from '../domain/money/slice-store.ts';
import { readMarketDay } from '../domain/offers/launch-store.ts';

const CHART_DAYS = 30;

export async function showMarketDay(trx: Trx): Promise<void> {
  // Of two bookings at once the later one must see the other's entry: its card is the one that stays.
  await lockReport(trx);
  const day = await readMarketDay(trx, 'practice');
  if (day === 0) return;
  const first = Math.max(1, day - CHART_DAYS + 1);
  const sums = byKey(await readMarketDays(trx, first, day));
  const days = Array.from({ length: day - first + 1 }, (_, index) => first + index);
  const card = marketDayCard({
    day,
    days: days.map((number) => ({ day: number, sums: sums.get(String(number)) ?? toProfitAndLoss([]) })),
    committed: await readCommitted(trx, 'practice'),
  });
  await postMessage(trx, { channel: 'revenue', goalId: null, key: 'market-day', card, consoleOnly: true });
}
