// The terminal: words in, one card out, an exit status scripts can trust (0 ok, 1 refused or failed, 2 bad usage).
import { setTimeout as pause } from 'node:timers/promises';
import { makeVisible } from '../../core/visible-text.ts';
import { readLocalToken } from '../http/local-token.ts';
import type { MenuEntry } from '../http/menu.ts';
import { type BotClient, createBotClient, type Message, NotRunning, Refused, type Reply } from './bot-client.ts';
import { type Look, renderCard } from './render-card.ts';
import { watchGoal } from './watch.ts';
import { parseWords, takeFlag } from './words.ts';

export interface Terminal {
  words: readonly string[];
  baseUrl: string;
  dataDir: string;
  look: Look;
  out: (text: string) => void;
  err: (text: string) => void;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
}

const USAGE = `Usage: npm run jug -- COMMAND [words] [--field value]
  goal "Earn the first dollar" --budget 50
  approve 17 · deny 17 --reason "too dear"
  watch [GOAL]         follow a goal live until it ends
  help                 every command
  --json               the card as JSON, nothing else on stdout
A first word that is no command makes the whole line free text for the bot.`;

const START = 'Start it with: npm start (in another terminal; the same JUG_DATA_DIR and PORT)';

const HELP = ['help', '--help', '-h'];

/** Returns the exit status. */
export async function runTerminal(terminal: Terminal): Promise<number> {
  const { found: json, rest: words } = takeFlag(terminal.words, '--json');
  try {
    const token = await readLocalToken(terminal.dataDir);
    if (token === null) throw new NotRunning(`No bot has run here yet: ${terminal.dataDir} holds no token.`);
    const client = createBotClient(terminal.baseUrl, token);
    return words[0] === 'watch' ? await watch(words.slice(1), client, terminal, json) : await command(words, client, terminal, json);
  } catch (error) {
    if (error instanceof Refused) terminal.err(makeVisible(error.message));
    else if (error instanceof NotRunning) tellNotRunning(error, words, terminal);
    else throw error;
    return 1;
  }
}

function tellNotRunning(error: NotRunning, words: readonly string[], terminal: Terminal): void {
  if (words.length === 0 || HELP.includes(words[0] ?? '')) terminal.out(USAGE);
  terminal.err(`The bot is not running. ${error.message}\n${START}`);
}

async function command(words: readonly string[], client: BotClient, terminal: Terminal, json: boolean): Promise<number> {
  const menu = await client.menu();
  if (words.length === 0) return tellUsage(terminal, menu);
  if (!HELP.includes(words[0] ?? '')) return await runWords(words, client, menu, terminal, json);
  const hasHelp = menu.some(({ name }) => name === 'help');
  return hasHelp ? await runWords(['help', ...words.slice(1)], client, menu, terminal, json) : tellUsage(terminal, menu);
}

async function runWords(
  words: readonly string[],
  client: BotClient,
  menu: readonly MenuEntry[],
  terminal: Terminal,
  json: boolean,
): Promise<number> {
  const parsed = parseWords(words, menu);
  if (parsed.kind === 'bad') {
    terminal.err(makeVisible(parsed.problem));
    return 2;
  }
  const reply = parsed.kind === 'command' ? await client.run(parsed.name, parsed.input) : await client.say(parsed.text);
  tellReply(reply, terminal, json);
  if (reply.ok) return 0;
  return reply.error?.code === 'invalid_input' && parsed.kind === 'command' ? 2 : 1;
}

function tellReply(reply: Reply, terminal: Terminal, json: boolean): void {
  if (reply.card !== null) terminal.out(json ? JSON.stringify(reply.card) : renderCard(reply.card, terminal.look));
  if (reply.error === null) return;
  if (reply.card === null) terminal.err(makeVisible(reply.error.message));
  for (const [field, problem] of Object.entries(reply.error.fields ?? {})) terminal.err(makeVisible(`${field}: ${problem}`));
}

function tellUsage(terminal: Terminal, menu: readonly MenuEntry[]): number {
  const wide = Math.max(0, ...menu.map(({ name }) => name.length));
  terminal.out([USAGE, '', 'Commands:', ...menu.map(({ name, summary }) => `  ${name.padEnd(wide)}  ${summary}`)].join('\n'));
  return 0;
}

async function watch(words: readonly string[], client: BotClient, terminal: Terminal, json: boolean): Promise<number> {
  const wanted = words[0]?.replace(/^#/, '');
  if (words.length > 1 || (wanted !== undefined && !/^\d{1,15}$/.test(wanted))) {
    terminal.err('Usage: npm run jug -- watch [GOAL], with the number of a goal');
    return 2;
  }
  const goal = await client.goal(wanted === undefined ? 'newest' : Number(wanted));
  if (goal === null) {
    terminal.err(wanted === undefined ? 'There is no goal yet. Give one: npm run jug -- goal "…"' : `There is no goal ${wanted}.`);
    return 1;
  }
  terminal.err(makeVisible(`Following goal ${goal.id}: ${goal.title.slice(0, 200)} (Ctrl-C stops watching, not the goal)`));
  const print = json ? (message: Message) => terminal.out(JSON.stringify(message)) : createPrinter(terminal);
  const wait = (ms: number) => pause(ms, undefined, { signal: terminal.signal }).catch(() => undefined);
  return await watchGoal(goal, { client, signal: terminal.signal, note: terminal.err, print, pause: wait });
}

/** A card in full the first time; after an edit its title and only the lines that are new. */
function createPrinter({ out, look }: Terminal): (message: Message) => void {
  const shown = new Map<number, Set<string>>();
  return (message) => {
    const [title = '', ...lines] = renderCard(message.card, look).split('\n');
    const before = shown.get(message.id);
    shown.set(message.id, new Set(lines));
    const fresh = before === undefined ? lines : lines.filter((line) => line !== '' && !before.has(line));
    const at = `${new Date(message.editedAt ?? message.at).toLocaleTimeString('sv-SE')} ${message.channel}`;
    out(['', look.colour ? `\u001B[90m${at}\u001B[0m` : at, title, ...fresh].join('\n'));
  };
}
