// The local Discord under the real discord.js: what it tells the library, what it refuses, and what its people see.
import {
  ActionRowBuilder,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  type ChatInputCommandInteraction,
  Client,
  type ClientOptions,
  ContainerBuilder,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  type Interaction,
  LabelBuilder,
  type Message,
  MessageFlags,
  ModalBuilder,
  Options,
  Partials,
  REST,
  Routes,
  SlashCommandBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DiscordDouble, type DiscordDoubleOptions, startDiscordDouble } from '../support/discord-double.ts';

const INTENTS = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages];
const POST = 'POST /channels/:channel/messages';

let double: DiscordDouble;
const clients: Client[] = [];

async function connect(extra: GatewayIntentBits[] = [], options: Partial<ClientOptions> = {}): Promise<Client<true>> {
  const client = new Client({
    ...options,
    intents: [...INTENTS, ...extra],
    partials: [Partials.Channel, Partials.Message],
    rest: { api: double.apiUrl, retries: 0 },
    allowedMentions: { parse: [] },
  });
  clients.push(client);
  client.on(Events.Error, () => undefined);
  const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  await client.login(double.token);
  await ready;
  return client as Client<true>;
}

function rest(token = double.token): REST {
  return new REST({ api: double.apiUrl, retries: 0, rejectOnRateLimit: () => true }).setToken(token);
}

async function swap(options: DiscordDoubleOptions): Promise<void> {
  await double.stop();
  double = await startDiscordDouble(options);
}

function onInteraction(client: Client, listener: (interaction: Interaction) => Promise<unknown>): void {
  client.on(
    Events.InteractionCreate,
    (interaction) => void listener(interaction).catch((error: unknown) => client.emit('error', error as Error)),
  );
}

async function refusal(call: Promise<unknown>): Promise<DiscordAPIError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiscordAPIError)) throw new Error(`Not refused by Discord: ${String(error)}`);
  return error;
}

const send = (body: unknown, channel = double.channel('general')) => rest().post(Routes.channelMessages(channel), { body });

beforeEach(async () => {
  double = await startDiscordDouble();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()));
  await double.stop();
});

test('discord.js gets ready, sees the server and hears a mention; an answer is kept in the journal', async () => {
  const client = await connect();
  expect(client.guilds.cache.get(double.guildId)?.channels.cache.size).toBe(1);
  client.on(Events.MessageCreate, (message) => {
    if (message.mentions.has(client.user)) void message.reply(`heard: ${message.content}`);
  });
  const ada = double.addPerson('Ada');
  const said = double.say({ channel: double.channel('general'), user: ada, content: 'earn $50', mentionsBot: true });
  const reply = await vi.waitFor(() => {
    const last = double.journal.messages.at(-1);
    expect(last?.replyTo).toBe(said.id);
    return last;
  });
  expect(reply).toMatchObject({ text: `heard: <@${double.bot.id}> earn $50`, pings: [], authorId: double.bot.id });
  expect(double.journal.faults).toEqual([]);
});

test('words that are not for the bot arrive empty without the MESSAGE_CONTENT intent, but not direct ones, and not with it', async () => {
  const hear = (client: Client): Message[] => {
    const heard: Message[] = [];
    client.on(Events.MessageCreate, (message) => heard.push(message));
    return heard;
  };
  const talk = (): void => {
    const ada = double.addPerson('Ada');
    double.say({ channel: double.channel('general'), user: ada, content: 'between us' });
    double.directMessage(ada, 'only you');
  };
  const without = hear(await connect());
  talk();
  await vi.waitFor(() => expect(without.map((message) => message.content)).toEqual(['', 'only you']));
  await swap({ privileged: ['content'] });
  const withIt = hear(await connect([GatewayIntentBits.MessageContent]));
  talk();
  await vi.waitFor(() => expect(withIt.map((message) => message.content)).toEqual(['between us', 'only you']));
});

test('a privileged intent that is not enabled closes the connection with 4014, a wrong token is not let in', async () => {
  await expect(connect([GatewayIntentBits.MessageContent])).rejects.toThrow(/disallowed intents/i);
  expect(double.journal.gateway.some((note) => note.code === 4014)).toBe(true);
  expect((await refusal(rest('wrong').get(Routes.gatewayBot()))).status).toBe(401);
});

