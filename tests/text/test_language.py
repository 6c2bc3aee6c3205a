"""Which language a headline or an article is written in. Every sentence here is our own."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.text.language import LANGUAGES, detect

ARABIC = """
    بغداد: إحباط محاولة لتفجير عبوة ناسفة قرب سوق شعبي
    السوداني يستقبل وفدا من شركات النفط ويبحث تطوير حقول البصرة
    قصف تركي يطال قرى في ناحية العمادية شمالي دهوك
    الحشد الشعبي يعلن مقتل قيادي في داعش شرقي صلاح الدين
    ضبط شاحنتين محملتين بالأدوية المهربة عند سيطرة كركوك
    البرلمان يرفع جلسته إلى الاثنين بسبب عدم اكتمال النصاب
    عون يلتقي موفدا فرنسيا في بعبدا والملف الرئاسي على الطاولة
    غارة إسرائيلية تستهدف سيارة على طريق النبطية
    أهالي الجولان يشيعون ضحايا القصف على مجدل شمس
    دمشق توقع اتفاقا مع شركة قطرية لتشغيل محطة كهرباء حلب
    أصحاب المولدات في عكار يهددون بالإطفاء الشامل
    اعتصام للمعلمين أمام وزارة التربية في عمان
    الرياض تستضيف قمة عربية طارئة حول غزة الأسبوع المقبل
    أمير الكويت يستقبل رئيس مجلس الأمة وأعضاء الحكومة
    دبي تسجل ارتفاعا قياسيا في مبيعات العقارات خلال شهر
    قطر تؤكد استمرار جهود الوساطة رغم تعثر المفاوضات
    سلطنة عمان تعلن فتح باب التسجيل لموسم الحج
    التضامن تنفي شائعات وقف صرف معاش تكافل وكرامة
    ضبط عصابة سرقة السيارات في الجيزة وبحوزتها أسلحة
    الأهلي يفوز على الزمالك بهدفين ويقترب من الدرع
    البنك المركزي المصري يثبت سعر الفائدة للمرة الثالثة
    حموشي يستقبل مدير الشرطة الإسبانية بالرباط
    تبون يترأس اجتماعا لمجلس الوزراء حول قانون المالية
    وقفة احتجاجية لعمال الحوض المنجمي بقفصة للمطالبة بالتشغيل
    حكومة الوحدة الليبية تنفي نيتها رفع الدعم عن المحروقات
    انتشال جثث سبعة مهاجرين قبالة سواحل صفاقس
    مقتل جندي وجرح خمسة بهجوم مسلح
"""
ARABIC_ARTICLES = """
    أعلنت خلية الإعلام الأمني، صباح اليوم الثلاثاء، أن قوة من جهاز مكافحة الإرهاب نفذت عملية
    إنزال جوي في وادي الشاي جنوب غربي كركوك، أسفرت عن مقتل ثلاثة من عناصر تنظيم داعش والعثور
    على مخبأ للأسلحة. وقال مصدر محلي إن الطائرات حلقت فوق المنطقة لأكثر من ساعتين.

    قال مدير ناحية زمار إن الأمطار الغزيرة التي هطلت ليلة أمس أدت إلى انهيار جسر ترابي وقطع
    الطريق بين الناحية ومدينة الموصل، مبينا أن فرق البلدية باشرت بفتح طريق بديل، فيما طالب
    الأهالي وزارة الإعمار بإنشاء جسر ثابت بعد تكرار الحادث للمرة الرابعة.

    شهدت أسواق بيروت، أمس، حركة خفيفة عشية الأعياد. ويقول صاحب متجر في شارع الحمرا إن الناس
    يسألون عن الأسعار ثم يمضون، وإن سعر صرف الليرة لم يعد وحده السبب، بل الخوف من عودة الحرب إلى
    الجنوب. أما الجمعيات فتؤكد أن طلبات المساعدة تضاعفت منذ الصيف.

    أكد وزير الطاقة السعودي خلال مشاركته في المنتدى أن المملكة ماضية في خططها لرفع حصة الطاقة
    المتجددة، مشيرا إلى أن المشاريع التي جرى توقيعها هذا العام توفر الكهرباء لأكثر من مليون
    منزل. وأضاف أن الأسواق النفطية متوازنة رغم التوترات في المنطقة.

    قررت محكمة جنايات القاهرة تأجيل نظر القضية المعروفة إعلاميا برشوة الحي إلى جلسة الشهر المقبل
    لسماع أقوال الشهود. وكانت النيابة قد أحالت المتهمين إلى المحاكمة بعد أن كشفت التحريات عن
    حصولهم على مبالغ مالية من مقاولين مقابل تراخيص بناء مخالفة.

    كشف المكتب الوطني للسكك الحديدية بالمغرب عن برنامج خاص بمناسبة العطلة المدرسية، يضم قطارات
    إضافية بين الدار البيضاء وفاس ومراكش. وأوضح بلاغ للمكتب أن الحجز سيكون متاحا عبر الموقع
    الإلكتروني ابتداء من يوم الاثنين، داعيا المسافرين إلى تفادي ساعات الذروة.

    أعربت تنسيقية النقابات الجزائرية عن رفضها لمشروع القانون الجديد، معتبرة أنه يمس بحق الإضراب.
    وفي تونس، دعا الاتحاد العام إلى استئناف الحوار مع الحكومة حول الزيادة في الأجور، بعد توقف
    دام عدة أشهر، ولم يستبعد الذهاب إلى إضراب عام في القطاع العمومي.

    شنو القصة؟ هاي الناس كلها واقفة من الصبح وماكو كهرباء ولا ماي، والموظف يقول تعالوا باجر.
    والله تعبنا من هاي الوعود، كل سنة نفس الحچي ونفس الوجوه. إذا الحكومة ما تسمع صوت الشارع،
    فالشباب راح يرجعون للساحة مثل ما طلعوا قبل، وما راح يسكتون هالمرة.
