from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.support.platform import PHONE_NUMBER_ID, Platform

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=360, height=740)
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
REVERSED = "\u202egnihton\u202c <b>bold</b>"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    if not shutil.which(CHROMIUM):
        reason = f"the chat page is not tested: there is no {CHROMIUM} here"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        await started.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(viewport=WIDE, locale="hi-IN", timezone_id="Asia/Kolkata")
    yield opened
    await opened.close()


async def open_page(context: BrowserContext, platform: Platform, me: str) -> Page:
    """Open the page as the member with this phone, failing on whatever the browser complains about."""
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.add_init_script(
        f"if (!localStorage.length) localStorage.setItem('chaupal-simulator', JSON.stringify({{me: '{me}'}}))"
    )
    await page.goto(f"{platform.process.public_url}/simulator/")
    await expect(page.locator("html[data-ready]")).to_be_attached()
    assert complaints == []
    return page


def row(page: Page, title: str) -> Locator:
    return page.locator(".chat-row", has_text=title)


def message(page: Page, text: str) -> Locator:
    return page.locator(".message", has=page.locator(".text", has_text=text)).last


async def become(page: Page, phone: str) -> None:
    await page.locator("#who").click()
    await page.locator(f"#person-{phone}").click()
    await expect(page.locator("#people")).to_be_hidden()


async def type_and_send(page: Page, text: str) -> None:
    await page.locator("#draft").fill(text)
    await page.locator("#draft").press("Enter")


async def test_a_member_asks_and_the_bot_answers_with_ticks(platform: Platform, context: BrowserContext):
    _, (asha, _) = await platform.group("पेज पर नियम", "आशा", "Ravi")
    page = await open_page(context, platform, asha)
    await row(page, "पेज पर नियम").click()
    await expect(page.locator(".log")).to_have_attribute("role", "log")
    await page.get_by_role("button", name="!नियम").click()
    mine = message(page, "!नियम")
    await expect(mine).to_have_class("message mine starts ")
    await expect(page.locator(".message.from-bot")).to_contain_text("समूह के नियम")
    await expect(mine.locator(".ticks-read")).to_be_attached()
    await expect(page.locator(".message.from-bot .ticks-read")).to_be_attached()
    await page.locator(".message.from-bot .tick-button").click()
    sheet = page.get_by_role("dialog")
    await expect(sheet).to_contain_text("आशा")
    await expect(sheet).to_contain_text("Ravi")
    await sheet.get_by_text("अंदर की बात").click()
    await expect(sheet).to_contain_text("wamid.")
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def test_people_talk_reply_and_react(platform: Platform, context: BrowserContext):
    _, (asha, ravi) = await platform.group("बातचीत", "आशा", "Ravi")
    page = await open_page(context, platform, asha)
    await row(page, "बातचीत").click()
    await expect(page.locator("#who")).to_contain_text("एडमिन")
    await type_and_send(page, "*मोटा* _तिरछा_ ~कटा~ ```code``` https://example.org/a_b")
    said = message(page, "मोटा")
    for tag, text in (("strong", "मोटा"), ("em", "तिरछा"), ("s", "कटा"), ("code", "code")):
        await expect(said.locator(tag)).to_have_text(text)
    await expect(said.locator("a")).to_have_attribute("href", "https://example.org/a_b")

    await become(page, ravi)
    said = message(page, "मोटा")
    await expect(said.locator(".sender")).to_contain_text("आशा")
    await expect(said.locator(".badge-admin")).to_be_visible()
    await said.hover()
    await said.get_by_role("button", name="जवाब दें").click()
    await expect(page.locator("#quoting-text")).to_contain_text("मोटा तिरछा कटा")
    await type_and_send(page, "पहली पंक्ति\nदूसरी पंक्ति")
    reply = message(page, "दूसरी पंक्ति")
    await expect(reply.locator(".quote")).to_contain_text("आशा")
    await expect(page.locator("#quoting")).to_be_hidden()
    await reply.locator(".quote").click()
    await expect(said).to_be_focused()

    await said.get_by_role("button", name="प्रतिक्रिया दें").click()
    await page.locator("#palette").get_by_role("button", name="👍").click()
    await expect(said.locator(".reactions")).to_have_text("👍")
    await said.locator(".reactions").click()
    await page.locator("#palette").get_by_role("button", name="👍").click()
    await expect(said.locator(".reactions")).to_have_count(0)


