// Finding the lowest point of a smooth function of a few numbers, and how sure one may be of it. Deterministic: nothing is drawn.

export type Objective = (at: readonly number[]) => number;

interface Corner {
  at: number[];
  value: number;
}

/**
 * Nelder & Mead (1965), begun anew at what it found until that brings no more: a simplex that has collapsed early is not the lowest point.
 * Infinity is a wall. @param size edge of the first simplex @param tolerance difference of values that counts as none
 */
export function minimise(objective: Objective, start: readonly number[], { size = 0.5, tolerance = 1e-9 } = {}): Corner {
  let best: Corner = { at: [...start], value: objective(start) };
  for (let round = 0; round < 8; round += 1) {
    const found = descend(objective, best, size / (round + 1), tolerance);
    const gained = best.value - found.value;
    if (found.value <= best.value) best = found;
    if (!(gained > tolerance * (1 + Math.abs(best.value)))) break;
  }
  return best;
}

function descend(objective: Objective, from: Corner, size: number, tolerance: number): Corner {
  const count = from.at.length;
  const corner = (at: number[]): Corner => ({ at, value: objective(at) });
  let simplex = [from, ...from.at.map((_, axis) => corner(from.at.map((value, index) => (index === axis ? value + size : value))))];
  for (let step = 0; step < 400 * count; step += 1) {
    simplex.sort((a, b) => a.value - b.value);
    const [best, worst, second] = [simplex[0], simplex[count], simplex[count - 1]];
    if (best === undefined || worst === undefined || second === undefined) return from;
    if (worst.value - best.value <= tolerance * (1e-3 + Math.abs(best.value)) && spreadOf(simplex) < 1e-5) break;
    const centre = from.at.map((_, axis) => simplex.slice(0, count).reduce((sum, { at }) => sum + (at[axis] ?? 0), 0) / count);
    const along = (share: number): Corner => corner(centre.map((middle, axis) => middle + share * ((worst.at[axis] ?? 0) - middle)));
    const moved = moveWorst(along, best.value, second.value, worst.value);
    if (moved !== null) simplex[count] = moved;
    else simplex = [best, ...simplex.slice(1).map(({ at }) => corner(at.map((value, axis) => (value + (best.at[axis] ?? 0)) / 2)))];
  }
  return simplex.reduce((best, one) => (one.value < best.value ? one : best), from);
}

/** Reflection, expansion or contraction of the worst corner; null when the whole simplex has to shrink. */
function moveWorst(along: (share: number) => Corner, best: number, second: number, worst: number): Corner | null {
  const mirrored = along(-1);
  if (mirrored.value < best) {
    const further = along(-2);
    return further.value < mirrored.value ? further : mirrored;
  }
  if (mirrored.value < second) return mirrored;
  const nearer = along(mirrored.value < worst ? -0.5 : 0.5);
  return nearer.value < Math.min(worst, mirrored.value) ? nearer : null;
}

function spreadOf(simplex: readonly Corner[]): number {
  const [first, ...others] = simplex;
  return Math.max(...others.map(({ at }) => Math.max(...at.map((value, axis) => Math.abs(value - (first?.at[axis] ?? 0))))));
}

/** Deviation of the weak prior on a logarithm: directions the figures say nothing about stay uncertain by a factor of 20, not without bound. */
const PRIOR_DEVIATION = 3;

/**
 * Covariance of the estimates: the inverse of the objective's curvature (observed information, central differences) at its lowest point,
 * with a weak prior of its own, so that it exists even where the figures leave a direction open.
 * @param objective minus the log-likelihood of logarithms of parameters
 */
export function covarianceAt(objective: Objective, at: readonly number[], step = 1e-3): number[][] {
  const moved = (i: number, di: number, j: number, dj: number): number =>
    objective(at.map((value, axis) => value + (axis === i ? di * step : 0) + (axis === j ? dj * step : 0)));
  const here = objective(at);
  const curve = (i: number, j: number): number => {
    const difference =
      i === j
        ? moved(i, 1, i, 0) - 2 * here + moved(i, -1, i, 0)
        : (moved(i, 1, j, 1) - moved(i, 1, j, -1) - moved(i, -1, j, 1) + moved(i, -1, j, -1)) / 4;
    // At a wall there is no curvature to see: the prior alone says how open that direction is.
    return Number.isFinite(difference) ? difference / step ** 2 : 0;
  };
  const curvature = at.map((_, i) => at.map((__, j) => curve(i, j)));
  for (let prior = PRIOR_DEVIATION ** -2; prior < 1e12; prior *= 4) {
    const inverse = invert(curvature.map((row, i) => row.map((value, j) => value + (i === j ? prior : 0))));
    if (inverse !== null) return inverse;
  }
  throw new RangeError('the curvature is not a number');
}

/** Inverse of a symmetric positive definite matrix, by Gauss and Jordan, whose pivots are then all above 0; null for any other. */
function invert(matrix: readonly (readonly number[])[]): number[][] | null {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (const [step, pivotRow] of rows.entries()) {
    const pivot = pivotRow[step] ?? 0;
    if (!(pivot > 0)) return null;
    for (const [column, value] of pivotRow.entries()) pivotRow[column] = value / pivot;
    for (const row of rows) if (row !== pivotRow) takeAway(row, row[step] ?? 0, pivotRow);
  }
  return rows.map((row) => row.slice(size));
}

function takeAway(row: number[], factor: number, other: readonly number[]): void {
  for (const [column, value] of other.entries()) row[column] = (row[column] ?? 0) - factor * value;
}

/** Variance of a function of the estimates, by the delta method: gradient · covariance · gradient. */
export function varianceOf(of: Objective, at: readonly number[], covariance: readonly (readonly number[])[], step = 1e-4): number {
  const gradient = at.map((_, axis) => {
    const move = (by: number): number => of(at.map((value, index) => (index === axis ? value + by : value)));
    return (move(step) - move(-step)) / (2 * step);
  });
  return gradient.reduce(
    (sum, left, i) => sum + gradient.reduce((inner, right, j) => inner + left * right * (covariance[i]?.[j] ?? 0), 0),
    0,
  );
}
