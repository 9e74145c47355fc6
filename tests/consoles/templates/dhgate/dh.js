/* Dialogs, controls and the submit of the order forms. U: the real scripts were never seen. */
(function () {
  'use strict';
  var mask = document.querySelector('.mask:not(.upper)'), upper = document.querySelector('.mask.upper');
  function show(box, veil) { if (box) { box.style.display = 'block'; if (veil) veil.style.display = 'block'; } }
  function hide(box) {
    box.style.display = 'none';
    var veil = box.classList.contains('small') ? upper : mask;
    if (veil) veil.style.display = 'none';
  }
  function notice(text, good) {
    var place = document.getElementById('J_Notice');
    place.className = good ? 'notice-success' : 'notice-fail';
    place.textContent = text;
    place.style.display = 'block';
    window.scrollTo(0, 0);
  }
  function fail(form, text) {
    var line = form.querySelector('.form-error');
    line.textContent = text;
    line.style.display = 'block';
  }
  function missing(form) {
    var reason = form.querySelector('[name=reasonId]');
    if (reason && !new FormData(form).get('reasonId')) return form.dataset.needReason;
    var note = form.querySelector('[name=explain]');
    if (note && !note.value.trim()) return form.dataset.needNote;
    var tracking = form.querySelector('[name=trackingNo]');
    if (tracking && !tracking.value.trim()) return form.dataset.needTracking;
    return '';
  }
  function ask(form, then) {
    if (form.dataset.confirm === 'native') { if (window.confirm(form.dataset.sure)) then(); return; }
    if (form.dataset.confirm !== 'page') { then(); return; }
    var box = document.querySelector('.j-dialog-sure');
    box.querySelector('.j-sure-text').textContent = form.dataset.sure;
    box.querySelector('.j-sure-submit').onclick = function (event) { event.preventDefault(); hide(box); then(); };
    show(box, upper);
  }
  function send(form) {
    if (form.dataset.answer !== 'in-place') { HTMLFormElement.prototype.submit.call(form); return; }
    fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)),
      headers: { 'X-Requested-With': 'XMLHttpRequest' } })
      .then(function (answer) { return answer.json(); })
      .then(function (data) {
        if (data.status !== 1) { fail(form, data.msg || 'timeout'); return; }
        var dialog = form.closest('.dialog-module');
        if (dialog) hide(dialog); else form.style.display = 'none';
        notice(data.msg, true);
      })
      .catch(function () { fail(form, form.dataset.failed); });
  }
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (!form.matches('.operation-form')) return;
    event.preventDefault();
    var fault = missing(form);
    if (fault) { fail(form, fault); return; }
    ask(form, function () { send(form); });
  });
  function actAtOnce(how, to, fields) {
    var body = new URLSearchParams(fields);
    function post(more) { return fetch(to, Object.assign({ method: 'POST', body: body }, more)); }
    function again() { post({}).catch(function () { setTimeout(again, 400); }); }
    if (how === 'once') post({}).catch(function () {});
    if (how === 'late') setTimeout(again, 800);
    if (how === 'get') fetch(to + '?' + body);
    if (how === 'fetch') {
      again();
      addEventListener('pagehide', function () { post({ keepalive: true }); navigator.sendBeacon(to, body); });
    }
    if (how === 'form' || how === 'tab') {
      var form = document.createElement('form');
      form.method = 'post'; form.action = to; form.target = how === 'tab' ? '_blank' : '';
      body.forEach(function (value, name) {
        var field = document.createElement('input');
        field.type = 'hidden'; field.name = name; field.value = value; form.append(field);
      });
      document.body.append(form);
      form.submit();
    }
  }
  document.addEventListener('change', function (event) {
    var form = event.target.closest('form[data-chosen=posts]');
    if (!form || event.target.name !== 'reasonId') return;
    var given = new URLSearchParams(new FormData(form));
    given.set('explain', 'at once');
    actAtOnce('fetch', form.action, String(given));
  });
  if (document.body.hasAttribute('data-chatter')) {
    fetch('/sellerordmng/orderList/getSummaryOrderStat.do', { method: 'POST', body: 'tab=102' });
    fetch('https://count.example.invalid/visit', { method: 'POST', mode: 'no-cors', body: 'visit' }).catch(function () {});
    document.addEventListener('click', function () { navigator.sendBeacon('/practice/beacon', 'click'); }, true);
    document.querySelectorAll('a').forEach(function (link) { link.ping = '/practice/ping'; });
  }
  document.addEventListener('click', function (event) {
    var entry = event.target.closest('[data-acts]');
    if (!entry) return;
    if (entry.dataset.acts) actAtOnce(entry.dataset.acts, entry.dataset.to, entry.dataset.fields);
    if (entry.dataset.asks) {
      event.stopImmediatePropagation();
      var asked = new URL(entry.dataset.asks, location.href);
      fetch(asked.pathname, { method: 'POST', body: asked.searchParams }).then(function (answer) {
        if (answer.ok) show(document.querySelector('.' + entry.dataset.open + ':not(.j-stale)'), mask);
      });
    }
  });
  document.addEventListener('click', function (event) {
    var at = event.target.closest('[data-open],[data-go],[data-submit],.j-close,.radio-icon,[data-seen]');
    if (!at) return;
    if (at.dataset.open) { event.preventDefault(); show(document.querySelector('.' + at.dataset.open + ':not(.j-stale)'), mask); }
    else if (at.dataset.go) {
      if (at.dataset.tab === 'new') window.open(at.dataset.go); else location.href = at.dataset.go;
    } else if (at.hasAttribute('data-submit')) { event.preventDefault(); at.closest('form').requestSubmit(); }
    else if (at.dataset.seen) {
      document.cookie = 'dh_seen_' + at.dataset.seen + '=1; domain=.dhgate.com; path=/; secure; max-age=864000';
      at.closest('.overlay').remove();
    } else if (at.classList.contains('radio-icon')) at.previousElementSibling.click();
    else { event.preventDefault(); hide(at.closest('.dialog-module')); }
  });
  document.addEventListener('input', function (event) {
    if (event.target.name !== 'explain') return;
    var length = event.target.value.trim().length, hint = event.target.form.querySelector('.short-hint');
    if (hint) hint.style.display = length && length < 10 ? 'block' : 'none';
  });
})();
