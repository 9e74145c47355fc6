"""What the console says, in Chinese (the real console's language) and in plain English (U).

Each entry: key -> (zh-CN, en). Marks as in the facts page: words without a mark were read in real pages or
in running code (A) or in articles (B); ``U`` in a comment = nobody here has seen the real wording.
"""

from __future__ import annotations

TABLE: dict[str, tuple[str, str]] = {
    # frame and navigation
    "login": ("登录", "Sign in"),
    "logout": ("退出", "Sign out"),
    "join": ("免费开店", "Open a shop"),
    "hello": ("您好", "Hello"),
    "my_console": ("我的DHgate", "My DHgate"),
    "my_article": ("我的敦煌", "My DHgate"),
    "personal_centre": ("个人中心", "Personal centre"),
    "summary": ("我的摘要", "My Summary"),
    "products": ("产品", "Products"),
    "trade": ("交易", "Transactions"),
    "my_orders": ("我的订单", "Orders"),
    "all_orders": ("全部订单", "All orders"),
    "order_management": ("订单管理", "Order management"),
    "dispute_orders": ("纠纷订单", "Dispute orders"),
    "export_orders": ("批量导出订单", "Export orders"),
    "messages": ("消息", "Messages"),
    "promotion": ("推广营销", "Promotion"),
    "merchant": ("商户", "Merchant"),
    "settings": ("设置", "Settings"),
    "quick_entry": ("快捷入口", "Quick links"),
    "merchant_rating": ("商户评级", "Merchant rating"),
    "how_to_cancel": ("如何取消订单？", "How do I cancel an order?"),
    "help": ("帮助", "Help"),
    "not_here": ("该功能在练习后台中不提供。", "Not part of this practice console."),
    "denied": ("无权限访问", "No access"),
    "denied_text": (
        "抱歉，您的账号无权限访问该页面。请使用卖家账号登录。",
        "Sorry, this account may not open this page. Please sign in as a seller.",
    ),
    "failed": ("在进行操作时出错了!", "Something went wrong with this operation!"),
    "not_found": ("您访问的页面不存在", "This page does not exist"),
    "back": ("返 回", "Back"),
    "close": ("关闭", "Close"),
    # order list
    "tab101": ("未付款订单", "Awaiting payment"),
    "tab102": ("待发货订单", "Awaiting shipment"),
    "tab105": ("今日新订单", "New today"),
    "tab106": ("已发货订单", "Shipped"),
    "tab108": ("90天内交易完成", "Completed (90 days)"),
    "tab110": ("90天内交易取消", "Cancelled (90 days)"),
    "tab111": ("全部订单", "All orders"),
    "tab200": ("全部纠纷中订单", "All disputes"),
    "order_no": ("订单号", "Order number"),
    "buyer_name": ("买家名称", "Buyer"),
    "order_status": ("订单状态", "Order status"),
    "search": ("搜 索", "Search"),
    "col_product": ("产品", "Product"),
    "col_quantity": ("产品数量", "Quantity"),
    "col_amount": ("订单金额", "Order amount"),
    "col_dispute": ("纠纷开启时间", "Dispute opened"),
    "col_status": ("状态", "Status"),
    "col_action": ("操作", "Action"),
    "contact_buyer": ("联系买家", "Contact buyer"),
    "remark": ("备 注", "Remark"),
    "ship": ("立即发货", "Ship now"),
    "dun": ("催 款", "Remind to pay"),
    "details": ("查看详情", "Details"),
    "empty": (
        "您暂时没有符合条件的订单，请更改条件后重试。",
        "There are no orders that match. Please change the conditions and try again.",
    ),
    "total_rows": ("共有 {n} 条记录", "{n} records in all"),
    "page_size": ("每页显示{n} 条", "{n} a page"),
    "prev": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    # order detail
    "detail_title": ("订单详情", "Order details"),
    "ordered_at": ("下单日期", "Ordered"),
    "paid_at": ("付款日期", "Paid"),
    "ship_by": ("发货截止日期", "Ship by"),
    "shipped_at": ("发货日期", "Shipped"),
    "source": ("订单来源", "Order source"),
    "arrival": ("运达时间", "Arrival"),
    "buyer_note": ("买家留言", "Buyer's note"),
    "item_id": ("产品编号", "Product no."),
    "sku": ("商品编码", "Item code"),
    "spec": ("产品规格", "Specification"),
    "sum_products": ("产品总计", "Products"),
    "sum_shipping": ("运费", "Shipping"),
    "sum_fee": ("佣金金额", "Commission"),
    "sum_coupon": ("DH优惠券", "DH coupon"),
    "sum_discount": ("卖家折扣", "Seller's discount"),
    "sum_paid": ("实付金额", "Paid"),
    "sum_gateway": ("支付手续费", "Payment fee"),
    "sum_received": ("实收金额", "Received"),
    "log": ("交易记录", "Log"),
    "log_received": ("确认收货日期", "Receipt confirmed"),
    "log_booked": ("入账日期", "Booked"),
    "log_cancelled": ("交易取消日期", "Cancelled on"),
    # U: what the detail page says of a cancellation, and under which labels
    "cancel_reason": ("取消原因", "Reason for cancelling"),
    "refund_reason": ("退款原因", "Reason for the refund"),
    "asker_console": ("申请方", "Asked by"),
    "asker_article": ("取消方", "Cancelled by"),
    "asker_seller": ("卖家", "Seller"),
    "asker_buyer": ("买家", "Buyer"),
    "asker_platform": ("平台", "Platform"),
    "review": ("审核状态", "Review"),
    "review_pending": ("等待平台审核", "Waiting for the platform's review"),
    "review_approved": ("审核通过", "Approved"),
    "review_rejected": ("审核未通过", "Not approved"),
    # controls (B by name; everything behind them U)
    "cancel": ("取消订单", "Cancel order"),
    "refund": ("申请退款", "Request refund"),
    "agree": ("同意退款", "Agree to refund"),
    "disagree": ("我已备货，不同意退款", "Already prepared, refuse the refund"),
    # the form (U, except the inner spaces of the dialog buttons and 选择原因: A)
    "choose": ("选择原因", "Choose a reason"),
    "note": ("详细说明", "Explanation"),
    "note_hint": (
        "说明越详细、准确，平台审核越快。最多1000字。",
        "Detailed and accurate explanations are reviewed sooner. At most 1000 characters.",
    ),
    "note_short": (
        "说明较短，详细的说明会更快通过审核。",
        "Rather short: a detailed explanation is reviewed sooner.",
    ),
    "amount": ("退款金额", "Refund amount"),
    "order_amount": ("订单金额", "Order amount"),
    "product": ("产品", "Product"),
    "refund_kind": ("退款方式", "Kind of refund"),
    "refund_full": ("全额退款", "Full refund"),
    "refund_part": ("部分退款", "Partial refund"),
    "tracking": ("运单号", "Tracking number"),
    "buyers_reason": ("买家退款原因", "Buyer's reason"),
    "submit": ("提 交", "Submit"),
    "ok": ("确 定", "OK"),
    "dismiss": ("取 消", "Close"),
    "sure": ("操作确认", "Please confirm"),
    "sure_cancel": (
        "确定要取消订单 {no} 吗？提交后不能撤回。",
        "Cancel order {no}? This cannot be taken back.",
    ),
    "sure_refund": (
        "确定要取消并为订单 {no} 申请退款吗？提交后不能撤回。",
        "Request a refund and cancel order {no}? This cannot be taken back.",
    ),
    "sure_agree": (
        "确定同意订单 {no} 的退款申请吗？同意后订单取消。",
        "Agree to the refund of order {no}? The order is then cancelled.",
    ),
    "sure_disagree": (
        "确定不同意订单 {no} 的退款申请吗？",
        "Refuse the refund of order {no}?",
    ),
    # answers: 操作成功！ and 订单当前状态不能进行此操作。 A, the others U
    "done": ("操作成功！", "Done!"),
    "done_review": ("提交成功,等待平台审核", "Submitted, waiting for the platform's review"),
    "wrong_state": (
        "订单当前状态不能进行此操作。",
        "The order's present state does not allow this operation.",
    ),
    "need_reason": ("请选择原因", "Please choose a reason"),
    "need_note": ("请填写详细说明", "Please fill in the explanation"),
    "long_note": ("详细说明不能超过1000字", "The explanation may have at most 1000 characters"),
    "need_amount": ("请填写正确的退款金额", "Please fill in a valid refund amount"),
    "need_tracking": ("请填写运单号", "Please fill in the tracking number"),
    "blocked_case": (
        "该订单存在未关闭的纠纷，不能取消订单或申请退款。",
        "There is an open dispute about this order; it cannot be cancelled.",
    ),
    "blocked_too_old": (
        "该订单已超过可取消的期限。",
        "The time in which this order could be cancelled is over.",
    ),
    "blocked_declined_before": (
        "该订单的取消申请已被平台拒绝，不能再次提交。",
        "The platform has already declined to cancel this order; you cannot ask again.",
    ),
    # tip strips of the detail page (div.flowstep-tips; wordings U but for the buyer's 2 hours: A)
    "tip_to_ship": (
        "买家已付款，请在发货截止日期前发货。",
        "The buyer has paid. Please ship before the deadline.",
    ),
    "tip_unpaid": ("订单尚未付款，请等待买家付款。", "Not paid yet. Please wait for the buyer."),
    "tip_part_shipped": (
        "订单已部分发货，请尽快发出剩余产品。",
        "Partly shipped. Please send the rest soon.",
    ),
    "tip_part_refunded": ("部分退款已完成，请发货。", "A part was paid back. Please ship."),
    "tip_shipped": ("产品已发出，请等待买家确认收货。", "Shipped. Please wait for the buyer."),
    "tip_buyer_refund": (
        "买家已申请退款，请在7天内与买家协商。",
        "The buyer asks for a refund. Please settle it within 7 days.",
    ),
    "tip_refund_agreed": ("退款协议已达成，平台正在退款。", "Refund agreed; the platform is paying it back."),
    "tip_cancelled": ("订单已取消，请不要发货。", "The order is cancelled. Do not ship."),
    "tip_closed": ("交易已完成。", "The transaction is complete."),
    "tip_review": (
        "您的申请已提交，平台将按规则审核，请耐心等待。",
        "Your request was received. The platform reviews it under its rules.",
    ),
    "tip_rejected_cancel": ("取消申请未通过: {words}", "Cancellation not approved: {words}"),
    "tip_rejected_refund": ("退款申请未通过: {words}", "Refund not approved: {words}"),
    "two_hours": (
        "买家2小时内取消该待发货订单，请您务必不要发货",
        "The buyer cancelled this order within 2 hours; be sure not to ship it",
    ),
    # messages
    "inbox": ("站内信", "Messages"),
    "letters_buyer": ("买家消息", "Buyers"),
    "letters_system": ("系统消息", "System"),
    "letters_notice": ("平台公告", "Notices"),
    "kind_all": ("全部", "All"),
    "kind001": ("询盘", "Inquiry"),
    "kind002": ("订单", "Order"),
    "kind003": ("其它", "Other"),
    "kind004": ("订单", "Order"),
    "kind005": ("产品", "Product"),
    "kind006": ("付款/退款", "Payment/refund"),
    "kind007": ("促销", "Promotion"),
    "kind008": ("账户", "Account"),
    "kind009": ("其它", "Other"),
    "kindout": ("已发送", "Sent"),
    "letters_search": ("输入订单编号或者联系人", "Order number or contact"),
    "letters_empty": ("暂无站内信", "No messages"),
    "letter_title": ("站内信详情", "Message"),
    "from": ("联系人", "Contact"),
    "time": ("时间", "Time"),
    "kind": ("类型", "Type"),
    "subject": ("主题", "Subject"),
    "in_english": ("请用英文填写所有内容", "Please write in English"),
    "send": ("发 送", "Send"),
    "reply": ("回 复", "Reply"),
    "sent": ("发送成功", "Sent"),
    "too_often": ("您发送站内信太频繁啦，请稍后发送！", "Too many messages; please try again later!"),
    "need_content": ("请填写内容", "Please write something"),
    # what lies in front of a page; all U
    "cookies_text": (
        "我们使用Cookie来改善您的使用体验。",
        "We use cookies to improve your experience.",
    ),
    "accept_all": ("全部接受", "Accept all"),
    "preferences": ("管理偏好", "Manage preferences"),
    "survey_text": ("诚邀您参加商户满意度调查，只需2分钟。", "Please take our 2-minute satisfaction survey."),
    "take_survey": ("立即参加", "Take part"),
    "later": ("以后再说", "Maybe later"),
    "app_text": ("下载敦煌网商户版APP，随时随地管理订单。", "Manage orders anywhere with the merchant app."),
    "download": ("立即下载", "Download now"),
    "tour_text": ("新功能上线：订单页全新改版。", "What's new: a fresh look for your console."),
    "take_tour": ("带我看看", "Show me around"),
    "i_know": ("我知道了", "Got it"),
    "buyers_text": (
        "有3位买家申请取消，全部接受后将立即取消。",
        "3 buyers ask to cancel. Accept all to cancel them now.",
    ),
    "not_now": ("暂不", "Not now"),
}

