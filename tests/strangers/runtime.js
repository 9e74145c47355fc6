// The consoles' own small framework: builds elements from JSON, and runs lists of actions on events.
(() => {
  const REF = window.__ref, SPA = window.__spa, ID = "[" + REF + "=";
  const find = (r) => document.querySelector(ID + '"' + r + '"]');
  const build = (t) => {
    if (typeof t === "string") return document.createTextNode(t);
    const [tag, attrs, kids] = t, on = attrs.on;
    const e = document.createElement(tag);
    for (const k in attrs) if (k !== "on") e.setAttribute(k === "ref" ? REF : k, attrs[k]);
    if (tag === "template" && attrs.shadow) {
      const host = document.createElement("div");
      const root = host.attachShadow({ mode: "open" });
      for (const k of kids) root.append(build(k));
      return host;
    }
    for (const k of kids) e.append(build(k));
    if (on) wire(e, on);
    return e;
  };
  const fields = (scope) => {
    const data = new URLSearchParams();
    for (const f of scope.querySelectorAll("input,select,textarea")) {
      if (!f.name || f.disabled) continue;
      if ((f.type === "radio" || f.type === "checkbox") && !f.checked) continue;
      data.append(f.name, f.value);
    }
    return data;
  };
  const ask = async (url, options) => {
    const head = { "x-part": "1", accept: "application/json", ...(options.headers || {}) };
    const answer = await fetch(url, { ...options, headers: head });
    if (!answer.ok) throw new Error("" + answer.status);
    return answer.json();
  };
  const put = (tree, target) => {
    const place = find(target);
    if (!place) return;
    place.replaceChildren(build(tree));
    place.removeAttribute("aria-busy");
  };
  const take = (got, target) => {
    if (got.go) return go(got.go);
    if (got.into) target = got.into;
    if (got.page) return show(got.page, got.url);
    if (got.tree) target === "body" ? document.body.append(build(got.tree)) : put(got.tree, target);
  };
  const show = (page, url) => {
    if (url && url !== location.pathname + location.search) history.pushState(null, "", url);
    document.title = page.title;
    document.getElementById(window.__app).replaceChildren(build(page.body));
    window.scrollTo(0, 0);
    for (const a of page.then || []) run([a], document.body);
  };
  const go = async (url) => {
    const same = new URL(url, location.href).origin === location.origin;
    if (!SPA || !same) return void location.assign(url);
    take(await ask(url, {}), "body");
  };
  const does = {
    go: (e, url) => go(url),
    choose_to: (e, r, k) => (find(r).getAttribute(k) ? go(find(r).getAttribute(k)) : false),
    remember: () => void (document.cookie = "seen=1; path=/; secure"),
    open: (e, url) => void window.open(url, "_blank"),
    toggle: (e, r) => {
      const x = find(r);
      x.hidden = !x.hidden;
      if (e.hasAttribute("aria-expanded")) e.setAttribute("aria-expanded", String(!x.hidden));
    },
    show: (e, r) => {
      const x = find(r);
      x.tagName === "DIALOG" ? x.showModal() : (x.hidden = false);
    },
    hide: (e, r) => {
      const x = find(r);
      x.tagName === "DIALOG" ? x.close() : (x.hidden = true);
    },
    remove: (e, r) => find(r) && find(r).remove(),
    load: async (e, url, target) => take(await ask(url, {}), target),
    loadpost: async (e, url, body, target) =>
      take(await ask(url, { method: "POST", body: new URLSearchParams(body) }), target),
    tree: (e, tree, target) => take({ tree }, target),
    confirm: (e, text) => window.confirm(text),
    submit: (e, r) => find(r).requestSubmit(),
    fire: (e, url, how, body) =>
      void fetch(url, how === "GET" ? {} : { method: how, body: new URLSearchParams(body) }).then(() => location.reload()),
    post: async (e, url, scope, target, json) => {
      const data = fields(find(scope));
      const body = json ? JSON.stringify(Object.fromEntries(data)) : data;
      const headers = json ? { "content-type": "application/json" } : {};
      try {
        take(await ask(url, { method: "POST", body, headers }), target);
      } catch (error) {
        put([["p", { role: "alert" }, [window.__oops]]], target);
      }
    },
    postgo: (e, url, body) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = url;
      for (const k in body) form.append(build(["input", { type: "hidden", name: k, value: body[k] }, []]));
      document.body.append(form);
      form.submit();
    },
    text: (e, r, text) => void (find(r).textContent = text),
    value: (e, r, v) => void (find(r).value = v),
    attr: (e, r, k, v) => (v === null ? find(r).removeAttribute(k) : find(r).setAttribute(k, v)),
    need: (e, scope, name, r) => {
      const has = fields(find(scope)).get(name);
      const x = find(r);
      x.tagName === "BUTTON" || x.tagName === "INPUT"
        ? (x.disabled = !has)
        : x.setAttribute("aria-disabled", String(!has));
    },
    needs: (e, scope, name) => !!(fields(find(scope)).get(name) || "").trim(),
    only: (e, cls) => {
      for (const x of e.parentNode.children) x.classList.toggle(cls, x === e);
      for (const x of e.parentNode.children)
        if (x.hasAttribute("aria-selected")) x.setAttribute("aria-selected", String(x === e));
    },
    choose: async (e, map) => {
      const todo = map[e.value];
      if (todo) await run(todo, e);
    },
    tick: (e, ms) => void setTimeout(() => { e.checked = true; }, ms),
    boxtick: (e, r, cls, name) => {
      const on = e.classList.toggle(cls);
      find(r).value = on ? "1" : "";
      if (e.hasAttribute("aria-checked")) e.setAttribute("aria-checked", String(on));
    },
  };
  const run = async (todo, e) => {
    for (const [name, ...rest] of todo) if ((await does[name](e, ...rest)) === false) return;
  };
  const wire = (e, on) => {
    for (const event in on)
      e.addEventListener(event, (x) => {
        if (event === "click" && e.tagName === "A") x.preventDefault();
        if (event === "submit") x.preventDefault();
        if (e.getAttribute("aria-disabled") === "true") return;
        run(on[event], e);
      });
  };
  document.addEventListener("click", (x) => {
    const a = x.target.closest && x.target.closest("a[href]");
    if (!SPA || !a || a.target || x.defaultPrevented || new URL(a.href).origin !== location.origin) return;
    x.preventDefault();
    go(a.getAttribute("href"));
  });
  if (SPA) window.addEventListener("popstate", () => location.reload());
  for (const [r, on] of window.__wires) wire(find(r), on);
  if (SPA) ask(location.pathname + location.search, {}).then((got) => take(got, "body"));
  for (const a of window.__then) run([a], document.body);
})();
