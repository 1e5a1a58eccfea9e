// The run as `data.rs` writes it: rows of numbers, into tables of what they share.
const run = JSON.parse(document.getElementById("run").textContent);
const narrow = matchMedia("(max-width: 700px)");
const byId = (id) => document.getElementById(id);

const VERDICTS = [
  { word: "FAIL", mark: "✗", name: "fail" },
  { word: "UNKNOWN", mark: "?", name: "unknown" },
  { word: "WAIVED", mark: "~", name: "waived" },
  { word: "PASS", mark: "✓", name: "pass" },
  { word: "N/A", mark: "–", name: "na" },
];
const WAIVED = 2;
const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const CHANGES = ["", "new", "changed", "as before"];

const said = (number) => run.texts[number];
const listed = (number) => run.lists[number].map(said);

// All findings as one list.
const findings = run.audits.flatMap((audit) => audit.findings);
const auditOf = new Uint16Array(findings.length);
let filled = 0;
run.audits.forEach((audit, at) => {
  auditOf.fill(at, filled, filled + audit.findings.length);
  filled += audit.findings.length;
});

// What is waived is neither well nor an alarm, whatever its status.
const verdictOf = Uint8Array.from(findings, ([, , status, , , , , , , waived]) =>
  status <= 1 && waived !== 0 ? WAIVED : status);

const requirement = (row) => {
  const [check, basis, severity, says, cite, why, fix, policy] = run.requirements[row].map(said);
  return { check, basis, severity, says, cite, why, fix, policy };
};
const requirements = run.requirements.map((_, row) => requirement(row));

function finding(at) {
  const [id, asked, status, subject, message, evidence, more, assumptions, causes, waived, change] = findings[at];
  const [kind, resource, name, account, region] = run.subjects[subject].map(said);
  return {
    at, id: said(id), asked: requirements[asked], verdict: verdictOf[at], status, message: said(message),
    kind, resource, name, account, region, more, change: CHANGES[change],
    evidence: evidence.map((row) => {
      const [fact, value, of, call, scope, when] = run.evidence[row].map(said);
      return { fact, value, of, call, scope, when };
    }),
    assumptions: listed(assumptions), causes: listed(causes), waived: waived === 0 ? null : listed(waived),
  };
}

// Findings by what they are about, found once.
const ofCheck = new Map();
findings.forEach((row, at) => {
  const { check } = requirements[row[1]];
  if (!ofCheck.has(check)) ofCheck.set(check, []);
  ofCheck.get(check).push(at);
});

const severityOf = Uint8Array.from(run.requirements, (_, row) => Math.max(0, SEVERITIES.indexOf(requirements[row].severity)));
const weight = (at) => (verdictOf[at] * 8 + severityOf[findings[at][1]]) * 2 + (findings[at][8] === 0 ? 0 : 1);

// Worst first, causes before what follows from them, else as they are in the report.
function worstFirst(all) {
  const heaps = [];
  for (const at of all) (heaps[weight(at)] ??= []).push(at);
  return heaps.flatMap((heap) => heap ?? []);
}

const names = new Map();
for (const [, id, name] of run.subjects) if (said(name) !== "") names.set(said(id), said(name));

// Elements are made of text and attributes alone: what an account says is never read as a tag.
function make(name, attributes, ...children) {
  const it = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) it.setAttribute(key, value);
  it.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return it;
}

function tag(verdict, word) {
  const { mark, name, word: own } = VERDICTS[verdict];
  return make("span", { class: `tag ${name}` }, make("span", { "aria-hidden": "true" }, mark), ` ${word ?? own}`);
}

// As the page's own text calls them.
const ASKED_BY = { documented: "asked by the document", implementation: "set by the published templates", hardening: "good practice beyond the design" };
const accountWord = (kind) => ({ azure: "subscription", k8s: "cluster", kubernetes: "cluster" })[kind.split(".")[0]] ?? "account";
const shortKind = (kind) => kind.split("|").map((it) => it.trim().replace(/^[^.]*\./, "").replaceAll("_", " ")).join(" or ");
// The last part of an ARN or path, without a random suffix.
function shortId(id) {
  const parts = id.split(/[/:]/).filter((part) => part !== "");
  const last = parts.pop() ?? id;
  return /^[0-9a-f]{16}$/i.test(last) ? parts.pop() ?? last : last;
}

const counted = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
const checkAddress = (check) => `#check=${encodeURIComponent(check).replaceAll("%2F", "/")}`;
const findingAddress = (id) => `#finding=${encodeURIComponent(id)}`;