const goal = new SlashCommandBuilder()
  .setName('goal')
  .setDescription('Gives a goal')
  .addStringOption((option) => option.setName('text').setDescription('What to earn').setRequired(true))
  .addIntegerOption((option) => option.setName('id').setDescription('A goal').setAutocomplete(true));

test('a slash command is registered, typed, deferred in private and answered by an edit', async () => {
  await rest().put(Routes.applicationGuildCommands(double.applicationId, double.guildId), { body: [goal.toJSON()] });
  const client = await connect();
  onInteraction(client, async (interaction) => {
    const command = interaction as ChatInputCommandInteraction;
    await command.deferReply({ flags: MessageFlags.Ephemeral });
    await command.editReply({
      flags: MessageFlags.IsComponentsV2,
      components: [
        new ContainerBuilder().addTextDisplayComponents(new TextDisplayBuilder({ content: `Goal: ${command.options.getString('text')}` })),
      ],
    });
    await command.followUp({ content: 'and more', flags: MessageFlags.Ephemeral });
  });
  const [ada, bob] = [double.addPerson('Ada'), double.addPerson('Bob')];
  const channel = double.channel('general');
  const seen = await double.command({ name: 'goal', options: { text: 'earn $50' }, channel, user: ada });
  expect(seen).toMatchObject({ ack: 'thinking', ephemeral: true });
  expect(await seen.answer()).toMatchObject({ text: 'Goal: earn $50', ephemeralTo: ada.id, edits: 0 });
  await vi.waitFor(() => expect(double.messagesIn(channel, ada).map((message) => message.text)).toContain('and more'));
  expect(double.messagesIn(channel, bob)).toEqual([]);
  expect(() => double.command({ name: 'goal', options: {}, channel, user: ada })).toThrow('needs the option text');
  expect(() => double.command({ name: 'gaol', channel, user: ada })).toThrow('No command /gaol');
  expect(double.journal.faults).toEqual([]);
});

test('autocomplete shows choices while an option is being typed', async () => {
  await rest().put(Routes.applicationGuildCommands(double.applicationId, double.guildId), { body: [goal.toJSON()] });
  const client = await connect();
  onInteraction(client, async (interaction) => {
    if (interaction.isAutocomplete()) await interaction.respond([{ name: `like ${interaction.options.getFocused()}`, value: 17 }]);
  });
  const typed = { name: 'goal', options: { id: 'so' }, focused: 'id', channel: double.channel('general'), user: double.addPerson('Ada') };
  expect((await double.autocomplete(typed)).choices).toEqual([{ name: 'like so', value: 17 }]);
});

const row = (label: string, customId: string) => ({ type: 1, components: [{ type: 2, style: 1, label, custom_id: customId }] });

test('a click shows a form, and the filled form changes the message it came from', async () => {
  const client = await connect();
  onInteraction(client, async (interaction) => {
    if (interaction.isButton())
      await interaction.showModal(
        new ModalBuilder()
          .setCustomId('deny:17')
          .setTitle('Deny')
          .addLabelComponents(
            new LabelBuilder()
              .setLabel('Reason')
              .setTextInputComponent(new TextInputBuilder().setCustomId('reason').setStyle(TextInputStyle.Short)),
          ),
      );
    if (interaction.isModalSubmit() && interaction.isFromMessage())
      await interaction.update({ content: `Denied: ${interaction.fields.getTextInputValue('reason')}`, components: [] });
  });
  await send({ content: 'May I?', components: [row('Deny', 'deny:17')] });
  const [message] = double.messagesIn(double.channel('general'));
  if (!message) throw new Error('nothing was posted');
  const ada = double.addPerson('Ada');
  const seen = await double.click({ message, label: 'Deny', user: ada });
  expect(seen.modal).toMatchObject({ title: 'Deny', customId: 'deny:17' });
  await expect(async () => double.submitModal({ seen, values: { reason: '' }, user: ada })).rejects.toThrow('cannot be sent');
  const done = await double.submitModal({ seen, values: { reason: 'too dear' }, user: ada });
  expect(done).toMatchObject({ ack: 'update', text: 'Denied: too dear' });
  expect(message).toMatchObject({ edits: 1, buttons: [], content: 'Denied: too dear' });
});