"""

SORANI = """
    سەرۆکی هەرێمی کوردستان پێشوازی لە باڵیۆزی فەرەنسا کرد
    لە هەولێر یادی کیمیابارانی هەڵەبجە کرایەوە
    مووچەی فەرمانبەران سبەی دابەش دەکرێت
    پەرلەمانی کوردستان یەکەم دانیشتنی خۆی ئەنجام دا
    دوو کەس لە ڕووداوێکی هاتوچۆدا گیانیان لەدەست دا
    بەغدا و هەولێر لەسەر ناردنی نەوت ڕێککەوتن
    بارزانی: پێویستە کێشەکان بە گفتوگۆ چارەسەر بکرێن
    ئاسایشی سلێمانی تۆمەتبارێکی دەستگیر کرد
    نرخی نەوت لە بازاڕەکانی جیهان بەرز بووەوە
    کەشناسی: شەوی داهاتوو باران دەبارێت
    پێشمەرگە هێرشێکی داعشی تێک شکاند
    خوێندنگەکانی سنووری گەرمیان پشوو درا
    وەزارەتی تەندروستی هۆشداری لە نەخۆشییەکە دەدات
    سوپای تورکیا گوندێکی ئامێدی بۆردوومان کرد
    یەکێتی و پارتی کۆبوونەوەیەکی نوێ دەکەن
    ژمارەی گەشتیاران لە جەژندا زیادی کرد
    خەڵکی دهۆک داوای ئاو و کارەبا دەکەن
    تیمی هەولێر یارییەکەی بردەوە
    کۆچبەرێکی کورد لە کەناراوەکانی یۆنان خنکا
    ئاگرێکی گەورە لە بازاڕی قەیسەری کەوتەوە
    نێچیرڤان بارزانی دەگاتە میونشن
    سەرۆکوەزیران پڕۆژەیەکی ستراتیژی ئاو دەکاتەوە
    چوار ڕۆژنامەنووس لە سلێمانی ئازاد کران
    هەڵبژاردنی کوردستان چی دەگۆڕێت؟
    نرخی زێڕ و دۆلار لە بازاڕەکان
    بەرپرسێکی ئێرانی سەردانی بەغدا دەکات