async def test_what_others_say_shows_up_with_unread_counts_and_a_pill(
    platform: Platform, context: BrowserContext
):
    group, (asha, ravi) = await platform.group("अनपढ़े", "आशा", "Ravi")
    await platform.group("दूसरा ग्रुप", "आशा2", "Ravi2")
    page = await open_page(context, platform, asha)
    await platform.say(group, ravi, "सुनो")
    await expect(row(page, "अनपढ़े").locator(".unread")).to_have_text("1")
    await row(page, "अनपढ़े").click()
    await expect(row(page, "अनपढ़े").locator(".unread")).to_have_count(0)
    # One long message rather than many in a second, which would be a flood and be told so.
    await platform.say(group, ravi, "\n".join(f"पंक्ति {number}" for number in range(60)))
    await platform.say(group, ravi, "अंत की पंक्ति")
    await expect(message(page, "अंत की पंक्ति")).to_be_in_viewport()
    await page.locator("#log").evaluate("log => log.scrollTo({top: 0, behavior: 'instant'})")
    await expect(page.locator("#pill")).to_be_visible()
    await platform.say(group, ravi, "सबसे नया")
    await expect(page.locator("#pill")).to_have_text("1 नए संदेश")
    await page.locator("#pill").click()
    await expect(message(page, "सबसे नया")).to_be_in_viewport()
    await expect(page.locator("#pill")).to_be_hidden()


async def graph(platform: Platform, to: str, type_: str, content: Any, **extra: Any) -> str:
    """Send as the bot, past the gateway, and return the id of the message."""
    group = {} if to.isdigit() else {"recipient_type": "group"}
    body = {"messaging_product": "whatsapp", "to": to, "type": type_, type_: content, **group, **extra}
    answer = await platform.public.post(
        f"/simulator/graph/v25.0/{PHONE_NUMBER_ID}/messages",
        json=body,
        headers={"authorization": "Bearer e2e-access-token"},
    )
    answer.raise_for_status()
    return answer.json()["messages"][0]["id"]


async def test_a_member_sends_files_voice_and_places(platform: Platform, context: BrowserContext):
    _, (asha, _) = await platform.group("चीज़ें", "आशा", "Ravi")
    page = await open_page(context, platform, asha)
    await row(page, "चीज़ें").click()
    await page.get_by_role("button", name="फ़ाइल, आवाज़ या जगह भेजें").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="फ़ोटो, वीडियो या फ़ाइल").click()
    pdf = FilePayload(name="प्रमाणपत्र.pdf", mimeType="application/pdf", buffer=b"%PDF-")
    await (await chooser.value).set_files(pdf)
    await expect(page.locator(".card").last).to_contain_text("प्रमाणपत्र.pdf")
    await page.locator("#attach").click()
    await page.get_by_role("button", name="बोला हुआ संदेश").click()
    await expect(page.locator(".card").last).to_contain_text("बोला हुआ संदेश")
    await page.locator("#attach").click()
    await page.get_by_role("button", name="जगह", exact=True).click()
    await expect(page.locator(".card").last).to_contain_text("बड़ा बाज़ार")


