// The pages that a role reaches by links, and those that stand behind them, at a telephone's and a desk's width: axe finds nothing, and errors lead to their fields.
import assert from "node:assert/strict";
import { isWellMade, open, says, signIn } from "../hands.mjs";
import { choose, linksOf, openOwnPages, pagesOfTheWayBack, press, setWord } from "../steps.mjs";

/** Kinds of pages that a crawl visits. What it does not reach stands in the journeys by name, below. */
const most = 30;
const widths = [375, 1280];

/** One path stands for all of its kind: two cases are the same page, a case and its consent page are not; questionnaires are one form with other questions. */
const kind = (path) => path.replace(/(\/questionnaires\/new\/)[^/?]+/, "$1{slug}").replace(/[0-9a-f]{8}-[0-9a-f-]{27,}|[0-9A-HJKMNP-TV-Z]{26}/gi, "{id}");

/** Visits one page of each kind, breadth first, and gives what is wrong with each of them. At most three of a kind with different words behind “?”. */
async function crawl(page, begin) {
  const waiting = [...begin];
  const seen = new Map();
  const wrong = [];
  let visited = 0;
  while (waiting.length && visited < most) {
    const path = waiting.shift();
    const [bare] = path.split("?");
    const known = seen.get(kind(bare)) ?? new Set();
    if (known.has(kind(path)) || known.size >= 3) continue;
    seen.set(kind(bare), known.add(kind(path)));
    const answer = await page.goto(path);
    visited += 1;
    if (answer.status() !== 200) {
      wrong.push(`${path} answers ${answer.status()}`);
      continue;
    }
    await isWellMade(page).catch((error) => wrong.push(error.message));
    waiting.push(...(await linksOf(page)));
  }
  return { wrong, visited };
}

