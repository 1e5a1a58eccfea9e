// The page in Chromium, as its readers use it: html.cjs SCENARIO FILE [WORDS]. Whatever the scenario, the page may ask for
// nothing, break no rule of its own and open no dialog.
const assert = require("node:assert/strict");
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const [, , scenario, file, ...words] = process.argv;
let address = pathToFileURL(file).href;
const WAIT = 60000;

async function page(browser, options = {}, hash = "") {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const it = await context.newPage();
  it.setDefaultTimeout(WAIT);
  const trouble = [];
  it.on("console", (said) => {
    if (["error", "warning"].includes(said.type())) trouble.push(said.text());
  });
  it.on("pageerror", (error) => trouble.push(String(error)));
  it.on("request", (request) => {
    if (request.url().split("#")[0] !== address) trouble.push(`asked for ${request.url().slice(0, 200)}`);
  });
  it.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await it.goto(address + hash);
  if (options.javaScriptEnabled !== false) await it.waitForSelector("html[data-ready]");
  return { it, done: async () => { assert.deepEqual(trouble, []); await context.close(); } };
}

const text = (it, selector) => it.locator(selector).first().innerText();
const shown = async (it) => Number((await text(it, "#shown")).split(" ")[0].replaceAll(",", ""));
// Types into the field of words, and waits for the list to follow.
async function find(it, said) {
  const before = await text(it, "#shown");
  await it.locator("#find").fill(said);
  await it.waitForFunction((before) => document.getElementById("shown").textContent !== before, before);
}
// What a status box counts.
const counted = async (it, name) => Number((await text(it, `#statuses label:has(.tag.${name})`)).split(/\s+/).pop().replaceAll(",", ""));

