// The command box: completes commands, then their fields and choices; Enter sends, Shift+Enter makes a new line.
const box = document.getElementById('words');
const list = document.getElementById('choices');
let menu = null;
let chosen = -1;

function complete(text) {
  const words = text.split(/\s+/);
  if (words.length === 1)
    return words[0] === ''
      ? []
      : menu
          .filter((entry) => entry.name.startsWith(words[0].replace(/^\//, '')))
          .map((entry) => ({ insert: `${entry.name} `, show: entry.name, about: entry.summary }));
  const entry = menu.find((one) => one.name === words[0].replace(/^\//, ''));
  const last = words.at(-1);
  if (!entry) return [];
  const head = text.slice(0, text.length - last.length);
  const [name, value] = last.split(':');
  const field = entry.fields.find((one) => one.name === name);
  if (field && value !== undefined)
    return field.choices
      .filter((choice) => choice.startsWith(value))
      .map((choice) => ({ insert: `${head}${name}:${choice} `, show: choice, about: field.description }));
  const open = entry.fields.filter((one) => one.name !== entry.positional && one.name.startsWith(last) && !text.includes(`${one.name}:`));
  return last === '' && words.length > 2
    ? []
    : open.map((one) => ({ insert: `${head}${one.name}:`, show: `${one.name}:`, about: one.description }));
}
function hideChoices() {
  chosen = -1;
  if (!list) return;
  list.hidden = true;
  box.setAttribute('aria-expanded', 'false');
  box.removeAttribute('aria-activedescendant');
}
function showChoices() {
  const found = menu ? complete(box.value).slice(0, 8) : [];
  if (found.length === 0 || (found.length === 1 && found[0].insert.trim() === box.value.trim())) return hideChoices();
  list.replaceChildren(
    ...found.map((one, index) => {
      const item = document.createElement('li');
      item.id = `choice-${index}`;
      item.setAttribute('role', 'option');
      item.dataset.insert = one.insert;
      const name = document.createElement('b');
      name.textContent = one.show;
      const about = document.createElement('span');
      about.textContent = one.about;
      item.append(name, about);
      return item;
    }),
  );
  list.hidden = false;
  box.setAttribute('aria-expanded', 'true');
  choose(-1);
}
function choose(index) {
  chosen = index;
  [...list.children].forEach((item, at) => {
    item.setAttribute('aria-selected', String(at === index));
  });
  if (index >= 0) box.setAttribute('aria-activedescendant', `choice-${index}`);
  else box.removeAttribute('aria-activedescendant');
}
function accept(item) {
  box.value = item.dataset.insert;
  box.focus();
  showChoices();
}
async function loadMenu() {
  if (menu) return;
  const answer = await fetch('/menu.json');
  if (answer.ok) menu = await answer.json();
}
function onListKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose((chosen + step + list.children.length) % list.children.length);
  else if (event.key === 'Tab' || (event.key === 'Enter' && chosen >= 0)) accept(list.children[Math.max(0, chosen)]);
  else if (event.key === 'Escape') hideChoices();
  else return false;
  return true;
}
function onBoxKey(event) {
  if (event.shiftKey || event.isComposing) return;
  if (!list.hidden && onListKey(event)) return event.preventDefault();
  if (event.key === 'Escape') box.blur();
  if (event.key !== 'Enter') return;
  event.preventDefault();
  hideChoices();
  if (box.value.trim() !== '') box.form.requestSubmit();
}
if (box) {
  box.addEventListener('focus', () => void loadMenu());
  box.addEventListener('input', () => void loadMenu().then(showChoices));
  box.addEventListener('keydown', onBoxKey);
  box.addEventListener('blur', () => setTimeout(hideChoices, 150));
  list.addEventListener('mousedown', (event) => {
    event.preventDefault();
    const item = event.target.closest('li');
    if (item) accept(item);
  });
}
