// Watches one press from its first event on: where what it is about has changed since this was installed, the
// events end here, and the click does not reach the page. Used by agent/page/steady.py.
// (control, [parts, names, ids, number]) => {stopped, kept, remove}. `parts`: whose text must stay; `names`: folded
// field names that hold ids; `ids`: this order's own; `number`: the shape of an order number. `kept`: whether the
// fields that are still there hold what they held.
(control, [parts, names, ids, number]) => {
  const folded = name => name.split('.').pop().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  const known = name => names.includes(folded(name)) || names.includes(folded(name).replace(/s$/, ''));
  const choice = e => e.type === 'checkbox' || e.type === 'radio';
  const about = e => e.type !== 'hidden' || known(e.name) || ids.includes(e.value);
  const fields = () =>
    [...document.querySelectorAll('input:not([type=password]), select, textarea')].filter(about);
  const shape = new RegExp(number, 'g');
  const holds = e => choice(e) ? e.checked : e.value;
  const now = () => JSON.stringify([
    fields().map(e => [e.name, holds(e)]),
    parts.map(e => e.isConnected ? e.innerText : null),
    [...document.forms].map(f => f.getAttribute('action')),
    document.body.innerText.match(shape) || [],
  ]);
  const before = now(), there = fields(), held = there.map(holds), state = {stopped: false};
  const events = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
  const watch = event => {
    if (!state.stopped && control.isConnected && now() === before) return;
    state.stopped = true;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  events.forEach(name => window.addEventListener(name, watch, {capture: true}));
  state.kept = () => there.every((e, n) => !e.isConnected || holds(e) === held[n]);
  state.remove = () => events.forEach(name => window.removeEventListener(name, watch, {capture: true}));
  return state;
}
