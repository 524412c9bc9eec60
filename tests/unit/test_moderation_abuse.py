import datetime as dt
from collections.abc import Sequence
from random import Random

import pytest

from services.moderation.domain.detectors.abuse import Abuse, AbuseSettings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Finding, Intent
from services.moderation.domain.text import normalise
from services.moderation.training.evasion import ATTACKS, disguised
from shared.contracts.gateway import MessageKind

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
ABUSE = Abuse()


def found(text: str, settings: AbuseSettings | None = None) -> Sequence[Finding]:
    message = Message("x", "c", "m", MessageKind.TEXT, normalise(text), NOW)
    return ABUSE.find(message, Context(NOW), settings or AbuseSettings())


EVERYDAY = [
    "dukan par thok bhav me maal kitne ka hai", "form bharwa diya, 2 rupaye ki chai pi lo",
    "mahilao ke liye ghar baithe kaam hai", "kya maal available hai", "rate kya hai ek ghante ka",
    "tum form bhar do mai dekh lunga", "missed call maar dunga", "call utha lunga shaam ko",
    "tumhara kaam kal tak khatam kar dunga", "fraud se bach ke rehna warna paisa jayega",
    "tumhare papa ko bolo sign karne ke liye", "teri behen ka number bhejo form ke liye",
    "mere saale ki shaadi hai", "मेरे साले की शादी है कल", "you will have to pay the fee by Friday",
    "I will find you a client", "I will break your video into parts", "this phone is trash",
    "the video should be shot in daylight", "they are full of ideas", "naukri chodne ke baad kya kare",
    "suar palan ka business kaisa hai", "bachche kis school me jate hai", "baccho ki class kab hai",
    "aap pagal ho jaoge itne offers dekh ke", "naak katwa di team ne", "bure log jhat se pehchan lete hai",
    "DALL-E aur dalle se image banao", "kaun si book padu", "watch BBC news", "Rohit ne chakka maara",
    "chor se savdhan, aapka paisa le jayenge", "ladki bus me ja rahi thi", "#fucktrump trend kyu hai",
    "women do not know about this scheme, please share", "feeling stupid after that typo",
    "main pagal hu kya", "our boss is good with numbers", "know your limits in trading",
]  # fmt: skip


@pytest.mark.parametrize("text", EVERYDAY)
def test_b5_05_shops_freelancers_and_teachers_make_no_case(text):
    assert not [each for each in found(text) if each.intent.rank >= Intent.REVIEW.rank]


@pytest.mark.parametrize(
    ("near", "far"),
    [
        ("tu pagal hai kya", "itne offers dekh kar log pagal ho jate hai, dhyan se padhna sab log"),
        ("you are stupid and lazy", "you can read it all here, the old theme looked rather stupid on phones"),
    ],
)
def test_b5_05_a_mild_word_counts_where_it_is_meant_for_somebody_near(near, far):
    assert found(near)
    assert not found(far)


@pytest.mark.parametrize(
    "text",
    [
        "someone wrote 'I know where you live' to me, what should I do, I reported it",
        "उसने लिखा कि तुझे देख लूंगा, शिकायत की है",
    ],
)
def test_b5_05_harassment_that_is_only_told_goes_to_nobody(text):
    assert all(each.intent is Intent.ALLOW for each in found(text))


