// All findings: of a hundred thousand, only the rows that can be seen are in the page.
const list = byId("list");
const rows = byId("rows");
const sorted = Int32Array.from(worstFirst(findings.keys()));
// Browsers draw nothing beyond some ten million pixels.
const MOST = 200000;
const AROUND = 6;
let matching = sorted;
let active = -1;
let drawnRange = "";
const rowHeight = () => (narrow.matches ? 58 : 38);

const counts = new Uint32Array(VERDICTS.length);
for (const verdict of verdictOf) counts[verdict] += 1;
const boxes = VERDICTS.map((_, verdict) => {
  const input = make("input", { type: "checkbox" });
  input.checked = true;
  byId("statuses").append(make("label", null, input, tag(verdict), ` ${counts[verdict].toLocaleString("en")}`));
  return input;
});
const options = (select, all) => select.append(...all.map(([value, shown]) => make("option", { value }, shown)));
const used = (name) => [...new Set(requirements.map((want) => want[name]))];
options(byId("severity"), SEVERITIES.filter((it) => used("severity").includes(it)).map((it) => [it, it]));
options(byId("basis"), ["documented", "implementation", "hardening"].filter((it) => used("basis").includes(it)).map((it) => [it, ASKED_BY[it]]));
options(byId("design"), run.audits.map((audit, at) => [String(at), said(audit.design)]));
document.querySelector(".ofdesign").hidden = run.audits.length < 2;
document.querySelector(".ofchange").hidden = !run.compared;

// The texts that words are looked for in, and what was found of words before.
let lower = null;
const looked = new Map();
function prepare() {
  lower = new Array(run.texts.length).fill(null);
  const take = (number) => { lower[number] ??= said(number).toLowerCase(); };
  for (const [kind, id, name, account] of run.subjects) [kind, id, name, account].forEach(take);
  for (const [check, , , says] of run.requirements) [check, says].forEach(take);
  for (const row of findings) take(row[4]);
}

// For each text, requirement and subject whether a word is in it: texts are looked through once, not once a finding.
function where(word) {
  if (lower === null) prepare();
  if (!looked.has(word)) {
    if (looked.size > 30) looked.clear();
    looked.set(word, look(word));
  }
  return looked.get(word);
}

function look(word) {
  const inText = new Uint8Array(lower.length);
  for (let at = 0; at < lower.length; at += 1) if (lower[at] !== null && lower[at].includes(word)) inText[at] = 1;
  const any = (row, columns) => (columns.some((column) => inText[row[column]] === 1) ? 1 : 0);
  return {
    inText,
    // A fingerprint, or its beginning, as other reports write it.
    isId: /^[0-9a-f]{12,}$/.test(word) ? word : null,
    inAsked: Uint8Array.from(run.requirements, (row) => any(row, [0, 3])),
    inSubject: Uint8Array.from(run.subjects, (row) => any(row, [0, 1, 2, 3])),
  };
}

function filter() {
  const words = byId("find").value.toLowerCase().split(/\s+/).filter((word) => word !== "").map(where);
  const on = boxes.map((box) => box.checked);
  const [severity, basis, design, change] = ["severity", "basis", "design", "change"].map((id) => byId(id).value);
  const wanted = requirements.map((want) => (severity === "" || want.severity === severity) && (basis === "" || want.basis === basis));
  const roots = byId("roots").checked;
  matching = sorted.filter((at) => {
    const row = findings[at];
    return on[verdictOf[at]] && wanted[row[1]] && (design === "" || auditOf[at] === Number(design))
      && (change === "" || row[10] === Number(change)) && (!roots || (verdictOf[at] < 2 && row[8] === 0))
      && words.every(({ inText, inAsked, inSubject, isId }) => inText[row[4]] || inAsked[row[1]] || inSubject[row[3]] || (isId !== null && said(row[0]).startsWith(isId)));
  });
  active = -1;
  list.scrollTop = 0;
  const cut = matching.length > MOST ? `; the first ${MOST.toLocaleString("en")} can be scrolled to` : "";
  byId("shown").textContent = `${matching.length.toLocaleString("en")} of ${counted(findings.length, "finding", "findings")} shown, worst first${cut}`;
  paint(true);
}

function row(place) {
  const [, asked, , subject, message, , , , , , change] = findings[matching[place]];
  const { check, severity } = requirements[asked];
  const [, id, name] = run.subjects[subject].map(said);
  const it = make("div", {
    role: "option", id: `row-${place}`, class: place === active ? "row active" : "row", "aria-selected": String(place === active),
    "aria-posinset": place + 1, "aria-setsize": matching.length,
  }, tag(verdictOf[matching[place]]), make("span", { class: verdictOf[matching[place]] < WAIVED ? `severity ${severity}` : "faint" }, severity),
  make("span", { title: check }, run.audits.length > 1 ? check : check.slice(check.indexOf("/") + 1)),
  make("span", { class: "on", title: id }, name === "" ? id : name),
  make("span", { class: "says", title: said(message) }, change === 0 || change === 3 ? "" : make("span", { class: "change" }, CHANGES[change]), said(message)));
  it.style.height = `${rowHeight()}px`;
  it.style.transform = `translateY(${place * rowHeight()}px)`;
  return it;
}

function paint(anew) {
  const height = rowHeight();
  const most = Math.min(matching.length, MOST);
  const first = Math.max(0, Math.floor(list.scrollTop / height) - AROUND);
  const last = Math.min(most, Math.ceil((list.scrollTop + list.clientHeight) / height) + AROUND);
  const range = `${first}-${last}-${active}`;
  if (!anew && range === drawnRange) return;
  drawnRange = range;
  rows.style.height = `${most * height}px`;
  const all = [];
  for (let place = first; place < last; place += 1) all.push(row(place));
  rows.replaceChildren(...all);
  if (active >= first && active < last) list.setAttribute("aria-activedescendant", `row-${active}`);
  else list.removeAttribute("aria-activedescendant");
}

function activate(place) {
  active = Math.max(0, Math.min(place, Math.min(matching.length, MOST) - 1));
  const [top, height] = [active * rowHeight(), rowHeight()];
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
  paint(false);
}

const openRow = (place) => go(findingAddress(said(findings[matching[place]][0])));

list.addEventListener("scroll", () => requestAnimationFrame(() => paint(false)), { passive: true });
list.addEventListener("focus", () => { if (active < 0 && matching.length > 0 && list.matches(":focus-visible")) activate(Math.floor(list.scrollTop / rowHeight())); });
list.addEventListener("click", (event) => {
  const it = event.target.closest(".row");
  if (!it) return;
  activate(Number(it.id.slice(4)));
  openRow(active);
});
list.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor(list.clientHeight / rowHeight()) - 1);
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
  if (matching.length === 0) return;
  if (step !== undefined) activate(active + step);
  else if ((event.key === "Enter" || event.key === " ") && active >= 0) openRow(active);
  else return;
  event.preventDefault();
});
