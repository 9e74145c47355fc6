"""The cancellation form, which no source shows: all of it is drawn but the words, and the ids of facts."""

from .parts import Parts, frame
from .reasons import Reasons
from .tree import Action, Node, h
from .world import Order, World


class Form(Reasons):
    """One drawing of the form for one order; `page` and `dialog` are its two ways of standing there."""

    def __init__(self, world: World, order: Order, action: str, key: str = "") -> None:
        self.w, self.order, self.action, self.key = world, order, action, key
        self.d, self.say = world.draw, world.words
        self.parts = Parts(self.d, self.say.colon)
        self.ref, self.answer = f"form{key}", f"answer{key}"
        self.names = {
            "reason": self.d.pick("field.reason", ("reason", "cancelReason", "reasonCode", "rsn")),
            "note": self.d.pick("field.note", ("message", "comment", "note", "remark")),
            "token": self.d.pick("field.token", ("srt", "_csrf", "stok", "tokenidx")),
            "relist": self.d.pick("field.relist", ("relist", "relistItem", "rl")),
        }
        self.send = self.d.pick("form.send", ("post", "post", "xhr", "xhrgo"))
        self.scope = "form" if self.send == "post" else self.d.pick("form.element", ("form", "form", "div"))
        self.confirm = self.d.pick("form.confirm", ("none", "none", "window", "dialog", "facts"))
        if self.w.case == "question-swapped":
            self.confirm = "facts"
        if self.w.case == "all-orders" and self.confirm == "none":
            self.confirm = self.d.pick("form.all", ("window", "dialog"))
        self.two_steps = self.d.odds("form.steps", 0.2)
        self.note_mode = self.d.pick("form.note", ("optional", "required", "none", "after", "optional"))
        self.needs = self.d.odds("form.disabled", 0.3)

    # -- the whole ------------------------------------------------------------------------------------------

    def body(self) -> Node:
        inside: list[Node] = [*self._ids(), *self._shown()]
        reason, rest = self._reason(), [*self._note(), *self._boxes(), *self._refund()]
        if self.two_steps:
            nxt: list[Action] = [
                ["needs", self.ref, self.names["reason"]],
                ["hide", "step1"],
                ["show", "step2"],
            ]
            on = self.parts.control("continue", self.say("continue"), on=nxt, ref="next")
            inside += [
                h("div", reason, on, ref="step1"),
                h("div", *rest, *self._last(), ref="step2", hidden=True),
            ]
        else:
            inside += [h("div", *self.d.shuffled("form.order", [reason, *rest])), *self._last()]
        todo: list[Action] = [["post", self.action, self.ref, self.answer, self.d.odds("form.json", 0.3)]]
        if self.scope == "form":
            on_submit = {"on": {"submit": todo}} if self.send != "post" else {}
            form = h(
                "form",
                inside,
                method="post",
                action=self.action,
                ref=self.ref,
                class_=self.d.css("form"),
                **on_submit,
            )
        else:
            form = h("div", inside, ref=self.ref, class_=self.d.css("form"))
        return h(
            "div",
            self.parts.wrap(form, "form"),
            h("div", ref=self.answer, role=self.d.pick("answer.role", ("status", "alert", None))),
        )

    def _ids(self) -> list[Node]:
        token = self.d.rng(f"token.{self.order.no}.{len(self.w.tokens)}").randbytes(12).hex()
        self.w.tokens[token] = self.order.no
        hidden = {self.names["token"]: token}
        if self.d.odds("form.ids", 0.75) or self.w.case == "question-swapped":
            if self.w.platform == "ebay":
                hidden |= {"itemId": self.order.item_id, "transId": self.order.trans_id}
            else:
                hidden |= {"orderId": self.order.oid}
        return [
            h("input", type="hidden", name=k, value=v, ref=f"id.{k}{self.key}") for k, v in hidden.items()
        ]

    def _shown(self) -> list[Node]:
        pairs: list[tuple[str, Node | str | None]] = []
        if self.d.odds("form.number", 0.75) or self.w.case == "question-swapped":
            pairs.append((self.say("order_no"), self.order.no))
        pairs.append((self.say("item"), self.order.title))
        if self.d.odds("form.total", 0.6):
            pairs.append((self.say("total"), self.order.total))
        return [self.parts.facts("form", pairs)]

    # -- the rest of it -------------------------------------------------------------------------------------

    def _note(self) -> list[Node]:
        if self.note_mode == "none":
            return []
        label = self.say("note_seller" if self.w.role == "ebay-buyer" else "note")
        how = self.d.pick("note.label", ("for", "placeholder", "beside", "aria"))
        ident = self.d.id(f"note{self.key}")
        more = (
            {"placeholder": label} if how == "placeholder" else {"aria_label": label} if how == "aria" else {}
        )
        if self.note_mode == "required" and self.scope == "form" and not self.two_steps:
            more["required"] = True  # type: ignore[assignment]  # an attribute without a value
        area = h("textarea", name=self.names["note"], id=ident, rows="3", ref="notebox", **more)
        before = (
            [h("label", label, for_=ident)] if how == "for" else [h("span", label)] if how == "beside" else []
        )
        return [h("div", before, area, ref=f"note{self.key}", hidden=self.note_mode == "after" or None)]

    def _boxes(self) -> list[Node]:
        mode = self.d.pick("form.relist", ("none", "ticked", "clear", "ticked"))
        if self.w.role != "ebay-seller" or (mode == "none" and self.w.case != "box-reticks"):
            return []
        again = self.w.case == "box-reticks"
        on = {"on": {"change": [["tick", 60]]}} if again else {}
        box = h(
            "input",
            type="checkbox",
            name=self.names["relist"],
            value="1",
            checked=mode == "ticked" or again or None,
            ref="relist",
            **on,
        )
        return [h("label", box, h("span", self.say("relist")))]

    def _refund(self) -> list[Node]:
        if self.w.case != "partial-refund":
            return []
        part = h(
            "label",
            h("input", type="radio", name="refundType", value="PARTIAL", checked=True),
            h("span", self.say("partial")),
        )
        whole = h(
            "label", h("input", type="radio", name="refundType", value="FULL"), h("span", self.say("full"))
        )
        amount = h(
            "label", f"{self.say('amount')} ", h("input", type="text", name="refundAmount", value="1.00")
        )
        choices = [part, whole] if self.d.odds("refund.full", 0.5) else [part]
        return [h("fieldset", choices, amount)]

    def _last(self) -> list[Node]:
        """The control that commits, the question before it, and the way out."""
        send: list[Action] = [["submit", self.ref]]
        if self.scope == "div":
            send = [["post", self.action, self.ref, self.answer, self.d.odds("form.json", 0.3)]]
        label, disabled = self.say("submit"), self.needs or None
        question: list[Node] = []
        check: list[Action] = (
            []
            if self.scope == "form" and self.confirm == "none"
            else [["needs", self.ref, self.names["reason"]]]
        )
        if self.confirm == "window":
            send = [["confirm", self._question()], *send]
        elif self.confirm in {"dialog", "facts"}:
            question = [self._dialog(send)]
            send = [["show", f"sure{self.key}"]]
        native = self.scope == "form" and self.confirm == "none"
        if native and self.d.odds("submit.native", 0.7):
            css = self.d.css("submit")
            kind = self.d.pick("submit.kind", ("button", "input"))
            go = (
                h("button", label, type="submit", class_=css, disabled=disabled, ref="go")
                if kind == "button"
                else h("input", type="submit", value=label, class_=css, disabled=disabled, ref="go")
            )
        else:
            blocked = {"aria_disabled": "true"} if self.needs else {}
            kind = self.d.pick("kind.submit", ("button", "button", "div", "input", "a"))
            if self.needs and kind in {"button", "input"}:
                blocked = {"disabled": True}  # type: ignore[dict-item]  # an attribute without a value
            go = self.parts.control("submit", label, on=[*check, *send], kind=kind, ref="go", **blocked)
        out = self.parts.control(
            "back",
            self.say("back"),
            on=[["remove", f"dlg{self.key}"]] if self.key else [["go", self._home()]],
        )
        pair = [go, out] if self.d.odds("submit.first", 0.6) else [out, go]
        return [h("div", pair, class_=self.d.css("buttons")), *question]

    def _home(self) -> str:
        if self.w.platform == "dhgate":
            return "/sellerordmng/orderList/list.do?params.linkType=111"
        return "/sh/ord" if self.w.who == "seller" else "/mye/myebay/purchase"

    def _question(self) -> str:
        if self.w.case == "all-orders":
            return self.say("all")
        sure = self.say("sure")
        return (
            f"{sure} {self.order.no}"
            if self.confirm == "window" and self.d.odds("sure.number", 0.5)
            else sure
        )

    def _dialog(self, send: list[Action]) -> Node:
        ref = f"sure{self.key}"
        lines: list[Node] = [h(self.d.pick("sure.head", ("h2", "p", "div")), self._question())]
        if self.confirm == "facts":
            pairs: list[tuple[str, Node | str | None]] = [
                (self.say("order_no"), h("span", self.order.no, ref=f"sureno{self.key}")),
                (self.say("total"), self.order.total),
            ]
            lines.append(self.parts.facts("sure", pairs))
        yes = self.parts.control("yes", self.say("yes"), on=[["hide", ref], *send], ref="yes")
        if self.w.case == "question-swapped":
            yes.attrs["on"] = {
                self.d.pick("swap.on", ("mouseover", "mousedown", "pointermove")): self._swap(),
                **yes.attrs["on"],
            }
        no = self.parts.control("no", self.say("no"), on=[["hide", ref]])
        pair = [yes, no] if self.d.odds("yes.first", 0.5) else [no, yes]
        return frame(self.parts, "sure", ref, [*lines, h("div", pair)], hidden=True)

    def _swap(self) -> list[Action]:
        other = next(o for o in self.w.orders if o is not self.order)
        ids = (
            {"itemId": other.item_id, "transId": other.trans_id}
            if self.w.platform == "ebay"
            else {"orderId": other.oid}
        )
        return [
            ["text", f"sureno{self.key}", other.no],
            *[["value", f"id.{k}{self.key}", v] for k, v in ids.items()],
        ]
