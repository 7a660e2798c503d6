// Slack's rules for what sits inside blocks: texts, confirmation dialogs, buttons, selects, inputs, rich text.
// Limits: docs.slack.dev Block Kit reference as of late 2026 (shared/facts/chat-platforms.md, 3a).
import { also, anything, boolean, byType, type Check, fields, items, number, oneOf, string } from './slack-double-checks.ts';

export const plainText = (max: number): Check => byType({ plain_text: fields({ text: string(max), 'emoji?': boolean }) });

export const anyText = (max: number): Check =>
  byType({ plain_text: fields({ text: string(max), 'emoji?': boolean }), mrkdwn: fields({ text: string(max), 'verbatim?': boolean }) });

export const markdownText = (max: number): Check => byType({ mrkdwn: fields({ text: string(max), 'verbatim?': boolean }) });

const confirm = fields({
  'title?': plainText(100),
  text: anyText(300),
  'confirm?': plainText(30),
  'deny?': plainText(30),
  'style?': oneOf('primary', 'danger'),
});

const option = fields({ text: anyText(75), 'value?': string(150), 'description?': plainText(75), 'url?': string(3000) });
const group = fields({ label: plainText(75), options: items(option, 100) });
const acting = { 'action_id?': string(255), 'confirm?': confirm, 'focus_on_load?': boolean };
const picking = { ...acting, 'placeholder?': plainText(150) };
const typing = {
  'action_id?': string(255),
  'placeholder?': plainText(150),
  'focus_on_load?': boolean,
  'dispatch_action_config?': anything,
};

export const button: Check = byType({
  button: fields({
    text: plainText(75),
    'action_id?': string(255),
    'url?': string(3000),
    'value?': string(2000, 0),
    'style?': oneOf('primary', 'danger'),
    'confirm?': confirm,
    'accessibility_label?': string(75),
  }),
});

const staticSelect = also(
  fields({ ...picking, 'options?': items(option, 100), 'option_groups?': items(group, 100), 'initial_option?': option }),
  (value) => (value['options'] === undefined && value['option_groups'] === undefined ? 'options or option_groups is required' : null),
);
const picks = {
  static_select: staticSelect,
  external_select: fields({ ...picking, 'min_query_length?': number(0), 'initial_option?': option }),
  users_select: fields({ ...picking, 'initial_user?': string(255) }),
  conversations_select: fields({
    ...picking,
    'initial_conversation?': string(255),
    'default_to_current_conversation?': boolean,
    'filter?': anything,
    'response_url_enabled?': boolean,
  }),
  channels_select: fields({ ...picking, 'initial_channel?': string(255), 'response_url_enabled?': boolean }),
  checkboxes: fields({ ...acting, options: items(option, 10), 'initial_options?': items(option, 10) }),
  radio_buttons: fields({ ...acting, options: items(option, 10), 'initial_option?': option }),
  datepicker: fields({ ...picking, 'initial_date?': string(10) }),
  timepicker: fields({ ...picking, 'initial_time?': string(5), 'timezone?': string(255) }),
  datetimepicker: fields({ ...acting, 'initial_date_time?': number(0) }),
};
const overflow = fields({ 'action_id?': string(255), 'confirm?': confirm, options: items(option, 5) });

export const imageSource = also(fields({ 'image_url?': string(3000), 'slack_file?': anything, alt_text: string(2000) }), (value) =>
  value['image_url'] === undefined && value['slack_file'] === undefined ? 'image_url or slack_file is required' : null,
);

export const actionElement: Check = byType({ button, overflow, ...picks });
export const accessory: Check = byType({ button, overflow, ...picks, image: imageSource });
export const contextElement: Check = byType({
  image: imageSource,
  plain_text: fields({ text: string(2000), 'emoji?': boolean }),
  mrkdwn: fields({ text: string(2000), 'verbatim?': boolean }),
});

export const inputElement: Check = byType({
  ...picks,
  plain_text_input: fields({
    ...typing,
    'initial_value?': string(3000, 0),
    'multiline?': boolean,
    'min_length?': number(0, 3000),
    'max_length?': number(1, 3000),
  }),
  number_input: fields({
    ...typing,
    is_decimal_allowed: boolean,
    'initial_value?': string(255),
    'min_value?': string(255),
    'max_value?': string(255),
  }),
  url_text_input: fields({ ...typing, 'initial_value?': string(3000) }),
  email_text_input: fields({ ...typing, 'initial_value?': string(3000) }),
});

const feedback = fields({ text: plainText(75), value: string(2000), 'accessibility_label?': string(75) });
export const contextAction: Check = byType({
  feedback_buttons: fields({ 'action_id?': string(255), positive_button: feedback, negative_button: feedback }),
  icon_button: fields({
    icon: string(255),
    text: plainText(75),
    'action_id?': string(255),
    'value?': string(2000),
    'confirm?': confirm,
    'accessibility_label?': string(75),
    'visible_to_user_ids?': anything,
  }),
});

const style = { 'style?': anything };
const inline = byType({
  text: fields({ text: string(4000, 1), ...style }),
  link: fields({ url: string(3000), 'text?': string(4000), 'unsafe?': boolean, ...style }),
  emoji: fields({ name: string(255), 'unicode?': string(255), ...style }),
  user: fields({ user_id: string(255), ...style }),
  usergroup: fields({ usergroup_id: string(255), ...style }),
  channel: fields({ channel_id: string(255), ...style }),
  broadcast: fields({ range: oneOf('here', 'channel', 'everyone'), ...style }),
  color: fields({ value: string(255), ...style }),
  date: fields({ timestamp: number(0), format: string(255), 'url?': string(3000), 'fallback?': string(255), ...style }),
});
const section = fields({ elements: items(inline, 1000, 0) });
const bordered = { 'border?': number(0, 1), 'indent?': number(0, 8) };
export const richText: Check = fields({
  'block_id?': string(255),
  elements: items(
    byType({
      rich_text_section: section,
      rich_text_list: fields({
        style: oneOf('bullet', 'ordered'),
        elements: items(section, 1000),
        'offset?': number(0),
        ...bordered,
      }),
      rich_text_preformatted: fields({ elements: items(inline, 1000), 'language?': string(255), ...bordered }),
      rich_text_quote: fields({ elements: items(inline, 1000), ...bordered }),
    }),
    1000,
  ),
});
