// One write at a time within the process that runs the market; the term number in market.clock keeps other processes out.

export type InTurn = <Result>(act: () => Promise<Result>) => Promise<Result>;

/** Returns a function that runs acts one after another, in the order they came; one that fails does not hold up the next. */
export function takeTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(act: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(act, act);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Waits, or returns early when the signal fires. @param ms milliseconds; Infinity waits for the signal alone */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = ms === Infinity ? undefined : setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
