// SQL of a model over views of the business: one query, and nothing in its result that the model wrote itself. The role it runs under is the wall;
// this is the rule that makes the result a record: numbers and texts may stand in conditions, never in what is shown.

/** What can be asked, as the model is told. The views are made in migrations/20261123T0331-read-views.ts. */
export const DATA_VIEWS = `goals(id, status, metric, target_usd, budget_usd, created_at, ended_at), tasks(id, goal_id, kind, agent, status, attempt, expected_cost_usd, created_at), launches(id, goal_id, offer_id, name, budget_usd, days, started_day, status, created_at), metric_points(launch_id, day, name, value), customers(id, consent, first_order_at, last_order_at), orders(id, customer_id, goal_id, launch_id, offer_id, currency, amount, refunded, status, way, paid_at, deliver_by), journals(id, kind, occurred_at, goal_id, task_id, launch_id, agent, tool, model, assumed, market_day), postings(journal_id, account, amount, currency), ledger_days(day, goal_id, launch_id, agent, tool, model, currency, account, amount, postings, journals)`;

const TOKEN = /\s+|'(?:[^']|'')*'|\d+(?:\.\d+)?|[a-z_][a-z_0-9]*|<=|>=|<>|!=|::|[-+*/%=<>(),.]/giy;
/** Behind these a number or a text is compared with, and not shown. */
const COMPARES = new Set([
  '=',
  '<',
  '>',
  '<=',
  '>=',
  '<>',
  '!=',
  'like',
  'ilike',
  'between',
  'limit',
  'offset',
  'interval',
  'date',
  'timestamptz',
]);
/** Functions whose literal argument chooses how to look, not what is found. */
const CHOOSERS = new Set(['date_trunc', 'date_part', 'round', 'coalesce', 'nullif']);
const HARMLESS = /^(?:[0-6]|'(?:minute|hour|day|week|month|quarter|year|dow|isodow)')$/i;
const WORDS_OF_OTHERS =
  /^(?:pg_\w*|lo_\w*|dblink\w*|\w*_to_xml\w*|xpath\w*|set_config|current_setting|nextval|setval|repeat|lpad|rpad|chr|ascii|length|char_length|octet_length|generate_series|txid\w*|version|inet\w*|convert\w*|encode|decode|random|gen_random_uuid|values|into|for|session_user|current_user|user)$/;

/** Why the query is not run, in one sentence; null when it may be. */
export function findQueryFault(query: string): string | null {
  const tokens = read(query);
  if (typeof tokens === 'string') return tokens;
  if (tokens[0] !== 'select' && tokens[0] !== 'with') return 'it is no query that begins with select or with';
  const foreign = tokens.find((token) => WORDS_OF_OTHERS.test(token));
  if (foreign !== undefined) return `"${foreign}" is not allowed in it`;
  const numbered = tokens.find((token) => /^[a-z_].*\d/.test(token));
  if (numbered !== undefined) return `a name with a digit ("${numbered}") is not allowed in it`;
  const shown = tokens.findIndex((token, at) => isLiteral(token) && !isCompared(tokens, at));
  return shown < 0
    ? null
    : `${tokens[shown]} is written by you: numbers and texts may stand only in conditions, so that what is shown comes from rows`;
}

/** Its words and signs, lower case, without white space; or what is wrong. */
function read(query: string): string[] | string {
  const text = query.trim().replace(/;$/, '');
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined)
      return `"${text.slice(from, from + 10)}" is not allowed in it (no comments, quoted names, several statements or other signs)`;
    if (token.trim() !== '') tokens.push(token.startsWith("'") ? token : token.toLowerCase());
  }
  // Two signs that make a comment.
  const comment = /--|\/\*/.test(text.replaceAll(/'(?:[^']|'')*'/g, ''));
  return comment ? 'comments are not allowed in it' : tokens;
}

const isLiteral = (token: string): boolean => token.startsWith("'") || /^\d/.test(token);

function isCompared(tokens: readonly string[], at: number): boolean {
  const before = tokens[at - 1] ?? '';
  if (COMPARES.has(before)) return true;
  // `between 1 and 5`
  if (before === 'and' && tokens[at - 3] === 'between') return true;
  const opened = findOpen(tokens, at);
  if (opened < 0) return false;
  const head = tokens[opened - 1] ?? '';
  if (head === 'in') return before === '(' || before === ',';
  return CHOOSERS.has(head) && HARMLESS.test(tokens[at] ?? '') && (before === '(' || before === ',');
}

/** The parenthesis a token stands in directly. */
function findOpen(tokens: readonly string[], at: number): number {
  let depth = 0;
  for (let index = at - 1; index >= 0; index -= 1) {
    if (tokens[index] === ')') depth += 1;
    else if (tokens[index] === '(') {
      if (depth === 0) return index;
      depth -= 1;
    }
  }
  return -1;
}
