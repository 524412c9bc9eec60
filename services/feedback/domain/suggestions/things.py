"""Words of suggestions in three languages: which mean one thing, and which mean nothing by themselves.

Spellings need not be told apart: `folding` makes ravivar, raviwar and रविवार one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

THINGS: Final[Mapping[str, str]] = {
    # When.
    "sunday": "sunday रविवार ravivar इतवार itvar sun sundays",
    "monday": "monday सोमवार somvar mon mondays",
    "tuesday": "tuesday मंगलवार mangalvar mangal tue tuesdays",
    "wednesday": "wednesday बुधवार budhvar budh wed wednesdays",
    "thursday": "thursday गुरुवार guruvar बृहस्पतिवार brihaspativar thu thursdays",
    "friday": "friday शुक्रवार shukravar shukrvar fri fridays",
    "saturday": "saturday शनिवार shanivar sat saturdays",
    "weekend": "weekend weekends वीकेंड सप्ताहांत saptahant chhutti छुट्टी holiday holidays",
    "morning": "morning सुबह subah subeh savere सवेरे mornings",
    "noon": "noon दोपहर dopahar dopehar afternoon",
    "evening": "evening शाम sham shaam evenings",
    "night": "night रात raat nights late",
    "daily": "daily रोज़ roz rozana रोज़ाना everyday प्रतिदिन pratidin",
    "weekly": "weekly साप्ताहिक saptahik hafte हफ़्ते हफ़्ता hafta week सप्ताह saptah weeks",
    "monthly": "monthly मासिक masik mahine महीने महीना mahina month months",
    "time": "time समय samay टाइम timing timings vakt वक़्त",
    "long": "long लंबा lamba lambe लंबे badha बढ़ा increase extend zyada ज़्यादा jyada more अधिक adhik badhayen",
    "short": "short छोटा chhota chhote छोटे कम kam less kum shorter reduce ghatayen घटाएँ",
    # What.
    "session": "session सत्र satra satr वेबिनार webinar कार्यक्रम karyakram class क्लास कक्षा kaksha workshop "
    "कार्यशाला karyashala meeting मीटिंग live लाइव lecture sessions classes",
    "recording": "recording रिकॉर्डिंग recordings record video वीडियो videos",
    "notes": "notes नोट्स nots note slides स्लाइड pdf पीडीएफ",
    "resource": "resource resources संसाधन sansadhan material सामग्री samagri study file files फ़ाइल",
    "question": "question questions सवाल saval प्रश्न prashn doubt doubts शंका shanka query qna qa",
    "answer": "answer answers जवाब javab उत्तर uttar reply",
    "expert": "expert experts विशेषज्ञ visheshagya guest मेहमान mehman speaker वक्ता vakta mentor मेंटर",
    "beginner": "beginner beginners नौसिखिए नौसिखियों नौसिखिया नए naye new"
    " शुरुआती shuruati basic basics बेसिक fresher newcomers",
    "advanced": "advanced advance एडवांस uchch उच्च",
    "topic": "topic topics विषय vishay subject टॉपिक",
    "group": "group groups ग्रुप समूह samuh community समुदाय",
    "poll": "poll polls पोल voting मतदान matdan वोट vote",
    "rule": "rule rules नियम niyam",
    "spam": "spam स्पैम spaming promotion प्रचार prachar ads vigyapan विज्ञापन advertisement",
    "contest": "contest contests प्रतियोगिता pratiyogita competition मुक़ाबला mukabla challenge चैलेंज",
    "quiz": "quiz क्विज़ quizzes प्रश्नोत्तरी prashnottari",
    "prize": "prize prizes इनाम inam पुरस्कार puraskar reward gift",
    "point": "point points अंक ank score",
    "certificate": "certificate certificates प्रमाणपत्र pramanpatra प्रमाण सर्टिफ़िकेट",
    "reminder": "reminder reminders याद yaad रिमाइंडर alert alerts notification",
    "digest": "digest summary सारांश saransh recap सार",
    "language": "language भाषा bhasha zaban",
    "hindi": "hindi हिंदी हिन्दी",
    "english": "english अंग्रेज़ी angrezi angreji इंग्लिश",
    "job": "job jobs नौकरी naukri काम kaam work project projects प्रोजेक्ट gig",
    "client": "client clients क्लाइंट ग्राहक grahak customer customers",
    "money": "money पैसा paisa पैसे paise earning earnings कमाई kamai income आय payment भुगतान",
    "fee": "fee fees शुल्क shulk फ़ीस charge price दाम",
    "free": "free मुफ़्त muft निःशुल्क nishulk फ्री",
    "blog": "blog blogs ब्लॉग blogging ब्लॉगिंग blogger",
    "seo": "seo एसईओ",
    "freelance": "freelance freelancing फ़्रीलांसिंग फ़्रीलांस freelancer",
    "marketing": "marketing मार्केटिंग",
    "website": "website site वेबसाइट साइट websites web",
    "ai": "ai एआई chatgpt चैटजीपीटी gpt",
    "tool": "tool tools टूल टूल्स उपकरण upkaran software सॉफ़्टवेयर app ऐप",
    "practice": "practice अभ्यास abhyas प्रैक्टिस practical प्रैक्टिकल assignment assignments गृहकार्य homework",
    "story": "story stories कहानी kahani success सफलता safalta अनुभव anubhav experience experiences",
    "help": "help मदद madad सहायता sahayata support guide guidance मार्गदर्शन margdarshan",
    "member": "member members सदस्य sadasya log लोग people",
    "introduction": "introduction intro परिचय parichay introduce introductions",
    "women": "women महिला mahila महिलाओं ladies woman",
    "message": "message messages संदेश sandesh मैसेज msg",
    "image": "image images photo photos तस्वीर tasveer फ़ोटो",
    "not": "not नहीं nahin nahi मत mat बिना bina without no don't dont never न na band बंद stop रोकें rokein",
}
"""By the name it goes by here, each thing and how it is said."""

IDLE: Final = """
    का की के को में मे पर से ने भी ही तो है हैं हो हों था थे थी होना होनी होने चाहिए
    जाए जाएँ जाये और या कि जो वह यह ये वो इस उस एक कोई कुछ हम हमें हमारे हमारा मैं
    मुझे मेरा मेरे आप आपके अपना अपने सब सभी सबको लिए तक साथ बाद पहले अब फिर तरह कर
    करें करो करना करे करनी करते कीजिए किया रखें रखो रखना रखे रखिए दें दो देना दीजिए
    दिया शुरू चालू कृपया प्लीज़ जी वाला वाली वाले बार भाई सुझाव हर डालें डालो लगाएँ
    मिले मिलें कैसे क्या क्यों ka ki ke ko me mein main par pe se ne bhi hi to hai
    hain ho hona honi hone chahiye chaiye jaye jaaye jae aur or ya jo vah woh yah yeh
    ye vo wo is us ek koi kuchh hum hame hamen hamare mera mere mujhe aap aapke apna
    apne sab sabhi sabko liye tak saath bad baad pehle pahle ab fir phir tarah kar
    karen karein karo karna kare karni karte kijiye kiya rakhen rakhein rakho rakhna
    rakhe rakhiye den dein do dena dijiye diya shuru chalu kripya please pls plz ji
    vala wala wali wale bar bhai sujhav suggestion suggest har daalo dalo dalen daalen
    lagayen mile milen milein kaise kya kyon how find what a an the of in on at for
    from with by and if it its this that these those there here be are was were been
    being we our i my you your they them their he she let lets should could would can
    may might must will shall have has had does did make made get give given want
    wants need needs like also too so some any every each all just one once hold keep
    start begin arrange organise organize conduct add put run take allow provide share
    post about as than then
"""
"""Words that a suggestion is not about."""
