// Reads a CSV report with a parser that forgives nothing, and prints its rows as JSON.

const fs = require("fs");
const { parse } = require("csv-parse/sync");

const text = fs.readFileSync(process.argv[2]);
const rows = parse(text, { columns: true, record_delimiter: "\r\n", encoding: "utf8", bom: false });
process.stdout.write(JSON.stringify(rows));