"""
SORANI_ARTICLES = """
    ئەنجوومەنی وەزیرانی هەرێمی کوردستان ئەمڕۆ چوارشەممە کۆبووەوە و چەند بڕیارێکی لەبارەی مووچە و
    پڕۆژە خزمەتگوزارییەکان دەرکرد. وتەبێژی حکومەت لە کۆنگرەیەکی ڕۆژنامەوانیدا ڕایگەیاند کە
    گفتوگۆکان لەگەڵ بەغدا بەردەوامن و هیچ کێشەیەک نەماوە کە چارەسەری نەبێت.

    پۆلیسی هەولێر بڵاوی کردەوە، کە شەوی ڕابردوو ئاگرێک لە کۆگایەکی بازاڕی لەنگە کەوتووەتەوە و
    تیمەکانی بەرگریی شارستانی دوای سێ کاتژمێر توانیویانە بیکوژێننەوە. بەپێی زانیارییەکان کەس
    زیانی پێ نەگەیشتووە، بەڵام زیانە ماددییەکان زۆرن.

    جووتیارانی شارەزوور دەڵێن ئەمساڵ بەهۆی کەمیی بارانەوە بەرهەمی گەنم بۆ نیوە دابەزیوە. یەکێک
    لەوان گوتی: ئەگەر حکومەت گەنمەکەمان لێ نەکڕێت، ناتوانین قەرزەکانمان بدەینەوە. وەزارەتی
    کشتوکاڵیش دەڵێت پارەکە لە بەغداوە نەهاتووە.

    لە ڕێوڕەسمێکدا لە زانکۆی سلێمانی، ژمارەیەک مامۆستا و نووسەر یادی شاعیری گەورەیان کردەوە.
    بەشداربووان باسیان لە گرنگیی شیعرەکانی کرد بۆ زمانی کوردی و داوایان کرد بەرهەمەکانی بە
    زمانەکانی تر وەربگێڕدرێن و بخرێنە ناو پرۆگرامی خوێندنەوە.

    فەرماندەیەکی پێشمەرگە بە میدیاکانی گوت، چەکدارانی داعش لە بۆشایی نێوان هێزەکانی عێراق و
    پێشمەرگە سوود وەردەگرن. ئەو داوای کرد ژووری ئۆپەراسیۆنی هاوبەش چالاک بکرێت، چونکە دانیشتووانی
    گوندەکانی قەرەتەپە و جەلەولا هێشتا ناتوانن بگەڕێنەوە سەر زەوییەکانیان.

    بەڕێوەبەرایەتیی کەشناسی ئاگاداری هاووڵاتیانی کردەوە، کە لە سبەینێوە شەپۆلێکی سارد دەگاتە
    ناوچە شاخاوییەکان و بەفر دەبارێت. داوا لە شۆفێران کراوە بە هێواشی لێ بخوڕن و پێش دەرچوون
    دڵنیا ببنەوە لە کرانەوەی ڕێگاکان.

    هەڵبژاردەی کوردستان دوێنێ لە یارییەکی دۆستانەدا دوو گۆڵی تۆمار کرد و یارییەکەی بردەوە. ڕاهێنەر
    دوای یارییەکە وتی یاریزانەکان باش ئامادە کرابوون، بەڵام هێشتا کاری زۆریان ماوە بۆ ئەوەی لە
    پاڵەوانێتییەکەدا سەرکەوتوو بن.

    ڕێکخراوێکی مافی ژنان لە ڕاپۆرتێکدا ئاشکرای کرد، کە ژمارەی سکاڵاکان لەم ساڵەدا زیاتر بووە.
    بەپێی ڕاپۆرتەکە زۆربەی ژنان لە ترسی کۆمەڵگە ناچنە دادگا. ڕێکخراوەکە داوا لە پەرلەمان دەکات
    یاساکە هەموار بکاتەوە و شوێنی حەوانەوە زیاد بکات.
"""

PERSIAN = """
    انفجار شدید در غرب کابل چند کشته بر جا گذاشت
    سخنگوی وزارت خارجه: مذاکرات هسته‌ای ادامه دارد
    قیمت دلار در بازار تهران از مرز ۹۰ هزار تومان گذشت
    پرسپولیس با دو گل سپاهان را شکست داد
    هشدار هواشناسی نسبت به سیلاب در خوزستان
    رهبر انقلاب با خانواده شهدا دیدار کرد
    افزایش حقوق بازنشستگان تصویب شد
    آلودگی هوا مدارس اصفهان را تعطیل کرد
    حمله پهپادی اسرائیل به جنوب لبنان
    بازداشت سه روزنامه‌نگار در مشهد
    طالبان درس خواندن دختران را همچنان ممنوع می‌داند
    زمین‌لرزه پنج ریشتری کرمان را لرزاند
    اعتراض کارگران نیشکر هفت‌تپه به تاخیر در پرداخت دستمزد
    پوتین: با آمریکا بر سر اوکراین گفت‌وگو می‌کنیم
    کاهش شدید ذخیره آب سدهای تهران
    درگذشت خواننده نامدار موسیقی سنتی ایران
    رئیس‌جمهور راهی نیویورک می‌شود
    کشته شدن دو کولبر در مرز بانه
    واکنش تهران به قطعنامه شورای حکام
    برنده جایزه ادبی گلشیری معرفی شد
    خروج مهاجران افغان از ایران سرعت گرفت
    گرانی گوشت سفره کارگران را کوچک کرد
    تصادف مرگبار در جاده چالوس
    وزیر نفت از برنامه تازه صادرات گاز خبر داد
    بازگشت زائران اربعین از مرز مهران
    هرات میزبان جشنواره گل نارنج است
