// The port to a search service. Behind it: adapters/http/web-search.

export interface SearchHit {
  title: string;
  url: string;
  /** What the service shows of the page. */
  snippet: string;
}

export interface WebSearch {
  /** Host of the service. */
  name: string;
  /** @throws Upstream */
  search(query: string, options: { count: number; signal: AbortSignal }): Promise<SearchHit[]>;
}
