// `npm run bench -- NAME [--json]`: runs one benchmark and prints its table; with --json one JSON object follows on the last line.
import { BenchInput, printReport, type Report } from './report.ts';

const BENCHES: Record<string, { what: string; load: () => Promise<(words: readonly string[]) => Promise<Report>> }> = {
  approvals: {
    what: 'an approval-gated act through the whole product path: flows/s, click to effect, SQL and CPU per flow',
    load: async () => (await import('./approvals.ts')).benchApprovals,
  },
  chat: {
    what: 'Slack and Discord: acknowledgements under load, one decision on both, a backlog drained',
    load: async () => (await import('./chat.ts')).benchChat,
  },
  claims: { what: 'claiming a task among 1,000 and 100,000 that are ready', load: async () => (await import('./claims.ts')).benchClaims },
  forecast: {
    what: 'the forecast on daily series, date,value in FILE.csv: MASE7, coverage, beside the seasonal naive',
    load: async () => (await import('./forecast.ts')).benchForecast,
  },
  grounding: {
    what: 'the grounding gate on labelled claims in FILE.jsonl: precision, recall and false alarm by kind (--wrong lists the misjudged)',
    load: async () => (await import('./grounding.ts')).benchGrounding,
  },
  learning: {
    what: 'experiments on markets with a hidden structure, with learning and without (--seeds 100 --first-seed 1 --generations 30)',
    load: async () => (await import('./learning.ts')).benchLearning,
  },
  ledger: {
    what: 'booking journals; profit and loss, and the digest, over 1,000, 100,000 and 1,000,000 postings',
    load: async () => (await import('./ledger.ts')).benchLedger,
  },
  ltv: {
    what: 'repeat purchases from FILE.csv (customer, date YYYYMMDD, quantity, amount): BG/NBD on one half, held against the other',
    load: async () => (await import('./ltv.ts')).benchLtv,
  },
  market: {
    what: 'budget allocation on MARKET-90 (--seeds 1000 --first-seed 1 --scenario S1|S2|S3): share of the oracle, beside the usual policies',
    load: async () => (await import('./market.ts')).benchMarket,
  },
  recovery: {
    what: 'kill -9 of the process that runs a task: how long until another runs it',
    load: async () => (await import('./recovery.ts')).benchRecovery,
  },
  start: {
    what: 'cold and warm start, memory and statements of an idle bot',
    load: async () => (await import('./start.ts')).benchStart,
  },
  verdicts: {
    what: 'verdicts under 10,000 looks (--runs 20000): how often a wrong one, and how many visitors a right one takes',
    load: async () => (await import('./verdicts.ts')).benchVerdicts,
  },
  webhook: {
    what: 'signed payment events to 2xx, and a flood of unsigned ones among them',
    load: async () => (await import('./webhook.ts')).benchWebhook,
  },
};

const words = process.argv.slice(2);
const [name = '', ...more] = words.filter((word) => word !== '--json');
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;

if (bench === undefined) {
  console.error(name === '' ? 'Which benchmark?' : `There is no benchmark "${name}".`);
  for (const [known, { what }] of Object.entries(BENCHES)) console.error(`  npm run bench -- ${known.padEnd(10)} ${what}`);
  process.exitCode = 2;
} else {
  const run = await bench.load();
  try {
    const report = await run(more);
    printReport(report);
    if (words.includes('--json')) console.log(JSON.stringify(report.json));
  } catch (error) {
    if (!(error instanceof BenchInput)) throw error;
    console.error(`${name}: ${error.message}`);
    process.exitCode = 2;
  }
}
