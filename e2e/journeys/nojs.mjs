// A support worker's day with JavaScript off: everything works, and a draft is saved by its button.
import assert from "node:assert/strict";
import { says, signIn } from "../hands.mjs";
import { accept, choose, consent, press, recordContact, refer, somebody, whereItIs } from "../steps.mjs";

export const journeys = {
  "a support worker works with JavaScript off: accepts, records consent and a contact, comes back to a draft, closes": async (shared) => {
    const name = somebody("Copperfield-Wood");
    const gp = await signIn(shared, "Dr Ruth Adeyemi", { js: false });
    const code = await refer(gp, name);
    const page = await signIn(shared, "Priya Nair", { js: false });
    const at = await accept(page, name);
    await consent(page, at);
    await recordContact(page, at, { outcome: "done", minutes: "20", shared: "Without any script.", next: "Ring on Monday" });
    await says(page, "Without any script.", "Ring on Monday", "In support");

    await page.goto(`${at}/contacts/new`);
    await page.fill("#shared_note", "Half a sentence about");
    await choose(page, "outcome", "done");
    await page.fill("#minutes", "7");
    await press(page, "Save draft");
    await says(page, "Draft saved");
    await page.goto("/today");
    await page.goto(`${at}/contacts/new`);
    await says(page, "This is what you typed before");
    assert.equal(await page.inputValue("#shared_note"), "Half a sentence about");
    assert.equal(await page.inputValue("#minutes"), "7");
    assert(await page.locator("input[name=outcome][value=done]").isChecked());
    await page.fill("#shared_note", "Half a sentence about trains, and now the rest.");
    await press(page, "Save contact");
    await says(page, "Contact recorded", "and now the rest.");
    await page.goto(`${at}/contacts/new`);
    assert.equal(await page.inputValue("#shared_note"), "", "a draft that was sent comes back");

    await page.goto(`${at}/step`);
    await choose(page, "step", "2");
    await page.fill("#reason", "More is in the way than we thought");
    await press(page, "Change step");
    await says(page, "Step changed", "More is in the way");

    await page.goto(`${at}/close`);
    await press(page, "Close the case");
    await says(page, "There is a problem", "Choose why the support ends");
    await choose(page, "reason", "goals_met");
    await choose(page, "work_status", "adjusted");
    await page.fill("#what_helped", "“Being asked.”");
    await press(page, "Close the case");
    await says(page, "Case closed", "“Being asked.”");
    // The person did not agree to share with the GP.
    assert.equal(await whereItIs(gp, code), "Received");
    const mentor = await signIn(shared, "Leila Haddad", { js: false });
    await mentor.goto("/today");
    await says(mentor, "Referrals that wait too long");
  },
};
