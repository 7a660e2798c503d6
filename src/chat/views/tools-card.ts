// The tools there are: what each may do, how the servers behind them are; and what a server has changed about one.
import type { PinnedTool } from '../../domain/tools/pin-store.ts';
import { differences, nameOf } from '../../domain/tools/server-tool.ts';
import type { Tool } from '../../domain/tools/tool.ts';
import type { ServerState } from '../../domain/tools/tool-servers.ts';
import type { Button, Card } from '../card.ts';
import { escapeMarkdown, plainLine } from '../escape.ts';

/** Never shortened here: a platform whose messages are shorter attaches the whole as a file. */
const WHOLE = 1_000_000;
const HASH_ON_BUTTON = 16;

/** Before an owner decides, and after. */
export function changedToolCard(pin: PinnedTool): Card {
  const name = plainLine(nameOf(pin.server, pin.name), 100);
  const ref = { kind: 'mcp_tool', id: pin.id };
  const { offered, offered_hash: hash } = pin;
  if (offered === null || hash === null)
    return {
      title: `Tool accepted: ${name}`,
      tone: 'good',
      text: `By ${escapeMarkdown(pin.accepted_by ?? '?', 100)}: ${wholeOf(pin.accepted)}`,
      ref,
    };
  const lines = differences(pin.accepted, offered).flatMap(({ part, was, is }) => [
    ...(pin.accepted === null ? [] : [`**${part}, accepted:** ${escapeMarkdown(was, WHOLE)}`]),
    `**${part}, now:** ${escapeMarkdown(is, WHOLE)}`,
  ]);
  return {
    title: `${pin.accepted === null ? 'New tool' : 'Changed tool'} waits: ${name}`,
    tone: 'ask',
    text: [
      `The server ${escapeMarkdown(pin.server, 40)} ${pin.accepted === null ? 'offers a tool it did not have when it was added' : 'says something else of this tool than was accepted'}. Nobody uses it until an owner accepts it. The words below are the server's own.`,
      ...lines,
    ].join('\n\n'),
    buttons: [acceptButton(pin.id, hash)],
    ref,
  };
}

const acceptButton = (id: number, hash: string): Button => ({
  label: 'Accept (owner)',
  command: 'tools',
  args: { accept: id, shown: hash.slice(0, HASH_ON_BUTTON) },
  style: 'primary',
  confirm: 'The agent may then use the tool as it is described now.',
});

const wholeOf = (definition: PinnedTool['accepted']): string =>
  definition === null ? '' : escapeMarkdown(`${definition.description} ${JSON.stringify(definition.inputSchema)}`, WHOLE);

export interface ShownTools {
  tools: readonly Tool[];
  pins: readonly PinnedTool[];
  servers: readonly ServerState[];
}

export function toolsCard({ tools, pins, servers }: ShownTools): Card {
  const waiting = pins.filter((pin) => pin.offered_hash !== null);
  const idOf = new Map(pins.map((pin) => [nameOf(pin.server, pin.name), pin.id]));
  const listed = new Set(tools.map((tool) => tool.name));
  const rows = [
    ...tools.map((tool) => [idOf.get(tool.name)?.toString() ?? '', tool.name, effectOf(tool), plainLine(tool.closed?.() ?? 'ready', 120)]),
    ...waiting
      .filter((pin) => !listed.has(nameOf(pin.server, pin.name)))
      .map((pin) => [String(pin.id), plainLine(nameOf(pin.server, pin.name), 80), 'none', 'new; waits for an owner']),
  ];
  const ill = servers.some(({ state }) => state === 'down' || state === 'degraded');
  return {
    title: `${tools.length} tools`,
    tone: waiting.length > 0 ? 'ask' : ill ? 'bad' : 'info',
    text: [
      ...servers.map((one) => `**${one.server}** is ${one.state}: ${escapeMarkdown(one.found, 300)}`),
      ...servers.flatMap((one) =>
        one.unusable.map(
          ({ name, why }) => `${escapeMarkdown(one.server, 40)}: ${escapeMarkdown(name, 80)} cannot be used: ${escapeMarkdown(why, 200)}`,
        ),
      ),
    ].join('\n\n'),
    table: { columns: ['Id', 'Tool', 'Does', 'State'], rows },
    ...(waiting.length === 0
      ? {}
      : {
          buttons: waiting
            .slice(0, 5)
            .map((pin) => ({ label: `Look at ${pin.id}`, command: 'tools', args: { accept: pin.id }, style: 'plain' as const })),
        }),
  };
}

function effectOf(tool: Tool): string {
  if (tool.act === 'unclassified') return 'acts outside, not judged: asks';
  if (tool.touches === 'nothing') return 'reads';
  if (tool.touches === 'own_data') return 'writes our own data';
  const reversible = tool.reversible ? 'can be undone' : 'cannot be undone';
  return tool.touches === 'money' ? `moves money, ${reversible}` : `acts outside, ${reversible}`;
}
