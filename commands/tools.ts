// tools: what the agent can do, how the servers behind it are, and accepting what a server has changed.
import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { idField } from '../src/chat/fields.ts';
import { changedToolCard, toolsCard } from '../src/chat/views/tools-card.ts';
import { NotFound } from '../src/core/errors.ts';
import { findPin, listPins } from '../src/domain/tools/pin-store.ts';
import { acceptTool } from '../src/flows/pin-tools.ts';

export const tools = defineCommand({
  name: 'tools',
  summary: 'the tools of the agent and their servers; accepting one that changed',
  role: (input) => (input.accept === undefined ? 'viewer' : 'owner'),
  input: z.object({
    accept: idField('a tool of a server, to see what changed and accept it').optional(),
    shown: z
      .string()
      .regex(/^[0-9a-f]{16,64}$/)
      .describe('the hash that stands on the button: exactly what was shown is accepted')
      .optional(),
  }),
  examples: ['tools', 'tools accept:3'],
  reads: { fields: [], outside: true },
  run: async ({ input, caller, deps }) => {
    if (input.accept !== undefined && input.shown !== undefined) {
      const accepted = await acceptTool(deps.db, deps.mode, { id: input.accept, hash: input.shown, by: caller.platformId });
      await deps.toolServers.refresh();
      return changedToolCard(accepted);
    }
    if (input.accept !== undefined) {
      const pin = await findPin(deps.db, input.accept);
      if (pin === undefined) throw new NotFound(`There is no tool ${input.accept} of a server.`);
      return changedToolCard(pin);
    }
    await deps.toolServers.refresh();
    const servers = deps.config.mcpServers.map(({ name }) => name);
    const shown = [...deps.tools.values()].filter((tool) => tool.modes.includes(deps.mode));
    return toolsCard({ tools: shown, pins: await listPins(deps.db, ['', ...servers]), servers: deps.toolServers.states() });
  },
});
