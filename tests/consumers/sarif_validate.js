// Runs the SARIF SDK's validator, with the rules of the standard and those of GitHub; prints what it finds, and is content
// where nothing is an error or a warning.

const fs = require("fs");
const os = require("os");
const path = require("path");
const { spawnSync } = require("child_process");

// Wants the tool's address on the web: there is none that is the same wherever the program comes from.
const NOT_OURS = new Set(["SARIF2005"]);

const reports = process.argv.slice(2);
const program = require("@microsoft/sarif-multitool-linux");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sarif-"));
const log = path.join(folder, "log.sarif");
const run = spawnSync(
  program,
  ["validate", ...reports, "--output", log, "--rule-kind", "Sarif;Ghas", "--log", "ForceOverwrite"],
  // It needs no tables of languages, which are not everywhere.
  { encoding: "utf8", env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1", HOME: folder } },
);
// A file that it passes over is no file that it is content with.
if (!run.stdout.includes(`${reports.length} files scanned`) || !fs.existsSync(log)) throw new Error(run.stdout + run.stderr);
const { results, tool, invocations } = JSON.parse(fs.readFileSync(log, "utf8")).runs[0];
fs.rmSync(folder, { recursive: true });
const notes = invocations.flatMap((i) => [...(i.toolExecutionNotifications ?? []), ...(i.toolConfigurationNotifications ?? [])]);
const failed = notes.filter((note) => note.level === "error");
for (const note of failed) console.log(JSON.stringify(note.message), JSON.stringify(note.exception ?? {}).slice(0, 500));
const rules = tool.driver.rules ?? [];
let bad = failed.length;
for (const result of results) {
  const level = result.level ?? rules[result.ruleIndex]?.defaultConfiguration?.level ?? "warning";
  console.log(level, result.ruleId, JSON.stringify(result.message.arguments ?? result.message.text).slice(0, 300));
  if (level !== "note" && !NOT_OURS.has(result.ruleId)) bad += 1;
}
process.exit(bad ? 1 : 0);