HARMLESS = [
    "50% chhoot", "masala", "Lodha जी", "chutti kal hai", "SEOका फायदा", "🙏🙏🙏🙏🙏",
    "छुट्टियां शुरू हो गई", "आज सब पर 20% छूट है", "chhuttiyan kab hain", "pudina chutney recipe",
    "gandhinagar ke log", "गांधी जी के गांव", "चूड़ी की दुकान का बिजनेस", "chudiyan bechna hai",
    "चुनाव के नतीजे", "random number chahiye", "ludo khelte hain", "please assess my site",
    "Dikshit sir ne bataya", "Scunthorpe", "janta sab janti hai", "woh roz jata hai",
    "har jaati ke log", "ladai mat karo", "laddoo khao", "awaaz bahut loud hai", "page load slow hai",
    "loan mil gaya", "ganda paani aa raha hai", "गंदगी मत फैलाओ", "bench par baitho", "Assam se hoon",
    "cute photo", "muthoot finance", "haathi mera saathi", "aap bahut achhe hain", "चौधरी साहब",
    "भोसले जी का वीडियो", "क्षत्रिय\u200dगण और श्री\u200cमान", "kal milte hain dekh lenge",
    "भाई जल्दी करो", "the market is dumb today and nobody knows why it fell",
    "kutte ko khana khilaya aaj subah park mein", "grand sale, brand new", "a b c d", "U.S.A.",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_b5_05_harmless_lookalikes_make_no_case(text):
    assert not found(text)


VARIANTS = [
    "chutiya", "CHUTIYA", "chootiya", "chutia", "chutiyaaaa", "c h u t i y a", "c.h.u.t.i.y.a",
    "ch-ut-iya", "ch*tiya", "chut1ya", "chu\u200btiya", "сhutiуa", "𝓬𝓱𝓾𝓽𝓲𝔂𝓪", "ｃｈｕｔｉｙａ", "🅲🅷🆄🆃🅸🆈🅰",
    "🇨🇭🇺🇹🇮🇾🇦", "c😂h😂u😂t😂i😂y😂a", "chu tiya", "chtiya", "%63%68%75%74%69%79%61", "c̶h̶u̶t̶i̶y̶a̶",
    "चूतिया", "चुतिया", "चू ति या", "चू-ति-या", "चू\u200dति\u200cया", "चूूूतिया", "चूtiya", "madarchod",
    "m@darch0d", "mdrchd", "madar chod", "maderchod", "मादरचोद", "म@दरचोद", "bhosdike", "bh0sd1ke",
    "bsdk", "भोसड़ी के", "b h o s d i k e", "@sshole",
]  # fmt: skip


@pytest.mark.parametrize("word", VARIANTS)
def test_b5_06_disguised_slurs_fire_the_same_rule(word):
    for text in (f"tu {word} hai", f"तू {word} है"):
        (finding, *_) = found(text)
        assert finding.code == "word_grave"
        assert finding.intent is Intent.REMOVE
        assert finding.score >= 0.5
        (span, *_) = finding.spans
        assert text[span.start : span.end].strip() in {word, word.strip("@")} or word.startswith(
            text[span.start : span.end]
        )


@pytest.mark.parametrize(
    "attack", ["zero_width", "homoglyph", "fancy", "repeats", "leet", "emoji", "spaced", "punctuation"]
)
def test_b5_06_attacks_on_slurs_are_seen_through(attack):
    slurs = [
        "madarchod",
        "behenchod",
        "bhosdike",
        "chutiya",
        "gaandu",
        "haramkhor",
        "मादरचोद",
        "चूतिया",
        "गांडू",
        "bastard",
        "motherfucker",
    ]
    random = Random(7)  # noqa: S311 - repeatable
    missed = [
        (slur, text)
        for slur in slurs
        for _ in range(10)
        if not found(text := f"abe {disguised(slur, attack, random, share=1.0)} sun")
    ]
    assert len(missed) <= 0.05 * len(slurs) * 10, missed


def test_b5_06_every_attack_leaves_harmless_text_harmless():
    random = Random(5)  # noqa: S311 - repeatable
    for attack in ATTACKS:
        for text in HARMLESS[:30]:
            told = disguised(text, attack, random, share=0.6)
            assert not [each for each in found(told) if each.intent is Intent.REMOVE], (attack, told)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tere haath pair tod dunga", "threat"),
        ("तेरे हाथ पैर तोड़ दूंगा", "threat"),
        ("घर में घुसकर मारूंगा तुझे", "threat"),
        ("I will find you and kill you", "threat"),
        ("jaan se maar denge", "threat"),
        ("aurat ki jagah kitchen me hai", "sexism"),
        ("औरतों में अक्ल नहीं होती", "sexism"),
        ("go back to the kitchen", "sexism"),
        ("musalman sab aatankwadi hote hain", "hatred"),
        ("छोटी जाति के लोग अपनी औकात में रहें", "hatred"),
        ("go back to pakistan", "hatred"),
        ("tujhe akal nahi hai", "insult"),
        ("तुम्हें अक्ल नहीं है क्या", "insult"),
        ("apni shakal dekhi hai aaine me", "insult"),
        ("you are such a loser", "insult"),
        ("you have no brain", "insult"),
    ],
)
def test_harassment_needs_no_slur(text, code):
    assert code in [each.code for each in found(text)]


@pytest.mark.parametrize(
    "text",
    [
        "usne mujhe chutiya bola to maine report kiya",
        'kisi ne likha "tu chutiya hai", ye galat hai',
        "kya bsdk ka matlab gali hota hai",
        "group me koi madarchod jaisi gaali bole to ban hoga",
        "“तू चूतिया है” मत लिखो",
    ],
)
def test_telling_of_abuse_goes_no_further_than_a_person(text):
    assert all(each.intent.rank <= Intent.REVIEW.rank and each.score < 0.5 for each in found(text))


def test_mild_words_count_only_when_they_are_aimed():
    assert found("tu pagal hai kya")
    assert not found("pagal panti bhari film dekhi kal raat ko sabne")


def test_words_that_a_group_allows_are_fine_there():
    assert not found("kamine dost", AbuseSettings(allowed=("kamine",)))
    assert found("kamine dost")


def test_findings_hold_no_text():
    (finding, *_) = found("tu chutiya hai")
    assert "chutiya" not in repr(finding)
