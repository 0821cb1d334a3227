// Pages that no link leads to: a first sign-in with one-time codes, what a red flag on a referral asks, and what two people see who change one thing.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { account, isWellMade, open, says, signIn } from "../hands.mjs";
import { accept, choose, consent, fillReferral, press, refer, somebody } from "../steps.mjs";

/** The code that an app shows now for a key (RFC 6238). */
function oneTimeCode(key) {
  const bits = [...key.replace(/\s/g, "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", secret).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A new service as it runs outside the demonstration, with one-time codes, and its first administrator, who was given a first password. */
async function newService({ binary, data }, email, first) {
  const there = `${data}-new`;
  const added = spawnSync(binary, ["account", "add", "--email", email, "--name", "Robin Ashdown", "--role", "administrator", "--scope", "all", "--password-stdin", "--data", there], { input: first });
  assert.equal(added.status, 0, String(added.stderr));
  const server = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--data", there], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  const address = await new Promise((resolve, reject) => {
    server.stderr.on("data", (chunk) => {
      said += chunk;
      const found = said.match(/"listen":"(127\.0\.0\.1:\d+)"/);
      if (found) resolve(`http://${found[1]}`);
    });
    server.on("exit", (code) => reject(new Error(`it ended with ${code}:\n${said}`)));
  });
  return { address, stop: () => server.removeAllListeners("exit").kill("SIGTERM") };
}

export const journeys = {
  "a first sign-in with one-time codes is well made on each page": async (shared) => {
    const email = "robin.ashdown@handrail.example";
    const first = "first borrowed words";
    const { address, stop } = await newService(shared, email, first);
    try {
      const page = await open({ ...shared, address }, { width: 375 });
      const signInWith = async (password) => {
        await page.goto("/sign-in");
        await page.fill("#email", email);
        await page.fill("#password", password);
        await page.click("main button[type=submit]");
      };
      await signInWith(first);
      await says(page, "Set up one-time codes");
      await isWellMade(page);
      await page.fill("#code", "123");
      await press(page, "Turn on one-time codes");
      await says(page, "There is a problem");
      await isWellMade(page);
      await page.fill("#code", oneTimeCode(await page.locator("main ol strong").innerText()));
      await press(page, "Turn on one-time codes");
      await says(page, "Keep your recovery codes");
      await isWellMade(page);
      const recovery = await page.locator("main code").first().innerText();
      await page.getByRole("link", { name: "I have kept them" }).click();
      await says(page, "Choose one that only you know");
      await isWellMade(page);
      const own = "quiet orange lantern";
      for (const [field, words] of [["#old", first], ["#new", own], ["#again", own]]) await page.fill(field, words);
      await press(page, "Change password");
      await says(page, "Robin Ashdown");
      await page.goto("/accounts/new");
      await page.fill("#name", "Ines Duarte");
      await page.fill("#email", "ines.duarte@handrail.example");
      await choose(page, "role", "administrator");
      await press(page, "Add account");
      await says(page, "Ines Duarte can sign in now.", "It is not shown again");
      await isWellMade(page);
      await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "Sign out" }).click()]);
      await signInWith(own);
      await says(page, "Enter your one-time code");
      await isWellMade(page);
      await page.fill("#code", recovery);
      await press(page, "Go on");
      await says(page, "Accounts");
    } finally {
      stop();
    }
  },

  "a red flag on a referral interrupts without losing a word, and is well made": async (shared) => {
    for (const width of [375, 1280]) {
      const gp = await signIn(shared, "Dr Ruth Adeyemi", { width });
      await gp.goto("/refer");
      const name = somebody("Fenwick-Hale");
      await fillReferral(gp, name, "Off since the fall");
      await gp.getByText("Red flags: anything that needs a clinician first").click();
      await choose(gp, "red_flags", "chest_pain");
      await press(gp, "Send referral");
      await says(gp, "You ticked something that needs a clinician first", "What to do now");
      await isWellMade(gp);
      await press(gp, "Back to the referral");
      assert.equal(await gp.inputValue("#name"), name);
      // It was ticked by mistake: without the tick the referral goes, and no draft of it is left.
      await gp.locator('main input[name="red_flags"][value="chest_pain"]').uncheck();
      await press(gp, "Send referral");
      await says(gp, "Referral sent", name);
      await gp.context().close();
    }
  },

  "a warning comes before a session ends, with a way to stay, and without one where it ends in any case": async (shared) => {
    const page = await open(shared, { width: 375 });
    const { email, password } = account(shared, "Priya Nair");
    await page.clock.install();
    await page.goto("/sign-in");
    await page.fill("#email", email);
    await page.fill("#password", password);
    await page.click("main button[type=submit]");
    await says(page, "Today");
    const warning = page.locator(".hr-timeout");
    assert(!(await warning.isVisible()));
    await page.clock.fastForward("28:10");
    await warning.waitFor();
    assert.match(await warning.innerText(), /signed out in 2 minutes/);
    assert.doesNotMatch(await warning.innerText(), /sign in again/);
    await isWellMade(page);
    await page.getByRole("button", { name: "Stay signed in" }).click();
    await warning.waitFor({ state: "hidden" });
    await page.clock.fastForward("11:30:00");
    await warning.waitFor();
    assert.match(await warning.innerText(), /you have to sign in again then/);
    assert(!(await page.getByRole("button", { name: "Stay signed in" }).isVisible()));
    await isWellMade(page);
  },

  "two people change one thing: whoever is second sees both, on a page that is well made": async (shared) => {
    const name = somebody("Underhill");
    await refer(await signIn(shared, "Dr Ruth Adeyemi"), name);
    const priya = await signIn(shared, "Priya Nair", { width: 375 });
    const at = await accept(priya, name);
    await consent(priya, at);
    const tom = await signIn(shared, "Tom Whitaker");
    for (const page of [priya, tom]) await page.goto(`${at}/person`);
    await tom.fill("#job", "Glazier");
    await press(tom, /^Save/);
    await priya.fill("#job", "Roofer");
    await press(priya, /^Save/);
    await says(priya, "while you had it open", "Glazier", "Roofer");
    await isWellMade(priya);
  },
};
