"""The words by which people are belittled, scared or pestered without a slur, and of who is meant.

Written as in `words.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

PERSONS: Mapping[str, str] = {
    "your_kind": """
        tum_jaise tumhare_jaise tere_jaise tujh_jaise tum_log tumlog tum_logo tum_logon aap_jaise inke_jaise
        aise_log aise_logo in_logo in_logon inn_logo ye_log yeh_log people_like_you your_kind your_type
        your_sort your_people these_people those_people you_people you_lot you_guys_are like_her like_him
        तुम_जैसे तुम्हारे_जैसे तेरे_जैसे आप_जैसे ऐसे_लोग ऐसे_लोगों इन_लोगों ये_लोग तुम_लोग तुम_लोगों
        women_like girls_like such_people that_lot""",
    "whereabouts": """
        where_you where_she where_he your_address your_house your_home your_street your_office your_shop
        your_school your_colony your_lane your_route your_gate your_kids your_daughter your_wife your_son
        your_sister ghar_ka_pata tera_pata tera_ghar tere_ghar teri_gali tere_office teri_dukan tumhara_ghar
        tumhare_ghar aapke_ghar teri_beti tere_bachche teri_behen teri_bahan tera_beta kaha_rehta
        kaha_rehti kahan_rehta kahan_rehti kis_school kaunse_school gate_ke_bahar gaadi_number gadi_number
        which_school which_coaching coaching_centre bus_stop bus_stand तेरा_घर तेरे_घर तेरी_गली तेरा_पता
        तुम्हारा_घर तुम्हारे_घर आपके_घर तेरी_बेटी तेरे_बच्चे तेरी_बहन कहां_रहता कहां_रहती कहां_रहते किस_स्कूल
        घर_के_बाहर ghar_ke_bahar office_ke_bahar followed_you following_you watching_you peecha picha
        पीछा live_alone akele_rehti""",
    "menace": """
        anjam anjaam pachtaye* pachtao* pachhta* bhugat* bhugto* yaad_rakhna yaad_rakh sambhal_ke
        sambhalkar sambhal_ja sudhar_ja sudhar_jao dekh_lenge dekh_lungi nipat nipta* hisaab hisab
        sabak_sikha* maza_chakha* maja_chakha* ulta_latka* hath_pair haath_pair ladke_bhej* ladko_ko
        bande_bhej* aadmi_bhej* hamare_ladke mere_ladke bahar_mil akele_mil saamne_aa samne_aa accident
        kuch_ho_gaya kuch_ho_jaye hadse hadsa regret sorry_later my_boys my_men our_boys the_boys
        something_happened something_happens watch_out be_careful_when pay_for_this you_will_pay
        teach_you teach_him teach_her a_lesson come_outside step_outside meet_me_outside last_warning
        consequences not_be_safe safe_rehna अंजाम पछता* भुगत* याद_रख याद_रखना संभल_के संभलकर
        सुधर_जा सुधर_जाओ देख_लेंगे हिसाब सबक मजा_चखा* हाथ_पैर लड़के_भेज* बाहर_मिल अकेले_मिल सामने_आ
        हादसा कुछ_हो_गया हमारे_लड़के दुर्घटना""",
    "exposing": """
        viral expose exposed screenshot screenshots chats_hai private_photo private_photos nude_photo
        photos_hai photo_hai pics record recording family_ko gharwalo_ko pati_ko boss_ko sabko_dikha*
        sabko_bhej* post_kar_dunga daal_dunga number_daal number_share share_your_number poster posters
        your_husband your_boss your_family your_father your_photo your_photos your_pics your_chats
        वायरल स्क्रीनशॉट फोटो_है चैट_है सबको_दिखा* सबको_भेज* पति_को घरवालों_को नंबर_डाल pata_daal
        पोस्टर delete_nahi""",
    "looks": """
        moti mota motu bhains haathi hathi gainda kali kala kaali kaala kalu kallu thigna bauna takla ganji
        ganja tondu tond daant badsurat badshakal bandar bandariya shakal_dekh* shakl aaina sheesha
        fat fatty bald dark_skin skin short teeth smell smells elephant whale buffalo ugly mirror face
        belly potato sack wig makeup nose moustache pimples pimple मोटी मोटा भैंस हाथी काली काला
        बौना टकला गंजा तोंद बदसूरत बंदर शक्ल आईना दांत मुंहासे muh_dekh* chehra चेहरा""",
    "ailing": """
        langda langdi andha andhi behra behri hakla hakle hakli lula lulla apahij viklang mandbuddhi mentally
        mental cripple crippled blind deaf stammer stammering stutter lame limp limping wheelchair
        hakla_raha asylum pagalkhana pagalkhane therapy psycho dimagi_ilaj लंगड़ा अंधा बहरा हकला लूला
        अपाहिज विकलांग मंदबुद्धि पागलखाने मेंटल इलाज_करा* ilaj_kara* special_child""",
    "poor": """
        garib gareeb garibi gareebi gareebo jhopdi jhuggi bhikhari bhikari phata fate_kapde phate bhukha
        bhukhe bhookhe naukar naukrani kaamwali kamwali safai_wala raddi rikshaw riksha rickshaw chaiwala maid
        maids servant servants beggar beggars slum slums poor_people labour mazdoor majdoor watchman
        chaprasi peon driver_ka ration_card free_ration bpl secondhand फटे गरीब गरीबी झोपड़ी झुग्गी
        भिखारी भूखे नौकर कामवाली मजदूर चपरासी राशन sabziwala jhadu झाड़ू pocha पोछा khandani""",
    "speech": """
        angrezi angreji english grammar spelling spellings accent dehati gavar gaanvar village villager
        villagers gaon_wale gaaw_ka bhojpuri hindi_medium tooti_phooti lehja boli pronunciation
        अंग्रेजी इंग्लिश व्याकरण देहाती गांव_वाले गंवारों लहजा बोली उच्चारण हिंदी_मीडियम class_five
        broken_english sarkari_school""",
    "aged": """
        buddha buddhi budhe buddhe budhau budhape old_man old_woman old_lady uncle_ji aunty_ji dadaji
        dadi grandpa grandma grave kabr_me shamshan chita retire_ho ashram_jao bhajan_karo ram_naam umar
        umr at_your_age बुड्ढा बुड्ढे बूढ़े बुढ़ापे बुढ़िया कब्र श्मशान उम्र_में इस_उम्र भजन राम_नाम
        expired dinosaur school_ja doodh_pi kids_like diaper bachchi baccha_hai""",
    "belong": """
        belong belongs dont_belong nikal nikalo_isko nikal_ja nikal_jao nikal_yaha* dafa dafa_ho bhag_ja
        bhaag_ja chala_ja chale_jao chali_ja get_out get_lost go_back leave_this leave_the_group
        nobody_wants no_one_wants not_welcome koi_nahi_chahta kisi_ko_nahi_chahiye boycott bahishkar
        baat_mat_karo reply_mat ignore_karo_isko mat_bulao kick_kar* hata_do_isko hatao_isko remove_karo_isko
        group_chhod group_chod jagah_nahi no_place stay_in_your wapas_ja apne_gaon apne_desh pakistan
        निकल निकल_जा निकल_जाओ दफा भाग_जा चला_जा चले_जाओ चली_जा बहिष्कार बात_मत_करो जगह_नहीं वापस_जा
        पाकिस्तान ग्रुप_छोड़ कोई_नहीं_चाहता हटाओ_इसको इसे_निकालो isko_nikalo ise_nikalo""",
    "belittle": """
        bas_ka_nahi bas_ki_nahi layak_nahi kabil_nahi kaabil_nahi aukat_me aukat_nahi haisiyat_nahi
        tumse_nahi tujhse_nahi tere_bas seekh_ke_aa pehle_seekh abc akal_nahi dimag_nahi dimag_hai
        akal_hai bheja buddhi khopdi gobar bhoosa brain brains braincell brain_cells iq dumbest failure
        fail_ho waste time_waste good_for_nothing hopeless useless bekar bekaar kachra_content joker
        jokar circus nautanki tamasha clown copycat chor_hai sharam_kar sharam_nahi sharm_nahi chullu
        noob noobs newbie beginner_log kitna_giroge gira_hua gire_hue thook thuk kalank dharti_par_bojh
        bojh embarrassing embarrassment ashamed shame_on joke_of laughing_stock pity sad_life
        बस_का_नहीं बस_की_नहीं लायक_नहीं अक्ल_नहीं दिमाग_नहीं अक्ल_है दिमाग_है बुद्धि खोपड़ी गोबर
        भूसा बेकार जोकर सर्कस तमाशा नौटंकी शर्म_नहीं शर्म_कर चुल्लू कलंक बोझ थूक औकात_में तुमसे_नहीं
        तुझसे_नहीं कौन_पूछता kaun_puchta mooh_band muh_band chup_kar chup_baith chup_reh चुप_कर
        चुप_बैठ चुप_रह मुंह_बंद""",
    "home_folk": """
        baap maa_baap khandan khaandan parvarish sanskar tere_baap teri_maa tere_papa teri_mummy your_mother
        your_father your_parents your_mom your_dad your_family raised_you upbringing paida paida_hua
        aulad aulaad nasl khoon mayka sasural baap_ki बाप मां_बाप खानदान परवरिश संस्कार तेरी_मां पैदा
        औलाद नस्ल खून pati_ne husband_must""",
    "jeering": """
        wah waah vah genius einstein ambani bill_gates professor_sahab gyani mahagyani maharani rani
        raja_babu hero heroine madam_ji sahab_ji nawab congratulations_for slow_clap clap taliyan
        taaliyan oscar award nobel kya_baat bade_aaye badi_aayi chala_hai chali_hai chale_hai banne_chala
        banne_chali kamane_chale dream_on वाह जीनियस आइंस्टीन अंबानी महारानी रानी ज्ञानी तालियां बड़े_आए
        बड़ी_आई चला_है चली_है चले_हैं बनने_चला बनने_चली so_called bechara bechari बेचारा बेचारी""",
    "advance": """
        sexy figure hot_lag* kiss chumma gale_lag bistar bed raat_ko raat_me room hotel akele_me akele_mil*
        milogi miloge milna_hai mil_lo date_pe dinner coffee_pe single_ho shaadi_kar darling jaan jaanu janu
        sweetheart honey babe baby dost_banogi friendship_karogi number_do number_de_do photo_bhejo
        pic_bhejo selfie selfie_bhejo video_call_kar* lips body curves your_photo_without bra saree_me
        sundar_lag* pyar i_love_you why_no_reply reply_kyu ignore_kyu block_kyu सेक्सी फिगर होटल बिस्तर
        रात_को अकेले_में मिलोगी डार्लिंग जानू दोस्त_बनोगी नंबर_दो फोटो_भेजो सेल्फी प्यार चुम्मा गले_लग
        khubsurat खूबसूरत beautiful pretty gorgeous""",
    "ill_wish": """
        mar_jaye mar_jaaye marte maut maut_aaye keede_pad* kide_pad* barbad barbaad tabah satyanash
        hope_you i_hope_your wish_you_were dead die_alone rot burn_in never_recover nark narak
        jahannum bhagwan_kare khuda_kare haay_lag* haye_lage badua suicide latak kuwe_me मर_जाए मौत
        कीड़े_पड़* बर्बाद तबाह सत्यानाश भगवान_करे हाय_लग* बद्दुआ नरक jail_me_sad* sad_jaye cancer_ho
        accident_ho jal_jaye lanat laanat लानत""",
}