const scenarios = {
  // A box that fails is chosen, its evidence read, and everything goes back to where it was.
  async choose(browser) {
    const { it, done } = await page(browser);
    const box = it.locator("svg.diagram .box.fail").first();
    const check = await box.getAttribute("data-check");
    await box.click();
    assert.match(await text(it, "#details-title"), new RegExp(check.replaceAll(".", "\\.")));
    assert.match(await text(it, "#details"), /FAIL/);
    assert.ok((await it.locator("#details article .message").count()) > 0, "what was found is told");
    assert.match(await text(it, "#details"), /Asked for in/);
    // Where the pointer is lights up too.
    await it.mouse.move(2, 2);
    assert.equal(await it.locator("svg.diagram.picked .box.chosen.lit").count(), 1);
    assert.match(it.url(), new RegExp(`#check=[^/]+/${check}$`));
    await it.keyboard.press("Escape");
    assert.ok(await it.locator("#details").isHidden());
    assert.ok(!it.url().includes("#check"), it.url());
    assert.equal(await it.evaluate(() => document.activeElement.getAttribute("data-check")), check, "the focus goes back");
    await it.goBack();
    await it.locator("#details").waitFor();

    const arrow = it.locator("svg.diagram .arrow.fail").first();
    await arrow.locator("text").first().click();
    assert.match(await text(it, "#details-title"), /^edge\./);
    const way = it.locator(".entry").first();
    await way.click();
    assert.ok((await it.locator("svg.diagram .step").count()) >= 2, "a way's boxes are numbered");
    assert.match(await text(it, "#details"), /Packets/);
    assert.ok((await it.locator("#details article table code").count()) > 0, "with its evidence");
    assert.match(await text(it, "#details"), /Calls this rests on/);
    await done();
  },

  // The same by keys alone.
  async keys(browser) {
    const { it, done } = await page(browser);
    const at = () => it.evaluate(() => document.activeElement.getAttribute("data-check"));
    let reached = null;
    for (let n = 0; n < 40 && reached === null; n += 1) {
      await it.keyboard.press("Tab");
      reached = await at();
    }
    assert.notEqual(reached, null, "Tab comes to the drawing");
    const ring = await it.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(ring, "none", "where the focus is can be seen");
    const seen = new Set([reached]);
    for (const key of ["ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]) {
      await it.keyboard.press(key);
      seen.add(await at());
    }
    assert.ok(seen.size > 2 && !seen.has(null), `arrows move among the parts: ${[...seen]}`);
    for (const key of ["Enter", " "]) {
      const on = await at();
      await it.keyboard.press(key);
      assert.ok((await text(it, "#details-title")).startsWith(on));
      await it.keyboard.press("Escape");
      assert.equal(await at(), on);
    }
    // However fast: the second key acts on what the first one opened.
    const on = await at();
    await it.evaluate(() => {
      for (const key of ["Enter", "Escape"]) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    });
    assert.ok(!it.url().includes("#check"), it.url());
    assert.ok(await it.locator("#details").isHidden());
    assert.equal(await at(), on);
    await it.locator("#list").focus();
    await it.keyboard.press("End");
    await it.keyboard.press("Home");
    await it.keyboard.press("ArrowDown");
    const active = await it.locator("#list").getAttribute("aria-activedescendant");
    assert.equal(active, "row-1");
    await it.keyboard.press("Enter");
    assert.match(it.url(), /#finding=/);
    assert.equal(await it.locator("#details article.chosen").count(), 1);
    await done();
  },

  // Filters leave what they say, and the count says how many.
  async filter(browser) {
    const { it, done } = await page(browser);
    const all = await shown(it);
    const names = ["fail", "unknown", "waived", "pass", "na"];
    const counts = await Promise.all(names.map((name) => counted(it, name)));
    assert.equal(counts.reduce((a, b) => a + b), all);
    for (const name of names.slice(1)) await it.locator(`#statuses label:has(.tag.${name}) input`).uncheck();
    assert.equal(await shown(it), counts[0]);
    assert.equal(await it.locator("#rows .row:not(:has(.tag.fail))").count(), 0);
    await it.locator("#severity").selectOption("high");
    const high = await shown(it);
    assert.ok(high > 0 && high < counts[0], `${high} of ${counts[0]}`);
    await it.locator("#basis").selectOption("hardening");
    assert.ok((await shown(it)) <= high);
    await it.locator("#clear").click();
    assert.equal(await shown(it), all);
    await find(it, `${words[0]} path.egress`);
    const found = await it.locator("#rows .row").allInnerTexts();
    assert.ok(found.length > 0 && found.every((row) => row.includes("path.egress") && row.includes(words[0])), found.join("\n"));
    await find(it, "no such words anywhere");
    assert.equal(await shown(it), 0);
    await done();
  },

  // An address leads to what it names, and one that names nothing says so.
  async links(browser) {
    const [check, id] = words;
    for (const [hash, title] of [[`#check=${check}`, check.split("/")[1]], [`#finding=${id}`, "."], ["#check=no/such", "Nothing of this name"], ["#finding=%", "."]]) {
      const { it, done } = await page(browser, {}, hash);
      if (hash === "#finding=%") assert.ok(await it.locator("#details").isHidden());
      else assert.ok((await text(it, "#details-title")).includes(title));
      if (hash === `#finding=${id}`) assert.equal(await it.locator("#details article.chosen").count(), 1);
      await done();
    }
  },

  // Nothing that an account says acts: it stands there as text.
  async hostile(browser) {
    const { it, done } = await page(browser);
    const planted = "img, iframe, object, embed, link, base, form, body script ~ script ~ script, [onerror], [onload], [onclick], [style*=url]";
    assert.equal(await it.locator(planted).count(), 0);
    const address = "a[href]:not([href^='#'])";
    assert.equal(await it.locator(address).count(), 0, "no link leaves the page");
    await find(it, "onerror");
    assert.match(await text(it, "#rows .row"), /<img src=x onerror=/);
    await it.locator("#rows .row").first().click();
    assert.match(await text(it, "#details"), /<\/script><script>alert\(1\)<\/script>/);
    assert.equal(await it.locator(planted).count(), 0);
    assert.equal(await it.locator(address).count(), 0);
    assert.equal(await it.evaluate(() => window.owned), undefined);
    await done();
    // The policy stops what the page itself would not.
    const guarded = await browser.newPage();
    const refused = [];
    guarded.on("console", (said) => refused.push(said.text()));
    await guarded.goto(pathToFileURL(file).href);
    await guarded.evaluate(() => {
      document.body.append(Object.assign(document.createElement("script"), { textContent: "window.owned = 1" }));
      document.body.append(Object.assign(document.createElement("img"), { src: "https://example.com/x.png" }));
    });
    assert.equal(await guarded.evaluate(() => window.owned), undefined);
    assert.ok(refused.filter((said) => said.includes("Content Security Policy")).length >= 1, refused.join("\n"));
  },

  // However many findings there are, the page holds the rows that can be seen.
  async large(browser) {
    const { it, done } = await page(browser);
    const most = 120;
    const many = async () => {
      const rows = await it.locator("#rows .row").count();
      assert.ok(rows > 5 && rows < most, `${rows} rows`);
    };
    assert.equal(await shown(it), Number(words[0]));
    await many();
    await it.locator("#list").focus();
    await it.keyboard.press("End");
    await it.waitForFunction((last) => document.getElementById(`row-${last}`) !== null, Number(words[0]) - 1);
    await many();
    await find(it, "copy 777 ");
    assert.ok((await shown(it)) > 0);
    assert.ok((await it.locator("main .cause").count()) <= 200);
    await done();
  },

  // However much there is of one box, its details open.
  async crowd(browser) {
    const folder = mkdtempSync(join(tmpdir(), "crowd-"));
    try {
      const [, before, data, after] = /^(.*id="run">)(.*?)(<\/script>.*)$/s.exec(readFileSync(file, "utf8"));
      const run = JSON.parse(data);
      const check = (row) => run.texts[run.requirements[row[1]][0]];
      const [audit] = run.audits;
      const one = audit.findings.find((row) => check(row) === words[0]);
      for (let n = 0; n < 200000; n += 1) audit.findings.push(one);
      const crowded = join(folder, "page.html");
      writeFileSync(crowded, before + JSON.stringify(run) + after);
      address = pathToFileURL(crowded).href;
      const [node] = words[0].split(/(?<=node\.[^/]*)\//);
      const { it, done } = await page(browser, {}, `#check=${node}`);
      assert.ok(node.endsWith(await it.locator("#details-title").evaluate((title) => title.firstChild.textContent)));
      await done();
    } finally {
      rmSync(folder, { recursive: true });
    }
  },

  // What is chosen is told in these words, and not in those.
  async panel(browser) {
    const [check, told, never] = words;
    const { it, done } = await page(browser, {}, `#check=${check}`);
    const said = (await text(it, "#details")).replaceAll(/\s+/g, " ");
    assert.ok(said.includes(told), `${told}: ${said}`);
    assert.ok(!said.includes(never), `${never}: ${said}`);
    await done();
  },

  // The drawing as large as it can be read, all of it in the page's own scroll; in a box of its own where it is larger.
  async fit(browser) {
    const size = (it) => it.locator(".picture").first().evaluate((box) => {
      const drawn = box.querySelector("svg").getBoundingClientRect();
      return { hidden: [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight], least: drawn.width / box.clientWidth, high: drawn.height };
    });
    for (const height of [700, 1000, 2400]) {
      const { it, done } = await page(browser, { viewport: { width: 1440, height } });
      await it.locator("[data-zoom=fit]").first().click();
      const { hidden, least, high } = await size(it);
      assert.deepEqual(hidden, [0, 0], `${height}`);
      assert.ok(high <= height || least > 0.9, `${high} of ${height}, ${least}`);
      if (height === 2400) assert.ok(high <= height, "all of it on a screen that is high enough");
      for (let n = 0; n < 4; n += 1) await it.locator("[data-zoom=in]").first().click();
      assert.ok((await size(it)).hidden.every((more) => more > 0), "larger ones scroll");
      assert.equal(await it.locator("#rows .row").evaluateAll((rows) => rows.filter((row) => row.firstChild.scrollWidth > row.firstChild.clientWidth).length), 0, "no status is cut");
      await done();
    }
    const { it, done } = await page(browser, { viewport: { width: 390, height: 844 } });
    const seen = await it.locator(".picture").first().evaluate((box) => {
      const [inner, outer] = [box.querySelector(".box.fail") ?? box.querySelector(".box.unknown"), box].map((part) => part.getBoundingClientRect());
      return inner.left >= outer.left && inner.top >= outer.top && inner.right <= outer.right && inner.bottom <= outer.bottom;
    });
    assert.ok(seen, "what fails is in view");
    await done();
  },

  // Without scripts the verdict and its reasons can be read.
  async plain(browser) {
    const { it, done } = await page(browser, { javaScriptEnabled: false });
    assert.match(await text(it, "h1"), /FAIL.*is not built as its reference design asks/s);
    for (const part of [".counts", ".facts", ".how", ".picture svg", "#wrong .cause", "#unassessed", "#read", "#about"]) {
      assert.ok(await it.locator(part).first().isVisible(), part);
    }
    const cause = await text(it, "#wrong .cause");
    for (const word of ["Found", "What to do", "Asked for in", "account"]) assert.ok(cause.includes(word), `${word}: ${cause}`);
    assert.ok(await it.locator("#all noscript").isVisible());
    assert.equal(await it.locator(".scripted:visible, #details:visible").count(), 0);
    await done();
  },

  // Light, dark, narrow and on paper; contrast, names and landmarks by axe.
  async looks(browser) {
    const axe = require("axe-core").source;
    const paper = async (it, selector) => it.locator(selector).first().evaluate((el) => getComputedStyle(el).backgroundColor);
    const grounds = [];
    for (const options of [{ colorScheme: "light" }, { colorScheme: "dark" }, { colorScheme: "light", viewport: { width: 390, height: 844 } }]) {
      const { it, done } = await page(browser, options, `#check=${words[0]}`);
      grounds.push(await paper(it, "body"));
      await it.evaluate(axe);
      const { violations } = await it.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"],
        // It takes every link within the page for one that skips: these are addresses that the script opens.
        rules: { "skip-link": { enabled: false } } }));
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(" | ")}`);
      assert.deepEqual(told, []);
      const wide = await it.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${wide} pixels too wide`);
      await done();
    }
    assert.notEqual(grounds[0], grounds[1]);
    const { it, done } = await page(browser, { colorScheme: "dark" });
    await it.emulateMedia({ media: "print", colorScheme: "dark" });
    assert.equal(await paper(it, "body"), "rgb(255, 255, 255)");
    assert.equal(await it.locator("#list:visible, .zoom:visible, nav:visible").count(), 0);
    assert.ok(await it.locator("#wrong .cause").first().isVisible());
    assert.ok((await it.pdf({ preferCSSPageSize: true })).length > 10000);
    await done();
  },
};

(async () => {
  const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  try {
    await scenarios[scenario](browser);
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error.stack ?? error);
  process.exitCode = 1;
});
