// What is known of a part of the drawing, a check or a finding, beside the page.
const details = byId("details");
let cameFrom = null;

// The part that a check judges: its audit, and the row of what is drawn or listed.
function partOf(check) {
  const at = run.audits.findIndex((audit) => check.startsWith(`${said(audit.design)}/`));
  if (at < 0) return null;
  const audit = run.audits[at];
  const own = check.slice(said(audit.design).length + 1);
  const [drawn] = own.split("/");
  const dot = drawn.indexOf(".");
  const [form, id] = [drawn.slice(0, dot), drawn.slice(dot + 1)];
  const rows = { node: audit.nodes, edge: audit.edges, path: audit.paths }[form] ?? [];
  const row = rows.find((entry) => said(form === "edge" ? entry[0][0] : entry[0]) === id);
  return { at, audit, own, drawn, form, id, row, whole: own === drawn };
}

function findingsOf(check, part) {
  const all = [...(ofCheck.get(check) ?? [])];
  if (part?.form === "node" && part.whole) {
    for (const [other, found] of ofCheck) {
      // Too many to be arguments of one call.
      if (other.startsWith(`${check}/`)) for (const at of found) all.push(at);
    }
  }
  return worstFirst(all);
}

function verdictOfAll(all, status) {
  if (all.length === 0) return status ?? 4;
  return all.reduce((worst, at) => Math.min(worst, verdictOf[at]), 4);
}

const about = (pairs) => {
  const list = make("dl");
  for (const [name, value] of pairs) {
    if (value === null || value === "" || value?.length === 0) continue;
    list.append(make("dt", null, name), make("dd", null, ...[value].flat()));
  }
  return list;
};
const amount = (expected) => expected.replace(/^(\d+)\.\.$/, "$1 or more").replace(/^(\d+)\.\.(\d+)$/, "$1 to $2");
const link = (check, shown) => make("a", { href: checkAddress(check), class: "check" }, shown);
const joined = (parts, between) => parts.flatMap((part, at) => (at === 0 ? [part] : [between, part]));

function things(ids, all) {
  const list = make("ul", null, ...ids.map((id) => make("li", null,
    names.has(id) ? make("b", null, names.get(id)) : "", names.has(id) ? " " : "", make("code", null, id))));
  if (all > ids.length) list.append(make("li", { class: "faint" }, `and ${all - ids.length} more`));
  return list;
}

function described({ audit, form, row }) {
  const design = said(audit.design);
  const node = (id) => (audit.nodes.some((entry) => said(entry[0]) === id) ? link(`${design}/node.${id}`, id) : id);
  if (row === undefined) return make("p", { class: "note" }, "a rule of the design; it is not drawn");
  if (form === "node") {
    const [, kind, status, expected, bound, maybe, [found, doubtful], policy] = row;
    return about([
      ["Is", shortKind(said(kind))],
      ["Asked for", amount(said(expected))],
      ["Found", found === 0 ? (status === 1 ? "none in what could be read" : "none") : things(listed(bound), found)],
      ["May belong", doubtful === 0 ? "" : things(listed(maybe), doubtful)],
      ["Policy", said(policy)],
    ]);
  }
  if (form === "edge") {
    const [, from, rel, to] = row[0].map(said);
    return about([["Arrow", [node(from), ` ${row[1] ? "never " : ""}${rel} `, node(to)]], ["Policy", said(row[3])]]);
  }
  const [, via, avoid, packet, expect, , policy] = row;
  return about([
    ["Way", joined(listed(via).map(node), " → ")],
    ["Not through", joined(listed(avoid).map(node), ", ")],
    ["Packets", said(packet)],
    ["Must", said(expect) === "reachable" ? "arrive" : "not arrive"],
    ["Policy", said(policy)],
  ]);
}

