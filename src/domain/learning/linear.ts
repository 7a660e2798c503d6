// The little linear algebra that the effects need: the inverse of a symmetric positive matrix, and a matrix times a vector.

/** By Gauss & Jordan with row exchange. @throws RangeError for a singular matrix */
export function invert(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = matrix.map((row, index) => [...row, ...matrix.map((_, column) => (column === index ? 1 : 0))]);
  for (let column = 0; column < size; column += 1) {
    const pivot = strongest(rows, column);
    [rows[column], rows[pivot]] = [rows[pivot] ?? [], rows[column] ?? []];
    const lead = rows[column]?.[column] ?? 0;
    if (Math.abs(lead) < 1e-12) throw new RangeError('The matrix is singular.');
    rows[column] = (rows[column] ?? []).map((value) => value / lead);
    for (let row = 0; row < size; row += 1) if (row !== column) subtract(rows[row] ?? [], rows[column] ?? [], rows[row]?.[column] ?? 0);
  }
  return rows.map((row) => row.slice(size));
}

function strongest(rows: readonly (readonly number[])[], column: number): number {
  let best = column;
  for (let row = column + 1; row < rows.length; row += 1)
    if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[best]?.[column] ?? 0)) best = row;
  return best;
}

function subtract(row: number[], from: readonly number[], times: number): void {
  if (times === 0) return;
  for (let column = 0; column < row.length; column += 1) row[column] = (row[column] ?? 0) - times * (from[column] ?? 0);
}

export const multiply = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, value, index) => sum + value * (vector[index] ?? 0), 0));
