"""The words that the facts allow, by language; where nobody knows them, what such a console could say."""

from dataclasses import dataclass, field

from .draw import Draw

EN: dict[str, list[str]] = {
    "my": ["My eBay"],
    "sold": ["Sold", "Items sold"],
    "hub": ["Orders", "Manage orders", "All orders"],
    "purchases": ["Purchases", "Purchase history"],
    "cancellations": ["Cancellations", "Cancelations", "Canceled orders and requests"],
    "order_no": ["Order number"],
    "item": ["Item", "Item title", "Product"],
    "item_id": ["Item ID"],
    "buyer": ["Buyer", "Buyer username"],
    "seller": ["Seller", "Sold by"],
    "total": ["Total", "Order total", "Total price"],
    "status": ["Status", "Order status"],
    "date": ["Date sold", "Order date", "Time placed"],
    "actions": ["Actions", "Action"],
    "more": ["More actions", "Show more actions", "More actions"],
    "cancel": ["Cancel order"],
    "buyer_cancel": ["Cancel this order", "Cancel order"],
    "resolve": ["Resolve a problem"],
    "rc": ["Resolution Center"],
    "rc_choice": [
        "I sold an item and want to cancel the transaction",
        "I sold an item but need to cancel this transaction",
    ],
    "continue": ["Continue"],
    "details": ["View order details", "View details", "Order details"],
    "contact": ["Contact buyer"],
    "lures": ["Send refund", "Add note", "Hide order", "Sell similar", "Print packing slip", "Report buyer"],
    "contact_seller": ["Contact seller"],
    "reason": ["Reason", "Reason for canceling", "Why are you canceling this order?", "Cancellation reason"],
    "pick": ["Select a reason", "Choose one", "Please select"],
    "note": ["Message to buyer", "Add a message (optional)", "Comments", "Tell the buyer why"],
    "note_seller": ["Message to seller", "Comments", "Add details"],
    "submit": ["Submit", "Submit", "Submit", "Submit request"],
    "relist": ["Relist item after cancellation"],
    "back": ["Back", "Not now", "Keep order"],
    "sure": ["Are you sure you want to cancel this order?", "Cancel this order?"],
    "yes": ["Continue", "Yes, cancel order", "Cancel order", "Submit"],
    "no": ["Not now", "No", "Keep order", "Go back"],
    "received": ["We've received your request.", "Your request was sent.", "Thanks. We're working on it."],
    "done": ["This order is canceled", "Order canceled", "The order has been canceled."],
    "to_ship": ["Ship by Dec 3", "Paid", "Awaiting shipment", "Paid on Nov 26"],
    "shipped": ["Shipped", "Shipped on Nov 25", "Paid and shipped"],
    "unpaid": ["Waiting for payment", "Awaiting payment"],
    "canceled": ["Canceled", "Order canceled", "Canceled on Nov 27", "This order is canceled"],
    "canceled_seller": ["You canceled this order", "Canceled by seller", "Order canceled by you on Nov 27"],
    "pend_seller": [
        "Cancellation requested",
        "Cancellation requested - waiting for the seller",
        "Cancel requested. The seller has until Nov 30 to respond",
    ],
    "pend_refund": [
        "Cancellation in progress - refund pending",
        "Cancel pending",
        "Cancellation in progress",
    ],
    "asked": [
        "Buyer asked to cancel - respond by Nov 30",
        "Buyer requested a cancellation",
        "Cancellation requested by buyer",
    ],
    "oops": ["Something went wrong. Please try again later.", "Sorry, we couldn't do that right now."],
    "not_found": ["Order not found", "We couldn't find this order. Order not found."],
    "too_late": [
        "This order can't be canceled because it has already been shipped.",
        "You can't cancel this order.",
    ],
    "exists": ["A cancellation for this order already exists."],
    "accept": ["Accept"],
    "decline": ["Decline"],
    "none": ["No orders found", "0 results", "We didn't find any orders that match your search"],
    "full": ["Full refund"],
    "partial": ["Partial refund"],
    "amount": ["Refund amount"],
    "search": ["Search"],
    "cookie": ["Accept all", "No thanks"],
    "survey": ["Tell us what you think about this page"],
    "who": ["Canceled by", "Requested by"],
    "refund_total": ["Total refund"],
    "all": ["Cancel all 3 selected orders?", "Are you sure you want to cancel all orders of this buyer?"],
}
HANT: dict[str, list[str]] = {
    "my": ["我的 eBay", "我的eBay"],
    "sold": ["已賣出的物品", "已售出"],
    "hub": ["訂單", "管理訂單"],
    "purchases": ["購買記錄"],
    "cancellations": ["取消訂單", "取消記錄"],
    "order_no": ["訂單編號", "訂單號碼"],
    "item": ["物品", "物品名稱"],
    "item_id": ["物品編號"],
    "buyer": ["買家"],
    "seller": ["賣家"],
    "total": ["總額", "訂單總額"],
    "status": ["狀態", "訂單狀態"],
    "date": ["出售日期", "訂單日期"],
    "actions": ["動作"],
    "more": ["更多動作", "功能選單"],
    "cancel": ["取消訂單"],
    "buyer_cancel": ["取消訂單", "取消此訂單"],
    "resolve": ["解決問題"],
    "rc": ["調解中心"],
    "rc_choice": ["物品已售出,但我想取消交易", "物品已售出，但我想取消交易"],
    "continue": ["繼續"],
    "details": ["檢視訂單詳情", "訂單詳情"],
    "contact": ["聯絡買家"],
    "lures": ["退款", "新增備註", "隱藏訂單", "刊登類似物品"],
    "contact_seller": ["聯絡賣家"],
    "reason": ["取消原因", "原因"],
    "pick": ["請選擇", "選擇原因"],
    "note": ["給買家的訊息", "備註"],
    "note_seller": ["給賣家的訊息", "備註"],
    "submit": ["提交", "送出"],
    "relist": ["取消後重新刊登物品"],
    "back": ["返回"],
    "sure": ["確定要取消此訂單嗎？"],
    "yes": ["繼續", "確定", "取消訂單"],
    "no": ["返回", "暫不"],
    "received": ["我們已收到你的要求。"],
    "done": ["訂單已取消", "此訂單已取消"],
    "to_ship": ["已付款", "待出貨"],
    "shipped": ["已出貨", "已寄出"],
    "unpaid": ["等待付款", "待付款"],
    "canceled": ["已取消", "訂單已取消", "已於11月27日取消"],
    "canceled_seller": ["你已取消此訂單", "賣家已取消訂單"],
    "pend_seller": ["已要求取消", "已要求取消，等待賣家回覆"],
    "pend_refund": ["取消處理中，退款中", "取消處理中"],
    "asked": ["買家要求取消，請於11月30日前回覆", "買家要求取消訂單"],
    "oops": ["發生錯誤，請稍後再試。"],
    "not_found": ["找不到訂單"],
    "too_late": ["物品已寄出，無法取消此訂單。"],
    "exists": ["此訂單的取消要求已存在。"],
    "accept": ["接受"],
    "decline": ["拒絕"],
    "none": ["找不到訂單", "沒有符合的訂單"],
    "full": ["全額退款"],
    "partial": ["部分退款"],
    "amount": ["退款金額"],
    "search": ["搜尋"],
    "cookie": ["全部接受"],
    "survey": ["請告訴我們你的意見"],
    "who": ["取消者"],
    "refund_total": ["退款總額"],
    "all": ["確定要取消全部3筆訂單嗎？"],
}
DH: dict[str, list[str]] = {
    "my": ["我的敦煌", "我的DHgate"],
    "hub": ["订单管理", "我的订单"],
    "order_no": ["订单号", "订单编号"],
    "item": ["产品", "产品名称"],
    "item_id": ["产品编号"],
    "qty": ["产品数量", "数量"],
    "buyer": ["买家名称", "买家"],
    "total": ["订单金额", "实付金额"],
    "status": ["状态", "订单状态"],
    "date": ["下单日期", "下单时间"],
    "paid": ["付款日期"],
    "deadline": ["发货截止日期"],
    "actions": ["操作"],
    "more": ["更多操作", "更多"],
    "cancel": ["取消订单"],
    "refund": ["申请退款"],
    "details": ["查看详情", "订单详情"],
    "contact": ["联系买家"],
    "lures": ["延长交货期", "备注", "填写发货单", "打印订单"],
    "reason": ["取消原因", "选择原因", "请选择取消原因"],
    "pick": ["请选择", "选择原因", "请选择原因"],
    "note": ["备注", "补充说明", "详细说明", "取消说明"],
    "submit": ["提 交", "提交", "提交申请", "确 定"],
    "back": ["取 消", "返回", "关 闭"],
    "continue": ["下一步"],
    "sure": ["确定要取消该订单吗？", "确认取消订单？"],
    "yes": ["确 定", "确定", "确认"],
    "no": ["取 消", "取消", "再想想"],
    "received": ["您的申请已提交，请等待平台审核。", "提交成功，等待审核", "操作成功！"],
    "done": ["订单取消", "操作成功！"],
    "to_ship": ["等待发货", "等待您发货"],
    "shipped": ["等待买家确认收货"],
    "unpaid": ["等待买家付款"],
    "confirming": ["买家已付款，等待平台确认"],
    "canceled": ["订单取消"],
    "pend_platform": [
        "取消审核中",
        "取消申请处理中",
        "取消申请待平台确认",
        "已提交取消申请，平台审核中",
        "取消订单审核中",
    ],
    "asked": ["买家申请退款，等待协商结果", "买家退款中，等待协商结果"],
    "declined": ["取消申请未通过"],
    "oops": ["在进行操作时出错了!"],
    "not_found": ["您暂时没有符合条件的订单，请更改条件后重试。"],
    "too_late": ["订单当前状态不能进行此操作。"],
    "exists": ["订单当前状态不能进行此操作。"],
    "none": ["您暂时没有符合条件的订单，请更改条件后重试。"],
    "full": ["全额退款"],
    "partial": ["部分退款"],
    "amount": ["退款金额"],
    "search": ["搜 索"],
    "cookie": ["以后再说", "暂不"],
    "survey": ["意见反馈：您对本页面满意吗？"],
    "all": ["确定取消全部3个订单吗？", "将取消该买家的所有订单，是否继续？"],
}
REASONS: dict[str, dict[str, list[str]]] = {
    "ebay-seller/en": {
        "BUYER_ASKED_CANCEL": [
            "Buyer asked to cancel",
            "The buyer asks to cancel the order",
            "Buyer asked to cancel the order",
        ],
        "OUT_OF_STOCK_OR_CANNOT_FULFILL": ["Out of stock or damaged", "The item is out of stock"],
        "ADDRESS_ISSUES": [
            "Issue with buyer's shipping address",
            "The buyer used the wrong shipping address",
        ],
        "ORDER_UNPAID": ["Buyer hasn't paid"],
    },
    "ebay-seller/zh": {
        "BUYER_ASKED_CANCEL": ["買家要求取消", "買家要求取消訂單"],
        "OUT_OF_STOCK_OR_CANNOT_FULFILL": ["缺貨或損壞"],
        "ADDRESS_ISSUES": ["收貨地址有問題"],
        "ORDER_UNPAID": ["買家未付款"],
    },
    "ebay-buyer/en": {
        "ORDER_MISTAKE": ["I bought the item by mistake", "Ordered by mistake"],
        "FOUND_CHEAPER_PRICE": ["I found a better price", "Found a cheaper price"],
        "PRICE_TOO_HIGH": ["The price is too high"],
        "WONT_ARRIVE_IN_TIME": ["It won't arrive in time"],
        "WRONG_PAYMENT_METHOD": ["Wrong payment information", "Wrong payment method"],
        "WRONG_SHIPPING_ADDRESS": ["Wrong shipping address"],
        "WRONG_SHIPPING_METHOD": ["Wrong shipping method"],
        "OTHER": ["Other", "Other reason"],
    },
    "dhgate-seller/zh": {
        "BUYER": ["买家要求取消", "买家要求取消订单"],
        "STOCK": ["缺货", "产品缺货"],
        "ADDRESS": ["地址问题", "买家地址问题"],
        "UNPAID": ["买家未付款"],
        "AGREED": ["与买家协商一致"],
        "OTHER": ["其他", "其他原因"],
    },
}
VALUES = {
    "ebay-seller": {
        "buyer-asked": "BUYER_ASKED_CANCEL",
        "out-of-stock": "OUT_OF_STOCK_OR_CANNOT_FULFILL",
        "address-issue": "ADDRESS_ISSUES",
        "unpaid": "ORDER_UNPAID",
    },
    "ebay-buyer": {
        "mistake": "ORDER_MISTAKE",
        "cheaper-elsewhere": "FOUND_CHEAPER_PRICE",
        "price-too-high": "PRICE_TOO_HIGH",
        "late-delivery": "WONT_ARRIVE_IN_TIME",
        "wrong-payment": "WRONG_PAYMENT_METHOD",
        "address-issue": "WRONG_SHIPPING_ADDRESS",
        "wrong-shipping": "WRONG_SHIPPING_METHOD",
        "other": "OTHER",
    },
    "dhgate-seller": {
        "buyer-asked": "BUYER",
        "out-of-stock": "STOCK",
        "address-issue": "ADDRESS",
        "unpaid": "UNPAID",
        "agreed-with-buyer": "AGREED",
        "other": "OTHER",
    },
}
"""The product's words for a reason (contract, section 3), and the consoles' own values."""


@dataclass
class Words:
    """One console's words: of each meaning's variants, the one that its seed draws."""

    draw: Draw
    lang: str
    british: bool = False
    table: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = {"en": EN, "zh-TW": HANT, "zh-CN": DH}[self.lang]

    def __call__(self, meaning: str) -> str:
        return self.spelt(self.draw.pick(f"word.{meaning}", self.table[meaning]))

    def spelt(self, text: str) -> str:
        if self.british:
            text = text.replace("anceled", "ancelled").replace("anceling", "ancelling")
        return text

    def reasons(self, role: str) -> list[tuple[str, str]]:
        """Value and label of each reason, in this console's order."""
        table = REASONS[f"{role}/{'en' if self.lang == 'en' else 'zh'}"]
        pairs = [(value, self.draw.pick(f"reason.{value}", labels)) for value, labels in table.items()]
        return self.draw.shuffled("reason.order", pairs)

    @property
    def colon(self) -> str:
        return ": " if self.lang == "en" else "："
