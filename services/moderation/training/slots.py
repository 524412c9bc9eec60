"""What slots of templates are filled with: sums, days, made-up people, numbers and links."""

from __future__ import annotations

import random
from collections.abc import Callable

_COINS = ["Bitcoin", "BTC", "Ethereum", "ETH", "USDT", "Dogecoin", "Solana", "BNB", "XRP", "Shiba", "crypto"]
_BANKS = ["SBI", "HDFC", "ICICI", "Axis", "PNB", "Kotak", "BOB", "Paytm", "PhonePe", "GPay", "Airtel", "Jio"]
_SITES = ("Fiverr", "Upwork", "Freelancer", "YouTube", "AdSense", "Meesho", "Amazon affiliate", "Internshala", "Telegram",
          "Blogger", "Instagram", "EarnKaro", "Chegg", "Udemy", "WordPress", "Canva")  # fmt: skip
_GROUPS = {
    "hi": "मुसलमान|मुसलमानों|हिंदू|हिंदुओं|दलित|दलितों|बिहारी|बिहारियों|ईसाई|ब्राह्मण|ब्राह्मणों|आदिवासी|सिख|यादव|मुस्लिम|बनिए|जाट|चमार|पंडित"
    "|मद्रासी|नेपाली|कश्मीरी",
    "hing": "muslim|musalmano|hindu|hinduo|dalit|dalito|bihari|bihariyo|christian|brahmin|brahmano|adivasi|sikh|yadav|muslims"
    "|baniya|jaat|madrasi|nepali|kashmiri|sc st",
    "en": "Muslims|Hindus|Dalits|Biharis|Christians|Brahmins|Adivasis|Sikhs|Yadavs|Jews|immigrants|black people|refugees"
    "|Kashmiris|gays|Africans|Chinese people",
}
_NAMES = [
    "rahul",
    "neha",
    "priya",
    "amit",
    "sunita",
    "vikram",
    "earn",
    "smart",
    "easy",
    "rich",
    "digi",
    "work",
    "profit",
    "money",
    "trade",
    "daily",
    "gold",
    "star",
    "win",
    "task",
]
_ENDINGS = ["com", "in", "xyz", "top", "site", "online", "info", "app", "club"]


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _grouped(rupees: int) -> str:
    """Return the number with separators as in India: 1,00,000."""
    head, tail = divmod(rupees, 1000)
    if not head:
        return str(rupees)
    groups = [f"{tail:03d}"]
    while head >= 100:
        head, pair = divmod(head, 100)
        groups.append(f"{pair:02d}")
    return ",".join([str(head), *reversed(groups)])


_DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def _money(rng: random.Random, low: int, high: int) -> str:
    step = 1 if high < 100 else 10 if high < 1_000 else 100 if high < 10_000 else 500
    rupees = rng.randrange(low, high, step)
    if rng.random() < 0.3 and rupees > 200:
        rupees -= 1
    plain = _grouped(rupees) if rng.random() < 0.4 else str(rupees)
    form = rng.choice(
        ["₹{}", "₹{}", "₹ {}", "Rs {}", "Rs.{}", "{} रुपये", "{} rupees", "{} rs", "{}/-", "{}", "{} रु", "${}"]
    )
    if rupees >= 1000 and rupees % 1000 == 0 and rng.random() < 0.3:
        plain = f"{rupees // 1000}{rng.choice(['k', 'K', ' हजार', ' hazar', ' thousand'])}"
    elif rng.random() < 0.05:
        plain = plain.translate(_DEVANAGARI)
    return form.format(plain)


def _big(rng: random.Random) -> str:
    count = rng.choice([1, 2, 5, 10, 25, 50])
    return f"{rng.choice(['₹', 'Rs ', ''])}{count} {rng.choice(['lakh', 'लाख', 'lakhs', 'Lakh', 'लाख रुपये', 'crore'])}"


def _phone(rng: random.Random) -> str:
    number = rng.choice("6789") + _digits(rng, 9)
    form = rng.choice(
        ["{}", "{}", "+91 {}", "+91{}", "0{}", "call {}", "WhatsApp {}", "wa.me/91{}", "📞 {}", "{} 📲"]
    )
    return form.format(f"{number[:5]} {number[5:]}" if rng.random() < 0.2 and "wa.me" not in form else number)


def _host(rng: random.Random) -> str:
    return f"{rng.choice(_NAMES)}{rng.choice(['', '-', ''])}{rng.choice(_NAMES)}{rng.choice(['', _digits(rng, 2)])}.{rng.choice(_ENDINGS)}"


def _token(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(count))


def _link(rng: random.Random) -> str:
    return rng.choice(
        [
            f"https://{_host(rng)}/{_token(rng, 5)}",
            f"{_host(rng)}",
            f"bit.ly/{_token(rng, 6)}",
            f"https://t.me/{rng.choice(_NAMES)}{rng.choice(_NAMES)}",
            f"t.me/+{_token(rng, 12)}",
            f"https://chat.whatsapp.com/{_token(rng, 22)}",
            f"https://youtu.be/{_token(rng, 11)}",
            f"https://docs.google.com/forms/{_token(rng, 8)}",
        ]
    )


def _meet(rng: random.Random) -> str:
    return rng.choice(
        [
            f"https://meet.google.com/{_token(rng, 3).lower()}-{_token(rng, 4).lower()}-{_token(rng, 3).lower()}",
            f"https://us02web.zoom.us/j/{_digits(rng, 10)}",
            f"https://teams.microsoft.com/l/{_token(rng, 8)}",
            "Zoom link " + f"zoom.us/j/{_digits(rng, 10)}",
        ]
    )


def _handle(rng: random.Random) -> str:
    return f"@{rng.choice(_NAMES)}_{rng.choice(_NAMES)}{rng.choice(['', _digits(rng, 2)])}"


