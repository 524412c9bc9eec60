"""The words behind the signals: what an offer, its push and its harmless neighbours are made of.

Each notion is a list of words in three scripts, as people spell them; they are normalised before they
are compared. `kama*` stands for every word that begins so, `ghar_baithe` for words in a row. Money, links and
numbers are seen by their form instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.moderation.domain.signals.persons import PERSONS
from services.moderation.domain.signals.trades import CALM, PITCH, TRADES

OFFER: Mapping[str, str] = {
    "earn": """
        kama kamao kamaye kamaen kamaiye kamaiy kamane kamana kamai kamwa* kamayi kama_raha kama_rahi कमा
        कमाओ कमाएं कमाए कमाइए कमाने कमाना कमाई कमवा* कमाकर कमायें earn earning earnings earns make_money
        makes_money making_money income incomes इनकम आमदनी आय आमदन profit profits munafa मुनाफा प्रॉफिट
        कमीशन commission payout payouts withdraw withdrawal विड्रॉल vidrol passive_income cash_prize
        salary make_lakhs lakho लाखों banao bana_rahi""",
    "get": """
        pao paye payen milega milenge milegi milte lo le_jao ghar_le_jao jeeto jito पाओ पाएं पाइए मिलेगा
        मिलेंगे मिलेगी लो लीजिए जीतो get receive claim win grab uthao उठाओ nikalo निकालो nikale wapas
        वापस""",
    "period": """
        roz roj rozana daily dailly har_din prati_din per_day a_day every_day each_day day ek_din mahina
        mahine monthly month per_month a_month every_month har_mahine hafte weekly week har_hafte रोज
        रोजाना डेली हर_दिन प्रतिदिन महीना महीने मंथली हर_महीने हफ्ते हर_हफ्ते प्रति_दिन ghante hour hours
        घंटे din दिन days minute minutes मिनट lifetime life_time लाइफटाइम आजीवन जिंदगी_भर""",
    "home": """
        ghar_baithe ghar_bethe ghar_baith_kar ghar_se_kaam ghar_par ghar_pe from_home work_from_home wfh
        part_time fulltime full_time mobile_se phone_se with_your_phone from_your_phone online_job
        online_work online_kaam khali_baithe घर_बैठे घर_से_काम घर_पर पार्ट_टाइम फुल_टाइम मोबाइल_से फोन_से
        ऑनलाइन_काम ऑनलाइन_जॉब वर्क_फ्रॉम_होम खाली_बैठे at_home remote packing पैकिंग पैकेजिंग packaging
        data_entry डेटा_एंट्री typing_job टाइपिंग""",
    "guarantee": """
        pakka pakki pakke paka guarantee guaranteed garanti gaurantee guarenteed sure_shot sureshot
        100_sure assured fix fixed no_risk zero_risk risk_free bina_risk koi_risk_nahi loss_nahi no_loss
        capital_safe capital_is_safe kisi_ka_loss_nahi pass पक्का पक्की पक्के गारंटी गारंटीड बिना_रिस्क
        कोई_रिस्क_नहीं रिस्क_नहीं जोखिम_शून्य जोखिम_नहीं फिक्स तय लिखित stamp_paper स्टाम्प_पेपर
        likh_ke_denge money_back paisa_wapas paise_wapas पैसा_वापस पैसे_वापस nobody_ever_lost accuracy
        नुकसान_नहीं नुकसान_हमारा""",
    "double": """
        double dugna duguna doguna triple tripal twice 2x 3x 5x 10x 100x डबल दोगुना दुगुना तीन_गुना
        चार_गुना guna गुना doubled doubles""",
    "fee": """
        fee fees fis registration regestration registration_fee regn joining joining_fee id_charge charge
        charges processing file_charge security_deposit security deposit advance membership activation
        kit uniform_charge entry_fee फीस शुल्क रजिस्ट्रेशन पंजीकरण जॉइनिंग चार्ज प्रोसेसिंग फाइल_चार्ज
        सिक्योरिटी डिपॉजिट एडवांस मेंबरशिप एक्टिवेशन किट बीमा insurance paid_group premium_group
        vip_group पेड_ग्रुप वीआईपी प्रीमियम vip premium starting shuruat शुरुआत एंट्री dakshina दक्षिणा
        form_bharna फॉर्म_भरना id_card आईडी_कार्ड""",
    "pay": """
        pay jama jama_karo invest investment nivesh lagao lagaye lagaen paytm phonepe gpay upi payment
        pe_karo bhar_do bharo invest_karo dalo deposit_karo send_fee जमा जमा_करें जमा_करो निवेश इन्वेस्ट
        लगाओ लगाएं पेटीएम फोनपे पेमेंट पे_करो भर_दीजिए भरना डालो देकर भेजकर deke bhejke dekar buy kharido
        खरीदो kharide enrol enroll book_now buk put_money paisa_dalo पैसा_डालो 5000_do invest_once""",
    "crypto": """
        bitcoin btc ethereum eth usdt dogecoin solana bnb xrp shiba crypto cryptocurrency kripto token
        coin airdrop wallet staking mining binance defi presale nft क्रिप्टो बिटकॉइन यूएसडीटी एयरड्रॉप
        वॉलेट टोकन माइनिंग स्टेकिंग""",
    "trading": """
        trading trade trader forex intraday nifty bank_nifty option share_market stock_market signal
        signals sip demat account_handling btst jackpot_call mutual_fund ट्रेडिंग फॉरेक्स शेयर निफ्टी
        ऑप्शन सिग्नल अकाउंट_हैंडलिंग return returns रिटर्न byaj ब्याज arbitrage""",
    "task": """
        task tasks review reviews rivyu rating ratings 5_star star_rating stars google_map google_maps
        captcha like_karo like_karne like_karna likes like watch_ads watch_video merchant_task
        prepaid_task order_task टास्क रिव्यू रेटिंग सितारे गूगल_मैप कैप्चा लाइक like_videos liking
        screenshot स्क्रीनशॉट star ads_dekh*""",
    "subscribe": """
        subscribe subscribed sabscribe subscriber subscribers sub4sub sub_for_sub follow follow_karo
        follow_back f4f followers follower my_channel mere_channel mera_channel my_video meri_video
        my_reel meri_reel सब्सक्राइब सबस्क्राइब सब्सक्राइबर फॉलो फॉलोअर मेरे_चैनल मेरा_चैनल मेरी_वीडियो
        sub_ke_badle watch_time check_out_my mere_insta मेरे_इंस्टा sabskraib*""",
    "refer": """
        refer referral refer_code referral_code refer_karo refer_karke mera_code mere_code my_code code
        downline mlm network_marketing log_jodo jodo jodke jodkar team_me level_income direct_income
        auto_pool per_referral invite_friends sign_up signup sign_up_bonus joining_bonus my_link
        mere_link रेफर रेफरल रेफर_कोड कोड डाउनलाइन एमएलएम नेटवर्क_मार्केटिंग जोड़ो जोड़कर जोड़िए टीम_में
        मेरी_टीम meri_team साइन_अप बोनस bonus लेवल_इनकम मेरे_लिंक jodiye refer_karoge रेफर_करोगे""",
    "loan": """
        loan lone karz karj udhar mudra cibil sibil लोन कर्ज उधार मुद्रा सिबिल credit_score no_documents
        bina_document personal_loan instant_loan salary_slip""",
    "kyc": """
        kyc otp ओटीपी केवाईसी upi_pin pin_code pin पिन aadhaar_link pan pan_link पैन card_block
        account_block block blocked suspended suspend deactivated verify verification ब्लॉक निलंबित
        सत्यापन सत्यापित वेरीफाई band_ho बंद_हो reward_points रिवॉर्ड_पॉइंट redeem expire expires on_hold
        hold होल्ड customs कस्टम kat_jayegi kaat_diya कट_जाएगी काट_दिया कट_जाएगा disconnected parcel
        courier पार्सल कूरियर refund cashback रिफंड कैशबैक scan_qr qr क्यूआर""",
    "lottery": """
        lottery lotery lucky_draw kbc winner won jeet_gaya jeeta jita prize inam gift_voucher selected
        chuna_gaya congratulations congrats badhai_ho लॉटरी लकी_ड्रॉ केबीसी जीता जीत_गया इनाम चुना_गया
        बधाई_हो मुबारक_हो free_laptop free_recharge muft_recharge फ्री_रिचार्ज मुफ्त_लैपटॉप फ्री_लैपटॉप
        giveaway giving_away yojana योजना iphone आईफोन""",
    "astro": """
        vashikaran vashikran kala_jadu black_magic love_marriage sautan tantrik baba guruji guru_ji
        pandit babaji astrologer jyotish lost_love khoya_pyar manchaha_pyar वशीकरण काला_जादू प्रेम_विवाह
        सौतन तांत्रिक बाबा गुरुजी गुरु_जी पंडित बाबाजी ज्योतिषी खोया_प्यार मनचाहा_प्यार vash_me वश_में
        dhanlaxmi yantra यंत्र dushman_ka_nash""",
    "chain": """
        forward forward_karo logo_ko_bhejo logo_ko_forward group_me_bhejo groups_me groups_mein
        group_me_dalo logo_ko send_this_to forward_this in_12_groups people_and लोगों_को_भेजो
        ग्रुप_में_भेजो ग्रुप_में_डालो ग्रुप_में_भेजोगे लोगों_को फॉरवर्ड आगे_भेजो ignore_mat do_not_ignore
        अनदेखा_मत chamatkar चमत्कार khushkhabri खुशखबरी good_luck bad_luck good_news""",
    "gamble": """
        rummy rumi teen_patti casino betting bet satta matka aviator colour_game color_game jodi
        match_fix fix_match fixed_match toss cricket_id betting_id रमी तीन_पत्ती कसीनो बेटिंग सट्टा मटका
        एविएटर कलर_गेम जोड़ी मैच_फिक्स टॉस game_khelo rang_batao रंग_बताओ guess_the_colour match""",
    "sell": """
        sale offer discount cod cash_on_delivery order_now lifetime_access mrp price best_price wholesale
        saste sasta netflix marksheet degree certificate herbal ayurvedic plot सेल ऑफर छूट ऑर्डर_करें थोक
        सस्ते मार्कशीट डिग्री हर्बल आयुर्वेदिक प्लॉट दाम कीमत course ebook kors कोर्स ई-बुक flat_off""",
    "free": """
        free fre muft फ्री मुफ्त निशुल्क निःशुल्क""",
    "account_rent": """
        account_kiraye khata_kiraye kiraye_par kiraye_pe account_on_rent accounts_on_rent bank_account_do
        rent_your_bank खाता_किराए किराए_पर बैंक_खाता_दो""",
    "adult": """
        call_girl dating video_call_service dosti_club sexy xxx hot_girls कॉल_गर्ल डेटिंग दोस्ती_क्लब
        सेक्सी""",
}

PUSH: Mapping[str, str] = {
    "contact": """
        contact sampark msg_karo message_karo msg_kare message_me text_me inbox dm call call_kare
        call_karo whatsapp_karo whatsapp_kare whatsapp hello_bhejo hi_likho hi_bhejo 1_likh type_1
        comment_yes details_ke_liye jankari_ke_liye reply personal_me संपर्क मैसेज_करें मैसेज_करो इनबॉक्स
        कॉल_करें कॉल_करो कॉल व्हाट्सएप डीएम हेलो_भेजें हाय_लिखें पर्सनल_में 1_लिखकर जानकारी_के_लिए
        बात_करें phone_kare फोन_करें write_to ask_me_how mujhe_msg मुझे_मैसेज for_details message_her
        contact_him inbox_me say_hello hello_on phone_karo msg_me baat_kare""",
    "off": """
        telegram tg telegraam channel_join join_channel group_join join_group our_group new_group
        mere_group vip_channel टेलीग्राम चैनल_से ग्रुप_जॉइन नए_ग्रुप मेरे_ग्रुप whatsapp_group
        व्हाट्सएप_ग्रुप signal_channel telegrm teligram instagram_dm""",
    "urgent": """
        jaldi jaldi_karo abhi turant aaj_hi last_date last_chance hurry limited limited_time
        limited_offer seats_left seat_baki seat_bachi sirf_aaj today_only ends_today midnight now
        immediately urgent expire_today जल्दी अभी तुरंत आज_ही आखिरी सीमित सीट_बाकी सीट_बची सिर्फ_आज फौरन
        tonight instantly mauka मौका golden_chance golden_opportunity vacancy_limited seats_remain
        seats_only aakhri offer_khatam""",
    "price_rise": """
        price_goes price_doubles price_badh* daam_badh* rate_badh* ke_baad_price kal_se ho_jayegi
        ho_jayega price_up real_price asli_price कीमत_बढ़* दाम_बढ़* कल_से हो_जाएगी हो_जाएंगे असली_कीमत
        from_tomorrow then_double prices_going_up""",
    "command": """
        karo kare karen kijiye kijie aao aaye aaiye judo jude judiye join bhejo bheje bhej_do likho click
        klik download install kholo dekho chhodo lagao kamao kamaye khelo banao do करो करें कीजिए आओ आएं
        आइए जुड़ो जुड़ें जुड़िए भेजो भेजें भेज_दो लिखो क्लिक डाउनलोड खोलो देखो छोड़ो लगाओ लगाएं कमाओ
        कमाएं खेलो बनाओ दो लो apply register subscribe call hurry invest start watch send forward grab
        buy open kar_do कर_दो""",
    "you": """
        aap aapka aapke aapko tum tumhara tumhe you your yours आप आपका आपके आपको तुम तुम्हारा तुम्हें
        dear sir_madam dosto दोस्तों ladies housewife students""",
}

CARE: Mapping[str, str] = {
    "question": """
        kya kaise kaisa kitna kitne kitni kab kaha kahan kaun kaunsa koi_batayega kisi_ne koi_bata anyone
        has_anyone is_this is_it how what which should_i does_it when where did anybody क्या कैसे कैसा
        कितना कितने कितनी कब कहां कौन कौनसा किसी_ने कोई_बता* किसी_को_पता guide_karo suggest my_opinion
        aapki_rai आपकी_राय what_do_you_think do_you_think how_do""",
    "self": """
        maine mujhe mera meri mere mai hum hamare hamne humne i my me we our मैंने मुझे मेरा मेरी मेरे
        मैं हम हमारे हमने हमारी""",
    "past": """
        kamaye_hai kamaye kamayi mila mili aaya aayi aaye mile laga lage tha the thi hua hui gaya gaye
        liya kiya kar_diya nikale_the कमाए कमाई मिला मिली आया आई आए मिले लगा लगे था थे थी हुआ हुई गया गए
        लिया किया earned made got received took was were lost did reached paid_me started निकाले_थे""",
    "warning": """
        savdhan savdhaan sawdhan alert_rahe beware be_careful fraud froud scam scams scammer thagi thag
        thage dhokha dhoka fake farzi farji jhuthe jhutha 1930 cybercrime cyber_crime report_kiya
        bharosa_mat bacho bachke lalach lut_gaye lost_everything cheated doob_gaya nuksan loss_hua सावधान
        सतर्क ठगी ठग ठगे ठगों धोखा फ्रॉड स्कैम फर्जी नकली झूठे झूठा साइबर भरोसा_न भरोसा_मत बचो लालच
        डूब_गया नुकसान घाटा warn warned warning चेतावनी चेताया avoid false genuine legit asli_hai असली_है
        sahi_hai""",
    "dont": """
        mat nahi na never dont don't do_not not not_allowed mana mana_hai मत नहीं न मना मना_है no without
        never_share na_de na_kare kabhi_nahi कभी_नहीं refused mana_kar""",
    "notice": """
        admin rule rules niyam notice suchna warning_milegi group_rule guidelines एडमिन नियम नियमों सूचना
        moderators delete_ho removed hata_di हटा_दिए charcha चर्चा swagat welcome स्वागत intro परिचय
        introduce badhai_ji""",
    "meeting": """
        meeting zoom google_meet meet webinar workshop class session live_class demo मीटिंग वेबिनार
        वर्कशॉप क्लास सत्र ज़ूम जूम गूगल_मीट call_me_at standup""",
    "job": """
        vacancy interview cv biodata bio_data resume office karyalay hiring experience walk_in 10_am
        bring_your portfolio samples client clients invoice इंटरव्यू बायोडाटा कार्यालय ऑफिस भर्ती रिक्ति
        क्लाइंट इनवॉइस नमूना dukan दुकान shop company_address koi_fees_nahi no_fees no_fee no_charge
        no_charges कोई_फीस_नहीं कोई_शुल्क_नहीं""",
    "craft": """
        blog blogging seo keyword adsense fiverr upwork freelancer freelancing affiliate youtube
        thumbnail title domain hosting website gst pan_card tds tax itr ब्लॉग कीवर्ड एडसेंस फाइवर अपवर्क
        फ्रीलांस* यूट्यूब थंबनेल डोमेन होस्टिंग वेबसाइट जीएसटी टीडीएस टैक्स emi rbi sebi market बाजार
        linkedin canva tuition silai सिलाई tiffin टिफिन article लेख receipt रसीद feedback फीडबैक""",
    "thanks": """
        thanks thank_you dhanyavad dhanyawad shukriya please kripya help madad धन्यवाद शुक्रिया कृपया मदद
        good_morning suprabhat namaste नमस्ते शुभ सुप्रभात""",
}

HARM: Mapping[str, str] = {
    "rude_you": """
        tu tera teri tere tujhe tere_ko tujhse tujh tereko abe be saale sale sala saali re तू तेरा तेरी
        तेरे तुझे तेरे_को तुझसे तुझ अबे साले साला साली you_are youre your u ur""",
    "violence": """
        maar marunga mar_dunga maar_dunga maro mar_ja mar_jao tod tod_dunga kaat kat_dalunga jala goli
        pitai peet thappad jute juta laat uthwa uthwa_lunga zinda_nahi haddi tange tezab dekh_lunga
        chhodunga chodunga fansi doob_mar kill killing beat shoot stab hang hurt burn bones punch slap
        acid die murder break_your finish_you मार मारूंगा मार_दूंगा मारो मर_जा तोड़ तोड़_दूंगा काट
        काट_डालूंगा जला गोली पीट थप्पड़ जूते लात उठवा उठवा_लूंगा जिंदा_नहीं हड्डी हड्डियां टांगें तेजाब
        देख_लूंगा छोड़ूंगा फांसी डूब_मर टुकड़े tukde viral_kar वायरल_कर leak लीक dhamki""",
    "group": """
        muslim muslims musalman musalmano hindu hindus hinduo dalit dalits dalito bihari biharis bihariyo
        christian christians brahmin brahmins adivasi sikh sikhs yadav jaat jews immigrants refugees
        africans chinese gays black_people madrasi nepali kashmiri kashmiris quota reservation caste jati
        nichi low_caste मुसलमान मुसलमानों मुस्लिम हिंदू हिंदुओं हिन्दू दलित दलितों बिहारी बिहारियों ईसाई
        ब्राह्मण ब्राह्मणों आदिवासी सिख यादव बनिए जाट चमार मद्रासी नेपाली कश्मीरी जात जाति आरक्षण कोटे
        नीची""",
    "contempt": """
        gaddar deshdrohi gande keede suar janwar deemak kachra gandagi traitors traitor vermin pigs
        animals rats parasites disease dirty terrorists terrorist filthy trash garbage scum गद्दार
        देशद्रोही गंदे कीड़े सूअर जानवर दीमक कचरा गंदगी आतंकी aukat औकात haisiyat हैसियत juti जूती""",
    "expel": """
        nikalo bhagao bahar_feko khatma safaya kuchal sabak khatam throw_out kick_out get_out wipe_out
        get_rid send_them_back keep_them_away निकालो भगाओ भगाना खात्मा सफाया कुचल सबक खत्म मिटा""",
    "women": """
        aurat aurate aurato ladki ladkiya ladkiyo mahila mahilao madam women woman girls girl wife wives
        she her औरत औरतें औरतों लड़की लड़कियां लड़कियों महिला महिलाओं मैडम बीवी""",
    "demean": """
        rasoi kitchen chulha bartan khana_bana pallu characterless character akal dimag ghutno shakal
        bas_ka_nahi cook slap_her no_brain no_brains रसोई चूल्हा बर्तन खाना_बना पल्लू चरित्रहीन चरित्र
        अक्ल दिमाग घुटनों शक्ल बस_का_नहीं mardo मर्दों मर्द mard akeli अकेली akele अकेले janeman जानेमन
        bina_kapdo बिना_कपड़ों without_clothes how_much_for""",
    "insult": """
        bewakoof bewkuf gadha gadhe nikamma nikamme ghatiya kutta kutte kutti kamina kamine kameene
        harami haramkhor nalayak jahil gawar neech besharam dogla dogle pagal idiot moron stupid loser
        fool dumb ugly pathetic worthless bastard disgusting बेवकूफ गधा गधे निकम्मा निकम्मे घटिया कुत्ता
        कुत्ते कुत्ती कमीना कमीने हरामी हरामखोर नालायक जाहिल गंवार नीच बेशर्म दोगला दोगले पागल do_kodi
        do_take दो_कौड़ी दो_टके bheekh भीख""",
    "told": """
        bola_tha kaha kahaa likha_tha likha usne unhone dhamki_di gaali_di called_me told_me insulted
        threatened report_kiya reported complaint shikayat कहा लिखा_था लिखा उसने धमकी_दी गाली_दी शिकायत
        रिपोर्ट galat_hai गलत_है wrong sexist""",
}

NOTIONS: Mapping[str, str] = {**OFFER, **PUSH, **CARE, **HARM, **TRADES, **PITCH, **CALM, **PERSONS}