/** Sends the page's main form empty: the summary has the focus, says how many there are, and each line leads to a field. */
async function sendEmpty(page, path, button, fields = []) {
  await page.goto(path);
  for (const field of fields) await page.fill(field, "");
  await press(page, button);
  await says(page, "There is a problem");
  assert.match(await page.title(), /^Error: /, `the title of ${page.url()} does not begin with Error`);
  await page.waitForFunction(() => document.activeElement?.matches(".nhsuk-error-summary"), undefined, { timeout: 3000 }).catch(() => assert.fail(`the focus does not go to the error summary on ${page.url()}`));
  const targets = await page.locator(".nhsuk-error-summary a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert(targets.length > 0, `no line in the error summary of ${page.url()}`);
  for (const target of targets) {
    const field = page.locator(`[id="${target.slice(1)}"]`);
    assert.equal(await field.count(), 1, `${target} of the error summary leads to ${await field.count()} fields on ${page.url()}`);
    await page.locator(`.nhsuk-error-summary a[href="${target}"]`).first().click();
    assert(await field.evaluate((f) => f === document.activeElement), `${target} of the error summary does not focus its field on ${page.url()}`);
  }
  await isWellMade(page);
}

const starts = {
  support_worker: ["/today", "/people", "/waiting", "/cases", "/closed", "/leave", "/hand-over", "/search", "/safety", "/account"],
  mentor: ["/today", "/messages/unknown", "/waiting", "/cases", "/workload", "/leave", "/safety", "/safety/rota", "/safety/closed", "/complaints", "/account"],
  practice_staff: ["/refer", "/sent", "/account"],
  programme_manager: ["/programme", "/account"],
  administrator: ["/accounts", "/organisation", "/messages", "/messages/templates", "/audit", "/jobs", "/retention", "/account"],
};

const journeys = {};
for (const [role, begin] of Object.entries(starts)) {
  for (const width of widths) {
    journeys[`the first ${most} kinds of pages of the ${role.replaceAll("_", " ")} are well made at ${width} pixels`] = async (shared) => {
      const page = await signIn(shared, role, { width });
      const { wrong, visited } = await crawl(page, begin);
      assert.deepEqual(wrong, [], `of ${visited} pages`);
      assert(visited > begin.length, `only ${visited} pages were reached`);
    };
  }
}

/** People of the demonstration whose own pages have much on them: a plan, questionnaires and documents; questions that wait. */
for (const [name, width] of [["Maya Okonkwo", 375], ["Maya Okonkwo", 1280], ["Chidinma Eze", 375]]) {
  journeys[`every own page of ${name} is well made at ${width} pixels`] = async (shared) => {
    const worker = await signIn(shared, "mentor");
    await worker.goto(`/cases?q=${encodeURIComponent(name)}`);
    await worker.locator("main").getByRole("link", { name, exact: true }).first().click();
    const address = new URL(worker.url()).pathname;
    const word = "slow violet river";
    await setWord(worker, address, word);
    await press(worker, "Make a link");
    const link = new URL(await worker.locator("#own-link").innerText()).pathname;
    const page = await openOwnPages(shared, link, word, { width });
    const { wrong, visited } = await crawl(page, ["/me"]);
    assert.deepEqual(wrong, [], `of ${visited} pages`);
    assert(visited > 14, `only ${visited} pages were reached`);
  };
}

for (const width of widths) {
  journeys[`pages without an account are well made at ${width} pixels`] = async (shared) => {
    const page = await open(shared, { width });
    const start = "/self-referral/steady-ground";
    const step = async (fill = async () => {}) => {
      await fill();
      await press(page, "Continue");
    };
    const wrong = [];
    const look = () => isWellMade(page).catch((error) => wrong.push(error.message));
    for (const path of ["/sign-in", "/nowhere-at-all", "/p", "/refer-someone/steady-ground", start]) {
      await page.goto(path);
      await look();
    }
    await page.goto(`${start}/name`);
    const answers = {
      name: () => page.fill("#name", "Lark Meadows"),
      "date-of-birth": async () => {
        for (const [part, words] of [["day", "3"], ["month", "4"], ["year", "1988"]]) await page.fill(`[name=birth_${part}]`, words);
      },
      contact: async () => {
        await page.fill("#phone", "07700 900481");
        for (const asked of ["safe_text", "safe_voicemail", "safe_say_who"]) await choose(page, asked, "yes");
      },
      work: () => choose(page, "employment", "self_employed"),
      "time-off": () => choose(page, "off", "no"),
      "fit-note": () => choose(page, "fit_note", "no"),
      help: () => page.fill("#help", "Mornings"),
      safety: () => choose(page, "red_flags", "chest_pain"),
    };
    for (const [name, fill] of Object.entries(answers)) {
      assert.equal(new URL(page.url()).pathname, `${start}/${name}`);
      await look();
      if (name !== "help") {
        await step();
        await says(page, "There is a problem");
        await look();
      }
      await step(fill);
    }
    await look();
    await page.goto(`${start}/agree`);
    await look();
    await step(() => choose(page, "agreed", "yes"));
    await look();
    assert.deepEqual(wrong, []);
  };

  journeys[`an empty form says what is missing, leads to each field and is well made at ${width} pixels`] = async (shared) => {
    const wrong = [];
    const send = (...how) => sendEmpty(...how).catch((error) => wrong.push(error.message));
    await send(await open(shared, { width }), "/sign-in", "Sign in");
    await send(await open(shared, { width }), "/refer-someone/steady-ground", "Send referral");
    await send(await signIn(shared, "practice_staff", { width }), "/refer", "Send referral");
    const worker = await signIn(shared, "Tom Whitaker", { width });
    await worker.goto("/people?sort=name");
    const at = await worker.locator("main").getByRole("link", { name: "Iris Lindqvist" }).first().getAttribute("href");
    await send(worker, `${at}/contacts/new`, "Save contact");
    await send(worker, `${at}/consent`, "Save consent");
    await send(worker, `${at}/contacts/plan`, /^(Move|Plan) contact$/);
    await send(worker, `${at}/step`, "Change step");
    await send(worker, `${at}/close`, "Close the case");
    await send(worker, `${at}/person`, /^Save/, ["#name"]);
    await send(worker, `${at}/safety/new`, "Raise this concern");
    await send(worker, `${at}/complaints/new`, /^(Record|Save|Send)/);
    await send(worker, `${at}/assessment/obstacles/new`, "Save");
    await send(worker, `${at}/assessment/strengths/new`, "Save");
    await send(worker, `${at}/questionnaires/new/phq-8`, "Save answers");
    await send(worker, `${at}/plan/goals/new`, "Save goal");
    await send(worker, `${at}/plan/actions/new`, "Save");
    await send(worker, `${at}/plan/adjustments/new`, "Save adjustment");
    await send(worker, `${at}/fit-notes/new`, "Record fit note");
    await send(worker, `${at}/absence/new`, "Record");
    await send(worker, `${at}/absence/settle`, "Settle these days");
    await send(worker, `${at}/absence/pattern`, "Record working days");
    await send(worker, "/hand-over", "Look at it once more");
    await send(worker, "/leave", /leave/i);
    await worker.goto("/waiting");
    const referral = await worker.locator("main tbody a").first().getAttribute("href");
    await send(worker, `${referral}/decline`, /^(Do not|Not|Decline)/);
    const keeper = await signIn(shared, "administrator", { width });
    await send(keeper, "/accounts/new", /^Add/);
    await send(keeper, "/organisation/practices/new", "Add practice");
    await send(keeper, "/organisation/teams/new", /^Add/);
    await send(keeper, "/organisation/programmes/new", /^Add/);
    assert.deepEqual(wrong, []);
  };
}

/** Pages of a case that stand behind others, which a crawl does not reach before it ends: the assessment, questionnaires, the plan, fit notes, time off. */
for (const width of widths) {
  journeys[`the assessment, questionnaires, the plan, fit notes and time off are well made at ${width} pixels`] = async (shared) => {
    const page = await signIn(shared, "Priya Nair", { width });
    await page.goto("/people?sort=name");
    const at = await page.locator("main").getByRole("link", { name: "Maya Okonkwo" }).first().getAttribute("href");
    const paths = await pagesOfTheWayBack(page, at);
    const wrong = [];
    for (const path of paths) {
      const answer = await page.goto(path);
      if (answer.status() !== 200) wrong.push(`${path} answers ${answer.status()}`);
      await isWellMade(page).catch((error) => wrong.push(error.message));
    }
    assert.deepEqual(wrong, [], `of ${paths.length} pages`);
  };
}

/** Pages of the administrator and the mentor that stand behind others. */
for (const width of widths) {
  journeys[`programmes, practices, accounts, room and what is done about a concern are well made at ${width} pixels`] = async (shared) => {
    const wrong = [];
    const look = async (page, path) => {
      const answer = await page.goto(path);
      if (answer.status() !== 200) wrong.push(`${path} answers ${answer.status()}`);
      await isWellMade(page).catch((error) => wrong.push(error.message));
    };
    const first = async (page, list, begins) => {
      await page.goto(list);
      return page.locator(`main a[href^="${begins}"]`).evaluateAll((all) => all.map((a) => a.getAttribute("href")).find((href) => /[0-9a-f-]{36}/.test(href))?.match(/^.*?[0-9a-f-]{36}/)[0]);
    };
    const keeper = await signIn(shared, "administrator", { width });
    const programme = await first(keeper, "/organisation", "/organisation/programmes/");
    for (const part of ["", "/covers", "/wordings/limits"]) await look(keeper, programme + part);
    const practice = await first(keeper, "/organisation/practices", "/organisation/practices/");
    for (const part of ["", "/links"]) await look(keeper, practice + part);
    const kept = await first(keeper, "/accounts", "/accounts/");
    for (const part of ["", "/registration"]) await look(keeper, kept + part);
    const mentor = await signIn(shared, "mentor", { width });
    await look(mentor, `${await first(mentor, "/workload", "/workload/")}/capacity`);
    const concern = await first(mentor, "/safety", "/safety/");
    for (const part of ["", "/step", "/disclosure", "/pass-on"]) await look(mentor, concern + part);
    assert.deepEqual(wrong, []);
  };
}

/** People whose names are long, or read from right to left, and one whose case is closed: the pages that the crawl meets with other names. */
journeys["long names, names from right to left and closed cases fit every page of a case on a telephone"] = async (shared) => {
  const page = await signIn(shared, "Priya Nair", { width: 375 });
  const wrong = [];
  const look = async (path) => {
    const answer = await page.goto(path);
    if (answer.status() !== 200) wrong.push(`${path} answers ${answer.status()}`);
    await isWellMade(page).catch((error) => wrong.push(error.message));
  };
  const caseOf = async (list, name) => {
    await page.goto(list);
    return page.locator("main").getByRole("link", { name }).first().getAttribute("href");
  };
  for (const name of ["Maria da Conceição Rodrigues de Albuquerque Vasconcelos e Sousa", "محمد الحسن"]) {
    const at = await caseOf("/people?sort=name", name);
    for (const part of ["", "/contacts/new", "/consent", "/person", "/contacts/plan", "/step", "/safety/new", "/close", "/assessment", "/questionnaires", "/plan", "/plan/print", "/plan/conversation", "/fit-notes", "/absence"]) await look(at + part);
  }
  const closed = await caseOf("/closed", "Deborah Kettlewell");
  for (const part of ["", "/reopen", "/consent", "/person", "/complaints/new"]) await look(closed + part);
  const died = await caseOf("/closed", "Geoffrey Marples");
  for (const part of ["", "/died"]) await look(died + part);
  assert.deepEqual(wrong, []);
};

export { journeys };