REASONS: dict[str, tuple[str, str]] = {  # U: nobody here has seen the seller's list
    "buyer-asked": ("买家要求取消", "Buyer asked to cancel"),
    "out-of-stock": ("缺货", "Out of stock"),
    "address-issue": ("买家地址有误", "Problem with the buyer's address"),
    "unpaid": ("买家未付款", "Buyer has not paid"),
    "agreed-with-buyer": ("与买家协商一致", "Agreed with the buyer"),
    "other": ("其他", "Other"),
}
ARTICLE_TABS = {  # the articles' names of the groups
    "101": ("待付款", "Awaiting payment"),
    "102": ("待发货", "To ship"),
    "106": ("已发货", "Shipped"),
    "110": ("已取消", "Cancelled"),
}
ARTICLE_ADDRESS = ("地址无法送达", "Address cannot be delivered to")
OPAQUE = {word: str(90131 + 7 * n) for n, word in enumerate(REASONS)}
"""What a select or a covered radio posts instead of the machine word."""

STATUS: dict[str, tuple[str, str]] = {
    "unpaid": ("等待买家付款", "Awaiting payment"),
    "to_ship": ("等待发货", "Awaiting shipment"),
    "part_shipped": ("已部分发货", "Partly shipped"),
    "shipped": ("等待买家确认收货", "Awaiting the buyer's receipt"),
    "closed": ("交易成功", "Completed"),
    "cancelled": ("订单取消", "Order cancelled"),
    "buyer_refund": ("买家申请退款，等待协商结果", "Buyer requests a refund, in negotiation"),
    "refund_agreed": ("退款协议已达成", "Refund agreed"),
    "part_refunded": ("部分退款后，等待发货", "Awaiting shipment after a partial refund"),
    # On the list alone, and there only where the layout has the console's own words (both wordings were seen)
    "to_ship_list": ("等待您发货", "Awaiting shipment"),
    # U, what stands there while the platform reviews a seller's request
    "review_cancel_list": ("取消申请审核中", "Cancellation under review"),
    "review_refund_list": ("退款申请审核中", "Refund under review"),
    "review_cancel": ("卖家申请取消订单，等待平台审核", "Seller asks to cancel, waiting for review"),
    "review_refund": ("卖家申请退款，等待平台审核", "Seller requests a refund, waiting for review"),
    # U: the same in other words, of Layout.states
    "review_other": ("退款申请审核中，等待平台确认", "Refund request under review, waiting for the platform"),
    "to_ship_unlisted": ("商家备货阶段", "The merchant is stocking up"),
    "to_ship_dated": ("等待发货，剩余{n}天", "Awaiting shipment, {n} days left"),
}


class Words:
    """One language's words: ``t.cancel`` in a template, ``t("total_rows", n=3)`` in code."""

    def __init__(self, language: str) -> None:
        self.language = "en" if language.lower().startswith("en") else "zh-CN"
        self._n = 1 if self.language == "en" else 0
        self.colon = ": " if self._n else "："

    def __getattr__(self, key: str) -> str:
        try:
            return TABLE[key][self._n]
        except KeyError:
            raise AttributeError(key) from None

    def __call__(self, key: str, **values: object) -> str:
        return TABLE[key][self._n].format(**values)

    def tab(self, link_type: str, article: bool = False) -> str:
        """The label of a params.linkType."""
        entry = ARTICLE_TABS.get(link_type) if article else None
        return (entry or TABLE[f"tab{link_type}"])[self._n]

    def status(self, key: str) -> str:
        return STATUS[key][self._n]

    def reason(self, word: str, article: bool = False) -> str:
        """The label of a machine word; a text that is none (a buyer's own words) as it stands."""
        if article and word == "address-issue":
            return ARTICLE_ADDRESS[self._n]
        return REASONS[word][self._n] if word in REASONS else word
