"""Every word the eBay console prints, in four languages: English, German, zh-TW, zh-CN.

A label that facts/ebay.md marks A or B is eBay's own. All other wording is U: plausible, never seen on
the live page; that is most of the German and Chinese. Nothing may stand on one of them alone.
"""

from __future__ import annotations

from tests.consoles.ebay.sentences import SENTENCES

LANGUAGES = ("en", "de", "zh-TW", "zh-CN")
BRITISH_SITES = ("ebay.co.uk", "ebay.com.hk")

_MONTHS_DE = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
_MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

TABLE: dict[str, tuple[str, str, str, str]] = {
    # -- header, footer, navigation ----------------------------------------------------------------
    "hi": ("Hi {name}!", "Hallo {name}!", "{name}，您好！", "{name}，你好！"),
    "sign_out": ("Sign out", "Ausloggen", "登出", "退出"),
    "search_anything": ("Search for anything", "Bei eBay suchen", "搜尋任何物品", "搜索任何物品"),
    "search": ("Search", "Suchen", "搜尋", "搜索"),
    "my_ebay": ("My eBay", "Mein eBay", "我的 eBay", "我的 eBay"),
    "summary": ("Summary", "Übersicht", "摘要", "摘要"),
    "recently_viewed": ("Recently viewed", "Zuletzt angesehen", "最近瀏覽", "最近浏览"),
    "watchlist": ("Watchlist", "Beobachtungsliste", "追蹤清單", "关注列表"),
    "purchase_history": ("Purchase history", "Käufe", "購買記錄", "购买记录"),
    "selling": ("Selling", "Verkaufen", "賣出", "出售"),
    "active": ("Active", "Aktiv", "刊登中", "在售"),
    "sold": ("Sold", "Verkauft", "已賣出的物品", "已卖出的物品"),
    "unsold": ("Unsold", "Nicht verkauft", "未賣出", "未售出"),
    "messages": ("Messages", "Nachrichten", "訊息", "消息"),
    "seller_hub": ("Seller Hub", "Verkäufer-Cockpit Pro", "賣家專區", "卖家中心"),
    "account": ("Account", "Mein Konto", "帳戶", "账户"),
    "personal_info": ("Personal information", "Persönliche Daten", "個人資料", "个人信息"),
    "resolution_center": ("Resolution Center", "Problem klären", "調解中心", "调解中心"),
    "help": ("Help & Contact", "Hilfe & Kontakt", "eBay 客戶服務", "eBay 客户服务"),
    "about": ("About eBay", "Über eBay", "關於 eBay", "关于 eBay"),
    "policies": ("Policies", "Grundsätze", "政策", "政策"),
    "home_deals": ("Daily Deals", "WOW! Angebote", "每日精選", "每日特惠"),
    "home_title": (
        "Electronics, Cars, Fashion, Collectibles & More", "Neu und gebraucht", "購物與拍賣", "购物与拍卖",
    ),
    "empty": (
        "There's nothing here yet.", "Hier gibt es noch nichts.", "這裡還沒有內容。", "这里还没有内容。",
    ),
    "colon": (": ", ": ", "：", "："),
    # -- things of an order ------------------------------------------------------------------------
    "orders": ("Orders", "Bestellungen", "訂單", "订单"),
    "order_number": ("Order number", "Bestellnummer", "訂單編號", "订单编号"),
    "item_id": ("Item ID", "Artikelnummer", "物品編號", "物品编号"),
    "buyer": ("Buyer", "Käufer", "買家", "买家"),
    "seller": ("Seller", "Verkäufer", "賣家", "卖家"),
    "quantity": ("Quantity", "Stückzahl", "數量", "数量"),
    "total": ("Total", "Gesamt", "總計", "总计"),
    "order_total": ("Order total", "Gesamtbetrag", "訂單總額", "订单总额"),
    "order_date": ("Order date", "Bestelldatum", "訂單日期", "订单日期"),
    "time_placed": ("Time placed", "Bestellt am", "下單時間", "下单时间"),
    "date_sold": ("Date sold", "Verkauft am", "賣出日期", "售出日期"),
    "sold_on": ("Sold on", "Verkauft am", "賣出於", "售出于"),
    "sku": ("Custom label (SKU)", "Bestandseinheit (SKU)", "自訂標籤 (SKU)", "自定义标签 (SKU)"),
    "note_from_buyer": ("Note from buyer", "Nachricht vom Käufer", "買家留言", "买家留言"),
    "status": ("Status", "Status", "狀態", "状态"),
    "actions": ("Actions", "Aktionen", "操作", "操作"),
    "reason": ("Reason", "Grund", "原因", "原因"),
    "order_details": ("Order details", "Bestelldetails", "訂單詳情", "订单详情"),
    "view_order_details": ("View order details", "Bestelldetails aufrufen", "檢視訂單詳情", "查看订单详情"),
    "payment": ("Payment", "Zahlung", "付款", "付款"),
    "shipping": ("Shipping", "Versand", "運送", "运送"),
    "shipping_free": ("Free", "Kostenlos", "免費", "免费"),
    "item_price": ("Item price", "Artikelpreis", "物品價格", "物品价格"),
    # -- Seller Hub > Orders -----------------------------------------------------------------------
    "manage_all": ("Manage all orders", "Alle Bestellungen verwalten", "管理所有訂單", "管理所有订单"),
    "manage_to_ship": (  # English: B
        "Manage orders awaiting shipment", "Bestellungen verwalten, die versendet werden müssen",
        "管理等待出貨的訂單", "管理等待发货的订单",
    ),
    "manage_unpaid": (
        "Manage orders awaiting payment", "Unbezahlte Bestellungen verwalten", "管理等待付款的訂單",
        "管理等待付款的订单",
    ),
    "manage_shipped": (
        "Manage paid and shipped orders", "Bezahlte und versendete Bestellungen verwalten",
        "管理已付款及已出貨的訂單", "管理已付款及已发货的订单",
    ),
    "manage_cancel": ("Manage cancellations", "Abbrüche verwalten", "管理取消申請", "管理取消申请"),
    "all_orders": ("All orders", "Alle Bestellungen", "所有訂單", "所有订单"),
    "awaiting_payment": ("Awaiting payment", "Zahlung ausstehend", "等待付款", "等待付款"),
    "awaiting_shipment": ("Awaiting shipment", "Versand ausstehend", "等待出貨", "等待发货"),
    "paid_and_shipped": ("Paid and shipped", "Bezahlt und versendet", "已付款及已出貨", "已付款及已发货"),
    "cancellations": ("Cancellations", "Abbrüche", "取消", "取消"),
    "returns": ("Returns", "Rückgaben", "退貨", "退货"),
    "overview": ("Overview", "Übersicht", "總覽", "总览"),
    "results": (  # English: B
        "Results: {a}-{b} of {n}", "Ergebnisse: {a}-{b} von {n}", "結果：第 {a}-{b} 筆，共 {n} 筆",
        "结果：第 {a}-{b} 条，共 {n} 条",
    ),
    "no_orders": ("No orders found", "Keine Bestellungen gefunden", "找不到訂單", "未找到订单"),
    "search_orders": ("Search orders", "Bestellungen suchen", "搜尋訂單", "搜索订单"),
    "select_all": ("Select all orders", "Alle Bestellungen auswählen", "選取所有訂單", "选择所有订单"),
    "select_order": ("Select order {no}", "Bestellung {no} auswählen", "選取訂單 {no}", "选择订单 {no}"),
    "show_more_actions": (  # German: B; English: presumably (U)
        "Show more actions", "Weitere Aktionen anzeigen", "顯示更多動作", "显示更多操作",
    ),
    "more_actions": ("More actions", "Weitere Aktionen", "更多動作", "更多操作"),
    "action_menu": ("More actions", "Weitere Aktionen", "功能選單", "更多操作"),
    "next_page": ("Next page", "Nächste Seite", "下一頁", "下一页"),
    "previous_page": ("Previous page", "Vorherige Seite", "上一頁", "上一页"),
    "page_of": ("Page {a} of {n}", "Seite {a} von {n}", "第 {a} 頁，共 {n} 頁", "第 {a} 页，共 {n} 页"),
    "page_totals": ("Total on this page", "Summe dieser Seite", "本頁總計", "本页总计"),
    # -- menu entries ------------------------------------------------------------------------------
    "buy_label": ("Purchase shipping label", "Versandetikett kaufen", "購買運送標籤", "购买运送标签"),
    "packing_slip": (
        "Print packing slip and more", "Packzettel und mehr drucken", "列印裝箱單及更多",
        "打印装箱单及更多",
    ),
    "add_tracking": ("Add tracking number", "Sendungsnummer hinzufügen", "新增追蹤號碼", "添加跟踪号"),
    "contact_buyer": ("Contact buyer", "Käufer kontaktieren", "聯絡買家", "联系买家"),
    "contact_seller": ("Contact seller", "Verkäufer kontaktieren", "聯絡賣家", "联系卖家"),
    "send_refund": ("Send refund", "Rückerstattung senden", "發送退款", "发送退款"),
    "sell_similar": ("Sell similar", "Ähnlichen Artikel verkaufen", "賣出類似物品", "出售类似物品"),
    "add_note": ("Add note", "Notiz hinzufügen", "新增備註", "添加备注"),
    "cancel_edit_note": ("Cancel editing note", "Notiz verwerfen", "取消編輯備註", "取消编辑备注"),
    "cancel_order": ("Cancel order", "Bestellung abbrechen", "取消訂單", "取消订单"),
    "cancel_this_order": ("Cancel this order", "Kauf abbrechen", "取消訂單", "取消订单"),  # English: A
    "resolve": ("Resolve a problem", "Ein Problem klären", "解決問題", "解决问题"),
    "view_cancel": (
        "View cancellation details", "Details zum Abbruch ansehen", "檢視取消詳情", "查看取消详情",
    ),
    "respond_cancel": (
        "Respond to cancellation request", "Auf Abbruchanfrage antworten", "回覆取消申請", "回复取消申请",
    ),
    "buy_again": ("Buy again", "Nochmal kaufen", "再次購買", "再次购买"),
    "return_item": ("Return this item", "Artikel zurückgeben", "退貨", "退货"),
    "feedback": ("Leave feedback", "Bewertung abgeben", "留下信用評價", "留下评价"),
    "other_items": (
        "View seller's other items", "Andere Artikel des Verkäufers", "檢視賣家其他物品",
        "查看卖家其他物品",
    ),
    "hide_order": ("Hide order", "Bestellung ausblenden", "隱藏訂單", "隐藏订单"),
    "help_report": ("Get help", "Hilfe anfordern", "取得協助", "获取帮助"),
    # -- how an order stands: Seller Hub rows and order details ------------------------------------
    "hub.to_ship": (  # B
        "Ship by {date}", "Versenden bis {date}", "請於 {date} 前出貨", "请于 {date} 前发货",
    ),
    "hub.overdue": ("Shipping overdue", "Versand überfällig", "出貨逾期", "发货逾期"),  # B
    "hub.unpaid": ("Awaiting payment", "Zahlung ausstehend", "等待付款", "等待付款"),
    "hub.shipped": ("Shipped", "Versendet", "已出貨", "已发货"),
    "hub.part_shipped": ("Partially shipped", "Teilweise versendet", "部分出貨", "部分发货"),
    "hub.closed": ("Delivered", "Zugestellt", "已送達", "已送达"),
    "hub.buyer_refund": ("Return requested", "Rückgabe angefragt", "買家已申請退貨", "买家已申请退货"),
    "hub.cancelled": ("Canceled", "Abgebrochen", "已取消", "已取消"),
    "hub.requested": ("Cancellation requested", "Abbruch angefragt", "買家已申請取消", "买家已申请取消"),
    "hub.requested_dated": (
        "Respond by {date} to the buyer's cancellation request",
        "Bis {date} auf die Abbruchanfrage des Käufers antworten", "請於 {date} 前回覆買家的取消申請",
        "请于{date}前回复买家的取消申请",
    ),
    "hub.refund_failed": ("Refund failed", "Rückerstattung fehlgeschlagen", "退款失敗", "退款失败"),
    "hub.declined": (
        "Cancellation request declined", "Abbruchanfrage abgelehnt", "取消申請已拒絕", "取消申请已拒绝",
    ),
    # -- My eBay > Sold: "Paid", "Waiting for payment" are B ---------------------------------------
    "sold.to_ship": ("Paid", "Bezahlt", "已付款", "已付款"),
    "sold.unpaid": ("Waiting for payment", "Warten auf Zahlung", "等待付款", "等待付款"),
    "sold.shipped": ("Shipped", "Versendet", "已出貨", "已发货"),
    "sold.part_shipped": ("Partially shipped", "Teilweise versendet", "部分出貨", "部分发货"),
    "sold.closed": ("Delivered", "Zugestellt", "已送達", "已送达"),
    "sold.buyer_refund": ("Return requested", "Rückgabe angefragt", "買家已申請退貨", "买家已申请退货"),
    "sold.cancelled": ("Canceled", "Abgebrochen", "已取消", "已取消"),
    "sold.requested": ("Cancellation requested", "Abbruch angefragt", "買家已申請取消", "买家已申请取消"),
    "sold.refund_failed": ("Refund failed", "Rückerstattung fehlgeschlagen", "退款失敗", "退款失败"),
    # -- purchase history and order.<site> ---------------------------------------------------------
    "purchases": ("Purchases", "Käufe", "購買的物品", "购买的物品"),
    "search_purchases": (
        "Search your purchases", "Käufe durchsuchen", "搜尋你的購買記錄", "搜索你的购买记录",
    ),
    "buy.to_ship": ("Paid", "Bezahlt", "已付款", "已付款"),
    "buy.unpaid": ("Waiting for payment", "Warten auf Zahlung", "等待付款", "等待付款"),
    "buy.shipped": ("Shipped", "Versendet", "已出貨", "已发货"),
    "buy.part_shipped": ("Partially shipped", "Teilweise versendet", "部分出貨", "部分发货"),
    "buy.closed": ("Delivered", "Zugestellt", "已送達", "已送达"),
    "buy.buyer_refund": ("Return started", "Rückgabe gestartet", "已申請退貨", "已申请退货"),
    "buy.cancelled": ("Order canceled", "Bestellung abgebrochen", "訂單已取消", "订单已取消"),
    "buy.requested": ("Cancellation requested", "Abbruch angefragt", "已申請取消", "已申请取消"),
    "buy.declined": (
        "Cancellation request declined", "Abbruchanfrage abgelehnt", "取消申請已被拒絕", "取消申请已被拒绝",
    ),
    "buy.refund_failed": (
        "Order canceled, refund pending", "Bestellung abgebrochen, Rückerstattung ausstehend",
        "訂單已取消，等待退款", "订单已取消，等待退款",
    ),
    # -- reasons of a seller (1.3, 1.6) and of a buyer (2.3) ---------------------------------------
    "reason.BUYER_ASKED_CANCEL": (
        "Buyer asked to cancel", "Käufer hat um Abbruch gebeten", "買家要求取消", "买家要求取消",
    ),
    "reason.OUT_OF_STOCK_OR_CANNOT_FULFILL": (
        "Out of stock or damaged", "Nicht vorrätig oder beschädigt", "缺貨或損壞", "缺货或损坏",
    ),
    "reason.ADDRESS_ISSUES": (
        "Issue with buyer's shipping address", "Problem mit der Lieferadresse des Käufers",
        "收貨地址有問題", "收货地址有问题",
    ),
    "reason.ORDER_UNPAID": ("Buyer hasn't paid", "Käufer hat nicht bezahlt", "買家未付款", "买家未付款"),
    "reason.BUYER_CANCEL_OR_ADDRESS_ISSUE": (
        "Buyer asked to cancel, or there's a problem with the buyer's address",
        "Käufer hat um Abbruch gebeten oder es gibt ein Problem mit der Adresse des Käufers",
        "買家要求取消訂單或買家地址有問題", "买家要求取消订单或买家地址有问题",
    ),
    "reason.ORDER_MISTAKE": (
        "I bought the item by mistake", "Ich habe den Artikel versehentlich gekauft", "我誤購了此物品",
        "我误购了此物品",
    ),
    "reason.FOUND_CHEAPER_PRICE": (
        "I found a better price", "Ich habe einen besseren Preis gefunden", "我找到更優惠的價格",
        "我找到了更优惠的价格",
    ),
    "reason.PRICE_TOO_HIGH": ("The price is too high", "Der Preis ist zu hoch", "價格太高", "价格太高"),
    "reason.WONT_ARRIVE_IN_TIME": (
        "The item won't arrive in time", "Der Artikel kommt nicht rechtzeitig an", "物品無法及時送達",
        "物品无法及时送达",
    ),
    "reason.WRONG_PAYMENT_METHOD": (  # English: B, on Cancel Details
        "Wrong payment information", "Falsche Zahlungsdaten", "付款資料有誤", "付款信息有误",
    ),
    "reason.WRONG_SHIPPING_ADDRESS": (
        "Wrong shipping address", "Falsche Lieferadresse", "收貨地址錯誤", "收货地址错误",
    ),
    "reason.WRONG_SHIPPING_METHOD": (
        "Wrong shipping method", "Falsche Versandart", "運送方式錯誤", "运送方式错误",
    ),
    "reason.OTHER": ("Other reason", "Anderer Grund", "其他原因", "其他原因"),
    "reason.UNKNOWN": ("Other reason", "Anderer Grund", "其他原因", "其他原因"),
    # -- /sh/ord/cancel ----------------------------------------------------------------------------
    "accept": ("Accept", "Annehmen", "接受", "接受"),
    "decline": ("Decline", "Ablehnen", "拒絕", "拒绝"),
    "respond.accept": (
        "Accept cancellation request", "Abbruchanfrage annehmen", "接受取消申請", "接受取消申请",
    ),
    "respond.decline": (
        "Decline cancellation request", "Abbruchanfrage ablehnen", "拒絕取消申請", "拒绝取消申请",
    ),
    "lead.accept": (
        "The buyer gets a full refund when you accept.", "Der Käufer erhält den vollen Betrag zurück.",
        "接受後，買家將獲得全額退款。", "接受后，买家将获得全额退款。",
    ),
    "lead.decline": (
        "The order stays open and you have to ship it.",
        "Die Bestellung bleibt bestehen und muss versendet werden.", "訂單將維持有效，您必須出貨。",
        "订单将保持有效，您必须发货。",
    ),
    "list.pending": (
        "Buyer requested a cancellation", "Käufer hat Abbruch angefragt", "買家申請取消", "买家申请取消",
    ),
    "list.cancelled": ("Canceled", "Abgebrochen", "已取消", "已取消"),
    "list.declined": ("Declined", "Abgelehnt", "已拒絕", "已拒绝"),
    "list.withdrawn": ("Withdrawn", "Zurückgezogen", "已撤回", "已撤回"),
    "list.refund_failed": ("Refund failed", "Rückerstattung fehlgeschlagen", "退款失敗", "退款失败"),
    "no_cancellations": (
        "You don't have any cancellations.", "Es gibt keine Abbrüche.", "您沒有取消申請。",
        "您没有取消申请。",
    ),
    **SENTENCES,
}  # fmt: skip


def say(language: str, site: str, key: str, **values: object) -> str:
    """One phrase in a language; British sites write "cancelled" where eBay.com writes "canceled"."""
    text = TABLE[key][LANGUAGES.index(language) if language in LANGUAGES else 0]
    if language == "en" and site in BRITISH_SITES:
        text = text.replace("anceled", "ancelled")
    return text.format(**values) if values else text


def date_words(language: str, year: int, month: int, day: int) -> str:
    if language.startswith("zh"):
        return f"{year}年{month}月{day}日"
    if language == "de":
        return f"{day}. {_MONTHS_DE[month - 1]} {year}"
    return f"{_MONTHS_EN[month - 1]} {day}, {year}"


def short_date_words(language: str, month: int, day: int) -> str:
    """As in "Ship by Mon D"."""
    if language.startswith("zh"):
        return f"{month}月{day}日"
    return f"{day}. {_MONTHS_DE[month - 1]}" if language == "de" else f"{_MONTHS_EN[month - 1]} {day}"
