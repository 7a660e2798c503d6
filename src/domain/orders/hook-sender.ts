// The port to somebody else's server that fulfils orders. Behind it: adapters/http/hook-sender.

export interface HookAnswer {
  status: number;
  /** Hex, of the body as far as it was read. */
  sha256: string;
}

export interface HookSender {
  /** POSTs JSON. @throws Upstream; `retryable` says that it may have been received, or can be later. */
  send(hook: { url: string; body: string; headers: Record<string, string>; signal: AbortSignal }): Promise<HookAnswer>;
}
