// The choices of a form: radios, a select, ARIA lists, and lines or buttons that stand side by side.
// (scope, [hidden]) => all of them, as agent/page/reasons.py reads them; `hidden`: also those that are not shown.
// (scope, [hidden, kind, n]) => the element to press for the choice of this kind and number.
(scope, [hidden, kind, n]) => {
  const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
  const seen = e => hidden || shown(e);
  const label = e => (e.labels && e.labels[0]) || e.closest('label');
  const named = e => (e.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean)
    .map(id => document.getElementById(id)).find(Boolean);
  const beside = e => {
    let text = '';
    for (let n = e.nextSibling; n && n.nodeName !== 'INPUT' && n.nodeName !== 'BR'; n = n.nextSibling)
      text += n.innerText ?? n.data ?? '';
    return text;
  };
  const apart = e => /^(?!inline|contents)/.test(getComputedStyle(e).display) || e.nodeName === 'SMALL';
  const parts = e => {
    const found = [], walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      if (!node.data.trim() || !node.parentElement.checkVisibility({visibilityProperty: true})) continue;
      let own = node.parentElement;
      while (own !== e && !apart(own)) own = own.parentElement;
      if (found.length && found.at(-1).own === own) found.at(-1).text += node.data;
      else if (found.some(part => part.own === own)) return [];
      else found.push({own, text: node.data});
    }
    return found.map(part => part.text.replace(/\s+/g, ' ').trim());
  };
  const words = e => {
    const by = label(e) || named(e);
    const text = by ? by.innerText : e.getAttribute('aria-label') || beside(e);
    return {text: text.trim(), line: by ? (parts(by)[0] || '') : ''};
  };
  const told = e => {
    const said = ['checked', 'selected', 'pressed'].map(name => e.getAttribute('aria-' + name)).find(Boolean);
    return said ? said === 'true' : null;
  };
  const text = e => (e.innerText || '').trim();

  const radios = [...scope.querySelectorAll('input[type=radio]')];
  const custom = [...scope.querySelectorAll('[role=radio], [role=option]')];
  const lists = [...scope.querySelectorAll('[role=radiogroup], [role=listbox]')];
  // Side by side: what is alone in saying its text, with a brother that is too; not a label nor a field's.
  const own = 'label, select, option, legend, textarea, [role=radio], [role=option], h1, h2, h3, h4, h5, h6';
  const plain = [...scope.querySelectorAll('button, a, li, div, span, p, dd, td')].filter(e => {
    const said = e === scope ? '' : text(e);
    return said && said.length < 120 && !e.matches(own) && !e.closest(own) && text(e.parentElement) !== said
      && !e.querySelector('input, select, textarea, label');
  });
  const rows = [...new Set(plain.map(e => e.parentElement))];
  const press = e => e.matches('button, a, [role=button]') ? e : e.querySelector('button, a, [role=button]') || e;
  if (kind === 'custom') return custom[n];
  if (kind === 'line') return plain[n] && press(plain[n]);
  if (kind) return radios[n] && (label(radios[n]) || radios[n]);  // the input may lie under its drawn icon

  const found = [];
  radios.forEach((e, n) => {
    if (seen(label(e) || e) && !e.disabled)
      found.push({kind: 'radio', n, group: 'radio:' + e.name, value: e.value, on: e.checked, ...words(e)});
  });
  [...scope.querySelectorAll('select')].forEach((s, n) => {
    if (seen(s)) [...s.options].forEach((o, i) => {
      if (!o.disabled && o.value !== '') found.push({kind: 'select', n, i, group: 'select:' + n,
        text: o.text.trim(), line: '', value: o.value, on: o.selected});
    });
  });
  custom.forEach((e, n) => {
    if (!seen(e) || e.querySelector('input') || e.getAttribute('aria-disabled') === 'true') return;
    const list = e.closest('[role=radiogroup], [role=listbox]') || scope;
    found.push({kind: 'custom', n, value: e.getAttribute('data-value') || '', on: told(e),
      group: 'custom:' + lists.indexOf(list), text: text(e), line: parts(e)[0] || ''});
  });
  plain.forEach((e, n) => {
    if (!seen(e) || press(e).disabled || press(e).getAttribute('aria-disabled') === 'true') return;
    found.push({kind: 'line', n, value: '', on: told(press(e)), group: 'line:' + rows.indexOf(e.parentElement) + e.tagName,
      text: text(e), line: ''});
  });
  return found;
}
