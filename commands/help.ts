// help: the menu, or one command in detail.
import { z } from 'zod';
import type { Command } from '../src/chat/command.ts';
import { defineCommand } from '../src/chat/command.ts';
import { escapeMarkdown, plainLine } from '../src/chat/escape.ts';
import { exampleButtons, REAL_MODEL_LINE } from '../src/chat/views/draft-card.ts';

/** @param menu read when asked, so that help itself is in it. */
export const createHelp = (menu: () => readonly Command[]): Command =>
  defineCommand({
    name: 'help',
    summary: 'what you can say',
    role: 'viewer',
    input: z.object({ command: z.string().max(40).describe('a command').optional() }),
    positional: 'command',
    examples: ['help', 'help goal'],
    run: async ({ input, deps }) => {
      const one = menu().find((command) => command.name === input.command);
      if (one !== undefined) return detail(one);
      return {
        title: 'What you can say',
        tone: 'info',
        text: [
          'Say what you want to reach, and it becomes a draft goal. Or use a command:',
          deps.model.offers('plan').every((offer) => offer.practice)
            ? `The practice model follows playbooks and is no language model. ${escapeMarkdown(REAL_MODEL_LINE, 400)}`
            : '',
        ]
          .filter((line) => line !== '')
          .join('\n\n'),
        table: {
          columns: ['Command', 'What it does', 'Example'],
          rows: menu().map((command) => [command.name, command.summary, plainLine(command.examples[0] ?? command.name)]),
        },
        buttons: exampleButtons(),
      };
    },
  });

function detail(command: Command): { title: string; tone: 'info'; text: string; table: { columns: string[]; rows: string[][] } } {
  const schema = z.toJSONSchema(command.input, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return {
    title: command.name,
    tone: 'info',
    text: `${command.summary}. Needs the role ${typeof command.role === 'string' ? command.role : 'viewer, for settings owner'}.\n\n${command.examples.map((example) => `- \`${example}\``).join('\n')}`,
    table: {
      columns: ['Field', 'Meaning', ''],
      rows: Object.entries(schema.properties ?? {}).map(([name, field]) => [
        name,
        field.description ?? '',
        schema.required?.includes(name) === true ? 'needed' : '',
      ]),
    },
  };
}
