"""A bug report's bundle names nobody, on buttons neither."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from agent.cli import bundle
from agent.profile.profile import load
from agent.settings.settings import Settings

OUTLINE = """- banner:
  - button "Hi Jane!"
  - button "你好，王小明"
  - button "Northlight"
- main:
  - button "Contact Erika M"
  - tab "北极光相机的消息"
  - link "Erika Mustermann"
  - button "Send the request"
  - button "Cancel order"
"""


def test_no_shop_and_no_buyer_is_named_on_a_button(tmp_path: Path) -> None:
    # As first written: eBay's account button, "Hi Jane!", stood in the bundle.
    shops = {"hub": {"platform": "ebay", "site": "ebay.com", "role": "seller", "title": "北极光相机"}}
    settings = Settings(home=tmp_path, accounts=shops)
    folder = settings.evidence_dir / "ebay" / "12-34567-89012" / "20261128T010203.000-cancel"
    folder.mkdir(parents=True)
    told = {"signed_in_as": "Northlight", "buyer": "Erika Mustermann (erika_m)", "steps": [], "outcome": {}}
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    (folder / "05-ES5-failed.outline.yaml").write_text(OUTLINE, encoding="utf-8")
    file = bundle.write(settings, {name: load(name) for name in ("ebay", "dhgate")}, pictures=False)
    with zipfile.ZipFile(file) as packed:
        text = "\n".join(packed.read(name).decode() for name in packed.namelist())
    assert [one for one in ("Jane", "王小明", "Northlight", "Erika", "北极光") if one in text] == []
    assert "Send the request" in text, "what a release has renamed is what the report is about"
    assert "Cancel order" in text


@pytest.mark.parametrize(("text", "kept"), [("Hi Jane!", False), ("Submit", True), ("Ship now", True)])
def test_a_greeting_is_known_by_the_profile(text: str, kept: bool) -> None:
    words = bundle.Placeholders({name: load(name) for name in ("ebay", "dhgate")})
    assert (words.of(text, "button") == text) is kept
