// Reads Markdown as GitHub does (GFM), and the HTML that comes of it, and prints what is in it as JSON. Refuses what a
// report has no business with: images, links, HTML of somebody else's, tables out of line, and words in plain text that
// GitHub makes mentions, references or formulas of.
const fs = require("node:fs");
const { pathToFileURL } = require("node:url");

const load = (name) => import(pathToFileURL(require.resolve(name)));

const ALLOWED = new Set([
    "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "code", "pre",
    "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
]);
const ATTRIBUTES = new Set(["class", "align"]);
const LIVELY = [/(^|[^\w])@[\w-]/, /#\d/, /\bGH-\d/i, /www\./i, /:\/\//, /\$/, /:[a-z0-9_+-]+:/i];
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

async function main() {
    const { micromark, parse, preprocess, postprocess } = await load("micromark");
    const { gfm, gfmHtml } = await load("micromark-extension-gfm");
    const { parseFragment } = await load("parse5");
    const read = [];
    for (const file of process.argv.slice(2)) {
        const text = fs.readFileSync(file, "utf8");
        const wrong = [];
        if (CONTROLS.test(text)) wrong.push("a control character");

        // The cells of tables as they are written: HTML leaves out those that are too many.
        const chunks = preprocess()(text, undefined, true);
        let columns;
        let cells;
        for (const [what, token] of postprocess(parse({ extensions: [gfm()] }).document().write(chunks))) {
            if (token.type === "tableHead" && what === "enter") columns = undefined;
            if (token.type === "tableRow" && what === "enter") cells = 0;
            if (["tableHeader", "tableData"].includes(token.type) && what === "enter") cells += 1;
            if (token.type === "tableRow" && what === "exit") {
                columns ??= cells;
                if (cells !== columns) wrong.push(`line ${token.start.line}: ${cells} cells in a table of ${columns} columns`);
            }
        }

        const html = micromark(text, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
        const tags = (form) => (html.match(form) ?? []).length;
        if (tags(/<details>/g) !== tags(/<\/details>/g)) wrong.push("details that begin or end alone");
        const found = { bytes: Buffer.byteLength(text), headings: [], summaries: [], tables: [], charts: 0, details: 0, text: "" };
        const words = (node) => (node.value ?? "") + (node.childNodes ?? []).map(words).join("");
        const all = (node, tag) => (node.childNodes ?? []).flatMap((child) => [...(child.tagName === tag ? [child] : []), ...all(child, tag)]);
        const walk = (node, code) => {
            if (node.nodeName === "#comment") wrong.push(`a comment: ${node.data}`);
            if (node.nodeName === "#text") {
                if (!code && LIVELY.some((form) => form.test(node.value))) wrong.push(`not as plain text: ${node.value}`);
                return;
            }
            if (node.tagName !== undefined) {
                if (!ALLOWED.has(node.tagName)) wrong.push(`an element: ${node.tagName} of ${words(node)}`);
                for (const { name, value } of node.attrs) if (!ATTRIBUTES.has(name)) wrong.push(`an attribute: ${name}=${value}`);
                if (/^h\d$/.test(node.tagName)) found.headings.push(words(node));
                if (node.tagName === "summary") found.summaries.push(words(node));
                if (node.tagName === "details") found.details += 1;
                if (node.tagName === "table") {
                    found.tables.push(all(node, "tr").map((row) => [...all(row, "th"), ...all(row, "td")].map(words)));
                }
                if (node.tagName === "code" && node.attrs.some(({ value }) => value === "language-mermaid")) found.charts += 1;
            }
            for (const child of node.childNodes ?? []) walk(child, code || ["code", "pre"].includes(node.tagName));
        };
        const fragment = parseFragment(html, { onParseError: (error) => wrong.push(`HTML: ${error.code}`) });
        walk(fragment, false);
        found.text = words(fragment);
        if (wrong.length > 0) throw new Error(`${file}: ${wrong.slice(0, 20).join("\n")}`);
        read.push(found);
    }
    console.log(JSON.stringify(read));
}

main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
});
