// A person's own pages: the worker sets the word with them and shows a link; the person opens it, reads, says something, takes a consent back and closes them.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isWellMade, open, says, signIn } from "../hands.mjs";
import { choose, press } from "../steps.mjs";

const word = "Green lantern";

/** A case of the worker's, with the word set and a link made. Gives the case's address, its worker's page and the link. */
async function linked(shared, nth) {
  const page = await signIn(shared, "support_worker");
  await page.goto("/people");
  const cases = await page.locator("main a[href^='/cases/']").evaluateAll((all) => [...new Set(all.map((a) => a.getAttribute("href")))].filter((href) => /^\/cases\/[0-9a-f-]{36}$/.test(href)));
  const address = cases[nth];
  assert(address, "the worker has people");
  await page.goto(`${address}/portal`);
  await isWellMade(page);
  await page.locator("#checked_who").check();
  await page.fill("#word", word);
  await page.locator("main form[action$='/portal'] button[type=submit]").click();
  await says(page, "The word is set");
  await press(page, "Make a link");
  await isWellMade(page);
  const link = await page.locator("#own-link").innerText();
  return { page, address, link: new URL(link).pathname };
}

/** Opens the pages with the link and the word. */
async function opened(shared, link, how) {
  const page = await open(shared, how);
  await page.goto(link);
  await says(page, "Open your pages", "call 999");
  if (how.js !== false) await isWellMade(page);
  await press(page, "Open my pages");
  await page.fill("#word", "something else");
  await press(page, "Go on");
  await says(page, "That did not open anything");
  if (how.js !== false) await isWellMade(page);
  await page.fill("#word", word.toUpperCase());
  await press(page, "Go on");
  await says(page, "My pages", "call 999");
  return page;
}

const pages = ["/me", "/me/plan", "/me/days", "/me/questionnaires", "/me/details", "/me/messages", "/me/consents", "/me/consents/take_part", "/me/consents/research", "/me/seen", "/me/call", "/me/tell", "/me/stop", "/me/record"];

export const journeys = {
  "own pages are well made at a telephone's and a desk's width, and what is said there reaches the worker": async (shared) => {
    const { page: worker, address, link } = await linked(shared, 0);
    const phone = await opened(shared, link, { width: 375 });
    for (const width of [375, 1280]) {
      await phone.setViewportSize({ width, height: 900 });
      for (const path of pages) {
        await phone.goto(path);
        await isWellMade(phone);
      }
    }
    await phone.setViewportSize({ width: 375, height: 900 });
    await phone.goto("/me/call");
    await press(phone, "Ask for a call");
    await says(phone, "There is a problem");
    await choose(phone, "when", "morning");
    await phone.fill("#words", "About the early shift");
    await press(phone, "Ask for a call");
    await says(phone, "Asked.");
    await worker.goto("/today");
    await says(worker, "About the early shift");
    await worker.goto(`${address}/portal`);
    await says(worker, "In the morning. About the early shift");
    await isWellMade(worker);
    await worker.getByRole("button", { name: /I have seen to it/ }).first().click();
    await says(worker, "Seen to");
    await phone.goto("/me/seen");
    await says(phone, "Looked at your record");
    // The same link once more, in another browser: it opens nothing.
    const other = await open(shared, { width: 375 });
    await other.goto(link);
    await press(other, "Open my pages");
    await other.fill("#word", word);
    await press(other, "Go on");
    await says(other, "That did not open anything");
    await other.goto(link);
    await press(other, "Send me a new link");
    await says(other, "If we know this link");
    await isWellMade(other);
    await press(phone, "Close my pages");
    await says(phone, "Your pages are closed");
    await isWellMade(phone);
    await phone.goto("/me/plan");
    await says(phone, "Open the link we sent you");
  },

  "own pages work with JavaScript off: details, a consent, telling, a copy and a copy of everything": async (shared) => {
    const { link } = await linked(shared, 1);
    const phone = await opened(shared, link, { width: 375, js: false });
    await phone.goto("/me/details");
    await choose(phone, "safe_text", "yes");
    await phone.fill("#who_else", "My brother");
    await press(phone, "Save");
    await says(phone, "Saved. We use it from now on.");
    await phone.goto("/me/consents/research");
    const agrees = await phone.getByRole("button", { name: "I no longer agree" }).count();
    await press(phone, agrees ? "I no longer agree" : "No, I do not agree");
    await says(phone, "It counts from now.");
    await phone.goto("/me/tell");
    await phone.fill("#words", "Two good days and a hard one");
    await press(phone, "Send");
    await says(phone, "Sent.");
    await phone.goto("/me/record");
    const [copy] = await Promise.all([phone.waitForEvent("download"), phone.getByRole("link", { name: /HTML/ }).click()]);
    assert.equal(copy.suggestedFilename(), "copy.html");
    const file = join(tmpdir(), `handrail-${process.pid}-copy.html`);
    await copy.saveAs(file);
    const reader = await open(shared, { width: 375 });
    await reader.goto(pathToFileURL(file).href);
    await isWellMade(reader);
    await rm(file);
    await press(phone, "Ask for a copy of everything");
    await says(phone, "Due by");
    const mentor = await signIn(shared, "mentor");
    await mentor.goto("/today");
    await says(mentor, "Asked for a copy of everything");
    await mentor.locator("a[href*='/access/']").first().click();
    await says(mentor, "A copy of everything", "days left");
    await isWellMade(mentor);
    await mentor.locator("#others").check();
    await mentor.locator("#safe").check();
    await press(mentor, "I have looked through it");
    await press(mentor, "Give it on their own pages");
    await says(mentor, "Given on");
    await phone.goto("/me/record");
    await says(phone, "Given on", "Open it");
  },
};
