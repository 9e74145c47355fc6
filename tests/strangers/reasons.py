"""The choice of a reason on the form: radios, a list, a box of divs, buttons."""

from .draw import Draw
from .tree import Action, Node, h
from .words import Words
from .world import Order, World

NEAR_MISSES = {
    "en": {
        "BUYER_ASKED_CANCEL": ["Buyer asked to change the address", "Buyer asked about the order"],
        "ORDER_MISTAKE": ["The seller made a mistake", "I bought it by bidding"],
    },
    "zh-TW": {"BUYER_ASKED_CANCEL": ["買家要求更改地址", "買家要求退款"]},
    "zh-CN": {"BUYER": ["买家要求改价", "买家未要求取消", "卖家要求取消"]},
}


class Reasons:
    """The part of a form that asks why. The form sets what is named here."""

    w: World
    order: Order
    d: Draw
    say: Words
    key: str
    ref: str
    names: dict[str, str]
    needs: bool
    note_mode: str

    def offered(self) -> list[tuple[str, str]]:
        all_of_them = self.say.reasons(self.w.role)
        keep = [
            r for r in all_of_them if r[0] not in {"ORDER_UNPAID", "UNPAID"} or self.order.status == "unpaid"
        ]
        misses = NEAR_MISSES[self.say.lang].get(self.w.value, [])
        if self.w.case in {"misleading-absent", "reason-absent"}:
            keep = [r for r in keep if r[0] != self.w.value]
        if self.w.case.startswith("misleading"):
            keep = self.d.shuffled("near", keep + [(f"NEAR_{at}", text) for at, text in enumerate(misses)])
        return keep

    def _reason(self) -> Node:
        shape = self.d.pick(
            "form.reasons", ("wrap", "for", "beside", "select", "listbox", "wrap", "select", "buttons")
        )
        offered, name = self.offered(), self.names["reason"]
        title = h(self.d.pick("form.heading", ("h3", "div", "legend", "label", "p")), self.say("reason"))
        picked: list[Action] = [["need", self.ref, name, "go"]] if self.needs else []
        if self.note_mode == "after":
            picked.append(["show", f"note{self.key}"])
        if shape == "select":
            options = [h("option", self.say("pick"), value="")] + [
                h("option", text, value=v) for v, text in offered
            ]
            label = {"aria_label": self.say("reason")} if self.d.odds("form.aria", 0.5) else {}
            return h(
                "div",
                title,
                h(
                    "select",
                    options,
                    name=name,
                    class_=self.d.css("select"),
                    on={"change": picked},
                    ref="reasons",
                    **label,
                ),
            )
        if shape == "buttons":
            return h("div", title, self._buttons(offered, name, picked))
        if shape == "listbox":
            return h("div", title, self._listbox(offered, name, picked))
        rows = []
        for at, (value, text) in enumerate(offered):
            ident = self.d.id(f"reason{self.key}{at}")
            radio = h(
                "input",
                type="radio",
                name=name,
                value=value,
                id=ident,
                on={"change": picked},
                ref=f"reason{value}",
            )
            if shape == "wrap":
                rows.append(h("label", radio, h("span", text), class_=self.d.css("radio")))
            elif shape == "for":
                pair = [radio, h("label", text, for_=ident)]
                rows.append(
                    h(
                        "div",
                        pair if self.d.odds("radio.first", 0.7) else pair[::-1],
                        class_=self.d.css("radio"),
                    )
                )
            else:
                rows.append(h("div", radio, h("span", text), class_=self.d.css("radio")))
        return h(self.d.pick("form.group", ("fieldset", "div")), title, rows)

    def _buttons(self, offered: list[tuple[str, str]], name: str, picked: list[Action]) -> Node:
        """A button a reason: a class tells which is pressed, and aria-selected where the seed says so."""
        held, told = f"held{self.key}", self.d.odds("buttons.told", 0.6)
        marks = {"aria_selected": "false"} if told else {}
        rows = []
        for value, text in offered:
            todo: list[Action] = [["value", held, value], ["only", self.d.css("on").split()[0]], *picked]
            ref, css = f"reason{value}", self.d.css("choice")
            rows.append(h("button", text, type="button", class_=css, ref=ref, on={"click": todo}, **marks))
        return h("div", h("input", type="hidden", name=name, value="", ref=held), h("div", rows))

    def _listbox(self, offered: list[tuple[str, str]], name: str, picked: list[Action]) -> Node:
        """A list box of divs: a button that opens it, a hidden field that holds what was chosen."""
        roles = self.d.odds("listbox.roles", 0.6)
        box, held, shown = f"box{self.key}", f"held{self.key}", f"shown{self.key}"
        rows = []
        for value, text in offered:
            todo: list[Action] = [
                ["value", held, value],
                ["text", shown, text],
                ["hide", box],
                ["only", "on"],
                *picked,
            ]
            marks = {"role": "option", "aria_selected": "false"} if roles else {}
            rows.append(
                h("div", text, class_=self.d.css("option"), on={"click": todo}, ref=f"reason{value}", **marks)
            )
        opener = h("span", self.say("pick"), ref=shown)
        button = h(
            "button",
            opener,
            type="button",
            aria_haspopup="listbox" if roles else None,
            ref="opener",
            on={"click": [["toggle", box]]},
        )
        listed = h("div", rows, ref=box, hidden=True, role="listbox" if roles else None)
        return h(
            "div",
            h("input", type="hidden", name=name, value="", ref=held),
            button,
            listed,
            class_=self.d.css("listbox"),
        )