function facts(evidence, more) {
  const table = make("table", null, make("thead", null, make("tr", null,
    ...["Fact", "Value", "Told by"].map((name) => make("th", { scope: "col" }, name)))));
  const body = make("tbody");
  for (const { fact, value, of, call, scope, when } of evidence) {
    const from = [call, of === "" ? "" : make("span", { title: of }, `of ${names.get(of) ?? shortId(of)}`), scope, when].filter((part) => part !== "");
    body.append(make("tr", null, make("th", { scope: "row" }, fact), make("td", null, make("code", null, value)),
      make("td", { class: "faint" }, ...joined(from, " · "))));
  }
  if (more > 0) body.append(make("tr", null, make("td", { colspan: "3" }, `and ${more} more: the JSON report has them all`)));
  table.append(body);
  return table;
}

function told(it, chosen) {
  // What is about the node or arrow itself names it above already.
  const own = ["node", "edge", "path", "rule"].includes(it.kind);
  const where = own ? [] : [[`${shortKind(it.kind)} `, it.name === "" || it.name === it.resource ? "" : make("b", null, `${it.name} `), make("code", null, it.resource)],
    it.account && `${accountWord(it.kind)} ${it.account}`, it.region && `region ${it.region}`].filter(Boolean);
  const article = make("article", { class: chosen ? "chosen" : "" },
    make("p", { class: "tags" }, tag(it.verdict), it.verdict === WAIVED ? tag(it.status) : "",
      it.change === "" ? "" : make("i", null, it.change), make("a", { href: findingAddress(it.id) }, "link to this")),
    make("p", { class: "message" }, it.message),
    make("p", { class: "where" }, ...joined(where, " · ").flat()));
  if (it.waived) {
    const [reason, owner, approved, expires] = it.waived;
    article.append(make("p", null, `Waived until ${expires}: ${reason} (${owner}, approved by ${approved})`));
  }
  if (it.causes.length > 0) {
    article.append(make("p", null, "Follows from ", ...joined(it.causes.map((check) => link(check, check)), ", ")));
  }
  const hops = it.evidence.filter(({ fact }) => fact === "hop");
  if (hops.length > 0) {
    const at = hops.map(({ value }) => { try { return JSON.parse(value).at ?? value; } catch { return value; } });
    article.append(make("p", null, `The packet went: ${at.join(" → ")}`));
  }
  const others = it.evidence.filter(({ fact }) => fact !== "hop");
  if (others.length > 0) article.append(facts(others, it.more));
  if (it.assumptions.length > 0) {
    article.append(make("p", { class: "faint" }, "Taken for granted:"), make("ul", { class: "faint" }, ...it.assumptions.map((text) => make("li", null, text))));
  }
  return article;
}

const PORTION = 20;

// What is unknown may be as it should be: what was not read comes first.
function missing(all) {
  const calls = new Map();
  for (const row of all.flatMap((at) => findings[at][5])) {
    const [fact, value, , call] = run.evidence[row].map(said);
    if (fact === "not read" || fact === call) calls.set(call, value.split(":")[0]);
  }
  const each = [...calls].slice(0, 12).map(([call, how]) => make("span", null, make("code", null, call), ` (${how})`));
  return each.length === 0 ? "" : ["Make readable what was not read, and run the audit again: ", ...joined(each, ", ")];
}

// What does not apply has not been found to hold.
function fineOnes(all) {
  const holding = all.filter((at) => verdictOf[at] === 3).length;
  const apart = all.length - holding;
  const said = [holding > 0 ? counted(holding, "thing holds", "things hold") : "", apart > 0 ? counted(apart, "does not apply", "do not apply") : ""];
  return said.filter((part) => part !== "").join(", ");
}

// The document that a check's citation speaks of.
function documentOf(check) {
  const audit = run.audits.find((audit) => check.startsWith(`${said(audit.design)}/`));
  return audit === undefined ? "" : said(audit.source);
}

