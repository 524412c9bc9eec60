"""A large group to begin with, as only a linked device can be in: forty people and the bot as an admin."""

from __future__ import annotations

import datetime as dt

from services.simulator.domain.changes import Changes
from services.simulator.domain.demo import (
    FATIMA,
    LAKSHMI,
    MEENA,
    MEMBERS,
    RAVI,
    SUNITA,
    Said,
    ago,
    group_with,
)
from services.simulator.domain.people import Member
from services.simulator.domain.world import World

SUBJECT = "हुनर मेला · सबका समूह"
ABOUT = "गाँव और शहर, हर हुनर के लोग। सवाल पूछिए, सीखा हुआ बाँटिए।"

_FIRST = 919999900201
_NAMES = (
    *(
        "Kavita Devi",
        "Imran Ansari",
        "पूजा यादव",
        "Suresh Babu",
        "Ritu Kumari",
        "Manoj Tiwari",
        "Shabnam Khatoon",
    ),
    *(
        "Deepak Munda",
        "Anjali Das",
        "संतोष मांझी",
        "Rekha Bai",
        "Vikram Rathore",
        "Nusrat Jahan",
        "Balwinder Kaur",
    ),
    *("Ganesh Naik", "प्रिया मिश्रा", "Harpal Singh", "Jyoti Oraon", "Karthik R", "Salma Bano", "Dinesh Mahto"),
    *(
        "Mary Kujur",
        "Omprakash",
        "सीमा पासवान",
        "Yusuf Pathan",
        "Usha Rani",
        "Bhavesh Solanki",
        "Champa Soren",
    ),
    *("Rohit Paswan", "Zeenat Parveen", "Nirmala Toppo", "Ajay Thakur"),
)
MORE = tuple(Member(str(_FIRST + place), name) for place, name in enumerate(_NAMES))
"""People who are in this group alone."""

KAVITA, IMRAN, POOJA, SURESH, RITU, MANOJ, SHABNAM, DEEPAK = (each.phone for each in MORE[:8])

SIX, EIGHT, SUNDAY = "शाम 6 बजे", "रात 8 बजे", "रविवार सुबह"

LINES = (
    Said(
        ago(27.0),
        SUNITA,
        "सभी का स्वागत है 🙏 अब हम *40* हैं। नियम जानने के लिए लिखें: !नियम",
        reactions={KAVITA: "🙏", IMRAN: "🙏", RAVI: "👍", DEEPAK: "🎉", MEENA: "❤️"},
    ),
    Said(ago(26.1), KAVITA, "नमस्ते, मैं मधुबनी से हूँ। हाथ से बनी पेंटिंग ऑनलाइन कैसे दिखाऊँ?"),
    Said(ago(25.9), IMRAN, "Pehle acche photo. Din ki roshni mein, saada kapda peeche 📷", 1, {KAVITA: "👍"}),
    Said(
        ago(25.5), LAKSHMI, "And write the size and the story behind it. People like to know who made it.", 1
    ),
    Said(ago(9.2), DEEPAK, "मोबाइल रिपेयरिंग की क्लास किस दिन है?"),
    Said(ago(9.0), SURESH, "Saturday, block office ke paas. Toolkit wahin milega", 4, {DEEPAK: "🙏"}),
    Said(
        ago(3.0),
        SUNITA,
        "अगली सबकी बैठक कब रखें?",
        options=(SIX, EIGHT, SUNDAY),
        votes={
            KAVITA: (SIX,),
            IMRAN: (EIGHT,),
            POOJA: (EIGHT, SUNDAY),
            RITU: (SUNDAY,),
            MANOJ: (EIGHT,),
            SHABNAM: (SUNDAY,),
            RAVI: (SIX, SUNDAY),
        },
    ),
    Said(ago(2.4), POOJA, "रविवार को बाज़ार का दिन है, पर सुबह आ सकती हूँ"),
    Said(ago(1.6), SHABNAM, "मैंने पिछले हफ़्ते की सिलाई वाली फ़ाइल देखी, बहुत काम की थी 🌼", reactions={FATIMA: "❤️"}),
)


def demo_village(world: World, now: dt.datetime) -> Changes:
    """Add the large group to `world` and return what to write down."""
    changes = Changes()
    everybody = (*MEMBERS, *MORE)
    for member in everybody:
        if member.phone not in world.members:
            changes.add(world.enter(member))
    people = [each.phone for each in everybody]
    changes.add(group_with(world, now, SUBJECT, ABOUT, members=people, lines=LINES, waha=True))
    return changes
