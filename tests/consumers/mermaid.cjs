// Draws flowcharts as GitHub does: the real library, in a browser, with its strictest security level and its limits.
// Arguments: FILE... [--png FILE]; a Markdown file is searched for fenced charts. Prints what was drawn, as JSON.
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");

const LIBRARY = path.join(path.dirname(require.resolve("mermaid/package.json")), "dist", "mermaid.min.js");
const GITHUB = { startOnLoad: false, securityLevel: "strict", maxTextSize: 50_000, maxEdges: 500 };

function charts(file) {
    const text = fs.readFileSync(file, "utf8");
    if (!file.endsWith(".md") && !file.endsWith(".markdown")) return [text];
    return [...text.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map((match) => match[1]);
}

// In the page: draws one chart, and tells what came of it.
async function draw([source, at]) {
    const { svg } = await window.mermaid.render(`chart${at}`, source);
    const holder = document.createElement("div");
    holder.innerHTML = svg;
    document.body.append(holder);
    const words = (element) => element.textContent.replace(/\s+/g, " ").trim();
    const all = (selector) => [...holder.querySelectorAll(selector)];
    return {
        nodes: all("g.node").map(words),
        frames: all("g.cluster").map(words),
        arrows: all("g.edgePaths path, path.flowchart-link").filter((path, n, same) => same.indexOf(path) === n).length,
        labels: all("g.edgeLabel").map(words).filter((text) => text !== ""),
        dangerous: all("script, a, img, iframe, image, form, input").map((element) => element.outerHTML),
        handlers: all("*").flatMap((element) => element.getAttributeNames().filter((name) => name.startsWith("on"))),
    };
}

async function main() {
    const given = process.argv.slice(2);
    const option = given.indexOf("--png");
    const png = option < 0 ? undefined : given.splice(option, 2)[1];
    const sources = given.flatMap(charts);
    if (sources.length === 0) throw new Error("there is no chart");
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
    try {
        const page = await browser.newPage({ viewport: { width: 2400, height: 1600 } });
        const wrong = [];
        page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
        page.on("console", (message) => message.type() === "error" && wrong.push(`console: ${message.text()}`));
        page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
        page.on("request", (request) => /^(https?|file):/.test(request.url()) && wrong.push(`request: ${request.url()}`));
        await page.setContent("<!doctype html><title>charts</title><body>");
        await page.addScriptTag({ content: fs.readFileSync(LIBRARY, "utf8") });
        await page.evaluate((config) => window.mermaid.initialize(config), GITHUB);
        const drawn = [];
        for (const [at, source] of sources.entries()) drawn.push(await page.evaluate(draw, [source, at]));
        if (png) await page.screenshot({ path: png, fullPage: true });
        for (const chart of drawn) {
            wrong.push(...chart.dangerous, ...chart.handlers);
            const odd = [...chart.nodes, ...chart.frames, ...chart.labels].filter((text) => /Unsupported markdown|Maximum text size|ﬂ°|¶ß/.test(text));
            wrong.push(...odd);
        }
        if (wrong.length > 0) throw new Error(wrong.join("\n"));
        console.log(JSON.stringify(drawn));
    } finally {
        await browser.close();
    }
}

main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
