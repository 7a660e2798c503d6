// What becomes of each find: seen before, refused by policy, the same as another one, or new. Pure.
import type { OpportunitySource } from '../../db/tables/states.ts';
import { findSame, nameKey } from './duplicates.ts';
import { type Breach, findBreach } from './limits.ts';
import { type Find, tellsApart } from './opportunity.ts';

export interface Known {
  id: number;
  name_key: string;
}

/** Into a row that is there, or into another find of this batch. */
export type Into = { id: number } | { externalId: string };

export type Sorted = { find: Find; key: string } & (
  | { kind: 'again'; id: number }
  | { kind: 'refused'; breach: Breach }
  | { kind: 'merged'; into: Into; name: string }
  | { kind: 'fresh' }
);

/**
 * In the order of the finds; one external id counts once.
 * @param seen ids by the external ids that this source has brought before
 * @param known what a duplicate may be merged into, of any source
 */
export function sortFinds(
  source: OpportunitySource,
  finds: readonly Find[],
  { seen, known }: { seen: ReadonlyMap<string, number>; known: readonly Known[] },
): Sorted[] {
  const fresh: (Known & { externalId: string })[] = [];
  const done = new Set<string>();
  return finds.flatMap((find): Sorted[] => {
    if (done.has(find.externalId)) return [];
    done.add(find.externalId);
    const key = nameKey(find.name);
    const id = seen.get(find.externalId);
    if (id !== undefined) return [{ kind: 'again', id, find, key }];
    const breach = findBreach([find.name, find.sells, find.buyer, ...find.capabilities], find.flags);
    if (breach !== null) return [{ kind: 'refused', breach, find, key }];
    const same = tellsApart(source) ? null : findSame(key, [...known, ...fresh]);
    if (same === null) {
      // A number below every row's: only its external id is used.
      fresh.push({ id: -1 - fresh.length, name_key: key, externalId: find.externalId });
      return [{ kind: 'fresh', find, key }];
    }
    const into = 'externalId' in same ? { externalId: String(same.externalId) } : { id: same.id };
    return [{ kind: 'merged', into, name: same.name_key, find, key }];
  });
}
