// The slash command: acknowledged first, then heard like any words, answered to this one person.
import type { App } from '@slack/bolt';
import { acknowledge } from './acknowledge.ts';
import { replyPrivately } from './answers.ts';
import { readText } from './read-text.ts';
import { findCaller, isNew, type SlackParts } from './slack-parts.ts';

/** The command's own name; any other that the app may have is read as the command it names: `/status` is `/jug status`. */
const OWN = '/jug';

export function hearCommands(app: App, parts: SlackParts): void {
  app.command(/./, async ({ command, ack }) => {
    await acknowledge(parts, ack);
    if (!(await isNew(parts, 'command', command.trigger_id))) return;
    // Its answer is for this person alone.
    const found = await findCaller(parts, { user: command.user_id, team: command.team_id }, { place: command.channel_id, thread: null });
    const caller = { ...found, privately: true };
    const typed = readText(command.text ?? '', parts.botUserId(), command.team_id);
    const text = command.command === OWN ? typed : `${command.command.replace(/^\//, '')} ${typed}`.trim();
    const answer = text === '' ? await parts.dispatch({ name: 'help', input: {}, caller }) : await parts.hear({ text, caller });
    await replyPrivately(parts, { url: command.response_url, thread: null }, answer.card);
  });
}
