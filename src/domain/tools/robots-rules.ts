// What a host's robots.txt says to us (RFC 9309), as pure judgement: the group that speaks to our name, its longest matching rule.

/** The name that groups may speak to; the User-Agent header begins with it. */
export const PRODUCT_TOKEN = 'Juggernaut';
/** RFC 9309 §2.5: at least 500 KiB are read; what stands behind is left out. */
export const ROBOTS_BYTES = 500 * 1024;

export interface RobotsRule {
  allow: boolean;
  /** A path from its beginning, normalised; `*` stands for anything, a last `$` for the end. */
  pattern: string;
}

const UNRESERVED = /[A-Za-z0-9._~-]/;

/** The same path written in other ways becomes one: RFC 9309 §2.2.2 compares octets, with unreserved characters unescaped. */
function normalisePath(path: string): string {
  return path
    .toWellFormed()
    .replace(/[\u0080-\uffff]+/g, (text) => encodeURIComponent(text))
    .replace(/%[0-9a-f]{2}/gi, (octet) => {
      const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
      return UNRESERVED.test(character) ? character : octet.toUpperCase();
    });
}

interface Line {
  key: string;
  value: string;
}

function recordOf(line: string): Line | null {
  const [content = ''] = line.split('#', 1);
  const colon = content.indexOf(':');
  if (colon < 0) return null;
  return { key: content.slice(0, colon).trim().toLowerCase(), value: content.slice(colon + 1).trim() };
}

/** Whom a group speaks to: us by name, everybody, or somebody else. A version behind the name is left out. */
function audienceOf(agent: string): 'us' | 'all' | 'others' {
  if (agent.startsWith('*')) return 'all';
  const token = /^[a-z_-]+/i.exec(agent)?.[0] ?? '';
  return token.toLowerCase() === PRODUCT_TOKEN.toLowerCase() ? 'us' : 'others';
}

interface Group {
  audience: Set<'us' | 'all' | 'others'>;
  rules: RobotsRule[];
  /** A rule ends the list of names; other records, as Sitemap or Crawl-delay, do not (§2.2.4). */
  hasRules: boolean;
}

function groupsOf(text: string): Group[] {
  const groups: Group[] = [];
  for (const line of text.replace(/^\ufeff/, '').split(/[\r\n]+/)) {
    const record = recordOf(line);
    const current = groups.at(-1);
    if (record?.key === 'user-agent') {
      const audience = audienceOf(record.value);
      if (current === undefined || current.hasRules) groups.push({ audience: new Set([audience]), rules: [], hasRules: false });
      else current.audience.add(audience);
    } else if (current !== undefined && (record?.key === 'allow' || record?.key === 'disallow')) {
      current.hasRules = true;
      if (record.value !== '') current.rules.push({ allow: record.key === 'allow', pattern: normalisePath(record.value) });
    }
  }
  return groups;
}

/**
 * The rules that hold for us: those of every group with our name, else those of every group for all, else none (§2.2.1).
 * @param text of the file; whatever is no record of the protocol is passed over
 */
export function parseRobots(text: string): RobotsRule[] {
  const groups = groupsOf(text);
  const ours = groups.filter(({ audience }) => audience.has('us'));
  return (ours.length > 0 ? ours : groups.filter(({ audience }) => audience.has('all'))).flatMap(({ rules }) => rules);
}

/** Whether `path` begins as the pattern says. Each piece is looked for behind the one before, so no pattern is slow. */
function matches(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith('$');
  const [first = '', ...others] = (isWhole ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(first)) return false;
  const last = isWhole ? others.pop() : undefined;
  if (isWhole && last === undefined) return path === first;
  let at = first.length;
  for (const piece of others) {
    const found = path.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return last === undefined || (path.length - last.length >= at && path.endsWith(last));
}

/**
 * Whether we may ask for this place: the longest matching rule decides, of two as long the one that allows, without any it is allowed
 * (§2.2.2). The file of rules itself always is.
 */
export function isPathAllowed(rules: readonly RobotsRule[], url: { pathname: string; search: string }): boolean {
  if (url.pathname === '/robots.txt') return true;
  const path = normalisePath(url.pathname + url.search);
  let longest = -1;
  let allowed = true;
  for (const { allow, pattern } of rules) {
    if (pattern.length < longest || (pattern.length === longest && !allow) || !matches(pattern, path)) continue;
    longest = pattern.length;
    allowed = allow;
  }
  return allowed;
}
