// The console's own script: live cards, keys, completion, the dialog. htmx sends the forms; everything works from server HTML.
const $ = (id) => document.getElementById(id);
const live = () => $('live');

// --- Live cards: one event stream, resumed with a small overlap; a card replaces its older version.
const seen = { change: 0 };
let source = null;
let retryMs = 1000;
let refreshTimer = null;

function connect() {
  if (!live()) return;
  const inThread = $('feed')?.dataset.goal ? '&inThread=1' : '';
  const after = seen.change > 0 ? Math.max(0, seen.change - 100) : '';
  source = new EventSource(`/stream?after=${after}${inThread}`);
  source.onopen = () => {
    retryMs = 1000;
    say('');
  };
  source.onmessage = (event) => receive(JSON.parse(event.data));
  source.onerror = () => {
    source.close();
    say('Connection lost; trying again…');
    setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, 15000);
  };
}

function say(words) {
  const state = $('link-state');
  if (state && state.textContent !== words) state.textContent = words;
}

function receive(news) {
  seen.change = Math.max(seen.change, news.change);
  const isNew = place(news);
  dropDoubles();
  if (isNew) $('announce').textContent = `New card: ${news.title}`;
  if (news.channel === 'approvals' || news.kind === 'approval') document.body.dispatchEvent(new Event('approvals-changed'));
  scheduleRefresh(news);
}

/** Puts a card where it belongs on this page. True when it was not there before. */
function place(news) {
  const holder = document.createElement('template');
  holder.innerHTML = news.html;
  const entry = holder.content.firstElementChild;
  const old = $(`m-${news.id}`);
  if (old) {
    if (Number(old.dataset.version) < news.version) replaceCard(old, entry.querySelector('.card'));
    return false;
  }
  const feed = $('feed');
  if (!feed || !belongs(feed, news)) return false;
  document.querySelectorAll('.empty').forEach((note) => {
    note.remove();
  });
  entry.querySelector('.card').classList.add('fresh');
  const atEnd = feed.dataset.insert === 'last';
  const wasDown = window.innerHeight + window.scrollY > document.body.scrollHeight - 160;
  feed.insertAdjacentElement(atEnd ? 'beforeend' : 'afterbegin', entry);
  window.htmx.process(entry);
  freshenTimes(entry);
  if (atEnd && wasDown) entry.scrollIntoView({ block: 'nearest' });
  return true;
}

/** An answer that is also a card of the feed would grow old beside it: the live one stays, and is shown. */
function dropDoubles() {
  document.querySelectorAll('#answers .card[data-ref]').forEach((answer) => {
    const title = answer.querySelector('h3').textContent;
    const same = [...document.querySelectorAll(`#feed .card[data-ref="${CSS.escape(answer.dataset.ref)}"]`)].find(
      (card) => card.querySelector('h3').textContent === title,
    );
    if (!same) return;
    const isHeld = answer.contains(document.activeElement);
    answer.closest('.entry').remove();
    show(same);
    if (isHeld) same.focus({ preventScroll: true });
  });
}

/** Marks one card as the chosen one and brings it into view. */
function show(card) {
  document.querySelectorAll('.current').forEach((other) => {
    other.classList.remove('current');
  });
  card.classList.add('current');
  card.scrollIntoView({ block: 'nearest' });
}

function belongs(feed, news) {
  if (feed.dataset.insert === 'none') return false;
  if (feed.dataset.goal) return String(news.goal) === feed.dataset.goal;
  return !feed.dataset.channel || feed.dataset.channel === news.channel;
}

/** Keeps the reader's place: the focused button, the chosen card and opened details stay. */
function replaceCard(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const command = focused?.dataset.command;
  const opened = [...old.querySelectorAll('details')].map((details) => details.open);
  fresh.classList.toggle('current', old.classList.contains('current'));
  old.replaceWith(fresh);
  window.htmx.process(fresh);
  freshenTimes(fresh);
  fresh.querySelectorAll('details').forEach((details, index) => {
    details.open = opened[index] ?? false;
  });
  if (focused) ((command && fresh.querySelector(`[data-command="${CSS.escape(command)}"]`)) || fresh).focus({ preventScroll: true });
}