async def test_a_member_edits_deletes_and_forwards(platform: Platform, context: BrowserContext):
    _, (asha, _) = await platform.group("मन बदला", "आशा", "Ravi")
    page = await open_page(context, platform, asha)
    await row(page, "मन बदला").click()
    await type_and_send(page, "छह बजे")
    await message(page, "छह बजे").hover()
    await message(page, "छह बजे").get_by_role("button", name="बदलें").click()
    await type_and_send(page, "सात बजे")
    await expect(message(page, "सात बजे")).to_contain_text("बदला हुआ")
    await message(page, "सात बजे").hover()
    await message(page, "सात बजे").get_by_role("button", name="आगे भेजें").click()
    await page.get_by_role("dialog").get_by_role("button", name="मन बदला").click()
    await expect(page.locator(".forwarded")).to_have_text("↪ आगे भेजा गया")
    await message(page, "सात बजे").focus()
    await page.keyboard.press("Delete")
    await expect(page.locator(".gone")).to_contain_text("यह संदेश हटा दिया गया")


async def test_what_the_bot_sends_beside_texts(platform: Platform, context: BrowserContext):
    group, (asha, ravi) = await platform.group("बटन", "आशा", "Ravi")
    asked = await platform.say(group, ravi, "कब है?")
    await platform.say(asha, asha, "नमस्ते")
    said = await graph(platform, group, "text", {"body": "सात बजे"}, context={"message_id": asked["id"]})
    await graph(platform, group, "pin", {"type": "pin", "message_id": said, "expiration_days": 7})
    reply = {"type": "reply", "reply": {"id": "yes", "title": "हाँ"}}
    asking = {"type": "button", "body": {"text": "आएँगे?"}, "action": {"buttons": [reply]}}
    await graph(platform, asha, "interactive", asking)
    page = await open_page(context, platform, asha)
    await row(page, "बटन").click()
    await expect(message(page, "सात बजे").locator(".quote")).to_contain_text("कब है?")
    await page.locator("#pinned", has_text="सात बजे").click()
    await expect(message(page, "सात बजे")).to_be_focused()
    await page.locator(f".chat-row[data-chat='{asha}']").click()
    await page.get_by_role("button", name="हाँ", exact=True).click()
    await expect(page.locator(".mine .quote")).to_contain_text("आएँगे?")


async def test_a_group_is_renamed_and_asks_who_wants_to_come(platform: Platform, context: BrowserContext):
    _, (asha, _) = await platform.group("पुराना नाम", "आशा", "Ravi")
    await platform.group("और लोग", "Meena पूछती")
    page = await open_page(context, platform, asha)
    await row(page, "पुराना नाम").click()
    await page.locator("#chat-open").click()
    await page.locator("#subject").fill("नया नाम")
    await page.get_by_role("button", name="नाम बदलें").click()
    await expect(page.locator("#sheet-title")).to_have_text("नया नाम")
    await page.get_by_label("लोग पूछकर आएँ").check()
    await page.get_by_role("button", name="Meena पूछती: आने के लिए पूछें").click()
    await expect(page.get_by_role("button", name="Meena पूछती: अब नहीं आना")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".note").last).to_contain_text("ग्रुप का नाम बदला")


async def test_somebody_takes_another_number(platform: Platform, context: BrowserContext):
    asha = await platform.member("आशा नंबर")
    await platform.say(asha, asha, "पुराने नंबर से")
    page = await open_page(context, platform, asha)
    await page.locator(f".chat-row[data-chat='{asha}']").click()
    await page.locator("#chat-open").click()
    await page.get_by_role("button", name="आशा नंबर का नंबर बदलें").click()
    await expect(page.locator(f"#person-{asha}")).to_have_count(0)
    await expect(message(page, "पुराने नंबर से")).to_be_visible()
    await expect(page.locator("#who")).to_contain_text("आशा नंबर")


