"use strict";
(() => {
  const rows = JSON.parse(document.getElementById("rows").textContent);
  const list = document.getElementById("list");
  const filter = document.getElementById("filter");
  const hitsOnly = document.getElementById("hits");
  const count = document.getElementById("count");
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const whole = (pieces) => pieces.map((piece) => piece[0]).join("");
  for (const row of rows) {
    const parts = row.parts.flatMap((part) => [part.name, whole(part.text)]);
    const words = [row.id, row.label, row.source, row.when, row.from, ...row.to, row.conversation,
      whole(row.subject), whole(row.text), ...row.marks, ...parts];
    row.folded = fold(words.join("\n"));
    row.hit = [row.subject, row.text, ...row.parts.map((part) => part.text)].some((pieces) => pieces.some((piece) => piece[1]));
  }

  // Every text of a record enters the page as a text node, never as markup.
  const add = (parent, tag, kind, text) => {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  };
  const addPieces = (parent, kind, pieces) => {
    const made = add(parent, "p", kind);
    made.dir = "auto";
    for (const [text, marked] of pieces) {
      if (marked) add(made, "mark", "", text);
      else made.append(text);
    }
  };
  const addFact = (parent, name, value) => {
    const line = add(parent, "p", "facts", name + " ");
    const held = add(line, "bdi", "");
    for (const piece of value.split(/(<[^<>]*>)/)) {
      if (piece.startsWith("<")) add(held, "bdi", "", piece).dir = "ltr";
      else held.append(piece);
    }
  };
  const show = (row) => {
    const one = document.createElement("article");
    one.id = row.label || row.id;
    const head = add(one, "h2", "");
    if (row.label) add(head, "span", "label", row.label);
    add(head, "bdi", "", row.source);
    addFact(one, "", row.when);
    if (row.from) addFact(one, "From", row.from);
    if (row.to.length) addFact(one, "To", row.to.join(", "));
    if (row.conversation) addFact(one, "In", row.conversation);
    if (row.subject.length) addPieces(one, "subject", row.subject);
    addPieces(one, "text", row.text);
    for (const part of row.parts) {
      const held = add(one, "div", "part");
      addFact(held, "Attachment", part.name + " (" + part.size + " bytes)");
      if (part.text.length) addPieces(held, "text", part.text);
    }
    for (const mark of row.marks) add(one, "span", "mark", mark);
    addFact(one, "Record", row.id);
    return one;
  };

  const PAGE = 100;
  let found = rows;
  let shown = 0;
  const end = document.createElement("div");
  const more = () => {
    const next = found.slice(shown, shown + PAGE);
    shown += next.length;
    end.before(...next.map(show));
    seen.unobserve(end); // observed anew, it reports at once if it is still in sight
    if (shown < found.length) seen.observe(end);
  };
  const seen = new IntersectionObserver((views) => { if (views.some((view) => view.isIntersecting)) more(); }, { rootMargin: "1200px" });
  const refresh = () => {
    const words = fold(filter.value).split(/\s+/).filter(Boolean);
    found = rows.filter((row) => (!hitsOnly.checked || row.hit) && words.every((word) => row.folded.includes(word)));
    shown = 0;
    list.replaceChildren(end);
    count.textContent = found.length === rows.length
      ? rows.length.toLocaleString("en") + " records opened"
      : found.length.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " records opened";
    more();
  };
  let waiting;
  filter.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(refresh, 120); });
  hitsOnly.addEventListener("change", refresh);
  window.addEventListener("beforeprint", () => { while (shown < found.length) more(); });
  refresh();
})();
