// One walk over the visible document: what a person sees, as data. Returns JSON text; agent/view.py reads it.
// It runs in an isolated world, where the page's own scripts cannot change it, and never takes what a
// password field holds. What it cannot see it names in `blind`: closed shadow roots, frames of other origins.
() => {
  const KEPT = {checkbox: 1, radio: 1};
  const ROLES = {
    A: e => e.hasAttribute('href') ? 'link' : '', BUTTON: () => 'button', TEXTAREA: () => 'textbox',
    SELECT: e => e.multiple || e.size > 1 ? 'listbox' : 'combobox', OPTION: () => 'option',
    TABLE: () => 'table', TR: () => 'row', TD: () => 'cell', TH: () => 'columnheader',
    UL: () => 'list', OL: () => 'list', LI: () => 'listitem', DL: () => 'definitions', DT: () => 'term',
    DD: () => 'definition', DIALOG: () => 'dialog', NAV: () => 'navigation', MAIN: () => 'main',
    HEADER: () => 'banner', FOOTER: () => 'contentinfo', FORM: () => 'form', IMG: () => 'img',
    LABEL: () => 'label', SUMMARY: () => 'button', FIELDSET: () => 'group', LEGEND: () => 'legend',
    H1: () => 'heading', H2: () => 'heading', H3: () => 'heading', H4: () => 'heading',
    H5: () => 'heading', H6: () => 'heading', IFRAME: () => 'frame', FRAME: () => 'frame',
    INPUT: e => ({
      submit: 'button', button: 'button', image: 'button', reset: 'button', checkbox: 'checkbox',
      radio: 'radio', hidden: 'hidden', file: 'file', range: 'slider',
    })[e.type] || 'textbox',
  };
  const SKIPPED = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'HEAD', 'META', 'LINK', 'TITLE']);
  const seen = [], elements = [], blind = [], number = new Map();
  const roleOf = e => {
    const given = (e.getAttribute('role') || '').trim().split(/\s+/)[0].toLowerCase();
    if (given && given !== 'none' && given !== 'presentation') return given;
    const own = ROLES[e.tagName];
    return given || !own ? '' : own(e);
  };
  const put = (record, e) => {
    const index = seen.push(record) - 1;
    elements.push(e || null);
    if (e) number.set(e, index);
    return index;
  };
  const field = (e, record) => {
    record.y = e.type || '';
    if (e.name) record.f = e.name;
    if (e.tagName === 'SELECT') {
      record.v = e.value;
      return;
    }
    if (e.type === 'password') return;
    if (KEPT[e.type]) record.c = e.checked;
    record.v = e.value;
    if (e.placeholder) record.g = e.placeholder;
  };
  const describe = (e, parent, role) => {
    const record = {p: parent, t: e.tagName.toLowerCase()};
    if (role) record.r = role;
    const aria = name => e.getAttribute('aria-' + name);
    if (aria('label')) record.n = aria('label');
    else if (e.tagName === 'IMG' && e.alt) record.n = e.alt;
    if (e.title) record.i = e.title;
    if (e.tagName === 'A' && e.href) record.h = String(e.href);
    if (e.tagName === 'FORM') {
      record.h = String(e.getAttribute('action') === null ? '' : e.action);
      record.y = (e.getAttribute('method') || 'get').toLowerCase();
    }
    if (/^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(e.tagName)) field(e, record);
    if (e.tagName === 'OPTION') [record.v, record.c] = [e.value, e.selected];
    if (e.disabled || aria('disabled') === 'true') record.d = true;
    for (const name of ['checked', 'selected', 'pressed'])
      if (aria(name) !== null && record.c === undefined) record.c = {true: true, false: false}[aria(name)] ?? null;
    if (aria('haspopup') === 'listbox' || (role === 'combobox' && e.tagName !== 'SELECT')) record.w = true;
    if (aria('expanded') !== null) record.x = aria('expanded') === 'true';
    if (aria('modal') === 'true' || (e.tagName === 'DIALOG' && e.open && e.matches(':modal'))) record.m = true;
    return record;
  };
  const shown = (e, style) => {
    if (style.visibility !== 'visible') return false;
    if (style.display === 'contents') return true;
    const box = e.getBoundingClientRect();
    return (box.width > 0 && box.height > 0) || style.overflow === 'visible';
  };
  const walk = (e, parent, faded) => {
    if (SKIPPED.has(e.tagName)) return;
    if (e.tagName === 'INPUT' && e.type === 'hidden') {
      put({p: parent, t: 'input', r: 'hidden', y: 'hidden', f: e.name, v: e.value}, e);
      return;
    }
    const style = getComputedStyle(e);
    const choice = e.tagName === 'INPUT' && KEPT[e.type];
    if (e.tagName !== 'OPTION' && style.display === 'none' && !choice) return;
    const lost = faded || style.opacity === '0';
    const role = roleOf(e), visible = !lost && e.tagName !== 'OPTION' ? shown(e, style) : !lost;
    const record = describe(e, parent, role);
    if (style.position === 'fixed' || style.position === 'absolute') record.z = true;
    if (!visible || style.display === 'none') record.u = true;
    const index = put(record, e);
    if (/^(TEXTAREA|INPUT)$/.test(e.tagName)) return;
    if (/^I?FRAME$/.test(e.tagName)) return frame(e, index, lost);
    if (e.shadowRoot) children(e.shadowRoot, index, lost, visible);
    else if (e.tagName.includes('-') && !e.childNodes.length && e.getBoundingClientRect().width > 0) blind.push(record.t);
    if (e.tagName === 'SLOT' && e.assignedNodes().length) e.assignedNodes().forEach(c => child(c, index, lost, visible));
    else if (!e.shadowRoot) children(e, index, lost, visible);
  };
  const child = (node, index, faded, visible) => {
    if (node.nodeType === Node.ELEMENT_NODE) walk(node, index, faded);
    else if (node.nodeType === Node.TEXT_NODE && visible && node.data.trim()) put({p: index, s: node.data});
  };
  const children = (node, index, faded, visible) => {
    for (const c of node.childNodes) child(c, index, faded, visible);
  };
  const frame = (e, index, faded) => {
    let inside = null;
    try { inside = e.contentDocument; } catch { inside = null; }
    if (!inside) blind.push('frame ' + (e.src || '').split(/[?#]/)[0]);
    else if (inside.body) {
      seen[index].h = String(inside.location.href);
      walk(inside.body, index, faded);
    }
  };
  if (document.body) walk(document.body, -1, false);
  const of = list => [...list].map(e => number.get(e)).filter(i => i !== undefined);
  elements.forEach((e, index) => {
    if (!e) return;
    if (e.form && number.has(e.form)) seen[index].o = number.get(e.form);
    const by = e.getAttribute('aria-labelledby');
    if (by) {
      const root = e.getRootNode(), named = by.split(/\s+/).map(id => root.getElementById && root.getElementById(id));
      const known = of(named.filter(Boolean));
      if (known.length) seen[index].b = known;
    }
    if (e.labels && e.labels.length) seen[index].l = of(e.labels);
  });
  globalThis.unsellSeen = elements;
  return JSON.stringify({
    address: location.href, title: document.title, nodes: seen, blind,
    whole: document.readyState !== 'loading',
  });
}
