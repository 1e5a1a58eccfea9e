// What the address asks for is shown: it is the one place that knows what is chosen.
function route() {
  let [what, of] = ["", ""];
  try {
    const [, form, rest] = /^#(check|finding)=(.+)$/.exec(location.hash) ?? [];
    [what, of] = [form ?? "", decodeURIComponent(rest ?? "")];
  } catch {
    // Not an address that this page made.
  }
  if (what === "") {
    choose(null, null);
    close();
    return;
  }
  let part = null;
  if (what === "finding") {
    const at = findings.findIndex((row) => said(row[0]) === of);
    if (at < 0) {
      fill("Nothing of this name", null, make("p", null, "This report has no finding ", make("code", null, of)));
    } else {
      part = show(requirements[findings[at][1]].check, at);
      details.querySelector("article.chosen")?.scrollIntoView({ block: "nearest" });
    }
  } else {
    part = show(of, -1);
  }
  choose(part === null ? null : drawings.find(({ audit }) => audit === part.audit) ?? null, part?.drawn ?? null);
}

// What is asked for is there before the next key is pressed: an address that is only set is heeded later.
function go(hash) {
  try {
    if (hash === "" || hash !== location.hash) history.pushState(null, "", location.href.split("#")[0] + hash);
  } catch {
    // A page in a sandbox has no history of its own.
    location.hash = hash || "#";
    return;
  }
  route();
}
const leave = () => go("");

for (const it of document.querySelectorAll(".scripted")) it.hidden = false;
drawings.forEach(wire);
byId("close").addEventListener("click", leave);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !details.hidden) leave();
});
let later = 0;
byId("find").addEventListener("input", () => {
  clearTimeout(later);
  later = setTimeout(filter, 120);
});
for (const input of [...boxes, ...["severity", "basis", "design", "change", "roots"].map(byId)]) input.addEventListener("change", filter);
byId("clear").addEventListener("click", () => {
  for (const box of boxes) box.checked = true;
  for (const id of ["find", "severity", "basis", "design", "change"]) byId(id).value = "";
  byId("roots").checked = false;
  filter();
});
narrow.addEventListener("change", () => paint(true));
new ResizeObserver(() => paint(false)).observe(list);
addEventListener("hashchange", route);
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("#wrong details")) fold.open = true;
});
filter();
route();
document.documentElement.dataset.ready = "yes";
