// A door that is open, closed, and open again: whoever passes while it is closed waits.

export interface Gate {
  open(): Promise<void>;
  close(): void;
  release(): void;
}

export function createGate(): Gate {
  let gate = Promise.resolve();
  let free = (): void => {};
  return {
    open: () => gate,
    close: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      free = resolve;
    },
    release: () => free(),
  };
}
