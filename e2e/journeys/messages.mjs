// Messages: what somebody chose, what was sent, a text that comes and is read, and stopping, without a script too.
import assert from "node:assert/strict";
import { doesNotSay, isWellMade, open, says, signIn } from "../hands.mjs";
import { press } from "../steps.mjs";

/** Opens the messages of somebody whom the worker supports. */
async function messagesOf(page, name) {
  await page.goto("/people");
  await page.getByRole("link", { name, exact: true }).first().click();
  await page.getByRole("link", { name: "Messages", exact: true }).first().click();
  await says(page, "Messages", name);
}

export const journeys = {
  "messages: a text comes, stands on Today, and is read": async (shared) => {
    for (const js of [true, false]) {
      const page = await signIn(shared, "Priya Nair", { width: 375, js });
      await messagesOf(page, "Maya Okonkwo");
      const words = js ? "Thursday would be better 🙂" : "Could we talk on Thursday?";
      await page.fill("#words", words);
      await press(page, "Send it");
      await says(page, "The text came", words, "To be read by");
      if (js) await isWellMade(page);
      await page.goto("/today");
      await says(page, "Texts to read", words);
      await messagesOf(page, "Maya Okonkwo");
      await page.locator(".hr-card", { hasText: words }).getByRole("button", { name: /I have read this/ }).click();
      await says(page, "Written down that you read it", "Read by Priya Nair");
      await page.context().close();
    }
  },
  "messages: the administrator sees what became of each, and what each kind says": async (shared) => {
    for (const width of [375, 1280]) {
      const page = await signIn(shared, "administrator", { width });
      for (const path of ["/messages", "/messages/templates"]) {
        await page.goto(path);
        await isWellMade(page);
        await doesNotSay(page, "Maya Okonkwo has", "07700");
      }
      await page.goto("/messages");
      await says(page, "Nothing is sent by this service yet", "Link to their own pages");
      await page.context().close();
    }
  },
  "messages: a mentor finds the texts of unknown numbers": async (shared) => {
    const page = await signIn(shared, "mentor", { width: 375 });
    await page.goto("/messages/unknown");
    await isWellMade(page);
    await says(page, "It's Kev, lost my old phone");
    await page.locator("[name=reference]").first().fill("HR-0000-00");
    await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: /Put it to this case/ }).first().click()]);
    await says(page, "There is a problem", "Enter the reference of one of your team’s cases");
    await isWellMade(page);
  },
  "messages: one press stops them, without a script or an account": async (shared) => {
    for (const js of [true, false]) {
      const page = await open(shared, { width: 375, js });
      await page.goto("/stop/not-a-link-that-was-ever-made");
      await says(page, "Stop these messages?");
      if (js) await isWellMade(page);
      await press(page, "Stop them");
      await says(page, "These messages are stopped");
      if (js) await isWellMade(page);
      assert.equal(new URL(page.url()).pathname, "/stop/not-a-link-that-was-ever-made");
      await page.context().close();
    }
  },
};
