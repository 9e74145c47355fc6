"""The report's words, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Mapping

from agent.domain.i18n import N_, _, language

_WORDS: Mapping[str, str] = {
    "title": N_("Unsell report"),
    "made_at": N_("Written {moment} (times of this machine, UTC{offset})."),
    "private": N_("It names buyers: keep it to yourself."),
    "needs": N_("need you"),
    "needs_head": N_("What needs you"),
    "currency": N_("Currency"),
    "done": N_("Cancelled"),
    "needs_none": N_("Nothing needs you now."),
    "needs_more": N_("and {count} more: choose their state in the list"),
    "days": N_("for {days} d"),
    "copy": N_("Copy"),
    "copied": N_("Copied"),
    "refused": N_("not submitted or declined"),
    "money": N_("Money"),
    "under_way": N_("Under way"),
    "orders_n": N_("{count} orders"),
    "money_unread": N_("{count} more orders whose total was not read are in no sum."),
    "money_what": N_("Cancellations made through Unsell, by currency; dry runs are none."),
    "keys": N_("Keys: j and k next and back, Enter opens, / finds"),
    "totals": N_("Totals"),
    "state": N_("State"),
    "account": N_("Shop"),
    "reason": N_("Reason"),
    "cause": N_("Cause"),
    "month": N_("Month"),
    "goods": N_("Goods"),
    "all": N_("All"),
    "this": N_("This month"),
    "last": N_("Last month"),
    "sum": N_("Total"),
    "when": N_(
        "An order's month is that of its last submit; where nothing was submitted, of its last change."
    ),
    "why": N_("Why orders are cancelled"),
    "counted": N_(
        "Cancellations made through Unsell: submitted, and not turned down; those whose "
        "outcome is not known yet are counted too."
    ),
    "none": N_("None so far."),
    "other": N_("other goods"),
    "unread": N_("goods not read"),
    "unsaid": N_("not said"),
    "mend": N_("Ours to mend"),
    "mend_what": N_(
        "Cause goods, service or stock, or reason out-of-stock, by goods: what is put right "
        "here does not come back."
    ),
    "say_cause": N_("Say whose matter it was: --cause, or the column cause (责任) of the sheet."),
    "against": N_("Counting against the shop (不良交易)"),
    "more": N_("With one more"),
    "own_rates": N_("The platforms' own figures"),
    "warning": N_(
        "Each further cancellation for such a reason counts as well. Unsell asks for "
        "--accept-defect, and says the month's number where it asks."
    ),
    "own": N_(
        "This is not the platform's own rate: what was cancelled without Unsell, and how much "
        "was sold, is not known here."
    ),
    "orders": N_("Orders"),
    "order_no": N_("Order"),
    "day": N_("Day"),
    "filter": N_("Filter the orders"),
    "any": N_("all"),
    "text": N_("Contains"),
    "reset": N_("Clear"),
    "shown": N_("N of M shown"),
    "fits_none": N_("No order fits."),
    "empty": N_("The ledger holds no order yet."),
    "noscript": N_("Filters and pictures need JavaScript, which is switched off here."),
    "cancel": N_("cancellation"),
    "accept": N_("accepting the buyer's request"),
    "decline": N_("declining the buyer's request"),
    "dry-run": N_("dry run"),
    "read-back": N_("read back"),
    "sign-in": N_("sign-in"),
    "folder": N_("all of this attempt"),
    "cut_off": N_("ended without a word: the run was killed"),
    "seconds": N_("s"),
    "platform": N_("Platform"),
    "buyer": N_("Buyer"),
    "total": N_("Order total"),
    "form_reason": N_("Reason on the form"),
    "note": N_("Note"),
    "button": N_("Control"),
    "site_state": N_("The page's words"),
    "detail": N_("Detail"),
    "offered": N_("Reasons offered"),
    "submits": N_("Submits"),
    "approved_by": N_("Approved by"),
    "created": N_("First asked"),
    "updated": N_("Last change"),
    "evidence": N_("Evidence"),
    "no_pictures": N_(
        "No pictures here: none were taken, they were removed (unsell prune), or they lie on another machine."
    ),
    "seller": N_("seller"),
    "as_buyer": N_("as buyer"),
}


def words() -> dict[str, str]:
    """Return all of them, by the name that the page has for them; ``gap`` stands between two sentences."""
    return {name: _(text) for name, text in _WORDS.items()} | {"gap": "" if language() == "zh-CN" else " "}
