"""Rules are kept in a group: what members, admins and reviewers see of it, from webhook to webhook."""

from __future__ import annotations

from tests.support.cases import INVITE, asked, case_of, chat_id_of, rule
from tests.support.platform import Platform

SCAM = "घर बैठे रोज ₹3000 कमाओ, रजिस्ट्रेशन ₹499, Telegram पर आओ t.me/kamai_daily"


async def test_b5_08_a_newcomers_scam_is_told_to_all_explained_appealed_and_undone(platform: Platform):
    group, (_, ravi, *_) = await platform.group("ठगी से बचाव", "आशा", "Ravi", "Meena")
    await platform.say(group, ravi, SCAM)
    said = await platform.until(
        group, lambda messages: any("1930" in (each["text"] or "") for each in messages)
    )
    (notice,) = [each["text"] for each in said if "1930" in (each["text"] or "")]
    assert "cybercrime.gov.in" in notice
    assert "3000" not in notice, "the offer is not repeated"
    chat_id = await chat_id_of(platform, "ठगी से बचाव")
    case = await case_of(platform, chat_id)
    assert (case["rule"], case["points"], case["step"]) == ("income", 3, "remove")
    why = await platform.reply(ravi, await platform.say(ravi, ravi, f"!क्यों {case['name']}"))
    assert "नियम 4" in why["text"]
    appealed = await platform.say(ravi, ravi, f"!अपील {case['name']} यह मेरी अपनी साइट है")
    assert case["name"] in (await platform.reply(ravi, appealed))["text"]
    case = await case_of(platform, chat_id, state="appealed")
    words = "माफ़ कीजिए, हमसे भूल हुई।"
    answered = await rule(platform, case, "answer", upheld=False, reason="wrong_match", words=words)
    assert answered["state"] == "overturned"
    told = await platform.until(
        ravi, lambda messages: any(words in (each["text"] or "") for each in messages)
    )
    assert len([each for each in told if words in (each["text"] or "")]) == 1


async def test_b5_10_who_never_wrote_to_us_learns_in_the_group_and_the_group_learns_a_number(
    platform: Platform,
):
    group, (_, ravi, *_) = await platform.group("चुपचाप ख़बर", "आशा", "Ravi", "Meena")
    await platform.say(group, ravi, SCAM)
    chat_id = await chat_id_of(platform, "चुपचाप ख़बर")
    case = await case_of(platform, chat_id, state="decided")
    words = "माफ़ कीजिए, हमसे भूल हुई।"
    await rule(platform, case, "overturn", reason="wrong_match", words=words)
    line = f"ℹ️ मामला {case['name']} में कुछ नया है। संबंधित सदस्य के लिए: !क्यों {case['name']}"
    said = await platform.until(group, lambda messages: any(each["text"] == line for each in messages))
    assert not any(words in (each["text"] or "") for each in said)


async def test_b5_04_what_an_official_group_cannot_do_is_said_and_becomes_a_task(platform: Platform):
    group, (_, ravi, *_) = await platform.group("हाथ से हटाएँ", "आशा", "Ravi", "Meena")
    said = await platform.say(group, ravi, INVITE)
    assert "M" in (await platform.reply(group, said))["text"]
    chat_id = await chat_id_of(platform, "हाथ से हटाएँ")
    case = await case_of(platform, chat_id, tasks="true")
    assert case["tasks"] == ["message.delete"]
    await rule(platform, case, "done-by-hand")
    assert (await asked(platform, "cases", chat_id=chat_id, tasks="true"))["cases"] == []


async def test_b5_05_ordinary_talk_of_a_group_about_earning_makes_no_case(platform: Platform):
    group, (asha, ravi, *_) = await platform.group("सादी बातचीत", "आशा", "Ravi")
    for text in (
        "मैंने 3 महीने में ब्लॉग से ₹5,200 कमाए, तरीका पूछ सकते हैं",
        "50% chhoot wali deal kahan hai",
        "Lodha जी, chutti kal hai",
        "सावधान! ऐसे मैसेज ठगी हैं: 'घर बैठे रोज 3000 कमाओ'",
        "🙏🙏🙏🙏🙏",
    ):
        await platform.say(group, ravi, text)
    # The chat is handled in order: once this is answered, all before it is judged.
    await platform.reply(group, await platform.say(group, asha, "!नियम"))
    chat_id = await chat_id_of(platform, "सादी बातचीत")
    assert [
        each for each in (await asked(platform, "cases", chat_id=chat_id))["cases"] if each["points"]
    ] == []
