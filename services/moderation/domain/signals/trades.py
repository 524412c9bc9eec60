"""The words of what is sold, feigned or begged for, and of how it is pushed.

Beside money, they are what offers are about. Written as in `words.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

TRADES: Mapping[str, str] = {
    "visa": """
        visa visas passport ielts work_permit schengen embassy canada dubai germany australia saudi qatar
        gulf abroad videsh foreign immigration overseas वीजा वीज़ा पासपोर्ट कनाडा दुबई जर्मनी विदेश
        दूतावास pr_card europe study_abroad""",
    "property": """
        plot plots flat flats bhk possession booking_amount registry bigha gaj sqft site_visit farmhouse
        rera villa jameen zameen makan builder township प्लॉट फ्लैट जमीन मकान बीघा गज रजिस्ट्री बुकिंग
        बिल्डर colony कॉलोनी acre""",
    "police": """
        police pulis cbi narcotics customs custom arrest arrested giraftar giraftari warrant court fir
        challan chalan legal_action legal_notice thana thane jail kanuni kanooni investigation
        surveillance rto crime_branch cyber_cell money_laundering laundering contraband drugs mdma ed
        पुलिस सीबीआई गिरफ्तार गिरफ्तारी वारंट अदालत चालान थाने जेल कानूनी कस्टम्स नारकोटिक्स जब्त
        court_case drug enforcement""",
    "cutoff": """
        katega kategi kat_jayega disconnect disconnection disconnected permanently_closed terminated
        discontinued cancelled permanently 24_hours 24_ghante within_hours last_warning final_notice
        final_reminder band_kar_di band_ho_jayega band_ho_jayegi band_ho_rahi freeze frozen copyright
        violation appeal restricted disabled penalty varna warna otherwise वरना अन्यथा कटेगा कटेगी
        बंद_हो_जाएगा बंद_हो_रही रुक_जाएंगी रुकी रुकी_है अंतिम_सूचना 2_ghante stop_ho""",
    "official": """
        rbi sbi hdfc icici npci uidai epfo sarkar sarkari government govt pm_kisan vibhag department
        officer adhikari adhikaari official helpdesk customer_care customer_support helpline team_meta
        bijli bijli_vibhag electricity fedex bluedart india_post dhl fastag pm_awas ayushman income_tax
        meta_support google_team community_standards modi mantri सरकार सरकारी विभाग अधिकारी अफसर बिजली
        हेल्पलाइन कस्टमर_केयर फास्टैग आयुष्मान मोदी मंत्री बैंक_मैनेजर bank_manager branch_manager
        trai telecom sim सिम executive consumer upbhokta उपभोक्ता""",
    "cure": """
        dawa dawai ilaj ilaaj weight_loss vajan wajan motapa sugar_ka diabetes bp mardana kamzori kamjori
        churn churan capsule cancer kidney bawasir piles height slim detox fat_loss sexual stamina
        nightfall gupt joint_pain remedy cure cured दवा दवाई इलाज वजन मोटापा डायबिटीज मर्दाना कमजोरी
        चूर्ण कैप्सूल कैंसर बवासीर गुप्त शुगर hair_fall gharelu_nuskha fairness lose_weight kg_kam
        kilo_weight""",
    "match": """
        rishta rishte vivah dulhan matrimonial matrimony bride brides groom nri shaadi_karna marriage_bureau
        jeevansathi रिश्ता रिश्ते विवाह दुल्हन जीवनसाथी widow_ladies divorcee talakshuda""",
    "exam": """
        paper leak answer_key neet ssc upsc bpsc reet ctet jee bharti selection setting omr merit cutoff
        board_exam topper marks_badh* result_change पेपर लीक आंसर_की नीट भर्ती सेटिंग चयन परीक्षा नंबर_बढ़*
        leaked solved_paper same_question asli_paper pass_karwa* seat_pakki back_door backdoor candidate""",
    "papers": """
        degree degrees marksheet diploma certificate certificates admission experience_letter back_date
        backdate backdated salary_slip itr licence license duplicate डिग्री मार्कशीट डिप्लोमा प्रमाणपत्र
        एडमिशन दाखिला लाइसेंस passport_size 10th_fail 12th_fail without_exam bina_exam without_test""",
    "reach_for_sale": """
        followers likes views panel smm backlink backlinks da dr da50 dr60 guest_post guestpost do_follow
        dofollow forbes monetized monetised monetize approved_account verified_account gmail pva aged
        5_star five_star one_star reviews_available rankings organic_traffic traffic loading adsense_approved
        फॉलोअर्स बैकलिंक गेस्ट_पोस्ट मोनेटाइज व्यूज पैनल non_drop nondrop refill resell reseller real_indian
        spam_score niche_edit pbn blue_tick verified_badge seo_package wiki_page""",
    "games": """
        uc bgmi pubg diamond diamonds robux free_fire valorant skins dream11 rcb csk ipl khaiwal
        khaiwali kalyan milan rajdhani gali_disawar single_pana wingo win_go prediction lucky_number hack
        mod id_password deposit_bonus bet bets demo_id id_lo यूसी डायमंड कल्याण मिलन दिसावर विंगो
        प्रेडिक्शन हैक आईपीएल dragon_tiger slot spin toss_report fantasy""",
    "pirated": """
        netflix hotstar sonyliv spotify prime_video ott premium premium_account canva_pro chatgpt_plus
        udemy coursera drive_link drive_access gdrive crack cracked mod_apk lifetime group_buy semrush
        ahrefs windows_key office_key account_share screen nulled torrent dump leaked_course telegram_course
        ओटीटी नेटफ्लिक्स हॉटस्टार क्रैक ड्राइव_लिंक paid_course paid_courses all_courses unlimited""",
    "install": """
        apk install anydesk any_desk teamviewer quicksupport quick_support rustdesk unknown_source
        unknown_sources permission allow_permission screen_share एपीके इंस्टॉल एनीडेस्क allow
        play_protect file_kholo open_file attached_file download_kar""",
    "alms": """
        donate donation donations daan daan_karo chanda zakat sadka operation gaushala gaumata anath
        ashram bhandara punya punnya dua duaa ngo widow orphan orphans flood_relief patient hospital icu
        bacche_ki_jaan दान चंदा ऑपरेशन गौशाला अनाथ आश्रम भंडारा पुण्य दुआ अस्पताल पीड़ित विधवा गौमाता
        help_this_child share_karo accident beemar बीमार crowdfunding""",
    "policy_sale": """
        policy policies surrender maturity lic irda irdai mutual term_plan jeevan_bima health_insurance
        nominee पॉलिसी सरेंडर मैच्योरिटी एलआईसी प्रीमियम बीमा claim_amount""",
    "mule": """
        account_chahiye current_account saving_account savings_account corporate_account settlement
        per_lakh passbook atm_card cheque_book bank_kit usdt_exchange account_holder accounts_needed
        account_needed gaming_fund khata_chahiye khate_chahiye khata_dena खाता_चाहिए खाते_चाहिए पासबुक
        चेकबुक एटीएम_कार्ड करंट_अकाउंट account_do acc freeze_hone limit_wala payin payout""",
    "dealer": """
        franchise franchisee dealership distributor distributors distributorship agency csp tower
        solar petrol_pump vending machine territory kiosk wholesaler stockist फ्रेंचाइजी डीलरशिप
        डिस्ट्रीब्यूटर एजेंसी टावर सोलर मशीन outlet master_franchise pincode pin_code_reserve roof
        chhat छत""",
    "bulk": """
        bulk bulk_sms database leads sender smtp ivr dlt whatsapp_sender whatsapp_blast blaster
        marketing_software data_available mobile_data email_list डेटाबेस बल्क थोक_मैसेज hni
        demat_holder voice_call website_banwao website_development logo_design app_development""",
    "begging": """
        6_digit six_digit code_aaya code_bhej code_gaya code_chala galti_se_code naya_number new_number
        phone_kho phone_toot lauta_dunga lauta_dungi wapas_kar_dunga shaam_tak kal_tak mushkil_me
        in_trouble stranded wallet_stolen return_tomorrow accept_request request_accept collect_request
        approve_the_request enter_pin pin_dalo galti_se_paise by_mistake wrong_number लौटा_दूंगा
        लौटा_दूंगी नया_नंबर गलती_से कोड_भेज कोड_आया कोड_चला मुसीबत_में रिक्वेस्ट_स्वीकार पिन_डालें""",
    "blackmail": """
        video_viral video_call_record recorded recording nude nudes gandi_video gande_video
        contact_list contacts_ko family_ko sabko_bhej upload expose leak_kar ज्यादा_देर रिकॉर्डिंग
        गंदा_वीडियो गंदी_वीडियो वायरल delete_karwa* हटवाने private_video""",
    "charms": """
        akeli bhabhi aunty video_call nude_call gigolo playboy escort escorts massage spa full_night
        ladies_ke dosti masti romance hot young_girls college_girls service_available अकेली भाभी आंटी
        एस्कॉर्ट मसाज दोस्ती मस्ती रोमांस female_client secret_relation baby sweetie 💋 🔞""",
    "occult": """
        kundli kundali grah dosh upay totka tona tawiz tabeez miya molana maulana aghori siddh siddhi
        hawan puja_karwa bhavishya nakshatra rashi ratna gemstone rudraksha kavach muthkarni guru_maa
        santan grih_klesh कुंडली ग्रह दोष उपाय टोटका तावीज मौलाना अघोरी सिद्ध हवन भविष्य राशि रत्न
        रुद्राक्ष संतान क्लेश kala_jaadu jaadu solution_in_hours spell""",
}

PITCH: Mapping[str, str] = {
    "lure": """
        interested intrested intersted haan_likho ha_likho yes_likho likh_do likh_dein haan_likhein
        type_yes comment_karo comment_kare drop jisko_chahiye jinko_chahiye jinhe_chahiye kisko_chahiye
        kise_chahiye chahiye_to chahiye_ho lena_ho lene_ho chahte_ho chahte_hai who_wants want_to_know
        anyone_interested ask_me ping ping_me pm dp_dekho dp_me bio status_dekho status_pe save_my_number
        keep_my_number number_save reach_me reach_us talk_to_me let_us_talk talk_to_our message_kare
        message_kijiye puch_lena puchna_ho puch_lo bata_dunga bataunga bataungi samjha_dunga guide_kar_dunga
        हां_लिखें हां_लिख लिख_दें लिख_भेजें जिसे_चाहिए जिन्हें_चाहिए किसे_चाहिए चाहिए_तो चाहिए_हो लेना_हो
        चाहते_हैं बताऊंगी बताऊंगा निजी_में पर्सनल_में अकेले_में पूछना_हो कॉल_कीजिए फोन_कीजिए फोन_करो
        मैसेज_कीजिए लिखकर_भेजें dm_me dm_for inbox_kare inbox_karo inbox_karein inbox_pls pls_dm
        personal_me_aao personal_pe aa_jao aa_jana apply_now enquire call_us call_now book_a_call""",
    "secret": """
        discreet discreetly confidential secret secretly raaz raj_ki chupke kisi_ko_mat mat_batana
        yaha_nahi group_me_nahi group_mein_nahi not_here cannot_explain can_not_explain dont_tell
        do_not_tell do_not_discuss admin_bhai_mat hatana_mat mat_hatana mat_hatao delete_mat_karna
        not_on_chat call_only khul_ke_nahi samajhdar_ko ishara private_channel private_group
        किसी_को_मत मत_बताना यहां_नहीं ग्रुप_में_नहीं राज़ राज गोपनीय चुपके मत_हटाना मत_हटाइए इशारा
        underground insider andar_ki अंदर_की""",
    "vouch": """
        genuine trusted legit no_scam not_a_scam vouches vouch proof screenshot_dekho saboot bharosemand
        bharose bharosa vishwas vishwasniya asli_wala real_wala sarkar_se government_approved govt_approved
        govt_registered registered_company iso certified verified_company manyata_prapt sebi_registered
        years_old saal_purani saal_se testimonials happy_customers 100_real fake_nahi farzi_nahi
        scam_nahi fraud_nahi dhokha_nahi मान्यता भरोसेमंद भरोसा_रखें विश्वास सबूत प्रमाणित असली_वाला
        साल_पुरानी साल_से धोखा_नहीं फर्जी_नहीं स्कैम_नहीं trust_me swear kasam कसम""",
    "no_condition": """
        no_experience no_interview without_interview bina_interview no_qualification anyone_can
        koi_bhi_kar koi_bhi kisi_bhi padhai_nahi 10th_pass 12th_pass 8th_pass freshers fresher
        direct_joining no_target no_documents no_document bina_kagaj bina_kagaz bina_document bina_cibil
        cibil_kharab low_cibil without_documents without_cibil no_cibil no_investment without_investment
        zero_investment bina_investment bina_paise bina_diet without_ielts age_no anubhav_nahi
        अनुभव_नहीं बिना_इंटरव्यू बिना_कागज बिना_दस्तावेज बिना_निवेश बिना_पैसे कोई_भी किसी_भी दसवीं_पास
        पढ़ाई_नहीं बिना_परीक्षा खराब_सिबिल bina_mehnat no_skill no_skills no_coding age_limit""",
    "scarce": """
        seats slots slot limited_seats pehle_10 pehle_20 first_10 first_20 first_50 only_5 left
        booking_open closes_tonight offer_ends aakhri_mauka half_price launch_offer pre_launch filling
        filling_fast sirf_10 sirf_5 sirf_3 seat slots_open सीटें सीट केवल_10 पहले_10 पहले_20 बची बचे
        आखिरी_मौका सीमित_समय सीमित_सीटें aaj_raat आज_रात before_evening doors_close offer_price chance""",
    "dream": """
        creta fortuner thar bmw iphone_liya gaadi_li car_li bike_li ghar_liya resign naukri_chhod
        naukri_chhodi job_chhod financial_freedom freedom dream dreams sapna sapne khwab lifestyle
        own_boss apna_boss malik lakhpati crorepati karodpati retire richest rich ameer amir
        badal_gayi zindagi_badal life_change life_changing life_changed kismat pehchan apni_pehchan
        संपन्न सपना सपने आजादी अमीर लखपति करोड़पति किस्मत पहचान जिंदगी_बदल मालिक बदल_गई गाड़ी_ली
        mindset 9_to_5 side_income extra_income second_income atmanirbhar आत्मनिर्भर""",
    "audience": """
        bahno behno behnon bahnon behen_log housewives housewife ladies grihini mahilaye retired friends
        doston mitron mitro guys members all_members everyone sabhi_log dear_friends dear_member
        dear_customer dear_user dear_sir business_owners shop_owners entrepreneurs sajjano bandhuo bloggers
        बहनों बहनो महिलाएं गृहिणी गृहिणियां मित्रों सज्जनों बंधुओं सदस्यों ग्राहक प्रिय respected
        freshers_welcome jobless berojgar बेरोजगार""",
}

CALM: Mapping[str, str] = {
    "advice": """
        check_karo check_karna check_karke check_kar_lo pehle_check dhyan_rakhna dhyan_se always remember
        better_to double_check verify_karo sochna soch_lo samajh_lo mehnat consistent consistency patience
        sabra dheere_dheere slowly practice seekho seekhna learn learning learnt improve focus
        जांच_लें ध्यान_रखें ध्यान_से सोच_लो मेहनत धीरे_धीरे सब्र सीखना सीखो सीख learned depends
        usually generally mostly personally imo in_my_experience""",
    "others_said": """
        usne unhone bol_raha bol_rahe bol_rahi keh_raha keh_rahe keh_rahi bola call_aaya phone_aaya
        message_aaya msg_aaya mail_aaya got_a_call got_a_mail got_a_message someone somebody my_friend
        my_uncle my_cousin mere_dost mere_papa mere_chacha padosi neighbour mere_bhai ek_banda ek_aadmi
        claiming claims they_said they_ask asked_me told_me उसने उन्होंने बोल_रहा कह_रहा बोला
        फोन_आया कॉल_आया मैसेज_आया मेरे_दोस्त पड़ोसी मेरे_पापा एक_आदमी scammers thug""",
    "small_chat": """
        haha hahaha lol lmao 😂 🤣 😅 😄 yaar yar bhai_sahab chai khana subah shaam bacche school
        barish garmi network light ghar_pe_sab tabiyat सुबह चाय खाना बारिश गर्मी बच्चे स्कूल तबीयत
        यार exam_hai result_aaya padhai पढ़ाई""",
    "at_work": """
        client_ne client_ka budget deadline revision draft milestone quotation quote_bheja gst_number
        dashboard analytics console impressions clicks ctr cpc rpm ranking indexed plugin theme
        wordpress template login_issue error bug update_kiya order_aaya orders delivery return courier_wala
        stock margin customer customers packaging supplier dukaan क्लाइंट बजट डेडलाइन ग्राहक_ने
        ऑर्डर_आया डिलीवरी मार्जिन दुकान वर्डप्रेस थीम प्लगइन traffic_aaya views_aaye half_now
        half_after staging testing portfolio_link""",
}
