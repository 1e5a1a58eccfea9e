// Pages by the rules of the W3C: html-valid.cjs FILE...
const { spawnSync } = require("node:child_process");
const { dirname, join } = require("node:path");

// A property of SVG 2 that every browser has and the validator's list lacks.
const UNLISTED = ".*“paint-order”.*";
const folder = dirname(require.resolve("vnu-jar/package.json"));
const run = spawnSync("java", ["-jar", join(folder, "build/dist/vnu.jar"), "--errors-only", "--stdout", "--filterpattern", UNLISTED, ...process.argv.slice(2)], {
  stdio: ["ignore", "inherit", "inherit"],
});
process.exitCode = run.status ?? 1;
