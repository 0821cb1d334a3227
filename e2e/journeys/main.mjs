// The main job: a person off sick is referred, agrees, is supported, and the case is closed.
import assert from "node:assert/strict";
import { doesNotSay, isWellMade, says, signIn, tabTo, tabType } from "../hands.mjs";
import { accept, choose, consent, dayIn, fillDate, press, readReference, recordContact, refer, somebody, tabChoose, tabConsent, tabDate, tabFollow, tabOpen, tabPress, tabSelect, tabTick, whereItIs } from "../steps.mjs";

/** Words that stand in notes alone, so that finding them anywhere else is a leak. */
const secrets = { reason: "the plover reason", shared: "the lapwing note", working: "the curlew thought", step: "the dunlin step", helped: "the whimbrel helped" };

/** Every outcome of a contact: each stands in the story, and the one that was rearranged asks for when. */
async function everyOutcome(shared, how) {
  const name = somebody("Quillfeather");
  await refer(await signIn(shared, "Dr Ruth Adeyemi", how), name);
  const page = await signIn(shared, "Tom Whitaker", how);
  const at = await accept(page, name);
  await consent(page, at);
  await recordContact(page, at, { outcome: "no_answer", minutes: "2", next: "Try after lunch" });
  await recordContact(page, at, { outcome: "done", minutes: "30", shared: "We talked about mornings.", working: "Slower next time.", next: "A list" });
  await recordContact(page, at, { outcome: "did_not_attend", minutes: "3", next: "A kind text" });
  await recordContact(page, at, { outcome: "rearranged", minutes: "2" });
  assert.equal(new URL(page.url()).pathname, `${at}/contacts/plan`);
  await says(page, "When is it rearranged for?");
  await fillDate(page, "at", 4);
  await page.fill("#at_time", "11:15");
  await press(page, "Plan contact");
  await says(page, "Contact planned", "No answer", "Did not attend", "Rearranged", "Contact 1", "We talked about mornings.", "11:15");
  await doesNotSay(page, "DNA", "failed to attend", "missed");
}

/** A hand-over for leave, with a preview and a result. */
async function handOver(shared, how) {
  const name = somebody("Nettleship");
  await refer(await signIn(shared, "Dr Ewan Castle", how), name);
  const worker = await signIn(shared, "Tom Whitaker", how);
  const at = await accept(worker, name);
  await consent(worker, at);
  await recordContact(worker, at, { outcome: "done", shared: "the avocet note", working: "the bittern thought" });

  await worker.goto("/hand-over");
  const priya = worker.locator("#to_worker option", { hasText: "Priya Nair" });
  await worker.selectOption("#to_worker", await priya.getAttribute("value"));
  await fillDate(worker, "from", 0);
  await fillDate(worker, "until", 2);
  await choose(worker, "which", "some");
  await worker.getByLabel(new RegExp(`^${name},`)).check();
  await press(worker, "Look at it once more");
  await says(worker, "Nothing has been handed over yet", name, "Priya Nair");
  if (how.js) await isWellMade(worker);
  await press(worker, "Hand over");
  await says(worker, "1 of 1 handed over", name);
  if (how.js) await isWellMade(worker);

  const cover = await signIn(shared, "Priya Nair", how);
  await cover.goto(at);
  await says(cover, name, "the avocet note");
  await doesNotSay(cover, "the bittern thought");
}

