// Order, retries and the life of a task.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Conflict } from '../../src/core/errors.ts';
import type { TaskStatus } from '../../src/db/tables.ts';
import { taskLifecycle } from '../../src/domain/tasks/lifecycle.ts';
import { AGE_STEP_MS, effectivePriority, PRIORITIES } from '../../src/domain/tasks/priority.ts';
import { retryDelayMs } from '../../src/domain/tasks/retry.ts';

describe('priority', () => {
  test('critical goes before high before medium before low', () => {
    expect([PRIORITIES.critical, PRIORITIES.high, PRIORITIES.medium, PRIORITIES.low]).toEqual([0, 1, 2, 3]);
  });

  test.for<[number, number, number]>([
    [3, 0, 3],
    [3, AGE_STEP_MS - 1, 3],
    [3, AGE_STEP_MS, 2],
    [3, 3 * AGE_STEP_MS, 0],
    [3, 300 * AGE_STEP_MS, 0],
    [0, 5 * AGE_STEP_MS, 0],
    [2, -AGE_STEP_MS, 2],
  ])('priority %d after %d ms counts as %d', ([priority, waited, expected]) => {
    expect(effectivePriority(priority, waited)).toBe(expected);
  });

  test('a low task is not starved by a stream of critical ones', () => {
    // One task is taken a minute, and a new critical one comes each minute.
    const queue = [{ name: 'low', priority: PRIORITIES.low as number, since: 0 }];
    let minute = 0;
    for (; queue.some((task) => task.name === 'low') && minute < 100; minute += 1) {
      const now = minute * 60_000;
      queue.push({ name: `critical ${minute}`, priority: PRIORITIES.critical, since: now });
      queue.sort(
        (a, b) => effectivePriority(a.priority, now - a.since) - effectivePriority(b.priority, now - b.since) || a.since - b.since,
      );
      queue.shift();
    }
    expect(minute).toBeLessThanOrEqual(32);
  });
});

describe('retries', () => {
  test('wait 2 s, doubled each time, at most 10 minutes, with the upper half random', () => {
    expect(retryDelayMs(1, () => 0)).toBe(1_000);
    expect(retryDelayMs(1, () => 0.999_999)).toBe(2_000);
    expect(retryDelayMs(3, () => 0)).toBe(4_000);
    expect(retryDelayMs(30, () => 0.999_999)).toBe(600_000);
  });

  test('are never beyond their bounds, whatever the attempt', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e9)),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const delay = retryDelayMs(attempt, () => random);
          expect(delay).toBeGreaterThanOrEqual(1_000);
          expect(delay).toBeLessThanOrEqual(600_000);
          if (attempt >= 1) expect(retryDelayMs(attempt + 1, () => random)).toBeGreaterThanOrEqual(delay);
        },
      ),
    );
  });
});

describe('the life of a task', () => {
  const { states, canMove, move, isFinal } = taskLifecycle;
  const reach = (from: readonly TaskStatus[]): Set<TaskStatus> => {
    const seen = new Set(from);
    for (const state of seen) for (const next of states) if (canMove(state, next)) seen.add(next);
    return seen;
  };

  test('every state can be reached from a new task', () => {
    expect([...reach(['pending', 'blocked'])].sort()).toEqual([...states].sort());
  });

  test('from every state an end can be reached, and only done and cancelled have no way out', () => {
    for (const state of states) expect([...reach([state])].some(isFinal), state).toBe(true);
    expect(states.filter(isFinal)).toEqual(['done', 'cancelled']);
  });

  test('only running leads to done or dead, and only pending to running', () => {
    expect(states.filter((state) => canMove(state, 'done'))).toEqual(['running']);
    expect(states.filter((state) => canMove(state, 'dead'))).toEqual(['running']);
    expect(states.filter((state) => canMove(state, 'running'))).toEqual(['pending']);
  });

  test('whatever waits goes back to pending when its wait is over, and running when it is handed back', () => {
    expect(states.filter((state) => canMove(state, 'pending')).sort()).toEqual([
      'blocked',
      'dead',
      'failed',
      'running',
      'waiting',
      'waiting_approval',
    ]);
  });

  test('whatever has not ended can be cancelled; what failed or died can be tried again', () => {
    for (const state of states) expect(canMove(state, 'cancelled'), state).toBe(!['done', 'failed', 'dead', 'cancelled'].includes(state));
    expect(states.filter((state) => ['failed', 'dead'].includes(state) && canMove(state, 'pending'))).toEqual(['failed', 'dead']);
  });

  test('a move is given back or refused in words, and any walk stays inside the table', () => {
    expect(move('pending', 'running')).toBe('running');
    expect(() => move('done', 'running')).toThrow(new Conflict("This task is done and can't become running."));
    expect(() => move('constructor' as TaskStatus, 'running')).toThrow(Conflict);
    fc.assert(
      fc.property(fc.constantFrom(...states), fc.array(fc.constantFrom(...states), { maxLength: 20 }), (start, wishes) => {
        let state = start;
        for (const wish of wishes) {
          const before = state;
          if (canMove(state, wish)) state = move(state, wish);
          else expect(() => move(before, wish)).toThrow(Conflict);
          if (isFinal(before)) expect(state).toBe(before);
        }
      }),
    );
  });
});