def _one(*values: str) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(values)


def _reach(*forms: str) -> Callable[[random.Random], str]:
    """How to get in touch: often a number or a link, sometimes words alone, sometimes nothing."""

    def choose(rng: random.Random) -> str:
        return rng.choice(forms).format(phone=_phone(rng), link=_link(rng), handle=_handle(rng))

    return choose


_FILL: dict[str, Callable[[random.Random], str]] = {
    "day": lambda rng: _money(rng, 300, 9_900) if rng.random() < 0.85 else _money(rng, 10_000, 60_000),
    "month": lambda rng: _money(rng, 10_000, 150_000) if rng.random() < 0.8 else _big(rng),
    "fee": lambda rng: _money(rng, 49, 999) if rng.random() < 0.7 else _money(rng, 1_000, 5_500),
    "small": lambda rng: _money(rng, 10, 300),
    "invest": lambda rng: _money(rng, 500, 9_900) if rng.random() < 0.7 else _money(rng, 10_000, 100_000),
    "loan": lambda rng: _big(rng) if rng.random() < 0.7 else _money(rng, 25_000, 500_000),
    "amt": lambda rng: rng.choice([_money(rng, 200, 9_900), _money(rng, 2_000, 90_000), _money(rng, 50, 500), _big(rng)]),
    "points": lambda rng: str(rng.randrange(1_000, 9_999)),
    "pct": lambda rng: f"{rng.choice([1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50, 100, 200, 300])}{rng.choice(['%', '%', ' %', ' percent'])}",
    "n": lambda rng: str(rng.choice([2, 3, 4, 5, 7, 8, 10, 12, 15, 20, 24, 40, 48, 50, 100])),
    "minutes": _one("5", "10", "15", "30"),
    "code": lambda rng: _token(rng, 6).upper(),
    "coin": lambda rng: rng.choice(_COINS),
    "bank": lambda rng: rng.choice(_BANKS),
    "site": lambda rng: rng.choice(_SITES),
    "phone": _phone,
    "link": _link,
    "handle": _handle,
    "meet": _meet,
    "mail": lambda rng: f"{rng.choice(['hr', 'jobs', 'info', 'editor'])}@{_host(rng)}",
    "time": lambda rng: f"{rng.randrange(7, 12)}{rng.choice(['', ':30', ' am', ' pm'])}",
    "date": lambda rng: f"{rng.randrange(1, 28)} {rng.choice(['Jan', 'Feb', 'March', 'July', 'Dec', 'दिसंबर', 'जून'])}",
    "place_hi": _one("सेक्टर 18 नोएडा", "एमजी रोड इंदौर", "हजरतगंज लखनऊ", "बोरिंग रोड पटना", "सदर बाजार मेरठ"),
    "place_en": _one("Sector 18 Noida", "MG Road Indore", "Hazratganj Lucknow", "Andheri Mumbai", "Salt Lake Kolkata"),
    "days_hi": _one("7 दिन", "21 दिन", "24 घंटे", "एक हफ्ते", "30 दिन", "3 महीने", "2 घंटे", "25 दिनों", "एक महीने"),
    "days_hing": _one("7 din", "21 din", "24 ghante", "ek hafte", "30 days", "3 mahine", "2 ghante", "1 month", "25 dino"),
    "days_en": _one("7 days", "21 days", "24 hours", "a week", "30 days", "3 months", "2 hours", "one month"),
    "months_hi": _one("3 महीने", "6 महीने", "एक साल", "दो महीने", "8 महीने", "साल भर", "4 महीनों"),
    "months_hing": _one("3 mahine", "6 mahine", "ek saal", "do mahine", "8 months", "saal bhar", "4 mahino"),
    "months_en": _one("3 months", "six months", "a year", "two months", "8 months", "18 months"),
    "group_hi": lambda rng: rng.choice(_GROUPS["hi"].split("|")),
    "group_hing": lambda rng: rng.choice(_GROUPS["hing"].split("|")),
    "group_en": lambda rng: rng.choice(_GROUPS["en"].split("|")),
    "reach_hi": _reach(
        "संपर्क करें {phone}", "व्हाट्सएप करें {phone}", "टेलीग्राम पर आओ", "टेलीग्राम पर आएं {link}", "अभी जुड़ें {link}",
        "मैसेज करें", "लिंक पर क्लिक करें {link}", "{phone}", "{link}", "इनबॉक्स करें", "पर्सनल में मैसेज करो", "टेलीग्राम {handle}",
        "कॉल करें {phone}", "जल्दी करें {phone}", "", "जानकारी के लिए {phone}", "DM करो", "पेटीएम {phone}",
    ),
    "reach_hing": _reach(
        "contact kare {phone}", "whatsapp karo {phone}", "telegram par aao", "telegram pe aao {link}", "abhi judo {link}",
        "msg karo", "link par click karo {link}", "{phone}", "{link}", "inbox karo", "personal me msg karo", "telegram {handle}",
        "call karo {phone}", "jaldi karo {phone}", "", "details ke liye {phone}", "DM karo", "paytm {phone}", "sampark kare {phone}",
    ),
    "reach_en": _reach(
        "Contact {phone}", "WhatsApp {phone}", "Join Telegram", "Join our Telegram {link}", "Join now {link}", "Message me",
        "Click {link}", "{phone}", "{link}", "Inbox me", "DM now", "Telegram {handle}", "Call {phone}", "Hurry up {phone}", "",
        "For details {phone}", "Text me on WhatsApp {phone}", "Apply here {link}",
    ),
}  # fmt: skip


def fill(slot: str, rng: random.Random) -> str:
    """Return a value for the slot.

    Raises:
        KeyError: no such slot.
    """
    return _FILL[slot](rng)
