// Nothing typed is lost: drafts save themselves, an interruption gives them back, and so does signing in again.
import assert from "node:assert/strict";
import { account, says, signIn } from "../hands.mjs";
import { choose, press } from "../steps.mjs";

/** The path of the case of somebody whom the worker has. */
const pathOf = async (page, name) => {
  await page.goto("/people?sort=name");
  return page.locator("main").getByRole("link", { name }).first().getAttribute("href");
};

const words = "She asks us to sit in when she talks to her manager";

export const journeys = {
  "a draft saves itself while somebody types, and a reload gives it back": async (shared) => {
    const page = await signIn(shared, "Priya Nair");
    await page.goto(`${await pathOf(page, "Maya Okonkwo")}/contacts/new`);
    await page.locator("#shared_note").pressSequentially("She rang the depot herself");
    await page.locator("main .hr-saved", { hasText: "Draft saved" }).waitFor();
    await page.reload();
    assert.equal(await page.inputValue("#shared_note"), "She rang the depot herself");
    await says(page, "This is what you typed before", "It has not been sent");
  },

  "the timer of a contact counts while the page is open, and a ruler says what to ask next": async (shared) => {
    const page = await signIn(shared, "Priya Nair");
    await page.clock.install();
    await page.goto(`${await pathOf(page, "Maria da Concei")}/contacts/new`);
    await page.getByRole("button", { name: "Start timer" }).click();
    await page.clock.fastForward("03:10");
    assert.equal(await page.inputValue("#minutes"), "3");
    await page.getByRole("button", { name: "Stop timer" }).click();
    await page.locator("details", { has: page.locator("#confidence") }).locator("summary").first().click();
    await page.locator("label[for=confidence-4]").click();
    await says(page, "Why a 4 and not lower?");
    await choose(page, "outcome", "no_answer");
    await press(page, "Save contact");
    await says(page, "3 minutes");
  },

  "something unsafe interrupts a part of the assessment, and what was typed is still there, with JavaScript off": async (shared) => {
    const page = await signIn(shared, "Priya Nair", { js: false });
    const at = await pathOf(page, "Maya Okonkwo");
    const section = `${at}/assessment/sections/fears`;
    await page.goto(section);
    const box = page.locator("main textarea").first();
    const before = await box.inputValue();
    await box.fill(`${before} She would rather not be here`);
    await press(page, "See what to do now");
    await says(page, "What to do now", "What you typed is kept");
    await page.getByRole("link", { name: "Back to what you were typing" }).click();
    assert.equal(new URL(page.url()).pathname, section);
    assert.equal(await page.locator("main textarea").first().inputValue(), `${before} She would rather not be here`);
    await page.locator("main textarea").first().fill(before);
    await press(page, "Save section");
  },

  "something unsafe interrupts the recording of a contact, and what was typed is still there": async (shared) => {
    const page = await signIn(shared, "Tom Whitaker");
    const at = await pathOf(page, "Paul Greaves");
    await page.goto(`${at}/contacts/new`);
    await choose(page, "outcome", "done");
    await page.fill("#shared_note", "We had begun to talk about the vice");
    await page.fill("#working_note", "He went quiet");
    await press(page, "See what to do now");
    assert.equal(new URL(page.url()).pathname, `${at}/safety/new`);
    await says(page, "What to do now", "999", "Who is on duty", "What you typed is kept");
    await page.getByRole("link", { name: "Back to what you were typing" }).click();
    await page.waitForURL(`**${at}/contacts/new`);
    assert.equal(await page.inputValue("#shared_note"), "We had begun to talk about the vice");
    assert.equal(await page.inputValue("#working_note"), "He went quiet");
    assert(await page.locator("input[name=outcome][value=done]").isChecked());

    await page.goto(`${at}/safety/new`);
    await choose(page, "kind", "safeguarding_adult");
    await page.fill("#what", "He said that he is not safe at the bench");
    await press(page, "Raise this concern");
    await says(page, "You are not alone with it");
    await page.goto(at);
    await says(page, "A safety concern is open");
    await page.goto(`${at}/contacts/new`);
    assert.equal(await page.inputValue("#shared_note"), "We had begun to talk about the vice");
  },

  "a draft that saved itself outlives signing out, and is there after signing in again": async (shared) => {
    const page = await signIn(shared, "Priya Nair");
    const form = await typeStep(page, "Tom Hadley");
    await page.locator("main .hr-saved", { hasText: "Draft saved" }).waitFor();
    await signOut(page);
    const again = await signIn(shared, "Priya Nair");
    await again.goto(form);
    await says(again, "This is what you typed before");
    assert.equal(await again.inputValue("#reason"), words);
    assert(await again.locator("input[name=step][value='3']").isChecked());
  },

};

async function typeStep(page, name) {
  const form = `${await pathOf(page, name)}/step`;
  await page.goto(form);
  await choose(page, "step", "3");
  await page.fill("#reason", words);
  return form;
}

async function signOut(page) {
  if (page.url() === "about:blank") await page.goto("/today");
  await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "Sign out" }).click()]);
}
