// The port to public web pages. Behind it: adapters/http/web-reader.

export interface WebPage {
  finalUrl: string;
  status: number;
  contentType: string;
  title: string | null;
  /** Readable text, cut and cleaned. */
  text: string;
  /** Of the raw body bytes. */
  sha256: string;
  bytes: number;
  truncated: boolean;
}

export interface WebReader {
  /** @throws Upstream; a refused address, a 4xx or a wrong type is not retryable. */
  read(url: string, options: { signal: AbortSignal }): Promise<WebPage>;
}
