// A person asks for support themselves: one question a page, without JavaScript, and stopped where it is urgent.
import assert from "node:assert/strict";
import { doesNotSay, isWellMade, open, says, signIn } from "../hands.mjs";
import { choose, fillDate, press, readReference, somebody } from "../steps.mjs";

const start = "/self-referral/steady-ground";
const goOn = "Continue";

/** Answers every question up to the one about safety. */
async function answer(page, name) {
  await page.goto(start);
  await says(page, "call 999");
  await page.locator(`main a[href="${start}/name"]`).click();
  await page.waitForURL(`**${start}/name`);
  await page.fill("#name", name);
  await press(page, goOn);
  await page.fill("[name=birth_day]", "9");
  await page.fill("[name=birth_month]", "11");
  await page.fill("[name=birth_year]", "1990");
  await press(page, goOn);
  await page.fill("#phone", "07700 900470");
  await choose(page, "safe_text", "yes");
  await choose(page, "safe_voicemail", "no");
  await choose(page, "safe_say_who", "yes");
  await press(page, goOn);
  await choose(page, "employment", "employed");
  await page.fill("#job", "Bus driver");
  await press(page, goOn);
  await choose(page, "off", "yes");
  await fillDate(page, "since", -25);
  await press(page, goOn);
  await choose(page, "fit_note", "not_known");
  await press(page, goOn);
  await page.fill("#help", "Getting through a whole shift");
  await press(page, goOn);
  assert.equal(new URL(page.url()).pathname, `${start}/safety`);
}

export const journeys = {
  "a person asks for support with JavaScript off, and changes an answer before sending": async (shared) => {
    const name = somebody("Hollybush");
    const page = await open(shared, { js: false, width: 375 });
    await answer(page, name);
    await press(page, goOn);
    await says(page, "There is a problem", "None of these");
    await choose(page, "none", "yes");
    await press(page, goOn);
    await choose(page, "agreed", "yes");
    await press(page, goOn);
    assert.equal(new URL(page.url()).pathname, `${start}/check`);
    await says(page, name, "07700 900470", "Bus driver", "Getting through a whole shift", "9 Nov 1990");

    await page.locator("main .nhsuk-summary-list__row", { hasText: "Bus driver" }).getByRole("link").click();
    await page.waitForURL(/\/work\?back=check/);
    assert.equal(await page.inputValue("#job"), "Bus driver");
    await page.fill("#job", "Tram driver");
    await press(page, goOn);
    assert.equal(new URL(page.url()).pathname, `${start}/check`);
    await says(page, "Tram driver", "Getting through a whole shift");
    await press(page, "Send");
    const code = await readReference(page);

    const worker = await signIn(shared, "Tom Whitaker");
    await worker.goto("/waiting");
    await says(worker, name, code);
    await worker.getByRole("link", { name }).click();
    await worker.waitForURL(/\/referrals\//);
    await says(worker, "Getting through a whole shift", "Accept");
  },

  "a person who rings has what they sent changed, and then taken back": async (shared) => {
    const name = somebody("Hollybush");
    const page = await open(shared, { js: false, width: 375 });
    await answer(page, name);
    await choose(page, "none", "yes");
    await press(page, goOn);
    await choose(page, "agreed", "yes");
    await press(page, goOn);
    await press(page, "Send");

    const worker = await signIn(shared, "Tom Whitaker", { width: 375 });
    await worker.goto("/waiting");
    await worker.getByRole("link", { name }).click();
    await worker.waitForURL(/\/referrals\//);
    await isWellMade(worker);
    await worker.getByRole("link", { name: "Change the referral for the person" }).click();
    await worker.waitForURL(/\/amend$/);
    await isWellMade(worker);
    await worker.fill("#phone", "");
    await press(worker, "Save changes");
    await says(worker, "There is a problem", "Enter a telephone number");
    await worker.fill("#phone", "07700 900471");
    await press(worker, "Save changes");
    await says(worker, "Referral changed", "07700 900470", "07700 900471", "Tom Whitaker for the person");
    await isWellMade(worker);
    await worker.getByRole("link", { name: "Withdraw it for the person" }).click();
    await worker.waitForURL(/\/withdraw$/);
    await isWellMade(worker);
    await press(worker, "Withdraw");
    await says(worker, "There is a problem", "Tick to say that you want to withdraw it");
    await worker.check("#sure");
    await press(worker, "Withdraw");
    await says(worker, "Referral withdrawn", "Tom Whitaker for the person");
    await worker.goto("/waiting");
    await doesNotSay(worker, name);
  },

  "a red flag interrupts a self-referral with the numbers to call, and nothing typed is lost": async (shared) => {
    const name = somebody("Farthingale");
    const page = await open(shared, { js: false, width: 375 });
    await answer(page, name);
    await choose(page, "red_flags", "self_harm");
    await press(page, goOn);
    assert.equal(new URL(page.url()).pathname, `${start}/urgent`);
    await says(page, "Get help now", "999", "111", "option 2", "116 123", "What you typed is kept");
    await page.locator(`main a[href="${start}/agree"]`).click();
    await page.waitForURL(`**${start}/agree`);
    await choose(page, "agreed", "yes");
    await press(page, goOn);
    await says(page, name, "Getting through a whole shift");
    await press(page, "Send");
    const code = await readReference(page);
    await says(page, "999");

    const worker = await signIn(shared, "Tom Whitaker");
    await worker.goto("/waiting");
    await says(worker, code, "red flag");
    await worker.getByRole("link", { name }).click();
    await worker.waitForURL(/\/referrals\//);
    await says(worker, "not dealt with yet", "It can be accepted once a clinician says that the red flag is dealt with.");
    assert.equal(await worker.locator("form[action$='/accept']").count(), 0);
  },
};
