// Takes the pictures of the guides, and of every page at both widths for looking at: node e2e/pictures.mjs ADDRESS ACCOUNTS.json [FOLDER]
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { signIn } from "./hands.mjs";
import { choose, fillDate, press } from "./steps.mjs";

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

/** The first page of a PDF, as it is printed. */
async function firstPage(page, file, name) {
  const answer = await page.request.get(file);
  const folder = mkdtempSync(join(tmpdir(), "handrail-"));
  const pdf = join(folder, "document.pdf");
  writeFileSync(pdf, await answer.body());
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

/** A registration for the worker, and the report that it lets them make. */
async function report(worker, administrator, maya) {
  await administrator.goto("/accounts");
  await administrator.goto(`${await linkTo(administrator, "Priya Nair")}/registration`);
  await administrator.fill("#number", "OT123456");
  await fillDate(administrator, "until", 400);
  await press(administrator, "Record registration");
  await worker.goto(`${maya}/assessment/report`);
  await choose(worker, "advice", "may_be_fit");
  await fillDate(worker, "assessed", -7);
  await fillDate(worker, "from", 0);
  await fillDate(worker, "until", 28);
  for (const option of ["phased", "duties"]) await choose(worker, "options", option);
  await worker.fill("#comments", "She knows the work well and wants to come back to it. Look at it again after two weeks.");
  await press(worker, "Make report");
}

/** One document of each kind with everything in it but the condition, released on the telephone, as it is printed. */
async function everyKind(worker, maya) {
  const gp = "gp_note";
  for (const kind of ["return_plan", "graded_return", "adjustments", "work_report", "own_letter", gp]) {
    await worker.goto(`${maya}/documents/new`);
    await choose(worker, "kind", kind);
    await choose(worker, "recipient_kind", kind === gp ? "gp" : "employer");
    await worker.fill("#recipient_name", kind === gp ? "Elm Street Surgery" : "Ruth Dawes");
    await worker.fill("#recipient_org", kind === gp ? "" : "Rosebank Care");
    await choose(worker, "way", "by_hand");
    await worker.fill("#purpose", "So that the first weeks are clear");
    await worker.fill("#can_do", "I can do the tea round and the east wing.\nI can stand for half an hour at a time.");
    await press(worker, "Prepare document");
    for (const tick of await worker.locator("main input[name=items]").all()) await tick.check();
    await worker.selectOption("#days", "30");
    await press(worker, "Show exactly this");
    await choose(worker, "spoken_how", "telephone");
    await worker.locator("#read_back").check();
    await press(worker, "Release at their word");
    await firstPage(worker, `${new URL(worker.url()).pathname}/document.pdf`, `document-${kind.replace("_", "-")}`);
  }
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
  await own.goto("/me/record");
  await firstPage(own, "/me/record/copy.pdf", "document-copy");
  await firstPage(own, "/me/record/copy.pdf?print=large", "document-copy-large");
  await guide(await signIn(shared, "practice_staff"), "refer", "/refer");
  await guide(await signIn(shared, "Leila Haddad"), "workload", "/workload");
  await guide(await signIn(shared, "programme_manager"), "programme", "/programme");
  const administrator = await signIn(shared, "administrator");
  await guide(administrator, "accounts", "/accounts");
  const stranger = await (await browser.newContext({ baseURL: address, viewport: { width: 1280, height: 900 } })).newPage();
  await guide(stranger, "self-referral", "/self-referral/steady-ground");
  // Last, because they add to the case.
  await report(worker, administrator, maya);
  await everyKind(worker, maya);
}
await browser.close();
