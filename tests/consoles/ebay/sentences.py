"""The longer words of the eBay console: forms, notices, answers. Part of ``words.TABLE``; marks as there."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str, str, str]] = {
    # -- the contact form: all U ---------------------------------------------------------------------
    "contact.title": ("Contact buyer", "Käufer kontaktieren", "聯絡買家", "联系买家"),
    "contact.to": ("To", "An", "收件人", "收件人"),
    "contact.text": ("Your message", "Ihre Nachricht", "您的訊息", "您的消息"),
    "contact.send": ("Send", "Senden", "傳送", "发送"),
    "contact.sent": (
        "Your message was sent", "Ihre Nachricht wurde gesendet", "您的訊息已傳送", "您的消息已发送",
    ),
    "contact.limited": (
        "You have sent too many messages. Please try again later.",
        "Sie haben zu viele Nachrichten gesendet. Bitte versuchen Sie es später noch einmal.",
        "訊息過多，請稍後再試。", "消息过多，请稍后再试。",
    ),
    "contact.empty": (
        "Please write a message", "Bitte schreiben Sie eine Nachricht", "請填寫訊息", "请填写消息",
    ),
    # -- the cancel form: all U but "Submit", "Continue", the relist box' words --------------------
    "form.title": ("Cancel order", "Bestellung abbrechen", "取消訂單", "取消订单"),
    "form.lead.seller": (
        "Tell us why you want to cancel this order. The buyer gets a full refund.",
        (
            "Sagen Sie uns, warum Sie diese Bestellung abbrechen möchten. Der Käufer erhält den vollen"
            " Betrag zurück."
        ),
        "請告訴我們您取消此訂單的原因。買家將獲得全額退款。",
        "请告诉我们您取消此订单的原因。买家将获得全额退款。",
    ),
    "form.lead.buyer": (
        "Tell us why you want to cancel. The seller has 3 days to respond to your request.",
        "Sagen Sie uns, warum Sie abbrechen möchten. Der Verkäufer hat 3 Tage Zeit zu antworten.",
        "請告訴我們取消的原因。賣家須在 3 天內回覆您的申請。",
        "请告诉我们取消的原因。卖家须在 3 天内回复您的申请。",
    ),
    "form.reasons": ("Select a reason", "Wählen Sie einen Grund aus", "選擇原因", "选择原因"),
    "form.choose": ("- Select -", "- Auswählen -", "- 請選擇 -", "- 请选择 -"),
    "form.note.seller": (
        "Message to buyer (optional)", "Nachricht an den Käufer (optional)", "給買家的訊息（選填）",
        "给买家的消息（选填）",
    ),
    "form.note.wizard": (
        "Please explain the reason", "Bitte erläutern Sie den Grund", "請說明原因", "请说明原因",
    ),
    "form.note.decline": (
        "Message to buyer (optional)", "Nachricht an den Käufer (optional)", "給買家的訊息（選填）",
        "给买家的消息（选填）",
    ),
    "form.relist": (  # English: C
        "Relist item after cancellation", "Artikel nach dem Abbruch wiedereinstellen", "取消後重新刊登物品",
        "取消后重新刊登物品",
    ),
    "form.missing": (
        "Please select a reason to continue.", "Bitte wählen Sie einen Grund aus.", "請先選擇原因。",
        "请先选择原因。",
    ),
    "form.failed": (
        "Something went wrong. Please try again.",
        "Etwas ist schiefgelaufen. Bitte versuchen Sie es erneut.", "發生錯誤，請再試一次。",
        "发生错误，请再试一次。",
    ),
    "submit": ("Submit", "Absenden", "送出", "提交"),
    "continue": ("Continue", "Weiter", "繼續", "继续"),
    "back": ("Back", "Zurück", "返回", "返回"),
    "close": ("Close", "Schließen", "關閉", "关闭"),
    "done": ("Done", "Fertig", "完成", "完成"),
    "confirm.title": (
        "Cancel this order?", "Diese Bestellung abbrechen?", "確定要取消此訂單？", "确定要取消此订单？",
    ),
    "confirm.text": (
        "Are you sure you want to cancel order {no}? This can't be undone.",
        "Möchten Sie die Bestellung {no} wirklich abbrechen? Das kann nicht rückgängig gemacht werden.",
        "確定要取消訂單 {no} 嗎？此操作無法復原。", "确定要取消订单 {no} 吗？此操作无法撤销。",
    ),
    "confirm.yes": ("Yes, cancel order", "Ja, Bestellung abbrechen", "是，取消訂單", "是，取消订单"),
    "confirm.no": ("No, keep order", "Nein, Bestellung behalten", "否，保留訂單", "否，保留订单"),
    "confirm.text.accept": (
        "Are you sure you want to accept the cancellation of order {no}? This can't be undone.",
        (
            "Möchten Sie den Abbruch der Bestellung {no} wirklich annehmen? Das kann nicht rückgängig"
            " gemacht werden."
        ),
        "確定要接受取消訂單 {no} 嗎？此操作無法復原。", "确定要接受取消订单 {no} 吗？此操作无法撤销。",
    ),
    "confirm.text.decline": (
        "Are you sure you want to decline the cancellation of order {no}?",
        "Möchten Sie den Abbruch der Bestellung {no} wirklich ablehnen?",
        "確定要拒絕取消訂單 {no} 的申請嗎？", "确定要拒绝取消订单 {no} 的申请吗？",
    ),
    "confirm.title.accept": (
        "Accept the cancellation?", "Abbruch annehmen?", "接受取消申請？", "接受取消申请？",
    ),
    "confirm.title.decline": (
        "Decline the cancellation?", "Abbruch ablehnen?", "拒絕取消申請？", "拒绝取消申请？",
    ),
    "confirm.yes.accept": ("Yes, accept", "Ja, annehmen", "是，接受", "是，接受"),
    "confirm.yes.decline": ("Yes, decline", "Ja, ablehnen", "是，拒絕", "是，拒绝"),
    "confirm.no.answer": ("Not now", "Nicht jetzt", "暫時不要", "暂时不要"),
    "upi.title": (  # English: B 2021
        "Are you sure you want to cancel this order?", "Möchten Sie diese Bestellung wirklich abbrechen?",
        "確定要取消此訂單嗎？", "确定要取消此订单吗？",
    ),
    "upi.text": (
        "The buyer hasn't paid. You'll get a final value fee credit within 24 hours.",
        "Der Käufer hat nicht bezahlt. Die Verkaufsprovision wird innerhalb von 24 Stunden gutgeschrieben.",
        "買家尚未付款。成交費將於 24 小時內退還。", "买家尚未付款。成交费将在 24 小时内退还。",
    ),
    "upi.no": ("Not now", "Nicht jetzt", "暫時不要", "暂时不要"),  # English: B 2021
    # -- where the form should be: why not ---------------------------------------------------------
    "no.title": (
        "You can't cancel this order", "Sie können diese Bestellung nicht abbrechen", "您無法取消此訂單",
        "您无法取消此订单",
    ),
    "no.case": (
        "You can't cancel this order because there's an open case or request for it.",
        "Sie können diese Bestellung nicht abbrechen, weil dazu ein Fall oder eine Anfrage offen ist.",
        "您無法取消此訂單，因為此訂單有處理中的個案或申請。",
        "您无法取消此订单，因为此订单有处理中的纠纷或申请。",
    ),
    "no.too_old": (
        (
            "You can't cancel this order because the cancel window elapsed. Orders can be canceled within"
            " 30 days of the sale."
        ),
        (
            "Sie können diese Bestellung nicht abbrechen, weil die Abbruchfrist abgelaufen ist (30 Tage"
            " ab Verkauf)."
        ),
        "您無法取消此訂單，因為已超過取消期限（賣出後 30 天內）。",
        "您无法取消此订单，因为已超过取消期限（售出后 30 天内）。",
    ),
    "no.shipped": (
        "You can't cancel this order because it has already been shipped.",
        "Sie können diese Bestellung nicht abbrechen, weil sie bereits versendet wurde.",
        "您無法取消此訂單，因為已經出貨。", "您无法取消此订单，因为已经发货。",
    ),
    "no.cancelled": (
        "You can't cancel this order because it is already canceled.",
        "Sie können diese Bestellung nicht abbrechen, weil sie bereits abgebrochen wurde.",
        "您無法取消此訂單，因為訂單已取消。", "您无法取消此订单，因为订单已取消。",
    ),
    "no.exists": (
        "You can't cancel this order because a cancellation request already exists for it.",
        "Sie können diese Bestellung nicht abbrechen, weil bereits eine Abbruchanfrage vorliegt.",
        "您無法取消此訂單，因為已有取消申請。", "您无法取消此订单，因为已有取消申请。",
    ),
    "no.declined_before": (
        "You can't cancel this order because an earlier cancellation request was declined.",
        "Sie können diese Bestellung nicht abbrechen, weil eine frühere Abbruchanfrage abgelehnt wurde.",
        "您無法取消此訂單，因為先前的取消申請已被拒絕。", "您无法取消此订单，因为先前的取消申请已被拒绝。",
    ),
    "no.hour": (
        (
            "You can't cancel this order because more than an hour has passed since you bought it. You"
            " can ask the seller to cancel."
        ),
        (
            "Sie können diese Bestellung nicht abbrechen, weil seit dem Kauf mehr als eine Stunde"
            " vergangen ist. Bitten Sie den Verkäufer um den Abbruch."
        ),
        "您無法取消此訂單，因為購買後已超過 1 小時。您可以請賣家取消。",
        "您无法取消此订单，因为购买后已超过 1 小时。您可以请卖家取消。",
    ),
    "no.reason": (
        "This reason isn't available for this order.",
        "Dieser Grund ist für diese Bestellung nicht verfügbar.", "此訂單不適用此原因。",
        "此订单不适用此原因。",
    ),
    "no.answered": (
        "This cancellation request has already been answered.",
        "Diese Abbruchanfrage wurde bereits beantwortet.", "此取消申請已有回覆。", "此取消申请已有回复。",
    ),
    # -- the form's own answer ---------------------------------------------------------------------
    "answer.title": ("All done", "Erledigt", "完成", "完成"),
    "answer.cancelled": (
        "You canceled order {no}. We sent a full refund of {money} to the buyer.",
        "Sie haben die Bestellung {no} abgebrochen. Wir haben dem Käufer {money} zurückerstattet.",
        "您已取消訂單 {no}。我們已向買家全額退款 {money}。",
        "您已取消订单 {no}。我们已向买家全额退款 {money}。",
    ),
    "answer.cancelled_unpaid": (
        "You canceled order {no}. The buyer hadn't paid, so there's nothing to refund.",
        (
            "Sie haben die Bestellung {no} abgebrochen. Der Käufer hatte nicht bezahlt, es gibt nichts zu"
            " erstatten."
        ),
        "您已取消訂單 {no}。買家尚未付款，無須退款。", "您已取消订单 {no}。买家尚未付款，无需退款。",
    ),
    "answer.refund_failed": (
        "We received your cancellation of order {no}, but the refund of {money} failed.",
        (
            "Wir haben Ihren Abbruch der Bestellung {no} erhalten, aber die Rückerstattung von {money}"
            " ist fehlgeschlagen."
        ),
        "我們已收到訂單 {no} 的取消申請，但退款 {money} 失敗。",
        "我们已收到订单 {no} 的取消申请，但退款 {money} 失败。",
    ),
    "answer.pending": (
        "We sent your request to cancel order {no} to the seller. The seller has 3 days to respond.",
        (
            "Wir haben Ihre Anfrage zum Abbruch der Bestellung {no} an den Verkäufer gesendet. Er hat 3"
            " Tage Zeit."
        ),
        "我們已將訂單 {no} 的取消申請傳送給賣家。賣家須在 3 天內回覆。",
        "我们已将订单 {no} 的取消申请发送给卖家。卖家须在 3 天内回复。",
    ),
    "answer.declined": (
        "You declined the request to cancel order {no}. Please ship the order.",
        "Sie haben den Abbruch der Bestellung {no} abgelehnt. Bitte versenden Sie die Bestellung.",
        "您已拒絕取消訂單 {no} 的申請。請安排出貨。", "您已拒绝取消订单 {no} 的申请。请安排发货。",
    ),
    # -- /Cancel/Details: title and first line in English are B ------------------------------------
    "details.title": ("Cancel Details", "Details zum Abbruch", "取消詳情", "取消详情"),
    "details.cancelled": (
        "This order is canceled", "Diese Bestellung wurde abgebrochen", "此訂單已取消", "此订单已取消",
    ),
    "details.pending": (
        "The buyer requested to cancel this order", "Der Käufer möchte diese Bestellung abbrechen",
        "買家已申請取消此訂單", "买家已申请取消此订单",
    ),
    "details.pending_buyer": (
        "You requested to cancel this order", "Sie möchten diese Bestellung abbrechen",
        "您已申請取消此訂單", "您已申请取消此订单",
    ),
    "details.waiting": (
        "Waiting for the seller to respond by {date}.", "Der Verkäufer muss bis {date} antworten.",
        "等待賣家於 {date} 前回覆。", "等待卖家于 {date} 前回复。",
    ),
    "details.declined": (
        "The cancellation request was declined", "Die Abbruchanfrage wurde abgelehnt", "取消申請已被拒絕",
        "取消申请已被拒绝",
    ),
    "details.withdrawn": (
        "The buyer withdrew the cancellation request", "Der Käufer hat die Abbruchanfrage zurückgezogen",
        "買家已撤回取消申請", "买家已撤回取消申请",
    ),
    "details.refund_failed": (
        "This order isn't canceled yet: the refund failed",
        "Diese Bestellung ist noch nicht abgebrochen: Die Rückerstattung ist fehlgeschlagen",
        "此訂單尚未取消：退款失敗", "此订单尚未取消：退款失败",
    ),
    "details.none": (
        "There's no cancellation request for this order.",
        "Zu dieser Bestellung gibt es keine Abbruchanfrage.", "此訂單沒有取消申請。",
        "此订单没有取消申请。",
    ),
    "total_refund": ("Total refund", "Rückerstattung gesamt", "退款總額", "退款总额"),
    "requested_by": ("Requested by", "Angefragt von", "申請人", "申请人"),
    "requested_on": ("Date requested", "Angefragt am", "申請日期", "申请日期"),
    "respond_by": ("Respond by", "Antworten bis", "回覆期限", "回复期限"),
    "hours_left": ("{n} hours left", "noch {n} Stunden", "剩餘 {n} 小時", "剩余 {n} 小时"),
    "cancel_id": ("Cancel ID", "Abbruchnummer", "取消編號", "取消编号"),
    "fee_credit": ("Final value fee credit", "Gutschrift Verkaufsprovision", "成交費退款", "成交费退款"),
    "you_owe": ("Amount you owe", "Ihr fälliger Betrag", "您的應付金額", "您的应付金额"),
    "relist": ("Relist", "Wiedereinstellen", "重新刊登", "重新刊登"),
    "relisted": ("Item relisted", "Artikel wiedereingestellt", "已重新刊登", "已重新刊登"),
    "not_relisted": (
        "Not eligible to relist", "Kann nicht wiedereingestellt werden", "無法重新刊登", "无法重新刊登",
    ),
    "decision_note": ("Message from seller", "Nachricht vom Verkäufer", "賣家訊息", "卖家消息"),
    "note": ("Message", "Nachricht", "訊息", "消息"),
    "by.seller": ("Seller", "Verkäufer", "賣家", "卖家"),
    "by.buyer": ("Buyer", "Käufer", "買家", "买家"),
    "by.platform": ("eBay", "eBay", "eBay", "eBay"),
    "retry_refund": ("Retry refund", "Rückerstattung erneut versuchen", "重試退款", "重试退款"),
    "retry_text": (
        "We couldn't send the refund. Check your payment method and try again.",
        (
            "Wir konnten die Rückerstattung nicht senden. Prüfen Sie Ihre Zahlungsmethode und versuchen"
            " Sie es erneut."
        ),
        "我們無法發送退款。請檢查您的付款方式後再試一次。",
        "我们无法发送退款。请检查您的付款方式后再试一次。",
    ),
    # -- Resolution Center -------------------------------------------------------------------------
    "rc.lead": ("What's the problem?", "Was ist das Problem?", "您遇到什麼問題？", "您遇到什么问题？"),
    "rc.bought": ("I bought an item", "Ich habe einen Artikel gekauft", "我購買了物品", "我购买了物品"),
    "rc.sold": ("I sold an item", "Ich habe einen Artikel verkauft", "我賣出了物品", "我卖出了物品"),
    "rc.not_received": (
        "I bought an item and haven't received it yet", "Ich habe einen gekauften Artikel nicht erhalten",
        "我購買了物品，但尚未收到", "我购买了物品，但尚未收到",
    ),
    "rc.not_as_described": (
        "I bought an item that doesn't match the seller's description",
        "Ich habe einen Artikel erhalten, der nicht der Beschreibung entspricht",
        "我收到的物品與賣家描述不符", "我收到的物品与卖家描述不符",
    ),
    "rc.unpaid": (
        "I sold an item and haven't received my payment yet",
        "Ich habe einen Artikel verkauft und noch keine Zahlung erhalten", "物品已售出，但我尚未收到款項",
        "物品已售出，但我尚未收到款项",
    ),
    "rc.cancel": (  # English: the requirement's wording; Chinese likewise (U)
        "I sold an item and want to cancel the transaction",
        "Ich habe einen Artikel verkauft und möchte die Transaktion abbrechen",
        "物品已售出，但我想取消交易", "物品已售出，但我想取消交易",
    ),
    "rc.item_number": ("Item number", "Artikelnummer", "物品編號", "物品编号"),
    "rc.enter_item": (
        "Enter the item number of the transaction you want to cancel.",
        "Geben Sie die Artikelnummer der Transaktion ein, die Sie abbrechen möchten.",
        "請輸入您要取消交易的物品編號。", "请输入您要取消交易的物品编号。",
    ),
    "rc.bad_item": (
        "We couldn't find an item that you sold with this number.",
        "Wir konnten keinen von Ihnen verkauften Artikel mit dieser Nummer finden.",
        "找不到您以此編號賣出的物品。", "找不到您以此编号卖出的物品。",
    ),
    "rc.pick": (
        "Please select an option to continue.", "Bitte wählen Sie eine Option aus.", "請選擇一個選項。",
        "请选择一个选项。",
    ),
    "rc.elsewhere": (
        "This kind of problem isn't handled here.", "Dieses Problem wird hier nicht bearbeitet.",
        "此類問題不在此處處理。", "此类问题不在此处处理。",
    ),
    "rc.cancel_title": ("Cancel transaction", "Transaktion abbrechen", "取消交易", "取消交易"),
    "rc.requests": ("Your requests", "Ihre Anfragen", "您的申請", "您的申请"),
    # -- pages that say no -------------------------------------------------------------------------
    "error.title": ("Error Page", "Fehlerseite", "錯誤頁面", "错误页面"),
    "error.head": (
        "We looked everywhere.", "Wir haben überall gesucht.", "我們到處都找過了。", "我们到处都找过了。",
    ),
    "error.text": (
        "Looks like this page is missing. If you still need help, visit our help pages.",
        "Diese Seite gibt es offenbar nicht. Weitere Hilfe finden Sie auf unseren Hilfeseiten.",
        "找不到此頁面。如需協助，請前往客戶服務頁面。", "找不到此页面。如需帮助，请前往客户服务页面。",
    ),
    "notfound.title": ("Order not found", "Bestellung nicht gefunden", "找不到訂單", "找不到订单"),
    "notfound.text": (
        "There was an error retrieving your order {no}.",
        "Ihre Bestellung {no} konnte nicht abgerufen werden.", "擷取您的訂單 {no} 時發生錯誤。",
        "获取您的订单 {no} 时发生错误。",
    ),
    # -- refund (the wrong way to cancel) ----------------------------------------------------------
    "refund.text": (
        "The order stays open. To end it, choose Cancel order instead.",
        "Die Bestellung bleibt bestehen. Wählen Sie zum Beenden stattdessen Bestellung abbrechen.",
        "訂單將維持有效。如要結束訂單，請改選取消訂單。", "订单将保持有效。如要结束订单，请改选取消订单。",
    ),
    # -- what lies in front of pages (4.2: labels U) -----------------------------------------------
    "cookies.text": (
        (
            "We use cookies and other technologies that are needed to run our sites. With your consent we"
            " also use them to improve your experience and for advertising."
        ),
        (
            "Wir verwenden Cookies und andere Technologien, die für den Betrieb nötig sind, und mit Ihrer"
            " Einwilligung auch für Werbung."
        ),
        "我們使用必要的 Cookie 及其他技術來提供服務；在您同意後，也用於改善體驗及廣告。",
        "我们使用必要的 Cookie 及其他技术来提供服务；在您同意后，也用于改善体验及广告。",
    ),
    "cookies.title": ("Your cookie choices", "Ihre Cookie-Einstellungen", "Cookie 設定", "Cookie 设置"),
    "cookies.accept": ("Accept all", "Alle akzeptieren", "全部接受", "全部接受"),
    "cookies.decline": ("Decline all", "Alle ablehnen", "全部拒絕", "全部拒绝"),
    "cookies.manage": ("Manage preferences", "Einstellungen verwalten", "管理偏好設定", "管理偏好设置"),
    "survey.title": (
        "How do you like the new eBay?", "Wie gefällt Ihnen das neue eBay?", "您喜歡新版 eBay 嗎？",
        "您喜欢新版 eBay 吗？",
    ),
    "survey.text": (
        "Take our short survey, it only takes 2 minutes.",
        "Nehmen Sie an unserer kurzen Umfrage teil (2 Minuten).", "請花 2 分鐘填寫問卷。",
        "请花 2 分钟填写问卷。",
    ),
    "survey.no": ("No thanks", "Nein danke", "不用了", "不用了"),
    "tour.title": ("What's new", "Neue Funktionen", "新功能", "新功能"),
    "tour.text": (
        "We have redesigned this page.", "Wir haben diese Seite neu gestaltet.", "我們重新設計了此頁面。",
        "我们重新设计了此页面。",
    ),
    "tour.no": ("Got it", "Verstanden", "知道了", "知道了"),
    "buyers.title": (
        "3 buyers ask to cancel", "3 Käufer möchten abbrechen", "3 位買家要求取消", "3 位买家要求取消",
    ),
    "buyers.text": (
        "Accept all requests now?", "Alle Anfragen jetzt annehmen?", "立即全部接受？", "立即全部接受？",
    ),
    "survey.yes": ("Take survey", "Zur Umfrage", "填寫問卷", "填写问卷"),
}  # fmt: skip