const input = (customId: string) => ({ type: 4, style: 1, custom_id: customId });
const label = (customId: string, words = 'Reason') => ({ type: 18, label: words, component: input(customId) });

test.each([
  ['a title of 46 characters', { title: 'x'.repeat(46), components: [label('a')] }, 'title'],
  ['six fields', { title: 'Deny', components: [...'abcdef'].map((id) => label(id)) }, 'components'],
  ['a label of 46 characters', { title: 'Deny', components: [label('a', 'x'.repeat(46))] }, 'components'],
  ['one custom id twice', { title: 'Deny', components: [label('a'), label('a')] }, 'components'],
  ['a bare input', { title: 'Deny', components: [input('a')] }, 'components'],
])('a form with %s is refused, and can still be shown right', async (_what, form, field) => {
  await send({ content: 'x', components: [row('Go', 'go')] });
  const [message] = double.journal.messages;
  if (!message) throw new Error('nothing was posted');
  const click = double.click({ message, label: 'Go', user: double.addPerson('Ada') });
  const [raised] = double.journal.interactions;
  const show = (data: object) =>
    rest().post(`/interactions/${raised?.id}/${raised?.token}/callback`, {
      body: { type: 9, data: { custom_id: 'f', ...data } },
      auth: false,
    });
  const error = await refusal(show(form));
  expect(error.code).toBe(50035);
  expect(error.rawError).toMatchObject({ errors: { data: { [field]: expect.anything() } } });
  await show({ title: 'Deny', components: [label('a')] });
  expect((await click).modal?.title).toBe('Deny');
});

test('in direct messages there are global commands only, and the person is no member', async () => {
  const put = (path: `/${string}`) => rest().put(path, { body: [{ name: 'help', description: 'Shows the menu' }] });
  await put(Routes.applicationGuildCommands(double.applicationId, double.guildId));
  const client = await connect();
  onInteraction(client, async (interaction) => {
    if (interaction.isChatInputCommand()) await interaction.reply(`${interaction.member === null} ${interaction.user.id}`);
  });
  const ada = double.addPerson('Ada');
  const help = { name: 'help', channel: double.directMessage(ada, 'hi').channelId, user: ada };
  expect(() => double.command(help)).toThrow('No command /help here');
  await put(Routes.applicationCommands(double.applicationId));
  expect(await double.command(help)).toMatchObject({ ack: 'message', text: `true ${ada.id}`, ephemeral: false });
});

test('a click nobody answers fails for the person, and a late or second answer is refused', async () => {
  await swap({ answerWithinMs: 200 });
  const client = await connect();
  const waiting: ButtonInteraction[] = [];
  onInteraction(client, async (interaction) => waiting.push(interaction as ButtonInteraction));
  await send({ content: 'x', components: [row('Go', 'go')] });
  const [message] = double.journal.messages;
  if (!message) throw new Error('nothing was posted');
  const ada = double.addPerson('Ada');
  expect(await double.click({ message, customId: 'go', user: ada })).toMatchObject({
    ack: 'failed',
    text: 'The application did not respond',
  });
  const [late] = waiting;
  expect((await refusal(late?.deferUpdate() ?? Promise.resolve())).code).toBe(10062);
  const path = (): `/${string}` => `/interactions/${waiting[1]?.id}/${waiting[1]?.token}/callback`;
  const second = double.click({ message, label: 'Go', user: ada });
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  await rest().post(path(), { body: { type: 6 }, auth: false });
  expect((await refusal(rest().post(path(), { body: { type: 6 }, auth: false }))).code).toBe(40060);
  expect(await second).toMatchObject({ ack: 'deferred-update' });
  expect(double.journal.faults).toHaveLength(2);
});

test('the token of an interaction ends, and does nothing before the acknowledgement', async () => {
  await swap({ tokenLifeMs: 150 });
  const client = await connect();
  onInteraction(client, async (interaction) => {
    if (!interaction.isButton()) return;
    const early = await refusal(interaction.webhook.send('too early'));
    await interaction.reply({ content: `early: ${early.code}`, flags: MessageFlags.Ephemeral });
  });
  await send({ content: 'x', components: [row('Go', 'go')] });
  const [message] = double.journal.messages;
  if (!message) throw new Error('nothing was posted');
  const seen = await double.click({ message, label: 'Go', user: double.addPerson('Ada') });
  expect(seen).toMatchObject({ ack: 'message', ephemeral: true, text: 'early: 10015' });
  const edit = () =>
    rest().patch(Routes.webhookMessage(double.applicationId, seen.interaction.token), { body: { content: 'y' }, auth: false });
  await edit();
  expect(seen.message).toMatchObject({ text: 'y', edits: 1 });
  await vi.waitFor(async () => expect((await refusal(edit())).code).toBe(50027));
});

