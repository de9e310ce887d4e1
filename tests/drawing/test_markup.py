"""Whatever is put into markup is escaped once, and never twice."""

from pastwatch.drawing.markup import Html, escape


def test_text_put_into_markup_is_escaped() -> None:
    assert Html("<b>{}</b>").format("<i>&\"'") == "<b>&lt;i&gt;&amp;&quot;&#x27;</b>"
    assert Html("").join(["<", Html("<br>")]) == "&lt;<br>"
    assert Html("<p>") + "<" == "<p>&lt;"


def test_markup_is_not_escaped_again() -> None:
    assert escape(escape("<")) == "&lt;"
    assert Html("{}").format(Html("<br>")) == "<br>"
