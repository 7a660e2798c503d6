// Ends a model call: when its task is stopped, when nothing comes, or when it takes too long. Says which.

export type CallEnding = 'stopped' | 'no_first_byte' | 'too_long';

export interface CallDeadline {
  signal: AbortSignal;
  /** The first byte of the answer is here: only the limit for the whole call counts from now on. */
  onFirstByte(): void;
  ending(): CallEnding | null;
  /** Takes its timers and listeners back. */
  close(): void;
}

/** First byte within `timeoutMs`, the whole call within twice that. */
export function openDeadline(stop: AbortSignal, timeoutMs: number): CallDeadline {
  const controller = new AbortController();
  let ending: CallEnding | null = null;
  const end = (reason: CallEnding): void => {
    ending ??= reason;
    controller.abort();
  };
  const onStop = (): void => end('stopped');
  const first = setTimeout(() => end('no_first_byte'), timeoutMs);
  const whole = setTimeout(() => end('too_long'), timeoutMs * 2);
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  return {
    signal: controller.signal,
    onFirstByte: () => clearTimeout(first),
    ending: () => ending,
    close() {
      clearTimeout(first);
      clearTimeout(whole);
      stop.removeEventListener('abort', onStop);
    },
  };
}
