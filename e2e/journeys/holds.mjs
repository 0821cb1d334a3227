// The patient holds it, from a text to a closed link: she answers a check-in, sees her plan, lets her manager see part of it, hears what he says, and closes it.
// Then the same for somebody who has a letter box and a telephone and nothing else.
import assert from "node:assert/strict";
import { doesNotSay, isWellMade, open, says, signIn } from "../hands.mjs";
import { captured, caseOf, choose, consent, linkIn, openOwnPages, press, setWord } from "../steps.mjs";

const word = "silver clarinet";
const asks = { stairs: "A teaching room on the ground floor", gaps: "Ten minutes between two pupils", hall: "No evening concerts until Easter", stand: "A music stand at sitting height" };
const goal = "Teach a whole afternoon";
const condition = "Long Covid";

/** Writes a plan with them: what it is for, a goal, and what would help at work. */
async function plan(page, at, wants, helps) {
  await page.goto(`${at}/plan/about`);
  await choose(page, "kind", "return");
  await page.fill("#wants", wants);
  await press(page, "Save");
  await page.goto(`${at}/plan/goals/new`);
  await page.fill("#words", goal);
  await press(page, "Save goal");
  await addHelp(page, at, helps);
  await page.goto(`${at}/plan/agree`);
  await choose(page, "how", "spoken");
  await page.locator("main .hr-acts button[type=submit]:not([name])").click();
  await page.goto(`${at}/plan`);
  await says(page, "Version 1");
}

async function addHelp(page, at, helps) {
  for (const what of helps) {
    await page.goto(`${at}/plan/adjustments/new`);
    await page.fill("#what", what);
    await choose(page, "kind", "environment");
    await page.selectOption("#advice_from", "person");
    await page.locator("main .hr-acts button[type=submit]:not([name])").click();
    await says(page, what);
  }
}

/** Prepares a document, and gives its address. */
async function prepare(page, at, fields) {
  await page.goto(`${at}/documents/new`);
  for (const name of ["kind", "recipient_kind", "way"]) await choose(page, name, fields[name]);
  for (const [name, value] of Object.entries(fields)) if (!["kind", "recipient_kind", "way"].includes(name)) await page.fill(`#${name}`, value);
  await press(page, "Prepare document");
  await says(page, "Nothing is ticked");
  return new URL(page.url()).pathname;
}

/** What somebody sees who was sent a link and a code: the page, opened. */
async function opened(shared, worker, at) {
  const link = (await captured(worker, at, "Link to a document")).match(/\/d\/\S+/)[0];
  const code = (await captured(worker, at, "Code for a document")).match(/\d{3} \d{3}/)[0];
  const page = await open(shared);
  await page.goto(link);
  await page.fill("#code", code);
  await press(page, "Open the document");
  return { page, link };
}

