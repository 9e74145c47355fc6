"""The eBay practice console: a look-alike of eBay's order pages, after facts/ebay.md, section by section.

Hosts: www, signin, order, resolutioncenter, contact, accounts, reg, each of any site (ebay.com, ebay.de).
The cancel form, the wizard, the contact form and most German and Chinese words are invented (U): see
``forms``, ``contact`` and ``words``.
"""

from tests.consoles.ebay.app import make_app
from tests.consoles.ebay.orders import ask_as_buyer, decide

__all__ = ["ask_as_buyer", "decide", "make_app"]