"""
PERSIAN_ARTICLES = """
    سخنگوی سازمان آتش‌نشانی تهران گفت که آتش‌سوزی در یک انبار کالا در جنوب شهر پس از چهار ساعت مهار
    شده است. او افزود در این حادثه کسی آسیب ندیده، اما خسارت مالی بسیار زیاد است. علت آتش‌سوزی هنوز
    روشن نیست و کارشناسان در حال بررسی آن هستند.

    به گزارش خبرنگار ما از کابل، دانش‌آموزان دختر در چند ولایت افغانستان همچنان از رفتن به مکتب محروم
    مانده‌اند. باشندگان این ولایت‌ها می‌گویند که حکومت سرپرست وعده داده بود تا دروازه‌های مکاتب را
    باز کند، اما تا هنوز هیچ اقدامی نکرده است.

    بازار سهام امروز نیز با افت روبه‌رو شد و شاخص کل بیش از بیست هزار واحد پایین آمد. فعالان بازار
    می‌گویند نبود اعتماد و افزایش نرخ بهره دلیل اصلی خروج سرمایه‌های خرد است. دولت وعده داده که از
    هفته آینده بسته حمایتی تازه‌ای را اجرا کند.

    تیم ملی فوتبال ایران در دیداری نفس‌گیر توانست میزبان خود را با یک گل شکست دهد و به مرحله بعد
    برسد. سرمربی تیم پس از بازی گفت که بازیکنان جوان نشان دادند آینده روشنی دارند، ولی نباید مغرور
    شوند.

    وزیر نیرو اعلام کرد که ذخیره آب پشت سدها نسبت به سال گذشته سی درصد کمتر شده و اگر مردم صرفه‌جویی
    نکنند، جیره‌بندی ناگزیر خواهد بود. کارشناسان اما می‌گویند مشکل اصلی مصرف در کشاورزی است که هیچ
    نظارتی بر آن نیست.

    نویسنده سرشناس در نشست رونمایی کتاب تازه‌اش گفت که نوشتن این رمان هفت سال زمان برده است. داستان
    درباره خانواده‌ای است که پس از جنگ به شهر خود برمی‌گردند و می‌بینند که از خانه‌شان چیزی نمانده
    است.

    دادگاه انقلاب سه تن از فعالان صنفی معلمان را به حبس محکوم کرد. وکیل آنان می‌گوید که به این رای
    اعتراض خواهد کرد، زیرا موکلانش تنها برای بهبود وضع آموزش تلاش کرده‌اند و هیچ جرمی مرتکب
    نشده‌اند.

    رئیس پلیس راه گفت در تعطیلات نوروز بیش از صد نفر در جاده‌های کشور جان باختند. به گفته او، سرعت
    زیاد و خواب‌آلودگی بیشترین سهم را در تصادف‌ها داشته‌اند. از مسافران خواسته شده که شب‌ها رانندگی
    نکنند.
"""

URDU = """
    وزیراعظم نے نئے ڈیم کا سنگ بنیاد رکھ دیا
    کراچی میں موسلادھار بارش، کئی سڑکیں زیر آب آ گئیں
    پاکستان اور ایران کے درمیان تجارتی معاہدے پر دستخط
    سپریم کورٹ نے انتخابات سے متعلق فیصلہ محفوظ کر لیا
    لاہور میں سموگ، تعلیمی ادارے بند رکھنے کا اعلان
    پیٹرول کی قیمت میں دس روپے اضافہ
    بنوں میں چیک پوسٹ پر حملہ، پانچ اہلکار ہلاک
    بابر اعظم کی سنچری، قومی ٹیم سیریز جیت گئی
    غزہ میں جنگ بندی کے لیے مذاکرات بے نتیجہ ختم
    ڈالر کے مقابلے میں روپیہ مزید مضبوط
    بھارتی کسانوں کا دہلی کی جانب مارچ جاری
    اسلام آباد ہائیکورٹ نے ضمانت منظور کر لی
    وفاقی کابینہ کا اجلاس آج طلب
    سعودی عرب میں رمضان کا چاند نظر آ گیا
    بجلی کے بلوں کے خلاف تاجروں کی ہڑتال
    کوئٹہ میں دھماکا، سات افراد زخمی
    امریکی صدر اگلے ہفتے چین کا دورہ کریں گے
    پنجاب حکومت کا کسانوں کو قرضے دینے کا فیصلہ
    عمران خان سے اڈیالہ جیل میں وکلا کی ملاقات
    افغان مہاجرین کی واپسی کا دوسرا مرحلہ شروع
    کشمیر میں برفباری سے زندگی مفلوج
    گیس کی لوڈشیڈنگ سے شہری پریشان
    سونے کی قیمت نئی بلند ترین سطح پر
    آئی ایم ایف کا وفد مذاکرات کے لیے پہنچ گیا
    پولیو کا ایک اور کیس سامنے آ گیا
    سینیٹ میں نیا بل منظور
