// A scan's card, edited in place while it looks. What runs by itself is one card, not a new one every time.
import type { Card } from '../../chat/card.ts';
import { postMessage } from '../../chat/outbox-store.ts';
import { scanCard } from '../../chat/views/scan-card.ts';
import type { DatabaseOrTrx } from '../../db/database.ts';
import { listUsed } from '../../domain/learning/lesson-store.ts';
import { listFoundIn } from '../../domain/opportunities/opportunity-store.ts';
import { listParts, type Scan, type ScanPart } from '../../domain/opportunities/scan-store.ts';

const SHOWN = 5;

export async function drawScan(db: DatabaseOrTrx, scan: Scan, known?: readonly ScanPart[]): Promise<Card> {
  const parts = known ?? (await listParts(db, scan.id));
  // Only what is searched for follows lessons.
  const lessons = parts.some(({ source }) => source === 'web') ? await listUsed(db, 'scan', scan.id) : [];
  return scanCard({ scan, parts, lessons, best: await listFoundIn(db, scan, SHOWN) });
}

/** @param parts where they were just read */
export async function showScan(db: DatabaseOrTrx, scan: Scan, parts?: readonly ScanPart[]): Promise<Card> {
  const card = await drawScan(db, scan, parts);
  const isAsked = scan.why === 'person';
  const key = isAsked ? `scan:${scan.id}` : `scan:by-itself:${scan.mode}`;
  await postMessage(db, { channel: 'experiments', goalId: null, key, card, consoleOnly: !isAsked && scan.mode === 'practice' });
  return card;
}
