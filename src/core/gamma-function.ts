// The special functions of statistics: log-gamma, log-beta, the incomplete beta integral and its inverse. Pure.

const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0, Lanczos' approximation with g = 7 and nine terms (Lanczos 1964; Godfrey's coefficients): about 15 digits. */
export function logGamma(x: number): number {
  // Below one half the series loses digits; one step of Γ(x + 1) = x·Γ(x) leads above it.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  const y = x - 1;
  let series = LANCZOS[0] ?? 1;
  for (let term = 1; term < LANCZOS.length; term += 1) series += (LANCZOS[term] ?? 0) / (y + term);
  const t = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(series);
}

/** ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b). */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** P(X ≤ x) for X ~ Beta(a, b): the regularised incomplete beta integral. */
export const betaShare = (x: number, a: number, b: number): number => Math.exp(logBetaShare(x, a, b));

/** Its logarithm, exact far out in the tails too: by its continued fraction (Lentz; DLMF 8.17.22). */
export function logBetaShare(x: number, a: number, b: number): number {
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  if (x >= 1) return 0;
  if (x > (a + 1) / (a + b + 2)) return Math.log1p(-betaShare(1 - x, b, a));
  const front = a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b) - Math.log(a);
  const tiny = 1e-300;
  const safe = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let [c, d] = [1, 1 / safe(1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m < 500; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const step of [even, odd]) {
      d = 1 / safe(1 + step * d);
      c = safe(1 + step / c);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front + Math.log(fraction);
}

/** The value below which `share` of Beta(a, b) lies, by halving. */
export function betaQuantile(share: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (betaShare(middle, a, b) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