test('a person who edits their words is heard as an edit, not as a new message', async () => {
  const client = await connect();
  const heard: string[] = [];
  client.on(Events.MessageCreate, (message) => heard.push(`new ${message.content}`));
  client.on(Events.MessageUpdate, (_before, message) => heard.push(`edited ${message.content}`));
  const said = double.directMessage(double.addPerson('Ada'), 'one');
  double.rewrite(said, 'two');
  await vi.waitFor(() => expect(heard).toEqual(['new one', 'edited two']));
});

test('a thread starts from a message, takes posts, and rests or locks', async () => {
  const client = await connect();
  const ada = double.addPerson('Ada');
  const said = double.say({ channel: double.channel('general'), user: ada, content: 'a goal', mentionsBot: true });
  const opened = await vi.waitFor(async () => {
    const channel = await client.channels.fetch(said.channelId);
    if (!channel?.isSendable() || channel.isDMBased()) throw new Error('no channel');
    return (await channel.messages.fetch(said.id)).startThread({ name: 'Goal 1' });
  });
  expect(opened.id).toBe(said.id);
  const post = await opened.send('on it');
  expect(double.messagesIn(opened.id).map((message) => message.text)).toEqual(['on it']);
  const again = rest().post(Routes.threads(said.channelId, said.id), { body: { name: 'Goal 1' } });
  expect((await refusal(again)).code).toBe(160004);
  double.archive(opened.id);
  expect((await refusal(post.edit('changed'))).code).toBe(50083);
  await opened.send('wakes it');
  expect(double.place(opened.id).archived).toBe(false);
  double.archive(opened.id);
  await rest().patch(Routes.channel(opened.id), { body: { archived: false } });
  expect(double.place(opened.id).archived).toBe(false);
  double.archive(opened.id, { locked: true });
  expect((await refusal(opened.send('no more'))).code).toBe(50083);
});

test('a nonce makes a repeated send one message, also when the first answer was lost', async () => {
  const client = await connect();
  const channel = client.channels.cache.get(double.channel('general'));
  if (!channel?.isSendable()) throw new Error('no channel');
  double.failNext(POST, { drop: 'effect' });
  const letter = { content: 'once', nonce: 'm1f3a.9c', enforceNonce: true };
  await expect(channel.send(letter)).rejects.toThrow();
  const repeated = await channel.send(letter);
  expect(double.messagesIn(channel.id).map((message) => message.id)).toEqual([repeated.id]);
  double.failNext(POST, { drop: 'nothing' });
  await expect(channel.send('lost')).rejects.toThrow();
  double.failNext(POST, { status: 503 });
  await expect(channel.send('refused')).rejects.toThrow(/503|Service Unavailable/);
  expect(double.messagesIn(channel.id)).toHaveLength(1);
});

test('a nonce is told to who sends, not to who reads later, and a deleted message is not written again', async () => {
  const path = Routes.channelMessages(double.channel('general'));
  const letter = { content: 'once', nonce: 'm1', enforce_nonce: true };
  expect(await send(letter)).toMatchObject({ nonce: 'm1' });
  const [read] = (await rest().get(path)) as object[];
  expect(read).toMatchObject({ content: 'once' });
  expect(read).not.toHaveProperty('nonce');
  const [message] = double.journal.messages;
  if (message) double.deleteMessage(message);
  expect((await refusal(send(letter))).code).toBe(10008);
  await send({ ...letter, enforce_nonce: false });
  expect(double.journal.messages).toHaveLength(2);
});

