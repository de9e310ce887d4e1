"""What the demo's translator answers for: Russian lines of the town's talk, and the same in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TRANSLATED: Final[Mapping[str, str]] = {
    "Пекарь закончил. Торт можно забирать у моста, он в холоде.": "The baker has finished. The cake can be fetched by the bridge, it is kept cold.",
    "Заберу. Фургон белый, с вывеской, как договорились.": "I will fetch it. The van is white, with a sign, as agreed.",
    "Погас свет на набережной. Это нам мешает или помогает?": "The light on the embankment has gone out. Does that hinder us or help us?",
    "Помогает. Торт все равно едет через мост ночью, света там и не надо.": "It helps. The cake goes over the bridge at night anyway, no light is needed there.",
    "Ключ у меня. Отдам на мосту в пять, торт вези сразу туда.": "I have the key. I hand it over on the bridge at five, bring the cake straight there.",
    "Хорошо. После праздника молчим, как решили.": "Good. After the celebration we are silent, as we decided.",
    "Гости пьют чай. Можно подавать.": "The guests are having tea. It can be served.",
    "Торт у моста. Захожу.": "The cake is by the bridge. I am going in.",
    "Свадьба в воскресенье? Торт уже заказали?": "The wedding is on Sunday? Has the cake been ordered?",
    "Да, торт привезут прямо в зал на мосту": "Yes, the cake is brought straight to the hall on the bridge.",
    "Дождь весь день, сижу дома.": "Rain all day, I am staying at home.",
}