export const journeys = {
  "the patient holds it: a text, “all”, the plan, a release for 30 days, the answer, and the link is dead": async (shared) => {
    const worker = await signIn(shared, "Priya Nair");
    const at = await caseOf(worker, "Siân O'Néill-Jones");
    await setWord(worker, at, word);
    await plan(worker, at, "My pupils back, and an evening left over", Object.values(asks));

    // The text that was sent to her, and her answer to it.
    const question = await captured(worker, at, "Check-in question");
    assert(/on how many were you off because of your health\?/.test(question) && /ALL or NONE/.test(question), question);
    await worker.goto(`${at}/messages`);
    await worker.fill("#words", "all");
    await press(worker, "Send it");
    await says(worker, "The text came");
    await worker.goto("/today");
    await says(worker, "Siân O'Néill-Jones", "Off on every working day");
    await worker.goto(`${at}/checkins`);
    await says(worker, "By text. Read as: all");
    await worker.goto(`${at}/absence`);
    await says(worker, "days off sick", "Text message");

    // A link to her own pages, and her plan.
    const document = await prepare(worker, at, { kind: "adjustments", recipient_kind: "employer", way: "link", recipient_name: "Huw Parry", recipient_org: "Crotchet Hill Music Service", send_to: "huw.parry@crotchet.example", code_to: "07700 900872", purpose: "So that the first weeks can work", condition });
    await press(worker, "Put it on Siân’s own pages");
    const text = await captured(worker, at, "Link to their own pages");
    assert(!/Huw|Crotchet|document|\bwork\b/i.test(text.replace(/https?:\S+/, "")), `a text says nothing: ${text}`);
    const phone = await openOwnPages(shared, linkIn(text), word);
    await says(phone, "What Huw Parry would see", "Nothing is ticked");
    const path = new URL(phone.url()).pathname;
    await phone.goto("/me/plan");
    await says(phone, goal, ...Object.values(asks));

    // She chooses, looks, takes one line away, and releases it for 30 days.
    await phone.goto(path);
    for (const label of Object.values(asks)) await phone.getByLabel(label, { exact: true }).check();
    await phone.selectOption("#days", "30");
    await press(phone, "Show me exactly what they would see");
    await says(phone, "This is exactly what they would see");
    await phone.getByLabel(asks.stand, { exact: true }).uncheck();
    await press(phone, "Show me exactly what they would see");
    const exactly = await phone.locator("#exactly").innerText();
    assert(exactly.includes(asks.hall) && !exactly.includes(asks.stand) && !exactly.includes(condition), exactly);
    await press(phone, "Let Huw Parry see this");
    await says(phone, "They can see it now.");

    // Her manager agrees to two of three.
    const { page: manager, link } = await opened(shared, worker, at);
    await says(manager, asks.stairs, asks.gaps, asks.hall, "So that the first weeks can work");
    await doesNotSay(manager, asks.stand, condition, goal, "an evening left over");
    const about = await manager.locator("main fieldset legend").allInnerTexts();
    for (const [n, legend] of about.entries()) await choose(manager, `answer-${n}`, legend.includes(asks.hall) ? "cannot" : "agree");
    await manager.fill(`#reason-${about.findIndex((l) => l.includes(asks.hall))}`, "The spring concert is two weeks before");
    await press(manager, "Send answers");
    await says(manager, "You answered");

    // She hears it first; then the worker's Today has it; then she closes it.
    await worker.goto("/today");
    await says(worker, "Huw Parry answered. It is theirs to hear first.");
    await phone.goto(path);
    await says(phone, "The spring concert is two weeks before", "Huw Parry opened it");
    assert.equal((await phone.locator("main dl dd strong").allInnerTexts()).filter((a) => /^(Yes|Agree|We agree)/i.test(a)).length, 2, "two are agreed");
    await isWellMade(phone);
    await worker.goto("/today");
    await says(worker, "Huw Parry answered, and they have seen it.");
    await worker.goto(document);
    await says(worker, "The spring concert is two weeks before");
    await press(phone, "Close it now");
    await says(phone, "Closed. The link does not work any more.", "You closed it");
    await manager.goto(link);
    await says(manager, "This document is no longer available");
    await doesNotSay(manager, asks.stairs, "Siân", "Huw");

    // Who looked, in what role, and each step of the document.
    await phone.goto("/me/seen");
    const steps = ["Prepared a document for somebody else to see", "Gave you a document to look at", "Released a document", "Made a link and a code for a document", "Opened a document that you released", "Answered a document", "Told you the answer to a document", "Closed a document"];
    await says(phone, ...steps, "A text came from your telephone", "Priya Nair, support worker", "Somebody with a link, not signed in");
    await isWellMade(phone);

    // A note to her practice has what she ticks and nothing else.
    const own = ["I teach on three floors", "Mornings are better than evenings"];
    await prepare(worker, at, { kind: "gp_note", recipient_kind: "gp", way: "link", recipient_name: "Dr Ruth Adeyemi", recipient_org: "Elm Street Surgery", send_to: "reception@elm.example", code_to: "07700 900873", purpose: "For our next appointment", own_words: own.join("\n"), condition });
    await press(worker, "Put it on Siân’s own pages");
    await phone.goto("/me/documents");
    await phone.getByRole("link", { name: /Dr Ruth Adeyemi/ }).first().click();
    await phone.getByLabel(own[1], { exact: true }).check();
    await phone.selectOption("#days", "14");
    await press(phone, "Show me exactly what they would see");
    await press(phone, "Let Dr Ruth Adeyemi see this");
    await says(phone, "They can see it now.");
    const { page: practice } = await opened(shared, worker, at);
    await says(practice, own[1], "For our next appointment");
    await doesNotSay(practice, own[0], condition, goal, ...Object.values(asks), "all");
    await isWellMade(practice);
  },

  "the patient holds it: the same with paper and a telephone alone": async (shared) => {
    const worker = await signIn(shared, "Priya Nair");
    const at = await caseOf(worker, "Peter Lowe");
    const bench = "A shed with a bench for the wet days";
    const mower = "Somebody else on the ride-on mower until summer";
    // The question comes by letter. He says “all” when they speak.
    const letter = await captured(worker, at, "Check-in question");
    assert(/on how many were you off because of your health\?/.test(letter), letter);
    await worker.goto(`${at}/messages`);
    await worker.getByRole("link", { name: /^Print it/ }).first().click();
    await says(worker, "on how many were you off because of your health?");
    await isWellMade(worker);
    await worker.goto(`${at}/checkins`);
    await worker.getByRole("link", { name: /Write down their answer/ }).first().click();
    await worker.fill("#days_off", "all");
    await press(worker, "Save answer");
    await says(worker, "Written down.", "Told to a worker, Priya Nair.");
    // His plan on paper.
    await addHelp(worker, at, [bench, mower]);
    await worker.goto(`${at}/plan/print`);
    await says(worker, bench, mower);
    // To contact his employer is asked first, on the telephone.
    const employer = { kind: "adjustments", recipient_kind: "employer", way: "post", recipient_name: "Moira Kent", recipient_org: "Riverside Grounds Trust", send_to: "The Lodge, Riverside, S1 1AA", purpose: "So that there is something to talk about", condition: "His heart" };
    await assert.rejects(prepare(worker, at, employer));
    await says(worker, "There is a problem", "The person has not agreed that you speak with their employer.");
    await isWellMade(worker);
    await consent(worker, at, { gp: "yes", employer: "yes" });
    const document = await prepare(worker, at, employer);
    await worker.getByLabel(mower, { exact: true }).check();
    await worker.selectOption("#days", "30");
    await press(worker, "Show exactly this");
    const exactly = await worker.locator("#exactly").innerText();
    assert(exactly.includes(mower) && !exactly.includes(bench) && !exactly.includes("heart"), exactly);
    await choose(worker, "spoken_how", "telephone");
    await worker.locator("#read_back").check();
    await press(worker, "Release at their word");
    await says(worker, "Released, at their word", "Print the PDF and post it");
    const pdf = await worker.request.get(await worker.getByRole("link", { name: "the document as a PDF" }).getAttribute("href"));
    assert.equal(pdf.headers()["content-type"], "application/pdf");
    await press(worker, "I have posted it");
    // The answer comes by post, and is his to hear first.
    await worker.goto(`${document}/answer`);
    await choose(worker, "answer-0", "agree");
    await worker.locator("main .hr-acts button[type=submit]").first().click();
    await says(worker, "It is theirs to hear first");
    await worker.goto("/today");
    await says(worker, "Moira Kent answered. It is theirs to hear first.");
    await worker.goto(document);
    await press(worker, "I am reading it out to them now");
    await says(worker, "What Moira Kent answered");
    await press(worker, "Close it at their word");
    await says(worker, "Closed");
    // A note to his practice, on paper.
    const own = "I can walk to the river and back";
    await prepare(worker, at, { kind: "gp_note", recipient_kind: "gp", way: "post", recipient_name: "The Canalside Practice", send_to: "3 Canal Row, S2 2BB", purpose: "Before the next note", own_words: `${own}\nI sleep in the afternoon` });
    await worker.getByLabel(own, { exact: true }).check();
    await worker.selectOption("#days", "14");
    await press(worker, "Show exactly this");
    await choose(worker, "spoken_how", "telephone");
    await worker.locator("#read_back").check();
    await press(worker, "Release at their word");
    const note = await worker.locator(".hr-exactly").innerText();
    assert(note.includes(own) && !note.includes("afternoon") && !note.includes(mower), note);
  },
};