test('what is said while the connection is lost is heard after the resume', async () => {
  const client = await connect();
  const heard: string[] = [];
  client.on(Events.MessageCreate, (message) => heard.push(message.content));
  const ada = double.addPerson('Ada');
  for (const lose of [() => double.cut(), () => double.reconnect()]) {
    const before = double.journal.gateway.filter((note) => note.kind === 'resume').length;
    lose();
    double.directMessage(ada, 'are you there?');
    await vi.waitFor(() => expect(double.journal.gateway.filter((note) => note.kind === 'resume')).toHaveLength(before + 1), 3000);
  }
  await vi.waitFor(() => expect(heard).toEqual(['are you there?', 'are you there?']));
  expect(double.journal.gateway.filter((note) => note.kind === 'identify')).toHaveLength(1);
});

test('an invalid session is followed by a new identify', async () => {
  // discord.js identifies once in five seconds; waiting for that would prove nothing about the double.
  const client = await connect([], { ws: { buildIdentifyThrottler: async () => ({ waitForIdentify: async () => undefined }) } });
  const heard = vi.fn();
  client.on(Events.MessageCreate, (message) => heard(message.content));
  double.invalidate();
  await vi.waitFor(() => expect(double.journal.gateway.filter((note) => note.kind === 'identify')).toHaveLength(2), 3000);
  double.directMessage(double.addPerson('Ada'), 'hello again');
  await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('hello again'));
});

test('after a stop and a restart on the same port the session resumes and nothing is forgotten', async () => {
  const client = await connect();
  const heard: string[] = [];
  client.on(Events.MessageCreate, (message) => heard.push(message.content));
  await send({ content: 'before' });
  await double.stop();
  await expect(send({ content: 'away' })).rejects.toThrow();
  double.directMessage(double.addPerson('Ada'), 'while away');
  await double.restart();
  await vi.waitFor(() => expect(heard).toEqual(['before', 'while away']), 5000);
  expect(double.messagesIn(double.channel('general'))).toHaveLength(1);
});

test('a scripted 429 says how long to wait, and asking earlier is told so again', async () => {
  double.limitNext(POST, 0.3);
  await expect(send({ content: 'x' })).rejects.toMatchObject({ retryAfter: expect.any(Number), global: false });
  await expect(send({ content: 'x' })).rejects.toMatchObject({ retryAfter: expect.any(Number) });
  await vi.waitFor(async () => send({ content: 'x' }), { interval: 100 });
  const statuses = double.journal.requests.map((request) => request.status);
  expect(statuses.slice(0, 2)).toEqual([429, 429]);
  expect(statuses.at(-1)).toBe(200);
  expect(double.journal.messages).toHaveLength(1);
  double.limitNext(POST, 5, true);
  await expect(send({ content: 'y' })).rejects.toMatchObject({ global: true });
  await expect(rest().get(Routes.user())).rejects.toMatchObject({ global: true });
});

