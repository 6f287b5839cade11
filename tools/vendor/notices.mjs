// The licences of all that is in the bundle, each once, with the libraries that it is of.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const lock = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
const found = new Map();
for (const [path, { dev, version }] of Object.entries(lock)) {
  if (!path || dev || path.includes("@types/")) continue;
  const file = readdirSync(path).find((name) => /^licen[cs]e/i.test(name));
  if (!file) throw new Error(`${path} has no licence`);
  const text = readFileSync(`${path}/${file}`, "utf8").trim();
  found.set(text, [...(found.get(text) || []), `${path.replace("node_modules/", "")} ${version}`]);
}
const out = [...found].map(([text, names]) => `${names.join(", ")}\n\n${text}\n`);
writeFileSync("../../static/vendor/writing.LICENSE", out.join(`\n${"-".repeat(72)}\n\n`));
