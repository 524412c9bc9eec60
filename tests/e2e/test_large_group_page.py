"""The chat page with a group of WAHA's number beside those of the Cloud API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.test_chat_page import NARROW, become, browser, context, message, open_page, row, type_and_send
from tests.support.platform import WAHA, Platform, running

pytestmark = pytest.mark.browser

__all__ = ["browser", "context"]


@pytest.fixture(scope="module")
async def platform(mongo_url: str) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, SIMULATOR_SEED_DEMO="true", **WAHA) as started:
            yield started


async def test_both_kinds_of_groups_are_on_one_page_and_both_answer(platform: Platform, context):
    page = await open_page(context, platform, "919999900001")
    await expect(page.locator(".chat-row")).to_have_count(5)
    for subject in ("SEO सीखें", "हुनर मेला"):
        await row(page, subject).click()
        await type_and_send(page, "!नियम")
        await expect(page.locator(".message.from-bot").last).to_contain_text("समूह के नियम")
    await expect(row(page, "हुनर मेला").locator(".badge-bridge")).to_be_visible()
    await expect(row(page, "SEO सीखें").locator(".badge-bridge")).to_have_count(0)
    await expect(page.locator("#chat-people")).to_contain_text("41 सदस्य")


async def test_members_vote_and_an_admin_deletes_raises_and_closes(platform: Platform, context):
    sunita, kavita = "919999900001", "919999900201"
    page = await open_page(context, platform, kavita)
    await row(page, "हुनर मेला").click()
    option = page.locator(".option", has_text="रात 8 बजे")
    await option.click()
    await expect(option).to_have_attribute("aria-pressed", "true")
    await expect(option.locator(".option-count")).to_have_text("4")
    await type_and_send(page, "सिर्फ़ विज्ञापन")
    said = message(page, "सिर्फ़ विज्ञापन")
    await expect(said).to_be_visible()

    await become(page, sunita)
    await said.hover()
    await said.get_by_role("button", name="सबके लिए हटाएँ").click()
    await expect(page.locator(".gone").last).to_contain_text("यह संदेश हटा दिया गया")
    await page.locator("#chat-open").click()
    await page.get_by_role("button", name="Meena Patel को एडमिन बनाएँ").click()
    await expect(page.get_by_role("button", name="Meena Patel को एडमिन से हटाएँ")).to_be_visible()
    await page.get_by_label("सिर्फ़ एडमिन लिखें").check()
    await page.keyboard.press("Escape")
    await expect(page.locator(".note").last).to_contain_text("सिर्फ़ एडमिन")
    await expect(page.locator("#draft")).to_be_visible()

    await become(page, kavita)
    await expect(page.locator("#closed")).to_be_visible()
    await expect(page.locator("#draft")).to_be_hidden()


async def test_on_a_phone_nothing_of_the_large_group_is_cut_off(platform: Platform, browser: Browser):
    narrow = await browser.new_context(viewport=NARROW, locale="hi-IN", has_touch=True, is_mobile=True)
    page = await open_page(narrow, platform, "919999900001")
    await row(page, "हुनर मेला").tap()
    await expect(page.locator(".poll")).to_be_attached()
    await page.locator("#chat-open").tap()
    first = page.locator(".roster-me").first
    name = await first.locator(".roster-name").bounding_box()
    assert name is not None
    assert name["width"] > 100, "the name of an admin is not squeezed by the buttons"
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    await narrow.close()