test('a full bucket makes discord.js wait instead of being refused', async () => {
  await swap({ buckets: { [POST]: { limit: 2, perSeconds: 0.3 } } });
  const patient = new REST({ api: double.apiUrl, retries: 0 }).setToken(double.token);
  await Promise.all(
    [1, 2, 3, 4].map((n) => patient.post(Routes.channelMessages(double.channel('general')), { body: { content: `${n}` } })),
  );
  expect(double.journal.requests.map((request) => request.status)).toEqual([200, 200, 200, 200]);
  const [first, , , last] = double.journal.messages;
  expect((last?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(290);
});

const text = (content: string) => ({ type: 10, content });
const v2 = (components: unknown[]) => ({ flags: MessageFlags.IsComponentsV2, components });
const button = (customId: string, label = 'Go') => ({ type: 2, style: 1, label, custom_id: customId });

test.each([
  ['a text over 2000 characters', { content: 'x'.repeat(2001) }, 'content'],
  ['content beside components v2', { ...v2([text('a')]), content: 'b' }, 'content'],
  ['a v2 component without its flag', { components: [text('a')] }, 'components'],
  [
    'more than 40 components',
    v2(Array.from({ length: 5 }, () => ({ type: 17, components: Array.from({ length: 8 }, () => text('a')) }))),
    'components',
  ],
  ['more than 4000 characters of text displays', v2([text('x'.repeat(2500)), text('x'.repeat(1501))]), 'components'],
  ['an 81-character button', { content: 'a', components: [{ type: 1, components: [button('a', 'x'.repeat(81))] }] }, 'components'],
  ['the same custom id twice', { content: 'a', components: [{ type: 1, components: [button('a'), button('a')] }] }, 'components'],
  ['six buttons in a row', { content: 'a', components: [{ type: 1, components: [...'abcdef'].map((id) => button(id)) }] }, 'components'],
  ['six rows', { content: 'a', components: [...'abcdef'].map((id) => row(id, id)) }, 'components'],
  [
    'one component id twice',
    v2([
      { ...text('a'), id: 7 },
      { ...text('b'), id: 7 },
    ]),
    'components',
  ],
  ['a file that is not attached', v2([{ type: 13, file: { url: 'attachment://a.png' } }]), 'components'],
  ['6001 characters of embeds', { embeds: [1, 2].map(() => ({ description: 'x'.repeat(3001) })) }, 'embeds'],
  ['mentions both parsed and listed', { content: 'a', allowed_mentions: { parse: ['users'], users: ['1'] } }, 'allowed_mentions'],
  ['a nonce of 26 characters', { content: 'a', nonce: 'x'.repeat(26) }, 'nonce'],
])('the form is refused for %s', async (_what, body, field) => {
  const error = await refusal(send(body));
  expect(error.code).toBe(50035);
  expect(Object.keys((error.rawError as { errors?: object }).errors ?? {})).toContain(field);
  expect(double.journal.messages).toEqual([]);
});

test('an empty message, an unknown field, an unknown route: refused or kept as a fault', async () => {
  expect((await refusal(send({ content: ' ' }))).code).toBe(50006);
  await send({ content: 'a', colour: 'red' });
  expect((await refusal(rest().get('/nowhere'))).status).toBe(404);
  expect(double.journal.faults).toEqual(['message: unknown field colour', 'no such route: GET /nowhere']);
});

test('files come with a message, are kept with name and size, and must be shown in components v2', async () => {
  const body = v2([{ type: 12, items: [{ media: { url: 'attachment://chart.png' }, description: 'Revenue' }] }]);
  const files = [{ name: 'chart.png', data: Buffer.from('png bytes') }];
  await rest().post(Routes.channelMessages(double.channel('general')), {
    body: { ...body, attachments: [{ id: 0, description: 'alt' }] },
    files,
  });
  expect(double.journal.requests.at(-1)).toMatchObject({ files: [{ name: 'chart.png', size: 9 }], body });
  expect(double.journal.messages[0]?.files[0]).toMatchObject({ name: 'chart.png', size: 9, description: 'alt' });
  expect(double.journal.faults).toEqual([]);
});

test('components v2 cannot be undone by an edit', async () => {
  const { id } = (await send(v2([text('a')]))) as { id: string };
  const edit = (body: unknown) => rest().patch(Routes.channelMessage(double.channel('general'), id), { body });
  expect((await refusal(edit({ content: 'plain' }))).code).toBe(50035);
  await edit({ components: [text('b')] });
  expect(double.journal.messages[0]).toMatchObject({ text: 'b', edits: 1 });
});

test('pings are counted as allowed_mentions lets them through', async () => {
  const ada = double.addPerson('Ada');
  const content = `@everyone <@${ada.id}> <@&5>`;
  await send({ content });
  await send({ content, allowed_mentions: { parse: [] } });
  await send({ content, allowed_mentions: { users: [ada.id] } });
  await send({ ...v2([text(content)]), allowed_mentions: { parse: ['everyone'] } });
  expect(double.journal.messages.map((message) => message.pings)).toEqual([['everyone', ada.id, 'role:5'], [], [ada.id], ['everyone']]);
});

test('a command definition is refused for a bad name, a long description, two of one name or a required option after an optional one', async () => {
  const put = (body: unknown) => rest().put(Routes.applicationGuildCommands(double.applicationId, double.guildId), { body });
  const command = { name: 'goal', description: 'Gives a goal' };
  const option = { type: 3, name: 'a', description: 'b' };
  const wrong = [
    [{ ...command, name: 'Goal' }],
    [{ ...command, description: 'x'.repeat(101) }],
    [command, command],
    [{ ...command, options: [option, { ...option, name: 'c', required: true }] }],
    [{ ...command, options: [option, option] }],
    [{ ...command, options: [{ ...option, choices: Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` })) }] }],
  ];
  for (const body of wrong) expect((await refusal(put(body))).code).toBe(50035);
  expect(double.commands).toEqual([]);
  await put([command]);
  const [first] = double.commands;
  await put([{ ...command, description: 'Changed' }]);
  expect(double.commands).toMatchObject([{ name: 'goal', description: 'Changed', id: first?.['id'] }]);
});

test('lost places answer as Discord does: deleted, hidden, without permission, bot removed, closed direct messages', async () => {
  const client = await connect();
  const channel = double.channel('general');
  const { id } = (await send({ content: 'card' })) as { id: string };
  const gone = vi.fn();
  client.on(Events.MessageDelete, (message) => gone(message.id));
  client.on(Events.ChannelDelete, (deleted) => gone(deleted.id));
  client.on(Events.GuildDelete, (guild) => gone(guild.id));
  const [message] = double.journal.messages;
  if (message) double.deleteMessage(message);
  expect((await refusal(rest().patch(Routes.channelMessage(channel, id), { body: { content: 'b' } }))).code).toBe(10008);
  double.deny(channel, ['SEND_MESSAGES']);
  expect((await refusal(send({ content: 'a' }))).code).toBe(50013);
  double.deny(channel, ['VIEW_CHANNEL']);
  expect((await refusal(send({ content: 'a' }))).code).toBe(50001);
  const other = double.addChannel('other');
  double.deleteChannel(other);
  expect((await refusal(send({ content: 'a' }, other))).code).toBe(10003);
  double.removeBot();
  double.deny(channel, []);
  expect((await refusal(send({ content: 'a' }, channel))).code).toBe(50001);
  const shy = double.addPerson('Shy', { refusesDirect: true });
  const direct = (await rest().post(Routes.userChannels(), { body: { recipient_id: shy.id } })) as { id: string };
  expect((await refusal(send({ content: 'a' }, direct.id))).code).toBe(50007);
  await vi.waitFor(() => expect(gone.mock.calls.flat()).toEqual([id, other, double.guildId]));
});

test('nobody acts where they are not, and a removed bot answers no click', async () => {
  await swap({ answerWithinMs: 50 });
  const client = await connect();
  onInteraction(client, async (interaction) => interaction.isButton() && interaction.deferUpdate());
  await send({ content: 'card', components: [row('Go', 'go')] });
  const [message] = double.journal.messages;
  if (!message) throw new Error('nothing was posted');
  const [ada, gone] = [double.addPerson('Ada'), double.addPerson('Gone', { inGuild: false })];
  expect(() => double.say({ channel: message.channelId, user: gone, content: 'hi' })).toThrow('Gone is not in the channel');
  await expect(double.click({ message, label: 'Go', user: gone })).rejects.toThrow('Gone is not in the channel');
  double.removeBot();
  expect((await double.click({ message, label: 'Go', user: ada })).ack).toBe('failed');
});

test('two connected clients both hear a message, and it can be delivered again', async () => {
  const heard: string[] = [];
  // With its cache discord.js itself swallows a message it knows; another process would not know it.
  const forgetful = { makeCache: Options.cacheWithLimits({ MessageManager: 0 }) };
  const listen = (client: Client) => client.on(Events.MessageCreate, (message) => heard.push(message.id));
  listen(await connect([], forgetful));
  listen(await connect([], forgetful));
  const said = double.directMessage(double.addPerson('Ada'), 'hello');
  double.duplicate(said);
  await vi.waitFor(() => expect(heard).toEqual([said.id, said.id, said.id, said.id]));
  expect(double.journal.messages).toHaveLength(1);
});

test('a row builder of discord.js passes as it is, and a direct message of the bot reaches the person', async () => {
  const client = await connect();
  const ada = double.addPerson('Ada');
  const user = await client.users.fetch(ada.id);
  const link = new ButtonBuilder().setLabel('Open').setStyle(ButtonStyle.Link).setURL('https://example.com');
  await user.send({ content: 'hello', components: [new ActionRowBuilder<ButtonBuilder>().addComponents(link)] });
  expect(double.journal.messages[0]).toMatchObject({ text: 'hello', buttons: [{ label: 'Open', customId: null }] });
  expect(double.journal.faults).toEqual([]);
});