"""
URDU_ARTICLES = """
    محکمہ موسمیات نے خبردار کیا ہے کہ آئندہ دو روز کے دوران ملک کے بالائی علاقوں میں شدید بارش
    اور برفباری ہو سکتی ہے۔ انتظامیہ نے سیاحوں کو ہدایت کی ہے کہ وہ غیر ضروری سفر سے گریز کریں
    اور سڑکوں کی صورتحال معلوم کر کے گھر سے نکلیں۔

    پولیس کے مطابق گزشتہ رات شہر کے مصروف بازار میں نامعلوم افراد نے فائرنگ کر کے ایک تاجر کو
    ہلاک کر دیا۔ عینی شاہدین کا کہنا ہے کہ حملہ آور موٹر سائیکل پر سوار تھے اور واردات کے بعد
    فرار ہو گئے۔ تاجروں نے واقعے کے خلاف احتجاج کیا۔

    وزیر خزانہ نے کہا ہے کہ حکومت نے مالی خسارہ کم کرنے کے لیے سخت فیصلے کیے ہیں جن کے نتائج اب
    سامنے آ رہے ہیں۔ ان کا کہنا تھا کہ مہنگائی کی شرح کم ہوئی ہے، تاہم عام آدمی کو ابھی تک اس کا
    فائدہ نہیں پہنچا۔

    قومی کرکٹ ٹیم کے کپتان نے میچ کے بعد گفتگو کرتے ہوئے کہا کہ نوجوان کھلاڑیوں نے دباؤ میں اچھا
    کھیل پیش کیا۔ انہوں نے اعتراف کیا کہ بولنگ میں غلطیاں ہوئیں جنہیں اگلے میچ سے پہلے ٹھیک کرنے
    کی ضرورت ہے۔

    عدالت نے ملزمان کے وکیل کی درخواست مسترد کرتے ہوئے سماعت اگلے ہفتے تک ملتوی کر دی۔ سرکاری
    وکیل کا موقف تھا کہ گواہوں کو دھمکیاں دی جا رہی ہیں، اس لیے مقدمے کو دوسرے شہر منتقل کیا
    جائے۔

    یونیورسٹی کے طلبہ نے فیسوں میں اضافے کے خلاف مرکزی سڑک بند کر دی جس سے گھنٹوں ٹریفک جام رہا۔
    طلبہ رہنما کا کہنا ہے کہ جب تک فیصلہ واپس نہیں لیا جاتا، دھرنا جاری رہے گا۔ انتظامیہ نے بات
    چیت کی پیشکش کی ہے۔

    اقوام متحدہ کی ایک رپورٹ میں بتایا گیا ہے کہ سیلاب سے متاثرہ علاقوں میں لاکھوں بچے اب بھی
    سکول نہیں جا رہے۔ رپورٹ کے مطابق کئی عمارتیں مکمل طور پر تباہ ہو چکی ہیں اور اساتذہ کی شدید
    کمی ہے۔

    مصنفہ نے اپنی نئی کتاب کی تقریب میں بتایا کہ یہ کہانیاں ان عورتوں کی ہیں جن سے وہ بچپن میں
    ملی تھیں۔ ناقدین نے کتاب کی زبان کو سادہ اور پر اثر قرار دیا اور کہا کہ ایسی تحریریں اب کم
    ہی پڑھنے کو ملتی ہیں۔
"""

ENGLISH = """
    Iraq signs gas deal with Turkmenistan to ease power cuts
    US strikes hit Houthi targets near Hodeidah
    Lebanon army deploys along southern border
    Oil prices rise after pipeline shutdown
    Kurdish parties fail to agree on new cabinet
    Two killed in roadside bombing north of Baghdad
    Syria's central bank redesigns currency notes
    Egypt raises fuel prices for third time this year
    UN warns of cholera outbreak in Sudan camps
    Saudi Arabia and Iran hold talks in Muscat
    Israel approves plan to expand settlements
    Turkish drones target fighters in Sinjar
    Jordan's king meets European leaders in Amman
    Morocco beats Senegal to lift the cup
    Flash floods leave dozens missing in Libya
    Qatar says ceasefire talks are making progress
    Court jails former minister over bribes
    Yemen: children dying of hunger, doctors say
    Kuwait dissolves parliament again
    Algeria recalls ambassador from Paris
    Why Basra's water crisis will not go away
    Iran executes man accused of spying
    Tunisian opposition leader begins hunger strike
    Baghdad traffic police launch speed cameras
    Explosion heard near Erbil airport, no casualties reported
    Gulf markets fall on weak earnings
