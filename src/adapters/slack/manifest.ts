// What the Slack app may do and hears, in one place: the manifest, doctor and the tests read it here.

/** Scopes of the bot token, each with what it is for. */
export const SLACK_SCOPES = {
  'app_mentions:read': 'hears when it is mentioned',
  'assistant:write': 'shows status and suggested prompts in its Messages tab',
  'channels:history': "hears replies in its goals' threads, finds its own messages after a crash",
  'channels:read': 'sees whether its channels exist and whether it is in them',
  'chat:write': 'posts and edits cards',
  commands: '/jug',
  'files:write': 'attaches charts and long arguments',
  'groups:history': 'the same as channels:history in private channels',
  'groups:read': 'the same as channels:read for private channels',
  'im:history': 'hears direct messages',
  'im:write': 'brings requests to approvers in person',
} as const;

/** Events the bot subscribes to. */
export const SLACK_EVENTS = [
  'agent_session_stopped',
  'app_home_opened',
  'app_mention',
  'channel_archive',
  'channel_deleted',
  'channel_left',
  'channel_unarchive',
  'group_archive',
  'group_deleted',
  'group_left',
  'group_unarchive',
  'member_joined_channel',
  'message.channels',
  'message.groups',
  'message.im',
] as const;

/**
 * The app's manifest, as https://api.slack.com/apps takes it (Create New App → From a manifest).
 * @param requestUrl the public address of /slack/events for HTTP mode; null for Socket Mode.
 */
export function slackManifest(requestUrl: string | null, examples: readonly { title: string; message: string }[]): unknown {
  const request = requestUrl === null ? {} : { request_url: requestUrl };
  return {
    display_information: {
      name: 'Juggernaut',
      description: 'An agent that plans, asks before money moves, and keeps honest books.',
      background_color: '#1f2937',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'Juggernaut', always_online: true },
      agent_view: {
        agent_description:
          'Give it a goal with a budget. It plans, asks for approval with buttons, does the work and reports from its ledger.',
        suggested_prompts: examples,
      },
      slash_commands: [
        {
          command: '/jug',
          description: 'Goals, approvals, money: anything Juggernaut can do',
          usage_hint: 'help | goal earn $50 … | status | approvals',
          should_escape: true,
          ...(requestUrl === null ? {} : { url: requestUrl }),
        },
      ],
    },
    oauth_config: { scopes: { bot: Object.keys(SLACK_SCOPES) } },
    settings: {
      event_subscriptions: { ...request, bot_events: [...SLACK_EVENTS] },
      interactivity: { is_enabled: true, ...request },
      org_deploy_enabled: false,
      socket_mode_enabled: requestUrl === null,
      token_rotation_enabled: false,
    },
  };
}
