"""Parts of pages in the forms that a seed may draw: lists, facts, menus, controls."""

from typing import Any

from .draw import Draw
from .tree import Action, Kid, Node, h

Cell = list[Kid]


class Parts:
    def __init__(self, draw: Draw, colon: str) -> None:
        self.d = draw
        self.colon = colon

    def wrap(self, node: Node, name: str) -> Node:
        for level in range(self.d.pick(f"depth.{name}", (0, 0, 1, 2, 3))):
            node = h("div", node, class_=self.d.css(f"{name}{level}"))
        return node

    # -- controls -------------------------------------------------------------------------------------------

    def control(
        self, name: str, label: str, *, href: str | None = None, on: list[Action] | None = None, **more: Any
    ) -> Node:
        """A thing to press, in the form that the seed draws for controls of this name."""
        kinds = ("a", "button", "input", "div") if href is None else ("a", "a", "button", "div")
        kind = more.pop("kind", None) or self.d.pick(f"kind.{name}", kinds)
        css = self.d.css(f"control.{name}")
        if href is not None and kind == "a":
            return h("a", label, href=href, class_=css, **more)
        todo = on if on is not None else [["go", href]]
        events = {"on": {"click": todo}}
        if kind == "a":
            return h(
                "a",
                label,
                href=self.d.pick("href.none", ("#", "javascript:void(0)", "javascript:;")),
                class_=css,
                **events,
                **more,
            )
        if kind == "input":
            return h("input", type="button", value=label, class_=css, **events, **more)
        if kind == "div":
            return h("div", label, role="button", tabindex="0", class_=css, **events, **more)
        inner: Kid = h("span", label) if self.d.odds(f"span.{name}", 0.4) else label
        return h("button", inner, type="button", class_=css, **events, **more)

    def menu(self, name: str, label: str, entries: list[Node | tuple[str, list[Action]]], key: str) -> Node:
        """A menu of one row. Entries are controls; for a select, labels with what they do."""
        form = self.menu_form(name)
        ref = f"{name}{key}"
        if form == "select":
            options = [h("option", label, value="")]
            todo: dict[str, list[Action]] = {}
            for at, entry in enumerate(entries):
                text, actions = entry if isinstance(entry, tuple) else ("", [])
                options.append(h("option", text, value=str(at + 1)))
                todo[str(at + 1)] = actions
            return h(
                "select",
                options,
                aria_label=label,
                class_=self.d.css("menu.select"),
                ref=f"opens{key}",
                on={"change": [["choose", todo]]},
            )
        nodes = [each for each in entries if isinstance(each, Node)]
        if form == "details":
            return h(
                "details",
                h("summary", label, ref=f"opens{key}"),
                h("div", nodes, class_=self.d.css("menu.items")),
                class_=self.d.css("menu"),
            )
        roles = form in {"roles", "drawn"}
        if roles:
            for each in nodes:
                each.attrs["role"] = "menuitem"
        items = h("div", nodes, role="menu" if roles else None, class_=self.d.css("menu.items"))
        if form == "list":
            items = h("ul", [h("li", each) for each in nodes], class_=self.d.css("menu.items"))
        popup = "true" if roles else None
        button = {"aria_haspopup": popup, "aria_expanded": "false", "ref": f"opens{key}"}
        if form == "drawn":
            press: list[Action] = [["tree", items, ref]]
            return h(
                "div",
                self.control("menu", label, on=press, kind="button", **button),
                h("div", ref=ref),
                class_=self.d.css("menu"),
            )
        items.attrs |= {"ref": ref, "hidden": True}
        press = [["toggle", ref]]
        kind = self.d.pick(f"kind.menu.{name}", ("button", "button", "div", "a"))
        return h(
            "div",
            self.control("menu", label, on=press, kind=kind, **button),
            items,
            class_=self.d.css("menu"),
        )

    def menu_form(self, name: str) -> str:
        return self.d.pick(f"menu.{name}", ("roles", "list", "drawn", "details", "select", "roles", "plain"))

    # -- facts of one thing ---------------------------------------------------------------------------------

    def facts(self, name: str, pairs: list[tuple[str, Kid]], form: str | None = None) -> Node:
        form = form or self.d.pick(f"facts.{name}", ("dl", "table", "line", "above", "spans"))
        css = self.d.css(f"facts.{name}")
        if form == "dl":
            return h(
                "dl", [n for label, value in pairs for n in (h("dt", label), h("dd", value))], class_=css
            )
        if form == "table":
            head = self.d.pick("facts.head", ("th", "td"))
            return h(
                "table",
                h("tbody", [h("tr", h(head, label), h("td", value)) for label, value in pairs]),
                class_=css,
            )
        if form == "line":
            return h("div", [h("p", f"{label}{self.colon}", value) for label, value in pairs], class_=css)
        label_css, value_css = self.d.css("label"), self.d.css("value")
        end = "" if form == "above" else self.colon.strip()
        tag = "div" if form == "above" else "span"
        return h(
            "div",
            [
                h("div", h(tag, label + end, class_=label_css), h(tag, value, class_=value_css))
                for label, value in pairs
            ],
            class_=css,
        )

    # -- lists ----------------------------------------------------------------------------------------------

    def records(
        self,
        name: str,
        columns: list[tuple[str, str]],
        rows: list[dict[str, Cell]],
        **row: list[dict[str, str]],
    ) -> Node:
        """Rows of cells. `row["attrs"]` gives each row's own attributes."""
        shape = self.d.pick(
            f"list.{name}", ("table", "roles", "divs", "bare", "list", "cards", "lines", "dl")
        )
        columns = self.order(name, columns)
        attrs = row.get("attrs") or [{} for _ in rows]
        css = {key: self.d.css(f"{name}.{key}") for key in ("list", "row", "cell", "head", "label", "value")}
        if shape == "table":
            head = h("thead", h("tr", [h("th", label) for _, label in columns]))
            body = [
                h(
                    "tr",
                    [h("td", *r.get(k, []), class_=self.d.css(f"{name}.{k}")) for k, _ in columns],
                    class_=css["row"],
                    **a,
                )
                for r, a in zip(rows, attrs, strict=True)
            ]
            return self.wrap(h("table", head, h("tbody", body), class_=css["list"]), name)
        if shape in {"roles", "divs", "bare"}:
            role = shape == "roles"
            lines = []
            if shape != "bare":
                heads = [
                    h("div", label, role="columnheader" if role else None, class_=css["head"])
                    for _, label in columns
                ]
                lines.append(h("div", heads, role="row" if role else None, class_=css["row"]))
            for r, a in zip(rows, attrs, strict=True):
                cells = [
                    h("div", *r.get(k, []), role="cell" if role else None, class_=self.d.css(f"{name}.{k}"))
                    for k, _ in columns
                ]
                lines.append(h("div", cells, role="row" if role else None, class_=css["row"], **a))
            return self.wrap(h("div", lines, role="table" if role else None, class_=css["list"]), name)
        if shape == "lines":
            cards = [self._two_lines(name, columns, r, a) for r, a in zip(rows, attrs, strict=True)]
            return self.wrap(h("div", cards, class_=css["list"]), name)
        made = []
        for r, a in zip(rows, attrs, strict=True):
            form = {"list": "spans", "cards": "above", "dl": "dl"}[shape]
            labelled = [(label, h("span", *r[k])) for k, label in columns if k in r and k != "actions"]
            inside = [self.facts(f"{name}.row", [(label, value) for label, value in labelled], form)]
            inside.append(h("div", *r.get("actions", []), class_=self.d.css(f"{name}.actions")))
            made.append(
                h(
                    "li" if shape == "list" else self.d.pick("card", ("article", "div")),
                    inside,
                    class_=css["row"],
                    **a,
                )
            )
        return self.wrap(h("ul" if shape == "list" else "div", made, class_=css["list"]), name)

    def _two_lines(
        self, name: str, columns: list[tuple[str, str]], r: dict[str, Cell], a: dict[str, str]
    ) -> Node:
        """A head line with number, date and buyer; below it the goods, the state, what can be done."""
        top = [
            h("span", f"{label}{self.colon}", h("span", *r[k]), class_=self.d.css(f"{name}.{k}"))
            for k, label in columns
            if k in r and k in {"no", "date", "buyer"}
        ]
        low = [
            h("div", *r[k], class_=self.d.css(f"{name}.{k}"))
            for k, _ in columns
            if k in r and k not in {"no", "date", "buyer"}
        ]
        return h(
            "div",
            h("div", top, class_=self.d.css("top")),
            h("div", low, class_=self.d.css("low")),
            class_=self.d.css(f"{name}.row"),
            **a,
        )

    def order(self, name: str, columns: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if self.d.odds(f"columns.{name}", 0.5):
            return columns
        last = [c for c in columns if c[0] == "actions"]
        return self.d.shuffled(f"columns.order.{name}", [c for c in columns if c[0] != "actions"]) + last


def frame(parts: Parts, name: str, ref: str, inside: list[Node], *, hidden: bool = False) -> Node:
    """A dialog: the element, a role, or a bare box on top of the page."""
    kind = parts.d.pick(f"frame.{name}", ("dialog", "role", "role", "bare"))
    if kind == "dialog":
        return h("dialog", inside, ref=ref, open=not hidden or None, class_=parts.d.css("modal"))
    role = {"role": "dialog", "aria_modal": "true"} if kind == "role" else {}
    box = h("div", inside, class_=parts.d.css("modal"), **role)
    return h("div", box, ref=ref, hidden=hidden or None, class_=parts.d.css("veil"))
