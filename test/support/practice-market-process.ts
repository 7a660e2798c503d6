// A process of its own that runs (or stands by for) the practice market until it is killed; tests start it with its options as JSON.
// It writes one line with the market's URL each time it becomes the one that runs it.
import { startPracticeMarket } from '../../src/adapters/practice/market.ts';

const quiet = { info: () => {}, warn: () => {} };

await startPracticeMarket({
  ...JSON.parse(process.argv[2] ?? '{}'),
  log: quiet,
  onRunning: async (url) => {
    process.stdout.write(`${url}\n`);
  },
});
process.stdout.write('settled\n');
