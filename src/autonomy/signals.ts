// Hands what the database tells this process to the loop and to whoever follows the messages.
import type { Signal } from '../db/presence.ts';
import type { Loop } from './loop.ts';

export interface Signals {
  loop: Loop | null;
  onSignal(signal: Signal): void;
  onReturn(): void;
  onMessages(listener: () => void): () => void;
}

/** Hands what the database tells to whoever listens in this process. */
export function createSignals(): Signals {
  const listeners = new Set<() => void>();
  const tellAll = (): void => {
    for (const listener of listeners) listener();
  };
  const signals: Signals = {
    loop: null,
    onSignal: (signal) => {
      if (signal === 'jug_message') tellAll();
      else if (signal === 'jug_ready') signals.loop?.onReady();
      else if (signal === 'jug_due') signals.loop?.onDue();
      else if (signal === 'jug_control') signals.loop?.onControl();
      else signals.loop?.onAudit();
    },
    onReturn: () => {
      signals.loop?.onReturn();
      tellAll();
    },
    onMessages: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return signals;
}
