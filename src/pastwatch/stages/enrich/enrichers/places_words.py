"""Words that stand around places, or look like one: what the search for places goes by."""

from __future__ import annotations


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Before a place, in text that says where something is.
LOCATIVES = _words(
    "in at from to near outside around toward towards into via through across leaving entering "
    "reached reach inside over between visit visiting à en au vers depuis"
)
# Where a sentence may begin and a run of capitals with it.
OPENERS = _words(
    "in at from to near outside around the and but or if when while after before since for on of "
    "as is are was were by with via re fw fwd our my his her their your this that these those we "
    "i he she they it you what why how who where hi hello dear mr mrs ms dr meet meeting flight "
    "visit leaving today tomorrow yesterday also then so yes no not le la les l'a dans de à"
)
# Around a name, saying what kind of place or which side of it.
SIDES = _words(
    "north south east west northern southern eastern western central downtown greater upper lower "
    "old mainland city province governorate district region airport embassy consulate port "
    "harbour harbor suburb suburbs countryside county state metro area"
)
# Towns and countries whose name is a word of everyday text at the start of a sentence, or a
# person's name far more often: these need a locative before them, or their country behind.
DOUBTFUL = _words(
    "nice reading mobile bath split orange same best young worth man most of bar date police deal "
    "sale hope union liberty independence enterprise commerce industry eden paradise garden grove "
    "green white brown black gray grey king prince bishop church temple grant rich price hall "
    "wells cook mason page parks rice ward moore long short golden silver diamond cave lake "
    "spring forest hill hills mountain valley bay beach island central northern imperial republic "
    "battle enter sandy sunrise sunset early normal rolling moody beaver buffalo bend plant "
    "flower flowers chad jordan georgia charlotte victoria florence madison jackson lincoln "
    "austin carol alice bella clinton hillary monroe taylor tyler wilson franklin marion nelson "
    "norman obama smith johnson williams jones davis miller anderson thomas lewis walker allen "
    "scott adams baker carter evans warren howard russell hayes graham marshall douglas eugene "
    "clarence lawrence sidney stanley vernon wayne winston elizabeth helena sofia sophia maria "
    "martin roman david daniel peter san santa saint los las el la al ad will much god can may "
    "march august mary mali sun moon post time times house street lane park press center centre "
    "bank east west north south university college gap lead mine plan opportunity gas oil war "
    "love hand foot real nation unity progress summit alliance reform justice concord harmony "
    "defiance commander general colonel major sergeant burke reid hayward conway vance kerry "
    "gates romney mills sullivan marsh harper hampton washington bush perry palmer"
)
# Never a place on their own, whatever stands before.
NEVER = _words(
    "of man most date same police bar can may march august sun moon will much god time times the "
    "mon general major lead deal sale early normal short long young best north south east west "
    "central northern post press bank center centre university college san santa saint los las el "
    "la al ad monday friday internet street house war oil gas google toyota asia america europe "
    "africa federal obama kim hamas white commonwealth pace"
)
# Written together like a town, and known for another thing.
NEVER_TOGETHER = frozenset({"white house", "park avenue", "united nations", "blue line"})
# Names in other scripts that are everyday words or first names there.
OTHER_NEVER = _words(
    "علي حسن محمد احمد عمر كان عام على الى هذا عن مع بعد قبل ذلك كما حتى هنا سعيد مصطفى صالح خالد "
    "محمود حسين يوسف ابراهيم عثمان سالم ناصر الوحده الحزب الامل السلام الحريه فرح امل جدا دار "
    "الملك الشيخ البلد الدور الرييس القايم الباب البيت المركز العين كل بن ابو بانه انا فان مدينه "
    "الجديده لايه المدينه الين الخميس الجمعه السبت الاحد الاثنين وان كيف الابيض الساحل دوله "
    "الجديد لاول بول الجزيره ساره عاليه كيلي يوميا كاله تويوتا بلد اول نانسي میان كار كاري بود "
    "شهر بين روي در از را كه اگر جان مالي دوشنبه ميدان اران خبر اوري بالا بالاي تازه سينه انان "
    "بيند مردان گاو استانه مسيله مان نويس سال تا يك נים אולם קום ואן קרן קורה קניה מוביל ציון שלם "
    "אמן מכה מאלה לאה אליזבת лев орел мир рада роза вера надежда любовь вони вона чому усі море "
    "новая нова тори мартина 太平 胜利 阿拉 达州 佩斯 和平 新华"
)
