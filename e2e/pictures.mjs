// Takes the pictures of the guides, and of every page at both widths for looking at: node e2e/pictures.mjs ADDRESS ACCOUNTS.json [FOLDER]
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { signIn } from "./hands.mjs";

const [address, accountsFile, folder] = process.argv.slice(2);
const guides = new URL("../docs/users/pictures/", import.meta.url).pathname;
const accounts = JSON.parse(readFileSync(accountsFile, "utf8"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const shared = { address, accounts, browser };

/** The address behind a link with these words. */
const linkTo = async (page, words) => page.locator(`main a:has-text("${words}")`).first().getAttribute("href");

async function guide(page, name, path) {
  await page.goto(path);
  await page.screenshot({ path: join(guides, `${name}.png`) });
}

/** The first page of a document that was released, as it is printed. */
async function firstPage(worker, list, name) {
  await worker.goto(list);
  const document = await worker.locator('.hr-list li:has-text("Released") a.name').first().getAttribute("href");
  const file = await worker.request.get(`${document}/document.pdf`);
  const folder = mkdtempSync(join(tmpdir(), "handrail-"));
  const pdf = join(folder, "document.pdf");
  writeFileSync(pdf, await file.body());
  const picture = join(guides, `${name}.png`);
  // Whichever of the two is there: poppler's, or Ghostscript.
  try {
    execFileSync("pdftoppm", ["-png", "-r", "80", "-f", "1", "-l", "1", "-singlefile", pdf, picture.replace(/\.png$/, "")]);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    execFileSync("gs", ["-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=png16m", "-r80", "-dTextAlphaBits=4", "-dFirstPage=1", "-dLastPage=1", `-sOutputFile=${picture}`, pdf]);
  }
  rmSync(folder, { recursive: true });
}

/** Maya's own pages, opened on a telephone with a link that her worker makes and the word of the demonstration. */
async function ownPages(worker, maya, width) {
  await worker.goto(`${maya}/portal`);
  await worker.getByRole("button", { name: "Make a link" }).click();
  const link = new URL(await worker.locator("#own-link").innerText()).pathname;
  const page = await (await browser.newContext({ baseURL: address, viewport: { width, height: 900 } })).newPage();
  await page.goto(link);
  await page.getByRole("button", { name: "Open my pages" }).click();
  await page.fill("#word", "blue kettle");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.waitForURL("**/me");
  return page;
}

async function everyWidth(who, paths) {
  for (const width of [375, 1280]) {
    const page = await signIn(shared, who, { width });
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(path);
      await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
    }
    await page.context().close();
  }
}

const worker = await signIn(shared, "Priya Nair");
await worker.goto("/people?sort=name");
const maya = await linkTo(worker, "Maya Okonkwo");
const tom = await linkTo(worker, "Tom Hadley");
if (folder) {
  mkdirSync(folder, { recursive: true });
  await everyWidth("Priya Nair", {
    today: "/today", people: "/people", waiting: "/waiting", cases: "/cases", closed: "/closed", leave: "/leave", "hand-over": "/hand-over",
    case: maya, contact: `${maya}/contacts/new`, consent: `${maya}/consent`, person: `${maya}/person`, "contact-plan": `${maya}/contacts/plan`, step: `${maya}/step`,
    close: `${maya}/close`, "safety-new": `${maya}/safety/new`, safety: "/safety", complaint: `${maya}/complaints/new`, account: "/account",
    assessment: `${maya}/assessment`, "assessment-section": `${maya}/assessment/sections/story`, "assessment-print": `${maya}/assessment/print`, obstacle: `${maya}/assessment/obstacles/new`,
    rulers: `${maya}/assessment/rulers`, demands: `${maya}/assessment/demands`, questionnaires: `${maya}/questionnaires`, questionnaire: `${maya}/questionnaires/new/phq-8`,
    plan: `${maya}/plan`, "plan-goal": `${maya}/plan/goals/new`, "plan-action": `${maya}/plan/actions/new`, "plan-return": `${maya}/plan/return`, "plan-adjustment": `${maya}/plan/adjustments/new`,
    "plan-agree": `${maya}/plan/agree`, "plan-changes": `${maya}/plan/changes`, "plan-chain": `${maya}/plan/chain`, "plan-print": `${maya}/plan/print`, "plan-conversation": `${maya}/plan/conversation`,
    "fit-notes": `${maya}/fit-notes`, "fit-note": `${maya}/fit-notes/new`, absence: `${maya}/absence`, "absence-new": `${maya}/absence/new`, "absence-settle": `${maya}/absence/settle`, "absence-pattern": `${maya}/absence/pattern`,
    "absence-sheet": `${maya}/absence/sheet`, "case-cover": `${maya}/cover`, checkins: `${maya}/checkins`,
  });
  for (const width of [375, 1280]) {
    const own = await ownPages(worker, maya, width);
    for (const name of ["", "plan", "days", "questionnaires", "details", "consents", "consents/take_part", "seen", "call", "tell", "stop", "record"]) {
      await own.goto(`/me/${name}`.replace(/\/$/, ""));
      await own.screenshot({ path: join(folder, `own-${name.replace("/", "-") || "home"}-${width}.png`), fullPage: true });
    }
  }
  await everyWidth("Priya Nair", { "case-portal": `${maya}/portal`, access: `${maya}/access` });
  await everyWidth("Leila Haddad", { "mentor-today": "/today", workload: "/workload", rota: "/safety/rota", complaints: "/complaints", assign: `${maya}/assign`, "assign-many": "/cases/assign" });
  await everyWidth("practice_staff", { refer: "/refer", sent: "/sent" });
  await everyWidth("programme_manager", { programme: "/programme" });
  await everyWidth("administrator", { accounts: "/accounts", "account-new": "/accounts/new", organisation: "/organisation", audit: "/audit", jobs: "/jobs", retention: "/retention" });
} else {
  mkdirSync(guides, { recursive: true });
  await guide(worker, "today", "/today");
  await guide(worker, "case", maya);
  await guide(worker, "record-contact", `${maya}/contacts/new`);
  await guide(worker, "waiting", "/waiting");
  await guide(worker, "safety", "/safety");
  await guide(worker, "assessment", `${maya}/assessment`);
  await guide(worker, "questionnaire", `${maya}/questionnaires/new/phq-8`);
  await guide(worker, "plan", `${maya}/plan`);
  await guide(worker, "graded-return", `${maya}/plan/return`);
  await guide(worker, "fit-notes", `${maya}/fit-notes`);
  await guide(worker, "time-off", `${maya}/absence`);
  await guide(worker, "check-ins", `${tom}/checkins`);
  await guide(worker, "my-days", `${maya}/absence/sheet`);
  const own = await ownPages(worker, maya, 375);
  await guide(own, "own-pages", "/me");
  await own.goto("/me/documents");
  await guide(own, "own-document", await linkTo(own, "Request for adjustments"));
  await guide(worker, "messages", `${maya}/messages`);
  await firstPage(worker, `${maya}/documents`, "document");
  await guide(await signIn(shared, "practice_staff"), "refer", "/refer");
  await guide(await signIn(shared, "Leila Haddad"), "workload", "/workload");
  await guide(await signIn(shared, "programme_manager"), "programme", "/programme");
  await guide(await signIn(shared, "administrator"), "accounts", "/accounts");
  const stranger = await (await browser.newContext({ baseURL: address, viewport: { width: 1280, height: 900 } })).newPage();
  await guide(stranger, "self-referral", "/self-referral/steady-ground");
}
await browser.close();
