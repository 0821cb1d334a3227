// Check-ins: what came back stands on Today and on the case, a worker writes an answer down, and what somebody says of being pushed goes to the mentor alone.
import assert from "node:assert/strict";
import { doesNotSay, isWellMade, says, signIn, tabType } from "../hands.mjs";
import { caseOf, choose, openOwnPages, press, send, tabChoose, tabFollow, tabPress } from "../steps.mjs";

/** The word that everybody of the demonstration chose. */
const word = "blue kettle";
const secret = "A date that I never said";

/** The own pages of somebody whom the worker supports. */
async function ownPages(shared, worker, address, how) {
  await worker.goto(`${address}/portal`);
  await press(worker, "Make a link");
  const link = new URL(await worker.locator("#own-link").innerText()).pathname;
  return openOwnPages(shared, link, word, how);
}

export const journeys = {
  "check-ins: what was not clear is asked by the worker and written down": async (shared) => {
    const page = await signIn(shared, "Priya Nair", { width: 375 });
    await page.goto("/today");
    await says(page, "Check-ins", "Tom Hadley", "was not clear. Ask when you next speak.");
    const address = await caseOf(page, "Tom Hadley");
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${address}/checkins`);
      await isWellMade(page);
    }
    await says(page, "Up and down to be honest", "Not understood", "Off ");
    await page.getByRole("link", { name: /Write down their answer/ }).first().click();
    await isWellMade(page);
    await press(page, "Save answer");
    await says(page, "There is a problem", "Enter the number of days");
    await isWellMade(page);
    await page.fill("#days_off", "4 days");
    await press(page, "Save answer");
    await says(page, "Written down. The time off is up to date.", "4 days");
    await page.goto(address);
    await says(page, "Check-in", "Off 4");
    await page.goto("/today");
    await doesNotSay(page, "Ask when you next speak.");
  },
  "check-ins: how things are is told on a telephone without a script, and being pushed goes to the mentor alone": async (shared) => {
    const worker = await signIn(shared, "Priya Nair");
    const address = await caseOf(worker, "Joyce Turton");
    const looked = await ownPages(shared, worker, address, { width: 375 });
    const question = looked.getByRole("link", { name: "How things are" });
    await question.waitFor();
    await question.click();
    for (const width of [375, 1280]) {
      await looked.setViewportSize({ width, height: 900 });
      await isWellMade(looked);
    }
    assert.equal(await looked.locator("main input:checked").count(), 0, "nothing is chosen for them");
    await press(looked, "Send my answer");
    await says(looked, "There is a problem", "Answer at least one question");
    await isWellMade(looked);
    const path = new URL(looked.url()).pathname;
    await looked.context().close();

    const phone = await ownPages(shared, worker, address, { width: 375, js: false });
    await phone.goto(path);
    await says(phone, "May Priya Nair see this answer?", "the mentor is never Priya Nair");
    await choose(phone, "pushed", "yes");
    await phone.fill("#pushed_words", secret);
    await press(phone, "Send my answer");
    await says(phone, "Thank you. Your answer is saved.");
    await phone.goto(path);
    await says(phone, "that you felt pushed. It is with a mentor.");

    for (const place of [address, `${address}/checkins`, "/today", "/complaints", "/safety"]) {
      await worker.goto(place);
      await doesNotSay(worker, secret);
    }
    const mentor = await signIn(shared, "mentor", { width: 375 });
    await mentor.goto("/complaints");
    await says(mentor, secret, "About Priya Nair");
    await mentor.getByRole("link", { name: /Joyce Turton: felt pushed/ }).first().click();
    await says(mentor, "on their own pages.", secret);
    await isWellMade(mentor);
  },
  "check-ins: how things are is told on the telephone and written down by keyboard": async (shared) => {
    const page = await signIn(shared, "mentor");
    await page.goto(`/cases?q=${encodeURIComponent("Hollie Crabtree")}`);
    await page.getByRole("link", { name: "Hollie Crabtree", exact: true }).first().click();
    const address = new URL(page.url()).pathname;
    await page.goto(`${address}/checkins`);
    const form = await page.getByRole("link", { name: /Write down their answer/ }).first().getAttribute("href");
    await tabFollow(page, form);
    await says(page, "Read each question out as it stands");
    await tabPress(page, send);
    await says(page, "There is a problem");
    await tabChoose(page, "expectation", "6");
    await tabChoose(page, "confidence", "4");
    await tabType(page, "#news", "Her chair has come");
    await tabPress(page, send);
    await says(page, "Written down", "Her chair has come");
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await isWellMade(page);
    }
  },
  "check-ins: days off are answered from a link on a small telephone": async (shared) => {
    const worker = await signIn(shared, "Priya Nair");
    const address = await caseOf(worker, "Aisha Rahman");
    const phone = await ownPages(shared, worker, address, { width: 375, js: false });
    await phone.getByRole("link", { name: "Days off work" }).first().click();
    await phone.fill("#days_off", "a few");
    await press(phone, "Send my answer");
    await says(phone, "There is a problem", "Enter a number");
    await phone.fill("#days_off", "all");
    await press(phone, "Send my answer");
    await says(phone, "Your answer is saved");
    await worker.goto("/today");
    await says(worker, "Check-ins", "Aisha Rahman");
    const today = await worker.locator("body").innerText();
    assert(/Off (\d+) of \1 working days/.test(today), "all of her working days");
  },
};
