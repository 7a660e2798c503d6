// Seeded randomness: the same seed gives the same numbers on every machine. Nothing here reads a clock or Math.random.
// Decisions and simulations are handed a Random, so that every run can be repeated.

/** Uniform on [0, 1), 32 bits fine. Each call moves on. */
export type Random = () => number;

const TWO_32 = 2 ** 32;

/** splitmix32 (the 32-bit form of Steele, Lea & Flood's SplitMix, 2014): spreads one seed over several words. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand: "small fast chaotic", a counter in the fourth word so that no cycle is shorter than 2^32).
 * Returns a source of unsigned 32-bit words. The first 12 words are thrown away, as its author advises.
 */
export function sfc32(seed: number): () => number {
  const spread = splitmix32(seed);
  let a = spread() | 0;
  let b = spread() | 0;
  let c = spread() | 0;
  let counter = 1;
  const next = (): number => {
    const word = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word >>> 0;
  };
  for (let i = 0; i < 12; i += 1) next();
  return next;
}

export function randomFrom(seed: number): Random {
  const next = sfc32(seed);
  return () => next() / TWO_32;
}

/**
 * One 32-bit seed for a list of names and numbers: FNV-1a over the UTF-16 units (parts are closed by a separator, so `('a','b')` and `('ab')`
 * differ), finished with MurmurHash3's fmix32 so that neighbouring days are far apart.
 */
export function hashSeed(...parts: (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (const unit of `${typeof part}:${part}\u001f`) hash = Math.imul(hash ^ unit.charCodeAt(0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Whole number, each of `low`..`high` (both included) equally likely. */
export function uniformInt(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Standard normal, Box & Muller (1958), the cosine half only: no state between calls. */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

/** exp(N(mu, sigma²)); its mean is exp(mu + sigma²/2). */
export function lognormal(random: Random, mu: number, sigma: number): number {
  return Math.exp(mu + sigma * normal(random));
}

/** Exponential with the given mean (not rate); a mean of 0 is always 0. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Gamma(shape, scale 1), Marsaglia & Tsang, ACM TOMS 26(3), 2000; shapes below 1 by their boost, Gamma(shape + 1)·U^(1/shape). */
export function gamma(random: Random, shape: number): number {
  if (!(shape > 0)) throw new RangeError(`gamma needs a positive shape, got ${shape}`);
  if (shape < 1) return gamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Beta(a, b) as Gamma(a) / (Gamma(a) + Gamma(b)). */
export function beta(random: Random, a: number, b: number): number {
  const x = gamma(random, a);
  return x / (x + gamma(random, b));
}

/**
 * Successes in `n` tries of chance `p`, exact, by geometric gaps between successes (Devroye 1986, X.4.3): about n·p draws.
 * The same stream with a larger `n` repeats the successes of the smaller one and adds to them.
 */
export function binomial(random: Random, n: number, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`binomial needs a chance in [0, 1], got ${p}`);
  if (p === 0) return 0;
  if (p === 1) return n;
  const logMiss = Math.log1p(-p);
  let successes = 0;
  let tries = 0;
  for (;;) {
    tries += 1 + Math.floor(Math.log(1 - random()) / logMiss);
    if (tries > n) return successes;
    successes += 1;
  }
}
