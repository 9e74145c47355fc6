"""The floor: the same requests with no browser. Pages are read by regular expressions, nothing is drawn."""

from __future__ import annotations

import html
import http.client
import re
import ssl
from urllib.parse import urlencode, urljoin, urlsplit

from tests.bench.task import NOTE, Task, timed, told


class Line:
    """Kept connections to the consoles, one a host; cookies are the whole site's."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._context = ssl._create_unverified_context()  # noqa: S323 - the consoles' own certificate
        self._open: dict[str, http.client.HTTPSConnection] = {}
        self._cookies: dict[str, str] = {}

    def ask(self, url: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """Where it ended, and the page."""
        for _hop in range(8):
            parts = urlsplit(url)
            headers = {
                "Host": parts.netloc,
                "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items()),
            }
            body = None
            if form is not None:
                body = urlencode(form)
                headers |= {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Origin": f"https://{parts.netloc}",
                }
            connection = self._open.get(parts.netloc)
            if connection is None:
                connection = http.client.HTTPSConnection(self._address, context=self._context)
                self._open[parts.netloc] = connection
            connection.request(
                "GET" if body is None else "POST", url.split(parts.netloc, 1)[1] or "/", body, headers
            )
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.split(";")[0].partition("=")
                self._cookies[name] = value
            if answer.status not in (301, 302, 303, 307):
                return url, text
            url, form = urljoin(url, answer.headers["Location"]), None
        raise RuntimeError(f"{url}: too many redirects")


def fields(page: str, form: str) -> tuple[str, dict[str, str]]:
    """A form's address and hidden fields; ``form`` is a pattern that its first tag has."""
    found = re.search(rf"<form[^>]*{form}[^>]*>(.*?)</form>", page, re.DOTALL)
    assert found, form
    action = re.search(r'action="([^"]*)"', found[0])
    hidden = re.findall(r'<input type="hidden" name="([^"]*)"[^>]*value="([^"]*)"', found[1])
    return html.unescape(action[1]) if action else "", {k: html.unescape(v) for k, v in hidden}


class Ebay:
    def __init__(self, line: Line, task: Task) -> None:
        self._line = line
        url, page = line.ask("https://signin.ebay.com/")
        action, hidden = fields(page, 'id="signin-form"')
        line.ask(urljoin(url, action), {**hidden, "userid": task.user, "pass": task.password, "kmsi": "on"})

    def cancel(self, number: str) -> None:
        ask = self._line.ask
        url, page = ask(f"https://www.ebay.com/sh/ord?filter=status:ALL&q={number}")
        row = page[page.index(f'id="orderid_{number}__order-info"') :]
        link = re.search(r'(?:data-)?href="([^"]*/Cancel/Start[^"]*)"', row)
        assert link
        url, page = ask(urljoin(url, html.unescape(link[1])))
        action, hidden = fields(page, 'action="[^"]*/Cancel/Submit[^"]*"')
        reason = re.search(r'<input[^>]*type="radio"[^>]*name="([^"]*)"[^>]*value="(BUYER_ASKED[^"]*)"', page)
        assert reason
        _url, page = ask(urljoin(url, action), {**hidden, reason[1]: reason[2], "note": NOTE["ebay"]})
        assert "page-notice--confirmation" in page


class Dhgate:
    def __init__(self, line: Line, task: Task) -> None:
        self._line = line
        _url, page = line.ask("https://secure.dhgate.com/passport/login")
        action, hidden = fields(page, 'id="loginForm"')
        line.ask(action, {**hidden, "username": task.user, "password": task.password})

    def cancel(self, number: str) -> None:
        ask = self._line.ask
        url, page = ask(
            f"https://seller.dhgate.com/sellerordmng/orderList/list.do?params.orderNo={number}"
            "&params.orderStatus=100&params.queryType=0&params.linkType=111&params.operableType=search"
        )
        link = re.search(rf'class="order-no" href="([^"]*)">{number}<', page)
        assert link
        url, page = ask(urljoin(url, html.unescape(link[1])))
        form = re.search(r'(?:data-go|href)="([^"]*toCancel[^"]*)"', page, re.IGNORECASE)
        assert form, page
        url, page = ask(urljoin(url, html.unescape(form[1])))
        action, hidden = fields(page, 'class="operation-form')
        reason = re.search(r'name="reasonId"[^>]*value="([^"]*)">\s*买家要求取消', page)
        assert reason
        _url, page = ask(urljoin(url, action), {**hidden, "reasonId": reason[1], "explain": NOTE["dhgate"]})
        assert "notice-success" in page


def main() -> None:
    task = told()
    line = Line(task.address)
    script = (Ebay if task.platform == "ebay" else Dhgate)(line, task)
    timed(task.numbers, script.cancel)


if __name__ == "__main__":
    main()
