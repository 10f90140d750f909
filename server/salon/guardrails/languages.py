# ruff: noqa: RUF001 - the letters of other alphabets are meant
"""How the commonest attacks are worded in twenty languages: who shall forget what, and who shall show what. Only words.

The words are compared with texts in plain words (see `readings`), so they are written without accents in mind, and
folded the same way before use.
"""

from typing import NamedTuple


class Wording(NamedTuple):
    """The words of one language, as alternatives of regular expressions.

    Args:
        drop: to ignore, to forget.
        rules: what an agent is to forget: its instructions.
        show: to reveal, to print.
        prompt: what it is to show: its system prompt.
        free: to be an AI that knows no restrictions.
    """

    drop: str
    rules: str
    show: str
    prompt: str
    free: str


WORDINGS = {
    "de": Wording(
        r"ignorier\w*|vergiss|vergesst|missacht\w*|ubergeh\w*|umgeh\w*|verwirf|befolg\w* nicht",
        r"(?:alle\w*|vorherig\w*|bisherig\w*|vorig\w*|obig\w*|dein\w*|fruher\w*|ursprunglich\w*)[^.?!]{0,20}?"
        r"(?:anweisung|instruktion|regel|vorgabe|richtlinie|befehl|einschrankung)\w*|alles,? was (?:dir|du)",
        r"zeig\w*|nenn\w*|gib|verrat\w*|druck\w*|wiederhol\w*|offenbar\w*|ausgeben",
        r"system-?prompt\w*|system(?:anweisung|nachricht)\w*|dein\w* (?:\w+ )?(?:anweisung|instruktion|vorgabe|"
        r"regel)\w*",
        r"\b(?:ki|ai|assistent\w*|modell)\b[^.?!]{0,30}ohne (?:\w+ )?(?:einschrankung|filter|regel|grenze|moral)",
    ),
    "fr": Wording(
        r"ignor\w+|oubli\w+|neglig\w+|contourn\w+|ne respecte\w* pas",
        r"(?:toutes?|les|tes|vos)[^.?!]{0,20}?(?:instructions?|consignes?|regles?|directives?|restrictions?)",
        r"affich\w+|revel\w+|montr\w+|donn\w+|repet\w+|ecri\w+",
        r"prompt systeme|message systeme|prompt initial|(?:tes|vos) (?:instructions|consignes|regles)|"
        r"instructions cachees",
        r"\b(?:ia|assistant|modele)\b[^.?!]{0,30}sans (?:aucune? )?(?:restriction|limite|filtre|morale|regle)",
    ),
    "es": Wording(
        r"ignor\w+|olvid\w+|descart\w+|omite|desobedec\w+|no (?:sigas|sigues|obede\w+)",
        r"(?:todas?|las|tus)[^.?!]{0,20}?(?:instrucciones|reglas|normas|ordenes|directrices|restricciones)",
        r"muestra\w*|muestre\w*|revel\w*|dime|imprime|ensena\w*|repite",
        r"prompt del sistema|mensaje del sistema|tus (?:instrucciones|reglas)|instrucciones ocultas",
        r"\b(?:ia|asistente|modelo)\b[^.?!]{0,30}sin (?:ninguna )?(?:restriccion|limite|filtro|regla|censura)",
    ),
    "it": Wording(
        r"ignor\w+|dimentic\w+|trascur\w+|non seguire",
        r"(?:tutte|le|tue)[^.?!]{0,20}?(?:istruzioni|regole|direttive|restrizioni|linee guida)",
        r"mostra\w*|rivela\w*|stampa|scrivi|dimmi",
        r"prompt di sistema|messaggio di sistema|tue (?:istruzioni|regole)|istruzioni nascoste",
        r"\b(?:ia|ai|assistente|modello)\b[^.?!]{0,30}senza (?:alcuna )?(?:restrizion|limit|filtr|regol|censur)",
    ),
    "pt": Wording(
        r"ignor\w+|esquec\w+|desconsider\w+|desobedec\w+",
        r"(?:todas?|as|suas|tuas)[^.?!]{0,20}?(?:instruc\w+|regras|ordens|diretrizes|restric\w+)",
        r"revel\w+|mostr\w+|exib\w+|imprim\w+|diga",
        r"prompt d[oe] sistema|mensagem d[oe] sistema|(?:suas|tuas) (?:instruc\w+|regras)",
        r"\b(?:ia|assistente|modelo)\b[^.?!]{0,30}sem (?:limite|restric|filtro|regra|censura)",
    ),
    "nl": Wording(
        r"negeer\w*|vergeet|omzeil\w*",
        r"(?:alle|vorige|je|jouw|uw|eerdere|bovenstaande)[^.?!]{0,20}?(?:instructies?|regels?|richtlijnen|opdrachten)",
        r"geef|toon|laat|onthul|herhaal",
        r"systeemprompt|systeemopdracht|systeembericht|(?:je|jouw) instructies",
        r"\b(?:ai|assistent|model)\b[^.?!]{0,30}zonder (?:\w+ )?(?:beperking|regel|filter|grenz)",
    ),
    "sv": Wording(
        r"ignorera\w*|glom|bortse",
        r"(?:alla|tidigare|dina)[^.?!]{0,20}?(?:instruktioner|regler|anvisningar)",
        r"visa|skriv ut|avsloja",
        r"systemprompt\w*|systemmeddelande\w*|dina (?:\w+ )?instruktioner",
        r"\bai\b[^.?!]{0,30}utan (?:begransning|regler|filter)",
    ),
    "pl": Wording(
        r"zignoruj|ignoruj|zapomnij|pomin",
        r"(?:wszystk\w*|poprzedni\w*|swoi\w*|twoi\w*|wczesniejsz\w*)[^.?!]{0,20}?(?:instrukcj|zasad|regul|polece)\w*",
        r"pokaz|ujawnij|wypisz|wyswietl",
        r"prompt systemow\w*|systemow\w* prompt|instrukcje systemowe|ukryte instrukcje",
        r"(?:odpowiada\w*|dziala\w*|\bai\b)[^.?!]{0,30}bez (?:ogranicze|zasad|filtr)",
    ),
    "ru": Wording(
        r"игнорир\w*|забуд\w*|отброс\w*|не следу\w*|нарушь",
        r"(?:все\w*|предыдущ\w*|прежн\w*|сво\w+|твои)[^.?!]{0,20}?(?:инструкц|правил|указан|ограничен|команд)\w*",
        r"покажи|выведи|раскрой|напечатай|повтори|назови",
        r"системн\w+ (?:промпт|промт|инструкц|сообщен|подсказк)\w*|(?:скрыт|сво|тво|начальн|"
        r"исходн)\w* (?:\w+ )?инструкц\w*",
        r"(?:\bии\b|ассистент|модель)[^.?!]{0,30}без[^.?!]{0,12}(?:ограничен|фильтр|правил)",
    ),
    "tr": Wording(
        r"yok say|unut|gormezden gel|dikkate alma",
        r"(?:onceki|tum|senin)?[^.?!]{0,12}(?:talimat|kuralların|kurallarını|yonerge)\w*",
        r"goster|acıkla|yazdır",
        r"sistem (?:istem|prompt|mesaj)\w*",
        r"(?:sınırsız|kuralsız) (?:bir )?yapay zeka",
    ),
    "id": Wording(
        r"abaikan|lupakan",
        r"(?:instruksi|perintah|aturan|petunjuk)[^.?!]{0,12}?(?:sebelumnya|di atas|anda|kamu)",
        r"tampilkan|tunjukkan|bocorkan",
        r"prompt sistem|perintah sistem|pesan sistem",
        r"\bai\b[^.?!]{0,20}tanpa (?:batas|aturan|filter)",
    ),
    "vi": Wording(
        r"bỏ qua|quên",
        r"(?:mọi|tất cả|các)[^.?!]{0,15}?(?:hướng dẫn|chỉ dẫn|quy tắc|mệnh lệnh|chỉ thị)",
        r"cho tôi xem|hiển thị|tiết lộ|in ra",
        r"lời nhắc hệ thống|chỉ thị hệ thống|system prompt",
        r"\bai\b[^.?!]{0,20}không (?:có )?giới hạn",
    ),
    "zh": Wording(
        r"忽略|无视|忘记|忘掉|不要遵守|绕过|抛开",
        r"(?:之前|以上|上面|先前|前面|所有|全部|你的)[^。！？]{0,10}?(?:指令|指示|规则|提示|限制|命令|设定)",
        r"告诉|输出|显示|展示|泄露|打印|说出|重复|给我",
        r"系统提示|提示词|初始提示|系统指令|初始指令|隐藏指令|系统消息",
        r"(?:没有|不受)[^。]{0,6}(?:限制|约束)[^。]{0,6}(?:人工智能|ai|模型|助手)",
    ),
    "ja": Wording(
        r"無視|忘れ|従わな|破棄",
        r"(?:以前|これまで|前|上記|すべて|全て|今まで|あなた)の?[^。]{0,8}?(?:指示|命令|ルール|規則|プロンプト)",
        r"表示|見せ|教え|出力|開示",
        r"システムプロンプト|システムメッセージ|初期指示|隠された指示",
        r"(?:制限|制約|フィルター)の?な(?:い|く)[^。]{0,6}(?:ai|人工知能|アシスタント)",
    ),
    "ko": Wording(
        r"무시|잊어|따르지 마",
        r"(?:이전|모든|위의|앞의|지금까지)[^.?!]{0,10}?(?:지시|명령|규칙|지침|프롬프트)|규칙을",
        r"보여|알려|출력|공개",
        r"시스템 ?프롬프트|시스템 ?메시지|숨겨진 지시",
        r"(?:제한|제약)이? 없는 (?:ai|인공지능)",
    ),
    "ar": Wording(
        r"تجاهل|انس|تخط",
        r"(?:جميع|كل)[^.؟!]{0,12}?(?:التعليمات|القواعد|الأوامر|القيود)|(?:التعليمات|القواعد|الأوامر) السابقة",
        r"اعرض|أظهر|اكشف|اطبع",
        r"موجه النظام|تعليمات النظام|رسالة النظام",
        r"(?:أجب|ذكاء)[^.؟!]{0,20}بدون (?:أي )?قيود",
    ),
    "he": Wording(
        r"התעלם|שכח",
        r"(?:כל)[^.?!]{0,12}?(?:ההוראות|הכללים|ההנחיות)|(?:ההוראות|הכללים) הקודמ\w+",
        r"הצג|גלה|הדפס",
        r"הנחיית המערכת|הודעת המערכת|הנחיות המערכת",
        r"ללא (?:הגבלות|מגבלות)",
    ),
    "hi": Wording(
        r"अनदेखा|नज़रअंदाज|भूल जा",
        r"(?:पिछले|सभी|पहले)[^.?!।]{0,20}?(?:निर्देश|नियम|आदेश)",
        r"दिखा|बता",
        r"सिस्टम प्रॉम्प्ट|सिस्टम संदेश",
        r"बिना (?:किसी )?(?:प्रतिबंध|सीमा)",
    ),
}

TO_THE_READER = (
    r"hinweis an die ki\b|an alle ki\b|liebe ki\b|note a l'(?:assistant|ia)|a l'attention de l'ia|nota para la ia|"
    r"para la ia:|"
    r"nota per l'ia|nota para a ia|для ии|ии-ассистент|当你总结|总结这个网页时|ai助手|人工智能助手|"
    r"aiアシスタントへ|aiへ|ai에게"
)
"""A page that speaks to the model which reads it."""

NOT_TO_TELL = (
    r"sag\w* (?:es )?dem nutzer nicht|frage des nutzers|ne (?:le )?dis pas a l'utilisateur|"
    r"instructions de l'utilisateur|"
    r"no (?:le|se lo) digas al usuario|non dirlo all'utente|nao conte ao usuario|не говори пользовател|"
    r"忽略用户|不要告诉用户|ユーザーには言わ|사용자에게 말하지"
)
"""A page that wants something kept from the user, or the user's request dropped."""
