"""What WhatsApp itself writes, by kind, in the languages read so far."""

from __future__ import annotations

import re

from pastwatch.model.record import Kind

# Phrases of the app, per kind, in the languages read so far. A line without a sender is a notice
# in any language; these only say which kind, and catch titles that hold a colon.
_WHO = r"(?P<who>[^:\n]{1,200}?)"
_PHRASES: tuple[tuple[Kind, str], ...] = (
    (Kind.CREATED, r"created (?:this |the )?(?:group|community|broadcast list)\b"),
    (Kind.CREATED, (r"hat (?:die|diese) Gruppe .{0,200}erstellt|creó (?:el|este) grupo|a créé (?:le|ce) groupe|"
                   r"criou (?:o|este) grupo|heeft (?:de|deze) groep .{0,200}gemaakt|utworzył(?:\(a\)|a)? grupę|membuat grup|"
                   r"створи(?:в|ла|в\(ла\)) групу|ha creato il gruppo|создал[аи]?(?:\(а\))? группу|أنشأ(?:ت)? (?:المجموعة|مجموعة)")),
    (Kind.JOINED, (r"joined (?:using|via|from|the group|this group|by)\b|"
                  r"is toegetreden|neemt deel via|dołączył|bergabung|приєдна(?:вся|лася)|"
                  r"ist .{0,80}beigetreten|se unió|a rejoint|entrou usando|si è unito|присоединил|انضم")),
    (Kind.ADDED, (r"(?:added|was added|were added)\b|hat .{1,200} hinzugefügt|(?:wurde|wurdest) .{0,80}hinzugefügt|"
                 r"heeft .{1,200} toegevoegd|dodał(?:\(a\)|a)? |menambahkan |дода(?:в|ла|в\(ла\)) |"
                 r"añadió a|te añadió|a ajouté|vous a ajouté|adicionou|ha aggiunto|добавил|أضاف")),
    (Kind.REMOVED, (r"(?:removed|was removed|were removed)\b|hat .{1,200} entfernt|eliminó a|a retiré|removeu|"
                   r"heeft .{1,200} verwijderd|usunął|usunęła|usunął\(ęła\) |mengeluarkan |видали(?:в|ла|в\(ла\)) |"
                   r"ha rimosso|удалил[аи]? |أزال")),
    (Kind.LEFT, (r"left(?: the group)?\.?$|hat die Gruppe verlassen\.?$|salió(?: del grupo)?\.?$|est partie?\.?$|"
                r"heeft de groep verlaten\.?$|opuścił|keluar\.?$|покину(?:в|ла)|вийш(?:ов|ла)|"
                r"a quitté|saiu\.?$|ha abbandonato|вышел|вышла|покинул|غادر")),
    (Kind.RENAMED, (r"changed (?:the |this group's )?(?:subject|group name|name)\b|changed the group (?:name|subject)|"
                   r"hat den (?:Betreff|Gruppennamen) .{0,200}geändert|cambió el (?:asunto|nombre)|"
                   r"a changé (?:le sujet|l'objet|le nom)|mudou o (?:nome|assunto)|ha cambiato (?:l'oggetto|il nome)|"
                   r"heeft (?:het onderwerp|de groepsnaam) .{0,300}gewijzigd|zmienił(?:\(a\)|a)? (?:temat|nazwę)|mengubah (?:subjek|nama grup)|"
                   r"зміни(?:в|ла|в\(ла\)) (?:тему|назву)|изменил[аи]?(?:\(а\))? (?:тему|название)")),
    (Kind.NOTICE, (r"changed (?:this group's|the group|their phone|to |their |the )|security code (?:with|changed)|"
                  r"turned (?:on|off) disappearing|pinned a message|(?:is|are) now an admin|"
                  r"hat .{0,80}(?:Sicherheitsnummer|Gruppenbild).{0,200}geändert")),
)  # fmt: skip
VERBS = [
    (kind, re.compile(rf"^(?:{_WHO} )(?:{phrase})", re.IGNORECASE)) for kind, phrase in _PHRASES
]
# Where the verb comes first, stands last, or joins the name without a space.
_ENDINGS: tuple[tuple[Kind, str], ...] = (
    (Kind.CREATED, r"创建了(?:此)?群|建立了(?:此)?群|grubunu oluşturdu|グループ.{0,200}(?:を作成しました|が作成)|그룹.{0,200}만들었습니다|^(?:أنشأ|أنشأت) |گروه .{0,200}را ایجاد کرد|יצר(?:ה)? את הקבוצה|ने समूह .{0,200}बनाया"),
    (Kind.ADDED, r"添加了|新增了|已將.{1,100}加入|ekledi\.?$|を追加しました|추가했습니다|^(?:أضاف|أضافت|تمت إضافة) |را اضافه کرد|הוסיפ?ה? את|को जोड़ा"),
    (Kind.JOINED, r"通过.{0,40}加入|透過.{0,40}加入|katıldı\.?$|参加しました|참여했습니다|참가했습니다|^انضم|پیوست\.?$|הצטרפ?ה?"),
    (Kind.REMOVED, r"移除了|移出了|已將.{1,100}移除|çıkardı\.?$|を削除しました|삭제했습니다|내보냈습니다|^(?:أزال|أزالت|تمت إزالة) |را حذف کرد|הסיר(?:ה)? את|को हटाया"),
    (Kind.LEFT, r"退出了|已退出|離開了|已離開|ayrıldı\.?$|退出しました|나갔습니다|퇴장했습니다|^(?:غادر|غادرت) |گروه را ترک کرد|עזב(?:ה)? את הקבוצה|छोड़ (?:दिया|गया)"),
    (Kind.RENAMED, r"(?:将|將)?群(?:组|組)?(?:主题|名称|主旨|名稱).{0,200}(?:改为|更改为|改為|變更為)|(?:konusunu|grubun adını|grup adını) .{0,300}değiştirdi|件名を.{0,300}変更|グループ名を.{0,300}変更|(?:제목|그룹 이름).{0,300}변경했습니다|^(?:غيّر|غيّرت|غير) (?:الموضوع|اسم)"),
)  # fmt: skip
ENDINGS = [(kind, re.compile(phrase)) for kind, phrase in _ENDINGS]
NOTICE = re.compile(
    r"^(?:Messages and calls are (?:now )?end-to-end encrypted|Messages (?:you send )?to this (?:group|chat) "
    r"(?:and calls )?are now secured|Messages to this (?:group|chat) and calls|Your security code with|"
    r"Nachrichten und Anrufe sind Ende-zu-Ende|Los mensajes y las llamadas están cifrados|"
    r"Les messages et les appels sont chiffrés|As mensagens e as chamadas são protegidas|"
    r"I messaggi e le chiamate sono crittografati|Сообщения и звонки защищены|الرسائل والمكالمات مشفرة|"
    r"Messaggi e chiamate sono crittografati|Berichten en oproepen (?:worden|zijn)|Mesajlar ve aramalar uçtan uca|"
    r"Повідомлення й? ?(?:та )?дзвінки захищен|Wiadomości i połączenia są|Pesan dan panggilan terenkripsi|消息和通话已进行端到端加密|"
    r"訊息和通話.{0,10}端對端加密|メッセージと通話はエンドツーエンド|메시지와 통화는 종단간|پیام‌ها و تماس‌ها|ההודעות והשיחות מוצפנות|"
    r"संदेश और कॉल|This chat is with a business account|Waiting for this message)",
    re.IGNORECASE,
)
DELETED = re.compile(
    r"^(?:This message was deleted|You deleted this message|Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht|"
    r"Se eliminó este mensaje|Eliminaste este mensaje|Ce message a été supprimé|Mensagem apagada|"
    r"Questo messaggio è stato eliminato|Hai eliminato questo messaggio|Vous avez supprimé ce message|Você apagou esta mensagem|"
    r"Esta mensagem foi apagada|Dit bericht is verwijderd|(?:U hebt|Je hebt) dit bericht verwijderd|Bu mesaj silindi|Bu mesajı sildiniz|"
    r"Це повідомлення видалено|Ви видалили це повідомлення|Ta wiadomość została usunięta|Usunięto tę wiadomość|Pesan ini (?:telah )?dihapus|"
    r"Вы удалили данное сообщение|此消息已删除|你已删除此消息|此訊息已刪除|您已刪除此訊息|このメッセージは削除されました|삭제된 메시지입니다|"
    r"این پیام حذف شد|הודעה זו נמחקה|यह संदेश हटाया गया था|لقد حذفت هذه الرسالة|Данное сообщение удалено|تم حذف هذه الرسالة)\.?\s*$",
    re.IGNORECASE,
)
EDITED = re.compile(
    r"<(?:This message was edited|Diese Nachricht wurde bearbeitet|Se editó este mensaje|Ce message a été modifié|Mensagem editada|Questo messaggio è stato modificato|"
    r"Dit bericht is bewerkt|Данное сообщение изменено|Bu mesaj düzenlendi|تم تعديل هذه الرسالة)>\s*$"
)
CALLED = re.compile(
    r"^(?:Missed |Verpasster |Llamada |Appel )?(?:group )?(?:voice |video |Sprach|Video)call\b|^Missed (?:voice|video)",
    re.IGNORECASE,
)
