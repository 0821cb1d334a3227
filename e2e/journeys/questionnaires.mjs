// Questionnaires in a browser: by keyboard, with and without JavaScript; an answer that may mean danger comes first.
import assert from "node:assert/strict";
import { doesNotSay, isWellMade, says, signIn } from "../hands.mjs";
import { accept, choose, consent, press, refer, somebody, tabChoose, tabPress } from "../steps.mjs";

async function newCase(shared, family, how) {
  const name = somebody(family);
  await refer(await signIn(shared, "Dr Ruth Adeyemi", how), name);
  const page = await signIn(shared, "Priya Nair", how);
  const at = await accept(page, name);
  await consent(page, at);
  return { page, at };
}

export const journeys = {
  "a worker fills in PHQ-8 and GAD-7 by keyboard alone, and sees figures and a line": async (shared) => {
    const { page, at } = await newCase(shared, "Hollins", { width: 1280 });
    for (const [slug, prefix, answers] of [["phq-8", "phq", "21120110"], ["phq-8", "phq", "11010010"], ["gad-7", "gad", "1120111"]]) {
      await page.goto(`${at}/questionnaires/new/${slug}`);
      await isWellMade(page);
      await tabChoose(page, "mode", "telephone");
      for (const [n, answer] of [...answers].entries()) await tabChoose(page, `a_${prefix}${n + 1}`, answer);
      await tabPress(page, "button[type=submit]:not([name]):not(.nhsuk-button--warning):not(.nhsuk-button--small)");
      await says(page, "Questionnaire saved", "It is not a diagnosis");
      await isWellMade(page);
    }
    await page.goto(`${at}/questionnaires`);
    await says(page, "8 of 24", "4 of 24", "7 of 21");
    assert.equal(await page.locator("svg.hr-chart").count(), 1);
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await isWellMade(page);
    }
  },

  "question 9 of the PHQ-9 says at once what to do, and nothing typed is lost": async (shared) => {
    const { page, at } = await newCase(shared, "Larkfield", { width: 375 });
    await page.goto(`${at}/questionnaires/new/phq-9`);
    await choose(page, "mode", "telephone");
    await choose(page, "a_phq1", "2");
    await choose(page, "a_phq9", "0");
    await doesNotShow(page, "Stop here and ask about safety now.");
    await choose(page, "a_phq9", "1");
    await says(page, "Stop here and ask about safety now.");
    await isWellMade(page);
    await press(page, "Save and get help now");
    await says(page, "A safety concern is raised: you are not alone with it.", "“Several days”", "What to do now");
    await page.goto(`${at}/questionnaires/new/phq-9`);
    assert(await page.locator("input[name=a_phq1][value='2']").isChecked());
    for (const n of [2, 3, 4, 5, 6, 7, 8]) await choose(page, `a_phq${n}`, "1");
    await press(page, "Save answers");
    await says(page, "Questionnaire saved", "10 of 27");
  },

  "a question that does not apply is put away, and without JavaScript it says when it applies": async (shared) => {
    const { page, at } = await newCase(shared, "Fernside", {});
    await page.goto(`${at}/questionnaires/new/wpai-gh`);
    assert(!(await page.locator("#a_hours_worked").isVisible()));
    await choose(page, "a_employed", "yes");
    assert(await page.locator("#a_hours_worked").isVisible());
    await page.fill("#a_hours_worked", "20");
    await page.fill("#a_hours_missed", "20");
    await page.fill("#a_hours_other", "0");
    await choose(page, "a_productivity", "5");
    await choose(page, "a_activities", "5");
    await choose(page, "mode", "interview");
    await press(page, "Save answers");
    await says(page, "50%", "75%");

    const plain = await signIn(shared, "Priya Nair", { js: false });
    await plain.goto(`${at}/questionnaires/new/wpai-gh`);
    await says(plain, "Only if the answer to question 1 is “Yes”.", "Only if the answer to question 1 is “Yes” and the answer to question 4 is more than 0.");
    await choose(plain, "mode", "interview");
    await choose(plain, "a_employed", "no");
    await choose(plain, "a_activities", "3");
    await press(plain, "Save answers");
    await says(plain, "Questionnaire saved", "its questions did not apply");
  },

  "the administrator sees licences and missing texts, and nobody's answers": async (shared) => {
    for (const width of [375, 1280]) {
      const page = await signIn(shared, "administrator", { width });
      await page.goto("/questionnaires");
      await says(page, "Text not supplied", "EuroQol Research Foundation");
      await doesNotSay(page, "Maya");
      await isWellMade(page);
    }
  },
};

async function doesNotShow(page, words) {
  assert.equal(await page.getByText(words).isVisible(), false, `${page.url()} shows “${words}”`);
}
