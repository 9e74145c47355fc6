"""``code`` and ``closed_by``: what decisions go by from here on, instead of how the detail begins.

Rows from before are known by the sentences of that time, in both languages; where none fits, null.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SENTENCES = """
submits-spent | order {}: {} submits spent, and the program makes no more; look at the order in the console, then `--submit-again` allows one more | 订单 {}：已提交 {} 次，程序不会再提交；请在后台查看订单，之后可用 `--submit-again` 再提交一次
counts-against-shop | the reason {} counts as a transaction defect (不良交易) against the shop; say --accept-defect to submit it all the same | 原因 {} 会计入店铺的不良交易 (transaction defect)；仍要提交请加 --accept-defect
submits-spent | {} submits spent, nothing was received: look at the order in the console; --submit-again allows one more | 已提交 {} 次，没有收到：请在后台查看订单；--submit-again 可再提交一次
challenge | {} checks the browser (Pardon Our Interruption): try again later, or a person signs in by unsell login | {} 正在检查浏览器（Pardon Our Interruption）：请稍后再试，或人工登录，运行 unsell login
no-browser | no browser answers at {}: open the browser of {} with its debugging port (docs/attached-browsers.md) | {} 没有浏览器应答：请以调试端口打开 {} 的浏览器（docs/attached-browsers.md）
not-as-approved | order, total or reason are not what was approved: make the dry run anew, and approve it again | 订单、金额或原因与审核时不符：请重新试运行并审核
request-waits-for-us | the {}'s own request is open and waits for this account ({}): unsell answer {} --account {} --accept{} | {} 自己的申请正等待此账号答复（{}）：unsell answer {} --account {} --accept
challenge | the page is translated by the browser: 请关闭网页翻译后重试 (turn the translation off and try again) | 页面被浏览器翻译了：请关闭网页翻译后重试
no-longer-open | the cancellation that waited is gone, two pages agree: look at the order in the console | 原先等待处理的取消已不存在，两个页面一致：请在后台查看订单
challenge | {} wants to verify that it is you, by a way that needs a person: unsell login | {} 要求验证身份，方式需要人工完成：unsell login
no-sign | nothing on the form says that it is about this order: nothing was pressed | 表单上没有任何内容说明它是这笔订单的：没有点击
not-received | nothing was received, two pages agree: unsell cancel may submit once more | 没有收到提交，两个页面一致：可用 unsell cancel 再提交一次
left-to-a-person | this shop has no Seller Hub: look at the buyers' requests in the console | 此店铺没有 Seller Hub：请在后台查看买家的申请
not-received | nothing was received, two pages agree; a later run may submit once more | 没有收到提交，两个页面一致；以后的运行可再提交一次
other-order | the Resolution Center is about item {}, the order about {}: nothing pressed | Resolution Center 显示的是商品 {}，而订单是商品 {}：没有点击
challenge | {} asks whether to trust this device: a person signs in by unsell login | {} 询问是否信任此设备：请人工登录，运行 unsell login
challenge | {} asks to renew the secret question: a person signs in by unsell login | {} 要求更新密保问题：请人工登录，运行 unsell login
challenge | {} asks for its slider (请拖动滑块完成拼图): a person signs in by unsell login | {}要求完成滑块验证（请拖动滑块完成拼图）：请人工登录，运行 unsell login
not-approved | nothing was received, two pages agree; not approved to submit again | 没有收到提交，两个页面一致；未获同意再次提交
cap-reached | the cap of {} submits a run is reached (UNSELL_MAX_SUBMITS_PER_RUN) | 已达到每次运行的提交上限 {}（UNSELL_MAX_SUBMITS_PER_RUN）
other-order | the menu's entry is about order {}, the row about {}: nothing pressed | 菜单项属于订单 {},而该行属于 {}:未点击任何按钮
other-order | the menu's entry is about item {}, the row about {}: nothing pressed | 菜单项对应商品 {}，而该行是商品 {}：没有点击
not-recognised | none of the choices on the form is a reason that is recognised | 表单上的选项都不是可识别的原因
question-not-listed | the site opened a dialog that is not listed: it was left alone | 网站打开了未列入的对话框：没有理会
sign-in | {} was signed out again; the password is typed once a run only | {} 再次失去登录；每次运行只输入一次密码
no-sign | the form does not say that it is for {}: nothing was pressed | 表单没有写明是给 {} 的：没有点击
acts-at-once | the control wanted to submit at once ({}): nothing was sent | 该按钮想立即提交（{}）：没有发送任何内容
other-account | the console is signed in as {}, not as {}: nothing was done; | 后台登录的是 {}，不是 {}：没有操作；
other-order | the form speaks of another order ({}): nothing was pressed | 表单提到另一笔订单（{}）：没有点击
not-recognised | the form offers no choice of reasons that is recognised | 表单没有可识别的原因选项
outcome-unknown | the outcome is not known yet: unsell sync reads it back | 结果尚不明确：请运行 unsell sync 核对
question-not-listed | the site asked something that is not listed, left alone | 网站提出了未列入的问题，没有理会
challenge | {} asks for a captcha: a person signs in by unsell login | {} 要求验证码：请人工登录，运行 unsell login
several-matches | two groups of choices on the form could be the reasons | 表单上有两组选项都可能是原因
not-offered | the order's menu offers no cancellation ({}); it offers | 订单的菜单没有取消（{}）；它提供
acts-at-once | {} matched a control that commits: nothing was pressed | {} 找到的是会提交的按钮：没有点击
not-found | the request of {} is not in Seller Hub's cancellations | Seller Hub 的取消列表中没有 {} 的申请
not-recognised | the row of {} names no buyer: nobody can be written to | {} 所在行没有买家：无法通知任何人
not-offered | the order's menu offers no Contact buyer; it offers | 订单的菜单没有“Contact buyer”；它提供
not-recognised | the row of {} carries no order id (32 hex digits) but | {} 所在行没有订单 id（32 位十六进制），而是
other-order | the form's {} is {}, the order's {} {}: nothing was pressed | 表单的 {} 是 {}，而订单的{}是 {}：没有点击
no-sign | the row's 联系买家 does not name order {} and its buyer | 该行的“联系买家”没有写明订单 {} 及其买家
several-matches | {} matches where one is needed: {}: nothing was typed | 应只有一处，却有 {} 处：{}：没有输入任何内容
not-found | order {} is not found in this account's Seller Hub | 此账号的 Seller Hub 中找不到订单
reason-not-offered | the page does not offer the reason {}; it offers | 页面没有提供原因 {}；它提供
not-recognised | {}: its listed button is not there exactly once | {}：列出的按钮并非恰好一个
not-recognised | the action menu is not recognised; it offers | 操作菜单无法识别；它提供
question-not-listed | the site asked something that is not listed | 网站提出了未列入的问题
box-not-recognised | a ticked box is not recognised and may be {} | 有一个已勾选的选项无法识别，可能是 {}
declined-by-us | the buyer's request was declined, as asked | 已按要求拒绝买家的申请
not-read-back | could not be read back, stays as it was ({}) | 无法核对，保持原状态（{}）
not-recognised | the page is not recognised: looked for {} at | 页面无法识别：在 {} 寻找
left-to-a-person | {}: only a person can go on, in the console | {}：只能由人工在后台继续
sign-in | the page changed while a secret was typed | 输入机密内容时页面发生了变化
asker-unknown | cancelled; the page does not say by whom | 已取消；页面没有说明由谁取消
changed-in-doubt | the order changed while it was in doubt | 结果不明期间订单发生了变化
expectation-not-met | the page shows the total {}, expected was | 页面上的金额是 {}，应为
expectation-not-met | the page shows the buyer {}, expected was | 页面上的买家是 {}，应为
expectation-not-met | the page shows the goods {}, expected was | 页面上的商品是 {}，应为
not-read-back | could not be read back, stays as it was | 无法核对，保持原状态
sign-in | {} is signed out and has no password here | {} 未登录，且这里没有密码
sign-in | the site did not accept the sign-in of {} | 网站不接受 {} 的登录
led-away | the page leads to a place that is not {} | 页面转到了不属于 {} 的地方
not-eligible | the order cannot be cancelled any more | 订单已不能取消
challenge | {}; nobody did so in the browser window | {}；没有人在浏览器窗口中处理
already-declined | a cancellation was already declined | 此前的取消已被拒绝
failures-in-a-row | {} orders in a row failed technically | 连续 {} 笔订单技术错误
not-found | order {} is not found in this account | 此账号中找不到订单
state-not-recognised | the order's state is not recognised | 订单状态无法识别
sign-in | {} is not signed in after signing in | 登录之后 {} 仍未登录
challenge | the site asks for a one-time code | 网站要求一次性验证码
several-matches | {} matches where one is needed: {} at | 应只有一处，却有 {} 处：{}，页面
unclear-after-settling | still unclear after settling, {} ({}) | 等待后仍不明确，{}（{}）
sign-in | nobody signed in within {} minutes | {} 分钟内没有人登录
doubts-in-a-row | {} orders in a row ended in doubt | 连续 {} 笔订单结果不明
already-open | a cancellation is already open | 此前已有取消申请在处理中
challenge | {} denies access to this browser | {} 拒绝此浏览器访问
no-open-request | no request waits for an answer | 没有等待答复的申请
several-matches | {} matches where one is needed | 应只有一处，却有 {} 处
sign-in | signed out: {} asks to sign in | 未登录：{}要求登录
led-away | {} ({}) is no sign-in host of {} | {}（{}）不是 {} 的登录网址
by-someone-else | cancelled by someone else | 已由他人取消 (cancelled by someone else)
several-matches | {} choices fit the reason {} | 有 {} 个选项符合原因 {}：
the-site-says-no | order {}: the console says | 订单 {}：后台提示
not-offered | the order offers no {} | 订单没有{}：{}
already-cancelled | already cancelled | 此前已取消 (already cancelled)
the-site-says-no | the console says | 后台提示
sign-in | {} is signed out | {} 未登录
the-form-said-no | the form said | 表单提示
not-approved | not approved | 未获同意
outcome-unknown | interrupted; | 已中断；
interrupted | interrupted | 已中断
the-site-says-no | {} says: | {} 提示：
"""  # noqa: E501
"""Code, English, Chinese, as they stood when the columns came; the longest first. ``{}``: anything."""


def upgrade() -> None:
    for name in ("closed_by", "code"):
        op.add_column("orders", sa.Column(name, sa.Text))
    orders = sa.table("orders", *map(sa.column, ("id", "state", "detail", "closed_by", "code")))
    db = op.get_bind()
    known = [
        (code, [_shape(said) for said in sentences])
        for code, *sentences in (line.split(" | ") for line in _SENTENCES.strip().splitlines())
    ]
    for row in db.execute(sa.select(orders.c.id, orders.c.state, orders.c.detail)).all():
        code = _code_of(row.state, row.detail or "", known)
        closed_by = _closed_by(row.state, row.detail or "", code)
        if code or closed_by:
            db.execute(sa.update(orders).where(orders.c.id == row.id).values(code=code, closed_by=closed_by))


def _shape(said: str) -> re.Pattern[str]:
    return re.compile(".*?".join(map(re.escape, said.split("{}"))), re.DOTALL)


def _code_of(state: str, detail: str, known: list[tuple[str, list[re.Pattern[str]]]]) -> str | None:
    """The code of a kept detail. It is only the page's own words where the other side declined."""
    if state == "failed":
        return "technical"
    found = next((code for code, shapes in known if any(shape.match(detail) for shape in shapes)), None)
    if state == "declined":
        return found if found == "declined-by-us" else "the-site-says-no"
    return None if found == "declined-by-us" else found


def _closed_by(state: str, detail: str, code: str | None) -> str | None:
    """Whose the cancellation is, where it was said. That it is ours is left open: a practice console may have
    shown it, when practice and real runs had one ledger.
    """
    if code == "by-someone-else":
        return "platform" if "(platform," in detail else "other"
    if state == "declined":
        return "us" if code == "declined-by-us" else "unknown"
    return None


def downgrade() -> None:
    raise NotImplementedError("the ledger is never thrown away")