export const journeys = {
  "the main journey, by keyboard alone": async (shared) => {
    const name = somebody("Thistlewood");

    const gp = await signIn(shared, "Dr Ruth Adeyemi");
    await gp.goto("/refer");
    await tabType(gp, "#name", name);
    await tabType(gp, "#born_on", "14021979");
    await tabType(gp, "#phone", "07700 900460");
    await tabTo(gp, "#agreed");
    await gp.keyboard.press("Space");
    await tabChoose(gp, "employment", "employed");
    await tabType(gp, "#absent_since", dayIn(-30).join(" "));
    await tabChoose(gp, "fit_note", "no");
    await tabType(gp, "#reason", secrets.reason);
    await tabPress(gp, "main button[type=submit]");
    await says(gp, "Referral sent", name);
    const code = await readReference(gp);
    assert.equal(await whereItIs(gp, code), "Received");
    const elsewhere = await signIn(shared, "Dr Ewan Castle");
    await elsewhere.goto("/sent");
    await doesNotSay(elsewhere, name, code);

    const worker = await signIn(shared, "Priya Nair");
    await worker.goto("/waiting");
    await tabFollow(worker, await worker.getByRole("link", { name }).getAttribute("href"));
    await says(worker, name, secrets.reason, "Dr Ruth Adeyemi");
    await tabPress(worker, "form[action$='/accept'] button");
    await says(worker, "Referral accepted", name, "Consent is not recorded yet");
    const at = new URL(worker.url()).pathname;

    await tabFollow(worker, `${at}/consent`);
    await says(worker, "Check who you are talking to", "14 February 1979", "Is it safe to talk now?", "Limits of confidentiality told");
    await isWellMade(worker);
    await tabConsent(worker);

    await worker.goto(at);
    await tabFollow(worker, `${at}/contacts/new`);
    await tabChoose(worker, "outcome", "done");
    await tabType(worker, "#minutes", "25");
    await tabType(worker, "#shared_note", secrets.shared);
    await tabType(worker, "#next_step", "Write down two good hours");
    await tabDate(worker, "next", 5);
    await tabType(worker, "#next_time", "10:30");
    await tabType(worker, "#working_note", secrets.working);
    await tabOpen(worker, "What was worked on, and work now");
    await tabChoose(worker, "work_status", "off");
    await tabOpen(worker, "Rulers, 0 to 10");
    await tabChoose(worker, "confidence", "4");
    await tabPress(worker, "main .hr-acts button[type=submit]:not([name])");
    await says(worker, "Contact recorded", "In support", secrets.shared, "25 minutes", "4 of 10");

    await tabFollow(worker, `${at}/contacts/plan`);
    await says(worker, "Move the next contact");
    for (const field of ["#at", "#at-month", "#at-year", "#at_time"]) {
      await tabTo(worker, field);
      const [day, month, year] = dayIn(6);
      await worker.keyboard.press("Control+A");
      await worker.keyboard.type({ "#at": day, "#at-month": month, "#at-year": year, "#at_time": "2pm" }[field]);
    }
    await tabChoose(worker, "moved_by", "person");
    await tabType(worker, "#reason", "Her sister visits that morning");
    await tabPress(worker, "main .hr-acts button[type=submit]:not([name])");
    await says(worker, "Contact moved");

    await tabFollow(worker, `${at}/step`);
    await tabChoose(worker, "step", "2");
    await tabType(worker, "#reason", secrets.step);
    await tabPress(worker, "main .hr-acts button[type=submit]:not([name])");
    await says(worker, "Step changed", secrets.step);

    await tabFollow(worker, `${at}/close`);
    await says(worker, "is cancelled");
    await tabChoose(worker, "reason", "goals_met");
    await tabChoose(worker, "work_status", "phased");
    await tabType(worker, "#what_helped", secrets.helped);
    await tabPress(worker, "main .hr-acts button[type=submit]:not([name])");
    await says(worker, "Case closed", "Goals met", secrets.helped);

    // The person did not agree to share with the GP, and so the GP learns nothing after “received”.
    assert.equal(await whereItIs(gp, code), "Received");
    await gp.locator("main").getByRole("link", { name }).click();
    await gp.waitForURL(/\/sent\/./);
    await doesNotSay(gp, "In support", "ended", ...[secrets.shared, secrets.working, secrets.step, secrets.helped]);
    await gp.goto(at);
    await doesNotSay(gp, name, secrets.shared);
  },

  "contacts of every outcome stand in the story, and the one that was rearranged asks for when": (shared) => everyOutcome(shared, { js: true }),
  "contacts of every outcome: the same with JavaScript off": (shared) => everyOutcome(shared, { js: false }),

  "the GP hears that somebody is in support, and that it ended, once the person agreed to that": async (shared) => {
    const name = somebody("Ravensbourne");
    const gp = await signIn(shared, "Bridget Mahon");
    const code = await refer(gp, name);
    const worker = await signIn(shared, "Priya Nair");
    const at = await accept(worker, name);
    assert.equal(await whereItIs(gp, code), "Received");
    await consent(worker, at, { gp: "yes" });
    await recordContact(worker, at, { outcome: "done", shared: secrets.shared, working: secrets.working });
    assert.equal(await whereItIs(gp, code), "In support");
    const elsewhere = await signIn(shared, "Dr Ewan Castle");
    await elsewhere.goto("/sent");
    await doesNotSay(elsewhere, name, code);

    await worker.goto(`${at}/close`);
    await choose(worker, "reason", "sustained_return");
    await choose(worker, "work_status", "full");
    await press(worker, "Close the case");
    await says(worker, "Case closed");
    assert.equal(await whereItIs(gp, code), "Support has ended");
    await gp.locator("main").getByRole("link", { name }).click();
    await gp.waitForURL(/\/sent\/./);
    await doesNotSay(gp, secrets.shared, secrets.working, "Back at work, and staying");
  },

  "a referral is not for the service: the GP reads “not taken forward”, and not why": async (shared) => {
    const name = somebody("Merryweather");
    const gp = await signIn(shared, "Dr Ewan Castle");
    const code = await refer(gp, name);
    const worker = await signIn(shared, "Tom Whitaker");
    await worker.goto("/waiting");
    await tabFollow(worker, await worker.getByRole("link", { name }).getAttribute("href"));
    const at = new URL(worker.url()).pathname;
    await tabFollow(worker, `${at}/decline`);
    await says(worker, "The sender sees “not taken forward” and no reason");
    await tabChoose(worker, "reason", "changed_mind");
    await tabType(worker, "#note", secrets.reason);
    await tabPress(worker, "main .hr-acts button[type=submit]:not([name])");
    await says(worker, "Not taken forward");
    assert.equal(await whereItIs(gp, code), "Not taken forward");
    await gp.locator("main").getByRole("link", { name }).click();
    await gp.waitForURL(/\/sent\/./);
    await says(gp, "Not taken forward");
    await doesNotSay(gp, secrets.reason, "would rather not", "Tom Whitaker");
  },

  "people are handed over for leave, after a preview, and their working notes stay behind": (shared) => handOver(shared, { js: true }),
  "people are handed over: the same with JavaScript off": (shared) => handOver(shared, { js: false }),

  "people are handed over: the same by keyboard alone, after a call that nobody answered": async (shared) => {
    const name = somebody("Larkspur");
    await refer(await signIn(shared, "Dr Ewan Castle"), name);
    const worker = await signIn(shared, "Tom Whitaker");
    const at = await accept(worker, name);
    await consent(worker, at);
    await worker.goto(`${at}/contacts/new`);
    await tabChoose(worker, "outcome", "no_answer");
    await tabType(worker, "#minutes", "2");
    await tabPress(worker, "main .hr-acts button[type=submit]:not([name])");
    await says(worker, "Contact recorded", "No answer");
    await worker.goto("/hand-over");
    await tabSelect(worker, "#to_worker", await worker.locator("#to_worker option", { hasText: "Priya Nair" }).getAttribute("value"));
    await tabDate(worker, "from", 0);
    await tabDate(worker, "until", 2);
    await tabChoose(worker, "which", "some");
    await tabTick(worker, `#${await worker.getByLabel(new RegExp(`^${name},`)).getAttribute("id")}`);
    await tabPress(worker, "main .hr-acts button[type=submit]:not([name])");
    await says(worker, "Nothing has been handed over yet", name);
    await tabPress(worker, "main .hr-acts button[type=submit]");
    await says(worker, "1 of 1 handed over", name);
  },

  "the mentor sees what waits too long": async (shared) => {
    const page = await signIn(shared, "Leila Haddad");
    await page.goto("/today");
    await says(page, "Referrals that wait too long", "Mei-Ling Chau", "Waiting too long for a first contact", "Vikram Chaudhry");
    await page.goto("/workload");
    await says(page, "Priya Nair", "Tom Whitaker", "Nobody works with them yet", "Tomasz Zieliński");
  },

  "the administrator meets nobody's name and no word of a note": async (shared) => {
    const name = somebody("Winterbourne");
    const code = await refer(await signIn(shared, "Dr Ruth Adeyemi"), name, secrets.reason);
    const worker = await signIn(shared, "Priya Nair");
    const at = await accept(worker, name);
    await consent(worker, at);
    await recordContact(worker, at, { outcome: "done", shared: secrets.shared, working: secrets.working });
    const page = await signIn(shared, "administrator");
    const clinical = [name, ...Object.values(secrets), "Maya Okonkwo", "Okonkwo", "Nathan Ogden", "Tracey Lomas", "graded return", "07700 900"];
    for (const path of ["/accounts", "/organisation", "/organisation/practices", "/organisation/employers", "/audit", "/jobs", "/retention"]) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 200, path);
      await doesNotSay(page, ...clinical);
    }
    for (const path of [at, `${at}/contacts/new`, `${at}/consent`, "/people", "/waiting", "/cases", "/closed", "/today", "/search", "/safety", "/complaints", "/workload", "/programme", "/sent", "/refer"]) {
      const answer = await page.goto(path);
      assert([403, 404].includes(answer.status()), `${path} answers an administrator with ${answer.status()}`);
      await doesNotSay(page, ...clinical, code);
    }
  },
};
