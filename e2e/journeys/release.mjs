// A document for an employer: put on the person's own pages, chosen and released there, opened with a code, answered, heard by the person first, closed.
import assert from "node:assert/strict";
import { doesNotSay, isWellMade, open, says, signIn, tabType } from "../hands.mjs";
import { captured, caseOf, choose, linkIn, openOwnPages, press, setWord, tabChoose, tabPress, tabSelect, tabTick } from "../steps.mjs";

const word = "copper heron";

/** What the demonstration's Maya asks of her manager. */
const nights = "No late shift until week 4, then one a week";
const second = "A second person at the handover for the first month";

/** Prepares a document about Maya, and gives its address. */
async function prepared(page, address, purpose) {
  await page.goto(`${address}/documents/new`);
  await choose(page, "kind", "adjustments");
  await choose(page, "recipient_kind", "employer");
  await page.fill("#recipient_name", "Ruth Dawes");
  await page.fill("#recipient_org", "Rosebank Care");
  await choose(page, "way", "link");
  await page.fill("#send_to", "ruth.dawes@rosebank.example");
  await page.fill("#code_to", "07700 900871");
  await page.fill("#purpose", purpose);
  await page.fill("#condition", "Grief, and poor sleep");
  await press(page, "Prepare document");
  await says(page, "Nothing is ticked");
  return new URL(page.url()).pathname;
}

/** The whole way, with a script or without. `made` looks at each page. */
async function wholeWay(shared, { js }) {
  const made = async (page) => js && (await isWellMade(page));
  const worker = await signIn(shared, "Priya Nair", { js });
  const address = await caseOf(worker, "Maya Okonkwo");
  const purpose = js ? "So that the first weeks are clear" : "So that the handover is clear";
  await setWord(worker, address, word);
  const document = await prepared(worker, address, purpose);
  await made(worker);
  await worker.goto(`${document}/way`);
  await made(worker);
  await worker.goto(document);
  await press(worker, "Put it on Maya’s own pages");
  await says(worker, "It is on their own pages to look at");
  const text = await captured(worker, address, "Link to their own pages");
  assert(!/Ruth|Rosebank|employer|document/.test(text), `a text says nothing: ${text}`);
  const phone = await openOwnPages(shared, linkIn(text), word, { js });
  await says(phone, "What Ruth Dawes would see", "Nothing is ticked, so they would see nothing.");
  await made(phone);
  // The code is to go to another telephone: that is hers to say.
  await phone.getByLabel(nights, { exact: true }).check();
  await press(phone, "Choose another way");
  await says(phone, "What you typed is kept.", "How it gets to Ruth Dawes", "Nothing is sent now");
  await made(phone);
  await phone.fill("#code_to", "07700 900872");
  await press(phone, "Save");
  await says(phone, "Changed. Nothing is sent until you say so.", "07700 900872");
  assert(await phone.getByLabel(nights, { exact: true }).isChecked(), "what she had ticked is still there");
  await phone.getByLabel(nights, { exact: true }).uncheck();
  const released = phone.getByRole("button", { name: "Let Ruth Dawes see this" });
  assert.equal(await phone.locator("input[type=checkbox]:checked").count(), 0, "nothing is ticked for her");
  for (const label of [nights, second]) await phone.getByLabel(label, { exact: true }).check();
  await phone.selectOption("#days", "30");
  await press(phone, "Show me exactly what they would see");
  await says(phone, "This is exactly what they would see", nights);
  const exactly = await phone.locator("#exactly").innerText();
  assert(exactly.includes(nights) && exactly.includes(second) && !exactly.includes("Grief"), exactly);
  // She takes one line away: it is shown again before anything happens.
  await phone.getByLabel(second, { exact: true }).uncheck();
  await Promise.all([phone.waitForNavigation(), released.click()]);
  await says(phone, "There is a problem", "You changed something after it was shown to you");
  await made(phone);
  await Promise.all([phone.waitForNavigation(), released.click()]);
  await says(phone, "They can see it now.", "You let Ruth Dawes see it");
  await doesNotSay(phone.locator(".hr-exactly").page(), "There is a problem");
  await made(phone);

  const email = await captured(worker, address, "Link to a document");
  const code = (await captured(worker, address, "Code for a document")).match(/\d{3} \d{3}/)[0];
  assert(!email.includes(code) && !email.includes(nights), "the link goes alone");
  const there = email.match(/\/d\/\S+/)[0];
  const manager = await open(shared, { js });
  await manager.goto(there);
  await doesNotSay(manager, "Maya", "Handrail");
  await made(manager);
  await manager.fill("#code", code);
  await press(manager, "Open the document");
  await says(manager, nights, purpose);
  await doesNotSay(manager, second, "Grief");
  await made(manager);
  // The code works once: in another browser it opens nothing.
  const other = await open(shared, { js });
  await other.goto(there);
  await says(other, "was used, or tried too often");
  await doesNotSay(other, nights, "Maya");
  await made(other);
  await other.context().close();
  await choose(manager, "answer-0", "part");
  await press(manager, "Send answers");
  await says(manager, "Say why, or what would be possible");
  await made(manager);
  await manager.fill("#reason-0", "From week 6");
  await press(manager, "Send answers");
  await says(manager, "You answered");
  await made(manager);

  await worker.goto("/today");
  await says(worker, "Ruth Dawes answered. It is theirs to hear first.");
  await worker.goto(document);
  await doesNotSay(worker, "From week 6");
  await made(worker);
  await phone.goto("/me");
  await says(phone, "There is an answer for you.");
  await phone.goto("/me/documents");
  await made(phone);
  await phone.locator("main").getByRole("link", { name: "Request for adjustments to Ruth Dawes" }).first().click();
  await says(phone, "From week 6", "Ruth Dawes opened it");
  await made(phone);
  await worker.goto("/today");
  await says(worker, "Ruth Dawes answered, and they have seen it.");
  await worker.goto(document);
  await press(worker, "I have read the answer");
  await press(worker, "Make a new link and code");
  await says(worker, "Link and code made", "Keep them apart");
  await made(worker);
  await press(phone, "Close it now");
  await says(phone, "Closed. The link does not work any more.", "You closed it");
  await made(phone);
  await manager.goto(there);
  await says(manager, "This document is no longer available");
  await doesNotSay(manager, nights, "Maya");
  await made(manager);
  await phone.goto("/me/seen");
  await says(phone, "Priya Nair");
  for (const page of [worker, phone, manager]) await page.context().close();
}

