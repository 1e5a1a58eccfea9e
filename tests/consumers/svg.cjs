// Measures drawings in a browser: every text within its box or frame, no box on another, no label on a box, nothing active.
// Arguments: FILE...
const fs = require("node:fs");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

// In the page: what is wrong with the drawing.
function measured() {
    const wrong = [];
    const all = (selector) => [...document.querySelectorAll(selector)];
    const rect = (element) => element.getBoundingClientRect();
    const within = (inner, outer) =>
        inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
    if (document.documentElement.localName !== "svg") return [`not a drawing: ${document.documentElement.textContent.slice(0, 200)}`];
    const active = all("script, a, image, foreignObject, iframe, animate, set, use");
    wrong.push(...active.map((element) => `active: ${element.localName}`));
    for (const element of all("*")) {
        for (const name of element.getAttributeNames()) if (/^on|href/i.test(name)) wrong.push(`${element.localName} has ${name}`);
    }
    const boxes = all(".box[data-check]").map((box) => ({ box, face: rect(box.querySelector(".face")) }));
    if (boxes.length === 0) wrong.push("there is no box");
    boxes.forEach(({ box, face }, at) => {
        for (const text of box.querySelectorAll("text")) {
            if (!within(rect(text), face)) wrong.push(`${box.dataset.check}: "${text.textContent}" leaves its box`);
        }
        for (const other of boxes.slice(at + 1)) {
            if (!apart(face, other.face)) wrong.push(`${box.dataset.check} lies on ${other.box.dataset.check}`);
        }
    });
    const plates = all(".arrow").map((arrow) => ({ arrow, plate: rect(arrow.querySelector(".plate")) }));
    plates.forEach(({ arrow, plate }, at) => {
        const text = rect(arrow.querySelector("text"));
        if (text.left < plate.left - 1 || text.right > plate.right + 1) wrong.push(`${arrow.dataset.check}: its label leaves its plate`);
        for (const { box, face } of boxes) {
            if (!apart(plate, face)) wrong.push(`${arrow.dataset.check}: its label lies on ${box.dataset.check}`);
        }
        for (const other of plates.slice(at + 1)) {
            if (!apart(plate, other.plate)) wrong.push(`labels of ${arrow.dataset.check} and ${other.arrow.dataset.check}`);
        }
    });
    const paper = rect(document.documentElement);
    for (const text of all("text")) if (!within(rect(text), paper)) wrong.push(`"${text.textContent}" leaves the paper`);
    return wrong;
}

async function main() {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
    const wrong = [];
    try {
        for (const file of process.argv.slice(2)) {
            const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(fs.readFileSync(file, "utf8")) ?? [0, 100, 100];
            const page = await browser.newPage({ viewport: { width: Math.ceil(width), height: Math.ceil(height) } });
            page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
            page.on("request", (request) => { if (request.url() !== pathToFileURL(file).href) wrong.push(`asked for ${request.url()}`); });
            await page.goto(pathToFileURL(file).href);
            wrong.push(...(await page.evaluate(measured)).map((told) => `${file}: ${told}`));
            await page.close();
        }
    } finally {
        await browser.close();
    }
    if (wrong.length > 0) throw new Error(wrong.slice(0, 50).join("\n"));
}

main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
