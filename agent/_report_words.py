"""The report's words, English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from agent._cells import CAUSES, REASONS
from agent.order import Cause, Reason

_BOTH: Mapping[str, tuple[str, str]] = {
    "lang": ("en", "zh-CN"),
    "title": ("Unsell report", "Unsell 报告"),
    "made_at": ("Written", "生成时间"),
    "clock": ("times of this machine, UTC", "本机时间，UTC"),
    "private": ("It names buyers: keep it to yourself.", "内含买家信息，请勿外传。"),
    "totals": ("Totals", "合计"),
    "state": ("State", "状态"),
    "account": ("Shop", "店铺"),
    "reason": ("Reason", "取消原因"),
    "cause": ("Cause", "责任"),
    "month": ("Month", "月份"),
    "goods": ("Goods", "商品"),
    "all": ("All", "全部"),
    "this": ("This month", "本月"),
    "last": ("Last month", "上月"),
    "sum": ("Total", "合计"),
    "when": (
        "An order's month is that of its last submit; where nothing was submitted, of its last change.",
        "订单的月份按最后一次提交计算；没有提交的，按最后一次变更计算。",
    ),
    "why": ("Why orders are cancelled", "订单为什么被取消"),
    "counted": (
        (
            "Cancellations made through Unsell: submitted, and not turned down; those whose outcome is"
            " not known yet are counted too."
        ),
        "通过 Unsell 完成的取消: 已提交且未被拒绝；结果未明的也计算在内。",
    ),
    "none": ("None so far.", "暂无。"),
    "other": ("other goods", "其他商品"),
    "unread": ("goods not read", "未读到商品"),
    "unsaid": ("not said", "未填写"),
    "mend": ("Ours to mend", "需要我们自己改进的"),
    "mend_what": (
        (
            "Cause goods, service or stock, or reason out-of-stock, by goods: what is put right here"
            " does not come back."
        ),
        "责任为商品、服务或库存，或原因为缺货的取消，按商品统计: 解决了问题，就不会再发生。",
    ),
    "say_cause": (
        "Say whose matter it was: --cause, or the column cause (责任) of the sheet.",
        "请注明责任: 命令行 --cause，或表格的“责任”列。",
    ),
    "against": ("Counting against the shop (不良交易)", "计入不良交易的取消"),
    "more": ("With one more", "再取消一笔即为"),
    "own_rates": ("The platforms' own figures", "平台自己的指标"),
    "warning": (
        (
            "Each further cancellation for such a reason counts as well. Unsell asks for"
            " --accept-defect, and says the month's number where it asks."
        ),
        "再以这类原因取消一笔，同样会计入。Unsell 会要求 --accept-defect，询问提交时会告知本月已有几笔。",
    ),
    "own": (
        (
            "This is not the platform's own rate: what was cancelled without Unsell, and how much was"
            " sold, is not known here."
        ),
        "这不是平台自己的指标: 没有通过 Unsell 取消的订单和总成交量，这里并不知道。",
    ),
    "orders": ("Orders", "订单"),
    "order_no": ("Order", "订单号"),
    "day": ("Day", "日期"),
    "filter": ("Filter the orders", "筛选订单"),
    "any": ("all", "全部"),
    "text": ("Contains", "包含文字"),
    "reset": ("Clear", "清除"),
    "shown": ("N of M shown", "显示 N / M 笔"),
    "fits_none": ("No order fits.", "没有符合条件的订单。"),
    "empty": ("The ledger holds no order yet.", "账本里还没有订单。"),
    "noscript": (
        "Filters and pictures need JavaScript, which is switched off here.",
        "筛选和图片需要 JavaScript，此处已停用。",
    ),
    "cancel": ("cancellation", "取消"),
    "accept": ("accepting the buyer's request", "同意买家的取消申请"),
    "decline": ("declining the buyer's request", "拒绝买家的取消申请"),
    "dry-run": ("dry run", "试运行"),
    "read-back": ("read back", "同步状态"),
    "sign-in": ("sign-in", "登录"),
    "folder": ("all of this attempt", "本次全部证据"),
    "cut_off": ("ended without a word: the run was killed", "中途结束，没有记录: 程序被终止"),
    "seconds": ("s", "秒"),
    "platform": ("Platform", "平台"),
    "buyer": ("Buyer", "买家"),
    "total": ("Total", "订单金额"),
    "form_reason": ("Reason on the form", "表单上的原因"),
    "note": ("Note", "说明"),
    "button": ("Control", "按钮"),
    "site_state": ("The page's words", "页面状态"),
    "detail": ("Detail", "详情"),
    "offered": ("Reasons offered", "页面提供的原因"),
    "submits": ("Submits", "提交次数"),
    "approved_by": ("Approved by", "审核人"),
    "created": ("First asked", "首次登记"),
    "updated": ("Last change", "最后变更"),
    "evidence": ("Evidence", "证据"),
    "no_pictures": (
        (
            "No pictures here: none were taken, they were removed (unsell prune), or they lie on another"
            " machine."
        ),
        "这里没有图片: 没有拍摄、已被清理 (unsell prune)，或在另一台机器上。",
    ),
    "seller": ("seller", "卖家"),
    "as_buyer": ("as buyer", "买家身份"),
}
WORDS: Mapping[bool, Mapping[str, str]] = {
    chinese: {name: both[chinese] for name, both in _BOTH.items()} for chinese in (False, True)
}
"""By ``chinese``."""
_BUYERS = {
    Reason.MISTAKE: "买错了",
    Reason.CHEAPER_ELSEWHERE: "别处更便宜",
    Reason.PRICE_TOO_HIGH: "价格太高",
    Reason.LATE_DELIVERY: "送达太慢",
    Reason.WRONG_PAYMENT: "付款方式错误",
    Reason.WRONG_SHIPPING: "配送方式错误",
}
"""Reasons that a sheet names by their canonical word alone."""


def reason_words(reason: Reason, *, chinese: bool) -> str:
    """The reason as a person reads it; in English the word that is typed."""
    own = (word for word, known in REASONS.items() if known is reason and word != reason.value)
    return next(own, _BUYERS.get(reason, reason.value)) if chinese else reason.value


def cause_words(cause: Cause | None, *, chinese: bool) -> str:
    if cause is None:
        return WORDS[chinese]["unsaid"]
    own = (word for word, known in CAUSES.items() if known is cause and word != cause.value)
    return next(own) if chinese else cause.value
