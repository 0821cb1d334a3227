// A practice's referral link: no account, no JavaScript, and gone when it is revoked.
import assert from "node:assert/strict";
import { isWellMade, open, says, signIn } from "../hands.mjs";
import { fillReferral, press, readReference, somebody } from "../steps.mjs";

export const journeys = {
  "a stranger refers by a practice's link with JavaScript off, until it is revoked": async (shared) => {
    const name = somebody("Applegarth");
    const keeper = await signIn(shared, "administrator");
    await keeper.goto("/organisation/practices");
    await keeper.locator("main tr", { hasText: "The Canalside Practice" }).getByRole("link", { name: /^Links/ }).click();
    await keeper.waitForURL(/\/links$/);
    const links = keeper.url();
    await keeper.fill("#label", "Reception desk");
    await keeper.selectOption("#programme", { label: "Steady Ground" });
    await press(keeper, "Make link");
    await says(keeper, "Copy it now. It is not shown again.");
    const link = new URL((await keeper.locator("#link").innerText()).trim()).pathname;
    assert.match(link, /^\/r\/[\w-]{20,}$/);
    await keeper.goto(links);
    assert(!(await keeper.content()).includes(link), "the link is shown a second time");

    const stranger = await open(shared, { js: false, width: 375 });
    await stranger.goto(link);
    await says(stranger, "About you", "About the person", "The Canalside Practice");
    await isWellMade(await sameWithScripts(shared, link));
    await stranger.fill("#sender_name", "Jo Bright");
    await stranger.fill("#sender_role", "Receptionist");
    await press(stranger, "Send referral");
    await says(stranger, "There is a problem");
    assert.equal(await stranger.inputValue("#sender_name"), "Jo Bright");
    await fillReferral(stranger, name, "the heron reason");
    await press(stranger, "Send referral");
    await says(stranger, "Referral sent", "What happens next");
    const code = await readReference(stranger);

    const worker = await signIn(shared, "Priya Nair");
    await worker.goto("/waiting");
    await says(worker, name, code, "The Canalside Practice");
    await worker.getByRole("link", { name }).click();
    await worker.waitForURL(/\/referrals\//);
    await says(worker, "the heron reason", "Jo Bright");

    await keeper.goto(links);
    await press(keeper, "Revoke Reception desk");
    await says(keeper, "Revoked");
    const answer = await stranger.goto(link);
    assert.equal(answer.status(), 404);
    await says(stranger, "no longer");
    await isWellMade(await sameWithScripts(shared, link));
  },
};

/** Axe is itself a script, and so it looks at the same page in a browser that runs them. */
async function sameWithScripts(shared, path) {
  const page = await open(shared, { width: 375 });
  await page.goto(path);
  return page;
}