"""
ENGLISH_ARTICLES = """
    Security forces in Diyala said on Monday that they had arrested four men suspected of planting
    bombs along the road to Khanaqin. A police officer, who asked not to be named, told reporters
    that weapons and maps had been found in an abandoned farmhouse nearby.

    The ministry of electricity blamed the blackout on a drop in gas supplies from across the
    border, adding that repairs to the main line would take at least three days. Shop owners in
    the old market said they could no longer afford to run generators through the night.

    Lebanese lawmakers postponed the vote for a second time, after blocs failed to reach a
    compromise over the budget. Economists warn that each delay makes the lira weaker, while
    families who depend on salaries from the state say that they have stopped buying meat.

    Archaeologists working near Nineveh have uncovered a gate that they believe is almost three
    thousand years old. The team leader described it as the best preserved of its kind, and said
    visitors would be able to see it once the site has been made safe.

    Fishermen on the Shatt al-Arab complain that salt water now reaches far upstream. What used to
    be a good catch in the early morning has become a handful of small fish, they say, and most of
    their sons have left to look for work in the oil fields.

    The airline announced that it would resume flights to Sulaymaniyah from the first week of
    June, ending a suspension that lasted more than a year. Travel agents welcomed the news but
    said ticket prices were likely to remain high during the summer holidays.

    A young director from Gaza won the main prize at the festival with a film that she shot on a
    phone. In her speech she thanked the neighbours who shared their power with her, and asked the
    audience to remember those who could not be there.

    Doctors at the hospital say that the number of patients with breathing problems doubled during
    the dust storm. Schools were closed and people were told to stay indoors, although many day
    labourers said that they had no choice but to go out.
"""

NEITHER = """
    Le président français reçoit son homologue libanais à Paris
    Manifestation des enseignants devant le parlement à Tunis
    Irak : une attaque fait trois morts près de Kirkouk
    Cumhurbaşkanı Erdoğan yarın Bağdat'a gidecek
    Bakan: Irak ile yeni boru hattı için anlaşma sağlandı
    Türkiye'de enflasyon beklentilerin üzerinde geldi
    Li Amedê bi hezaran kes daketin kolanan
    Serokê Herêma Kurdistanê bi balyozê Fransayê re civiya
    Di êrîşê de du kes hatin kuştin û sê kes birîndar bûn
    ראש הממשלה ייפגש מחר עם שר החוץ האמריקני
    אזעקות בצפון: רקטות נורו מלבנון
    Президент подписал указ о назначении нового посла в Ираке
    Цены на нефть выросли после заявления министра
    伊拉克总理会见中国外交部长
    イラク首相が来月日本を訪問へ
    El presidente del Gobierno viaja mañana a Argelia
    Detenidos en Madrid tres acusados de financiar el terrorismo
    Bundeskanzler trifft irakischen Regierungschef in Berlin
    Zwei Tote bei Anschlag auf einen Markt in Bagdad
    Die Ölpreise steigen nach den Angriffen am Golf
    Il ministro degli Esteri incontra il collega iracheno a Roma
    Nederland trekt laatste militairen terug uit Irak
    Ministro anuncia novas medidas para a economia do país
    Statsministern besöker Bagdad för samtal om flyktingar
    Prezydent spotkał się z ambasadorem Iraku w Warszawie
    په کابل کې چاودنې لس تنه ووژل او ګڼ نور یې ټپیان کړل
    د افغانستان حکومت وايي چې ښوونځي به ژر پرانيزي
    ئۇرۇمچىدە يېڭى ئۆيلەر پۈتتى، ئاھالىلەر كۆچۈپ كىردى
    وزير اعظم ڪراچي ۾ نئين اسپتال جو افتتاح ڪيو آهي
    Ο πρωθυπουργός συναντήθηκε με τον πρόεδρο του Ιράκ