async def test_hostile_names_and_texts_stay_text(platform: Platform, context: BrowserContext):
    group, (asha, *_) = await platform.group(HOSTILE, "आशा", HOSTILE, REVERSED)
    members = (await platform.get(f"groups/{group}"))["members"]
    page = await open_page(context, platform, asha)
    for phone in members[1:]:
        await platform.say(group, phone, f"{HOSTILE} *{HOSTILE}*")
    await row(page, "<script>").click()
    await expect(page.locator(".sender bdi").first).to_have_text(HOSTILE)
    await expect(message(page, "<script>").locator(".text")).to_contain_text("<img src=x")
    await page.locator("#chat-open").click()
    await expect(page.get_by_role("dialog")).to_contain_text(HOSTILE)
    assert await page.locator(".app script, .app img, .sheet img").count() == 0
    assert await page.title() == "चौपाल"


async def test_the_keyboard_is_enough(platform: Platform, context: BrowserContext):
    group, (asha, ravi) = await platform.group("सिर्फ़ कीबोर्ड", "आशा", "Ravi")
    await platform.say(group, ravi, "पहला")
    await platform.say(group, ravi, "दूसरा")
    page = await open_page(context, platform, asha)
    await page.locator("#who").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".person[aria-selected=true]")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#who")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Home")
    await expect(row(page, "सिर्फ़ कीबोर्ड")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#draft")).to_be_focused()
    await message(page, "दूसरा").focus()
    await page.keyboard.press("ArrowUp")
    await expect(message(page, "पहला")).to_be_focused()
    await page.keyboard.press("r")
    await expect(page.locator("#quoting-text")).to_contain_text("पहला")
    await page.keyboard.type("जवाब")
    await page.keyboard.press("Enter")
    await expect(message(page, "जवाब").locator(".quote")).to_contain_text("पहला")


async def test_somebody_new_joins_from_the_page(platform: Platform, context: BrowserContext):
    _, (asha, _) = await platform.group("नए लोग", "आशा", "Ravi")
    page = await open_page(context, platform, asha)
    await row(page, "नए लोग").click()
    await page.locator("#chat-open").click()
    await page.locator("#newcomer").fill("Tenzin Dolma")
    await page.locator(".newcomer button").click()
    await expect(page.locator(".roster")).to_contain_text(["Tenzin Dolma"])
    await page.keyboard.press("Escape")
    await expect(page.locator(".note").last).to_have_text("Tenzin Dolma लिंक से जुड़े")


async def test_a_lost_connection_is_said_and_found_again(platform: Platform, context: BrowserContext):
    group, (asha, ravi) = await platform.group("कटा तार", "आशा", "Ravi")
    page = await open_page(context, platform, asha)
    await row(page, "कटा तार").click()
    # A route only catches what begins after it, so the page is made to begin again.
    await page.route("**/v1/stream", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("status")).to_contain_text("कनेक्शन टूट गया")
    await platform.say(group, ravi, "तब तक")
    await page.unroute("**/v1/stream")
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(message(page, "तब तक")).to_be_visible()


async def test_on_a_phone_the_list_and_the_chat_are_two_screens(platform: Platform, browser: Browser):
    _, (asha, _) = await platform.group("फ़ोन पर", "आशा", "Ravi")
    context = await browser.new_context(viewport=NARROW, locale="en-IN", has_touch=True, is_mobile=True)
    page = await open_page(context, platform, asha)
    await expect(page.locator(".room")).to_be_hidden()
    await row(page, "फ़ोन पर").tap()
    await expect(page.locator(".side")).to_be_hidden()
    await type_and_send(page, "https://example.org/" + "long" * 60)
    await expect(message(page, "longlong")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    await message(page, "longlong").locator(".words").tap()
    await message(page, "longlong").get_by_role("button", name="React").tap()
    palette = page.locator("#palette")
    box = await palette.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW["width"]
    await palette.get_by_role("button", name="🙏").tap()
    await expect(message(page, "longlong").locator(".reactions")).to_have_text("🙏")
    await page.get_by_role("button", name="Back to the chats").tap()
    await expect(page.locator(".room")).to_be_hidden()
    await page.locator("#language").tap()
    await expect(page.locator("[data-i18n=tagline]")).to_have_text("सीखो, सिखाओ, कमाओ")
    await context.close()
