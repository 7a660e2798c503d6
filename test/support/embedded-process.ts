// A process of its own that is present in an embedded database: forked by tests that need several, or one to kill.
// Speaks over the fork channel: says {opened} or {failed}, leaves when told 'leave', and then ends by itself.
import { openEmbedded } from '../../src/db/embedded.ts';

const [dataDir = '', binaries] = process.argv.slice(2);

try {
  const embedded = await openEmbedded({ dataDir, log: () => {}, ...(binaries === undefined ? {} : { binaries }) });
  process.on('message', async () => {
    await embedded.leave();
    process.disconnect();
  });
  process.send?.({ opened: { ...embedded, leave: undefined } });
} catch (error) {
  process.send?.({ failed: (error as Error).message });
  process.disconnect();
}