"""


def lines(block: str) -> list[str]:
    return [line.strip() for line in block.strip().splitlines()]


def articles(block: str) -> list[str]:
    return [" ".join(article.split()) for article in block.split("\n\n")]


SAMPLES = [
    (language, text)
    for language, headlines, paragraphs in [
        ("ar", ARABIC, ARABIC_ARTICLES),
        ("ckb", SORANI, SORANI_ARTICLES),
        ("en", ENGLISH, ENGLISH_ARTICLES),
        ("fa", PERSIAN, PERSIAN_ARTICLES),
        ("ur", URDU, URDU_ARTICLES),
    ]
    for text in (*lines(headlines), *articles(paragraphs))
]
PARAGRAPHS = [(language, text) for language, text in SAMPLES if len(text) > 200]
OF = {language: [text for spoken, text in SAMPLES if spoken == language] for language in LANGUAGES}

HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670"
TATWEEL = "\u0640"
UNSEEN = "\u200b\u200d\u200e\u200f\u202b\u202c\u2067\u2069\ufeff\u00ad"

PERSIAN_KEYBOARD = str.maketrans("يىك", "ییک")
ARABIC_KEYBOARD = str.maketrans("یک", "يك")
OLD_SORANI_KEYBOARD = str.maketrans({"ە": "ه\u200c", "ک": "ك", "ی": "ي"})
ISOLATED_FORMS = str.maketrans(
    {
        unicodedata.normalize("NFKC", chr(code)): chr(code)
        for code in (*range(0xFB50, 0xFBB2), *range(0xFE80, 0xFEF3))
        if unicodedata.decomposition(chr(code)).startswith("<isolated>")
    }
)


def test_the_languages_are_told_in_order() -> None:
    assert LANGUAGES == ("ar", "ckb", "en", "fa", "ur")


@pytest.mark.parametrize(("language", "text"), SAMPLES)
def test_headlines_and_articles(language: str, text: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", lines(NEITHER))
def test_other_languages_are_none(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("", None, id="empty"),
        pytest.param(" \n\t ", None, id="blank"),
        pytest.param("بغداد", None, id="one word"),
        pytest.param("هلا بغداد", None, id="two words that tell nothing"),
        pytest.param("Breaking", None, id="one English word"),
        pytest.param("12:30 - 45% (2024/11/25) ١٢٣ ۴۵۶", None, id="digits"),
        pytest.param("🔴🔴🔴 !!! ??? ... «»", None, id="signs"),
        pytest.param("qwrt zxcv bnmp kjhg ddfg", None, id="junk in Latin letters"),
        pytest.param("ضصث قفغ ممم ههه ححح", None, id="junk in Arabic letters"),
        pytest.param("https://example.com/the-king-and-the-people", None, id="a link alone"),
        pytest.param(
            "🔴 عاجل | انفجار في #بغداد_الجديدة 🔴🔴 12:30", "ar", id="hashtags and signs"
        ),
        pytest.param("#العراق #داعش #كركوك #الحويجة", "ar", id="hashtags alone"),
        pytest.param(
            "مقتل عنصرين من داعش https://www.example-news-site.com/the-whole-story-of-the-attack",
            "ar",
            id="a link longer than the text",
        ),
        pytest.param("تابعونا على @example_news_channel_of_the_year", "ar", id="a name of a user"),
        pytest.param(
            "ارتفاع أسهم Apple و Microsoft في البورصة", "ar", id="foreign names in Arabic"
        ),
        pytest.param(
            'قال الرئيس الأمريكي في خطابه "Make America Great Again" إن بلاده لن تنسحب من المنطقة',
            "ar",
            id="an English quotation in Arabic",
        ),
        pytest.param(
            'The slogan "الشعب يريد إسقاط النظام" was heard again in the streets of the capital',
            "en",
            id="an Arabic quotation in English",
        ),
        pytest.param(
            "قال السياسي الكردي إن حزب «یەکێتیی نیشتمانیی کوردستان» لن يشارك في الحكومة المقبلة",
            "ar",
            id="a Sorani name in Arabic",
        ),
        pytest.param(
            "ذكرت صحيفة «همشهری» الإيرانية أن الوزير سيزور بغداد خلال الأسبوع المقبل",
            "ar",
            id="a Persian name in Arabic",
        ),
        pytest.param(
            "روزنامه الشرق الاوسط گزارش داد که این دیدار در بغداد برگزار می‌شود",
            "fa",
            id="an Arabic name in Persian",
        ),
        pytest.param(
            "گال الشيخ للحاضرين إن الچاي والگهوة على حسابه", "ar", id="Iraqi letters گ and چ"
        ),
        pytest.param("رئیس الوزراء العراقی یستقبل السفیر الامریکی", "ar", id="Arabic with ی and ک"),
        pytest.param("انفجار عبوة فی کرکوک", "ar", id="a short one with ی and ک"),
        pytest.param("مصدر فى الشرطة ينفى وقوع انفجار", "ar", id="Arabic as typed in Egypt"),
        pytest.param("سخنگوي دولت از افزايش يارانه‌ها خبر داد", "fa", id="Persian with ي and ك"),
        pytest.param("له‌ هه‌ولێر كۆبوونه‌وه‌یه‌ك كرا", "ckb", id="Sorani with ه and a non-joiner"),
        pytest.param("انفجار خانه‌ای در حومه شهر", "fa", id="Persian with ه and a non-joiner"),
        pytest.param("مُحَاوَلَةٌ فَاشِلَةٌ لِاغْتِيَالِ قَائِدٍ", "ar", id="harakat"),
        pytest.param("عـــــاجل: انفجـــــار فـــي كـــركـــوك الآن", "ar", id="tatweel"),
        pytest.param("ﺍﻟﺤﻜﻮﻣﺔ ﺗﻌﻠﻦ ﺍﻟﻄﻮﺍﺭﺉ", "ar", id="presentation forms"),
        pytest.param("ال\u200bحكو\u200fمة تعل\ufeffن الطوا\u200dرئ", "ar", id="unseen characters"),
        pytest.param("الحكومة\u200c تعلن\u200c الطوارئ\u200c", "ar", id="non-joiners in Arabic"),
        pytest.param("IRAQ AND TURKEY SIGN WATER DEAL", "en", id="capitals"),
        pytest.param("Iraq’s PM: “We won’t let the militias decide”", "en", id="curly quotes"),
        pytest.param(
            "Le cafe\u0301 de la re\u0301publique a ferme\u0301", None, id="loose accents"
        ),
    ],
)
def test_hazards(text: str, language: str | None) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", OF["ar"])
def test_persian_letters_alone_make_no_persian(text: str) -> None:
    assert detect(text.translate(PERSIAN_KEYBOARD)) == "ar"


@pytest.mark.parametrize("text", OF["fa"])
def test_arabic_letters_alone_make_no_arabic(text: str) -> None:
    assert detect(text.translate(ARABIC_KEYBOARD)) == "fa"


@pytest.mark.parametrize("text", OF["ckb"])
def test_sorani_from_old_keyboards(text: str) -> None:
    assert detect(text.translate(OLD_SORANI_KEYBOARD)) == "ckb"


@pytest.mark.parametrize(("language", "text"), SAMPLES)
def test_presentation_forms(language: str, text: str) -> None:
    assert detect(text.translate(ISOLATED_FORMS)) == language


@pytest.mark.parametrize(("language", "text"), PARAGRAPHS)
def test_a_long_text_is_sampled(language: str, text: str) -> None:
    assert detect(" ".join([text] * 50)) == language


@pytest.mark.parametrize("text", [text for language, text in PARAGRAPHS if language == "ar"])
def test_the_larger_part_of_a_page_wins(text: str) -> None:
    header = "Subscribe to our newsletter and get the latest news from the region. " * 4
    assert detect(header + "\n" + " ".join([text] * 10)) == "ar"
    assert detect(" ".join([text] * 10) + "\n" + header) == "ar"


@pytest.mark.parametrize("text", [text for language, text in PARAGRAPHS if language == "ar"])
def test_an_article_with_all_its_harakat(text: str) -> None:
    marked = "".join(letter + "\u064e\u0651" if letter.isalpha() else letter for letter in text)
    assert detect(" ".join([marked] * 5)) == "ar"


@given(st.text(st.characters(), max_size=2000))
def test_never_raises(text: str) -> None:
    assert detect(text) in (None, *LANGUAGES)


@given(
    st.lists(
        st.one_of(
            st.sampled_from([word for _, text in SAMPLES for word in text.split()]),
            st.text(max_size=8),
        ),
        max_size=300,
    )
)
def test_never_raises_on_mixed_words(words: list[str]) -> None:
    assert detect(" ".join(words)) in (None, *LANGUAGES)


@given(
    st.sampled_from(SAMPLES),
    st.lists(
        st.tuples(st.integers(0, 1000), st.sampled_from(HARAKAT + TATWEEL + UNSEEN)), max_size=60
    ),
)
def test_marks_anywhere_change_nothing(
    sample: tuple[str, str], marks: list[tuple[int, str]]
) -> None:
    language, text = sample
    for place, mark in marks:
        text = text[: place % len(text)] + mark + text[place % len(text) :]
    assert detect(text) == language
