// Runs every journey against a demonstration of its own, in headless Chromium: node e2e/run.mjs [words of a journey's name]
// The demonstration is in a file, or on the PostgreSQL that HANDRAIL_TEST_DATABASE_URL names (scripts/with-postgres).
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const here = new URL(".", import.meta.url).pathname;
const wanted = process.argv.slice(2).join(" ").toLowerCase();
const binary = process.env.HANDRAIL_BINARY ?? join(here, "../target/debug/handrail");

/** Starts a demonstration on a free port of the loopback address and reads the address that it prints. */
async function startDemo(data) {
  const postgres = process.env.HANDRAIL_TEST_DATABASE_URL;
  const place = ["--data", data, ...(postgres ? ["--database-url", postgres] : [])];
  const server = spawn(binary, ["demo", "--listen", "127.0.0.1:0", ...place], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, HANDRAIL_LOG: "warn" } });
  let said = "";
  const address = await new Promise((resolve, reject) => {
    const wait = setTimeout(() => reject(new Error(`the demonstration did not start:\n${said}`)), 120_000);
    const read = (chunk) => {
      said += chunk;
      const found = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) {
        clearTimeout(wait);
        resolve(found[0]);
      }
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", (code) => reject(new Error(`the demonstration ended with ${code}:\n${said}`)));
  });
  return { server, address, said: () => said };
}

/** Runs journeys one after the other, in a browser and on a demonstration that no others use. Gives how each of them ended. */
async function run(journeys) {
  if (!journeys.length) return [];
  const folder = mkdtempSync(join(tmpdir(), "handrail-e2e-"));
  const data = join(folder, "service");
  const { server, address, said } = await startDemo(data);
  const accounts = JSON.parse(readFileSync(join(data, "accounts.json"), "utf8"));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const shared = { address, accounts, browser, binary, data };
  const ended = [];
  for (const [name, journey] of journeys) {
    const began = Date.now();
    try {
      await journey(shared);
      ended.push(true);
      console.log(`ok      ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      ended.push(false);
      console.log(`FAILED  ${name}\n${String(error.stack ?? error).split("\n").map((line) => `        ${line}`).join("\n")}`);
    }
    for (const context of browser.contexts()) await context.close();
  }
  await browser.close();
  server.removeAllListeners("exit");
  server.kill("SIGTERM");
  await new Promise((resolve) => server.on("exit", resolve));
  rmSync(folder, { recursive: true, force: true });
  if (ended.includes(false) && process.env.HANDRAIL_E2E_LOG) console.log(said());
  return ended;
}

/** The journeys of a file that were asked for. */
async function journeysOf(file) {
  const { journeys } = await import(join(here, "journeys", file));
  return Object.entries(journeys).filter(([name]) => name.toLowerCase().includes(wanted));
}

// What axe looks at takes as long as all the rest: the two run side by side, each with people of its own. A PostgreSQL holds one demonstration.
const files = readdirSync(join(here, "journeys")).filter((file) => file.endsWith(".mjs")).sort();
const parts = process.env.HANDRAIL_TEST_DATABASE_URL ? [files] : [["axe.mjs"], files.filter((file) => file !== "axe.mjs")];
const ended = await Promise.all(parts.map(async (part) => run((await Promise.all(part.map(journeysOf))).flat())));
const passed = ended.flat().filter(Boolean).length;
const failed = ended.flat().length - passed;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || passed === 0 ? 1 : 0);
