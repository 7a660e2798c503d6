// The port to our own pages as the world reaches them: what is published is read back through the same door as everybody's.
export interface ReadPage {
  status: number;
  /** What the page says of itself: letter, version and hash; null when it says nothing. */
  meta: string | null;
}

export interface OwnPages {
  /** Where pages are reached, like https://example.com; without a slash at its end. */
  address(): string;
  /** @param path of a page of ours @throws Upstream when it cannot be reached */
  read(path: string, signal: AbortSignal): Promise<ReadPage>;
}