// One requirement, and what was found of it; what holds is folded.
function asked(want, all, chosen) {
  const open = all.filter((at) => verdictOf[at] < 3);
  const fine = all.filter((at) => verdictOf[at] >= 3);
  // What is waived is still wrong.
  const wrong = all.some((at) => findings[at][2] === 0);
  const out = [make("h3", null, tag(verdictOfAll(all)), " ", link(want.check, want.check.slice(want.check.indexOf("/") + 1)))];
  if (want.says !== "") out.push(make("p", { class: "says" }, want.says));
  out.push(about([
    ["Why it matters", want.why],
    ["What to do", wrong ? "" : missing(open)],
    [wrong ? "What to do" : "If it does not hold", open.length > 0 ? want.fix : ""],
    ["Severity", `${want.severity}, ${ASKED_BY[want.basis] ?? want.basis}`],
    ["Asked for in", [documentOf(want.check), want.cite, want.policy].filter((text) => text !== "").join(", ")],
  ]));
  const some = (list) => {
    const box = make("div");
    const more = make("button", { type: "button" });
    let shown = 0;
    const next = () => {
      box.append(...list.slice(shown, shown + PORTION).map((at) => told(finding(at), at === chosen)));
      shown += PORTION;
      more.textContent = `Show more (${counted(list.length - shown, "is", "are")} left)`;
      more.hidden = shown >= list.length;
    };
    more.addEventListener("click", next);
    next();
    return [box, more];
  };
  if (open.length > 0) out.push(...some(open));
  if (fine.length > 0) {
    const fold = make("details", open.length === 0 || fine.includes(chosen) ? { open: "" } : null,
      make("summary", null, fineOnes(fine)));
    fold.append(...some(fine));
    out.push(fold);
  }
  return out;
}

function restsOn(all) {
  const used = new Set(all.flatMap((at) => findings[at][5]).map((row) => run.evidence[row][3]));
  const rows = run.calls.filter(([name]) => used.has(name));
  if (rows.length === 0) return [];
  const body = make("tbody", null, ...rows.map(([name, place, outcome, times, detail]) => make("tr", null,
    make("td", null, make("code", null, said(name)), make("span", { class: "where" }, said(place))),
    make("td", null, said(outcome) === "complete" ? "complete" : tag(1, said(outcome)), times > 1 ? ` ×${times}` : "",
      make("span", { class: "where" }, said(detail))))));
  return [make("h3", null, "Calls this rests on"), make("table", null, body)];
}

function fill(title, verdict, ...content) {
  byId("details-title").replaceChildren(title, " ", verdict === null ? "" : tag(verdict));
  byId("told").replaceChildren(...content);
  byId("copied").textContent = "";
  if (details.hidden) cameFrom = document.activeElement;
  details.hidden = false;
  document.body.classList.add("open");
  details.scrollTop = 0;
  byId("details-title").focus({ preventScroll: true });
}

function show(check, chosen) {
  const part = partOf(check);
  const all = findingsOf(check, part);
  if (all.length === 0 && part?.row === undefined) {
    fill("Nothing of this name", null, make("p", null, "This report has no ", make("code", null, check)));
    return null;
  }
  const status = part?.row === undefined ? 4 : part.form === "node" ? part.row[2] : part.form === "edge" ? part.row[2] : part.row[5];
  const wanted = new Map();
  for (const at of all) {
    const row = findings[at][1];
    if (!wanted.has(row)) wanted.set(row, []);
    wanted.get(row).push(at);
  }
  const up = part && !part.whole
    ? make("p", null, "Part of ", link(check.slice(0, check.length - (part.own.length - part.drawn.length)), part.drawn)) : "";
  fill(part?.own ?? check, verdictOfAll(all, status), up, part?.whole ? described(part) : "",
    ...[...wanted].flatMap(([row, found]) => asked(requirements[row], found, chosen)), ...restsOn(all));
  return part;
}

function close() {
  if (details.hidden) return;
  details.hidden = true;
  document.body.classList.remove("open");
  if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
}

byId("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    byId("copied").textContent = "copied";
  } catch {
    byId("copied").textContent = location.href;
  }
});