/** Pages that show more than cards fetch themselves again, at most once a second, unless someone is typing there. */
function scheduleRefresh(news) {
  const scope = live()?.dataset.live ?? 'none';
  if (scope === 'none' || (scope !== 'any' && scope !== `goal:${news.goal}`) || refreshTimer) return;
  refreshTimer = setTimeout(async () => {
    refreshTimer = null;
    const target = live();
    const field = document.activeElement?.closest('#live input, #live textarea, #live select');
    if (!target || (field && field.id !== 'words')) return;
    const parts = target.querySelector('.columns > aside') ? '#live aside' : '#live';
    if (parts === '#live' && $('feed')) return;
    await window.htmx.ajax('GET', location.pathname + location.search, { target: parts, select: parts, swap: 'outerMorph' });
    freshenTimes(document);
  }, 1000);
}

// --- Times: what is near is told as a distance; the exact moment is in the title.
function freshenTimes(root) {
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  root.querySelectorAll('time').forEach((time) => {
    const at = new Date(time.dateTime);
    if (!time.title) {
      time.title = at.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });
      if (time.textContent.endsWith('Z')) time.textContent = at.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
      time.dataset.exact = time.textContent;
    }
    const minutes = Math.round((at - Date.now()) / 60000);
    if (Math.abs(minutes) < 1) time.textContent = 'just now';
    else if (Math.abs(minutes) < 60) time.textContent = words.format(minutes, 'minute');
    else if (Math.abs(minutes) < 36 * 60) time.textContent = words.format(Math.round(minutes / 60), 'hour');
    else time.textContent = time.dataset.exact;
  });
}

// --- The dialog: the server answers a button that needs more with a form for #ask; the answer to that form closes it.
document.addEventListener('htmx:after:swap', (event) => {
  const dialog = $('ask-dialog');
  const ctx = event.detail?.ctx;
  const asks = ctx?.response?.headers.get('HX-Retarget') === '#ask';
  if (asks && !dialog.open) dialog.showModal();
  if (asks) dialog.querySelector('[autofocus]')?.focus();
  else if (dialog?.open && ctx?.sourceElement?.closest('#ask-dialog')) dialog.close();
  if (ctx?.sourceElement?.closest('#welcome, #say')) $('welcome')?.remove();
  dropDoubles();
  freshenTimes(document);
});
document.addEventListener('htmx:after:request', (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceElement?.id === 'say' && ctx.response?.status < 400) $('words').value = '';
});
document.addEventListener('htmx:error', () => say('That did not reach the bot. Is it running?'));
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-close]')) $('ask-dialog').close();
});
$('ask-dialog')?.addEventListener('close', () => {
  $('ask').replaceChildren();
});

// --- Keys: / to the box, j and k through the cards, Esc closes.
function isTyping(target) {
  return target.matches?.('input, textarea, select') || $('ask-dialog')?.open;
}
function moveTo(step) {
  const cards = [...document.querySelectorAll('.card, .row')];
  if (cards.length === 0) return;
  const at = cards.findIndex((card) => card.classList.contains('current') || card === document.activeElement);
  const next = cards[Math.min(cards.length - 1, Math.max(0, at + step))];
  next.focus({ preventScroll: true });
  show(next);
}
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === '/' && $('words')) {
    event.preventDefault();
    $('words').focus();
  } else if (event.key === 'j') moveTo(1);
  else if (event.key === 'k') moveTo(-1);
});

// --- A chosen file fills the field beside it; what is sent is its text.
document.addEventListener('change', async (event) => {
  const field = event.target.dataset?.fills ? $(event.target.dataset.fills) : null;
  const file = event.target.files?.[0];
  if (field && file) field.value = await file.text();
});

// --- A call named in the address is opened.
function openTarget() {
  const target = location.hash.length > 1 ? $(location.hash.slice(1)) : null;
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}
window.addEventListener('hashchange', openTarget);

openTarget();
freshenTimes(document);
setInterval(() => freshenTimes(document), 30000);
connect();
