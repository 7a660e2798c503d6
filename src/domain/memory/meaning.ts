// Which remembered facts are near in meaning, and how that joins with those that share words. Pure.

/** Further apart than this two texts have nothing to do with each other, whatever the model. */
const LEAST_LIKENESS = 0.3;
/** Of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009). */
const RANK_OFFSET = 60;

/** A vector of length one as 32-bit floats, or null when it has no direction. */
export function packVector(values: readonly number[]): Buffer | null {
  const length = Math.hypot(...values);
  if (!Number.isFinite(length) || length === 0) return null;
  return Buffer.from(new Float32Array(values.map((value) => value / length)).buffer);
}

/** Cosine of two packed vectors; 0 where they are of different models. */
export function likeness(a: Buffer, b: Buffer): number {
  if (a.length !== b.length) return 0;
  const [left, right] = [floatsOf(a), floatsOf(b)];
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += (left[at] ?? 0) * (right[at] ?? 0);
  return sum;
}

/** A buffer may begin anywhere in memory; floats may not. */
const floatsOf = (bytes: Buffer): Float32Array => new Float32Array(new Uint8Array(bytes).buffer);

/** The nearest first. */
export function nearest<Item extends { vector: Buffer | null }>(query: Buffer, items: readonly Item[]): Item[] {
  return items
    .flatMap((item) => (item.vector === null ? [] : [{ item, score: likeness(query, item.vector) }]))
    .filter(({ score }) => score >= LEAST_LIKENESS)
    .toSorted((a, b) => b.score - a.score)
    .map(({ item }) => item);
}

/** Two rankings as one: what stands high in either comes first. */
export function fuse<Item extends { id: number }>(rankings: readonly (readonly Item[])[], limit: number): Item[] {
  const scored = new Map<number, { item: Item; score: number }>();
  for (const ranking of rankings)
    for (const [place, item] of ranking.entries()) {
      const known = scored.get(item.id)?.score ?? 0;
      scored.set(item.id, { item, score: known + 1 / (RANK_OFFSET + place) });
    }
  return [...scored.values()]
    .toSorted((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ item }) => item);
}