export const journeys = {
  "release: she lets her manager see it, hears the answer first, and closes it": (shared) => wholeWay(shared, { js: true }),
  "release: the same without a script": (shared) => wholeWay(shared, { js: false }),
  "release: by telephone and on paper alone, with the keyboard": async (shared) => {
    const page = await signIn(shared, "Priya Nair");
    const address = await caseOf(page, "Maya Okonkwo");
    await page.goto(`${address}/documents/new`);
    await tabChoose(page, "kind", "adjustments");
    await tabChoose(page, "recipient_kind", "employer");
    await tabType(page, "#recipient_name", "Ruth Dawes");
    await tabChoose(page, "way", "post");
    await tabType(page, "#send_to", "Rosebank Care, 4 Example Street, S1 1AA");
    await tabType(page, "#purpose", "To have it on paper");
    await tabPress(page, "main .hr-acts button[type=submit], main form button[type=submit]");
    await says(page, "Nothing is ticked");
    const document = new URL(page.url()).pathname;
    const tick = await page.getByLabel(nights, { exact: true }).getAttribute("id");
    await tabTick(page, `#${tick}`);
    await tabSelect(page, "#days", "14");
    await tabPress(page, "button[value=look]");
    await says(page, "This is exactly what would be seen");
    await tabChoose(page, "spoken_how", "telephone");
    await tabTick(page, "#read_back");
    await tabPress(page, "button[value=release]");
    await says(page, "Released, at their word", "Print the PDF and post it");
    await isWellMade(page);
    await page.goto("/today");
    await says(page, "Released to Ruth Dawes, and not sent yet.");
    await page.goto(document);
    await press(page, "I have posted it");
    await says(page, "Noted that it was sent");
    await page.goto(`${document}/answer`);
    await isWellMade(page);
    await tabPress(page, "main .hr-acts button[type=submit]");
    await says(page, "There is a problem");
    await isWellMade(page);
    await tabChoose(page, "answer-0", "agree");
    await tabPress(page, "main .hr-acts button[type=submit]");
    await says(page, "It is theirs to hear first", "Ruth Dawes has answered");
    await press(page, "I am reading it out to them now");
    await says(page, "Read it out to them", "What Ruth Dawes answered");
    await page.setViewportSize({ width: 375, height: 900 });
    await isWellMade(page);
  },
};
