// What stands in the way, and the way back: somebody of the demonstration who waits for a first assessment is taken to a return that lasts, in a browser.
import assert from "node:assert/strict";
import { isWellMade, says, signIn, tabTo, tabType } from "../hands.mjs";
import { accept, choose, consent, dateIn, dayIn, fillDate, pagesOfTheWayBack, press, refer, send, somebody, tabChoose, tabConsent, tabDate, tabFollow, tabOpen, tabPress, tabRetype, tabSelect, tabTick } from "../steps.mjs";

/** Days from today to a weekday (0 is Monday) of a week of the story. Week 0 lies 21 weeks before this one, so that week 19 is over on whatever day the journey runs. */
const on = (week, weekday) => (week - 21) * 7 + weekday - ((dateIn(0).getUTCDay() + 6) % 7);
const [mon, tue, wed, thu, sun] = [0, 1, 2, 3, 6];

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** "3 Jun 2026", as pages say it. */
const shown = (days) => {
  const [day, month, year] = dayIn(days);
  return `${day} ${months[month - 1]} ${year}`;
};

/*
Counted by hand. She works Monday to Thursday, 7½ hours a day, on bank holidays too. Asked for: Tuesday of week 0 to Sunday of week 19.

week   what was said                                  calendar days off   working days off   of
0      she was off from Tuesday on                    Tue-Sun      6      Tue-Thu      3      3 (Monday lies before)
1-6    note A: Monday of week 1 to Sunday of week 4
       note B: Wednesday of week 3 to Sunday of week 6
       12 days lie in both and count once             6 × 7       42      6 × 4       24     24
7      3¾ hours on Monday and Wednesday               Tue, Thu     2      ½ 1 ½ 1      3      4   2 part-days
8      3¾ hours on each of the four days                           0      4 × ½        2      4   4 part-days
9      7½ hours on Monday to Wednesday, none Thursday Thu          1      Thu          1      4
10-11  usual hours                                                 0                   0      8
12     at work on Monday, off again from Tuesday      Tue-Sun      6      Tue-Thu      3      4
13     off to Wednesday, at work on Thursday          Mon-Wed      3      Mon-Wed      3      4
14-19  at work                                                     0                   0     24
                                                      in all      60                  39     79 of 6 + 19 × 7 = 139 days

Two spells: weeks 0 to 6, and Tuesday of week 12 to Wednesday of week 13. Days without hours in weeks 7 and 9 belong to the graded return: 3, and 57 in the two spells.
First return: Monday of week 7. Off again: Tuesday of week 12.
The return that lasted: not Monday of week 10, since 28 days from it hold the days off again; Thursday of week 13 (28 days end on Wednesday of week 17).
*/
const counted = {
  "Working days off": "39 of 79 that they would normally have worked",
  "Part-days at work": "6 days",
  "Days off, weekends and all": "60 of 139. 3 of them in a return in steps, on days without hours",
  "Times off": "2",
  "First day back": shown(on(7, mon)),
  "Back for 4 weeks at their usual hours": `from ${shown(on(13, thu))}`,
  "Off again after a return": shown(on(12, tue)),
};
/** Each day by its letter, a week at a time, Monday first: O off sick, P part of the usual time (with the free days of such a week), W at work. */
const letters = ["OOOOOO", ...Array(6).fill("OOOOOOO"), "PPPPPPP", "PPPPPPP", "WWWPPPP", "WWWWWWW", "WWWWWWW", "WOOOOOO", "OOOWWWW", ...Array(6).fill("WWWWWWW")].join("");
/** From fit notes alone: weeks 1 to 6 are off, 42 days and 24 working days; the other 55 of the 79 nobody wrote a note for. */
const countedFromNotes = { "Working days off": "24 of 79 that they would normally have worked. Up to 79 if the 55 working days that nobody told us about were off too", "Days off, weekends and all": "42 of 139", "Times off": "1" };

/** The figures of a calendar page as they stand there. */
const figuresOf = async (page) => Object.fromEntries(await page.locator(".hr-figures > div").evaluateAll((all) => all.map((line) => [line.querySelector("dt").innerText.trim(), line.querySelector("dd").innerText.trim()])));

/** The address of a link by its words. */
const hrefOf = (page, name) => page.locator("main").getByRole("link", { name }).first().getAttribute("href");

const sections = {
  story: { happened: "An operation on my wrist, and then nobody said how you come back.", wants: "My own desk, and to finish a month end again." },
  health: { body: "The wrist aches after an hour of typing.", mind: "I make lists and do nothing on them." },
  work: { job: "Payroll officer. Month end is four days that cannot move.", manager: "Kind, and afraid to ring me.", offered: "“Take your time.”" },
  home: { home: "My sister lives round the corner.", money: "Half pay from next month." },
  helps: { helps: "Walking early. Lists, when they are short." },
  fears: { fears: "That they manage without me." },
};

const obstacles = [
  { words: "My wrist aches after an hour of typing", kind: "health", degree: "2" },
  { words: "If I make a mistake in month end, everybody sees it", kind: "thoughts", degree: "3" },
  { words: "Nobody at work has said how I would come back", kind: "workplace", degree: "2" },
];

/** Records time off or a return by keyboard, on the page of time off. */
async function tabTell(page, at, { what, who = "person", from, until, hours = [] }) {
  await tabFollow(page, `${at}/absence/new`);
  await tabChoose(page, "what", what);
  await tabChoose(page, "who", who);
  await tabDate(page, "from", from);
  if (until !== undefined) await tabDate(page, "until", until);
  if (hours.length) {
    await tabOpen(page, "Hours on each day");
    for (const [n, typed] of hours.entries()) await tabType(page, n ? `#hours-${n}` : "#hours", typed);
  }
  await tabPress(page, send);
  await says(page, "Recorded. The calendar is up to date.");
}

/** Records a fit note by keyboard, from the page of fit notes. */
async function tabNote(page, at, { assessed, until, condition }) {
  await tabFollow(page, `${at}/fit-notes/new`);
  await tabDate(page, "assessed", assessed);
  await tabType(page, "#condition", condition);
  await tabChoose(page, "fitness", "not_fit");
  await tabDate(page, "until", until);
  await tabChoose(page, "reassess", "not_stated");
  await tabSelect(page, "#profession", "doctor");
  await tabSelect(page, "#source", "shown");
  await tabChoose(page, "seen", "recorder");
  await tabPress(page, send);
  await says(page, "Fit note recorded");
}

/** Moves an adjustment on by keyboard, from the plan. */
async function tabMove(page, at, what, to, { words, by } = {}) {
  await page.goto(`${at}/plan`);
  await tabFollow(page, await hrefOf(page, new RegExp(`^Move on.*${what}`)));
  await tabChoose(page, "to", to);
  if (by) await tabChoose(page, "asked_by", by);
  if (words) await tabType(page, "#words", words);
  await tabPress(page, send);
}

export const journeys = {
  "from a first assessment to a return that lasts, by keyboard alone, and the calendar says what was counted by hand": async (shared) => {
    const page = await signIn(shared, "Priya Nair");
    await page.goto("/today");
    const at = await hrefOf(page, "Joanne Firth");
    await tabFollow(page, at);
    await says(page, "Joanne Firth", "Consent is not recorded yet");

    // The first call: consent, then the contact, then the assessment in the order in which she tells it.
    await tabFollow(page, `${at}/consent`);
    await tabConsent(page);
    await page.goto(at);
    await tabFollow(page, `${at}/contacts/new`);
    await tabChoose(page, "outcome", "done");
    await tabType(page, "#minutes", "50");
    await tabType(page, "#shared_note", "A first long talk. She told the whole of it, from the operation on.");
    await tabType(page, "#next_step", "A short list for her first week");
    await tabDate(page, "next", 7);
    await tabType(page, "#next_time", "10:30");
    await tabPress(page, send, 150);
    await says(page, "Contact recorded");

    await tabFollow(page, `${at}/assessment`);
    await says(page, "Nothing is written here yet. Ask what is getting in the way");
    for (const [section, topics] of Object.entries(sections)) {
      await tabFollow(page, `${at}/assessment/sections/${section}`);
      for (const [topic, words] of Object.entries(topics)) await tabType(page, `#${topic}`, words);
      await tabPress(page, send);
    }
    await says(page, "6 of 6 parts");
    await tabFollow(page, `${at}/assessment/obstacles/new`);
    for (const [n, { words, kind, degree }] of obstacles.entries()) {
      await tabType(page, "#words", words);
      await tabChoose(page, "kind", kind);
      await tabChoose(page, "in_the_way", degree);
      await tabChoose(page, "can_change", "partly");
      await tabPress(page, n + 1 < obstacles.length ? "button[name=then]" : send);
      await says(page, "Recorded what stands in the way");
    }
    await page.goto(`${at}/assessment`);
    await says(page, ...obstacles.map((o) => o.words));
    await isWellMade(page);

    for (const [slug, prefix, answers, figure] of [["phq-8", "phq", "21120110", "8 of 24"], ["gad-7", "gad", "1120111", "7 of 21"]]) {
      await page.goto(`${at}/questionnaires`);
      await tabFollow(page, `${at}/questionnaires/new/${slug}`);
      await tabChoose(page, "mode", "telephone");
      for (const [n, answer] of [...answers].entries()) await tabChoose(page, `a_${prefix}${n + 1}`, answer);
      await tabPress(page, send);
      await says(page, "Questionnaire saved", figure);
    }

    // The plan: what it is for, a goal, a class that is sent and taken up, five weeks, two adjustments.
    await page.goto(at);
    await tabFollow(page, `${at}/plan`);
    await tabFollow(page, `${at}/plan/about`);
    await tabChoose(page, "kind", "return");
    await tabType(page, "#wants", "To finish a month end again");
    await tabPress(page, send);
    await tabFollow(page, `${at}/plan/goals/new`);
    await tabType(page, "#words", "I can sit at my desk for a morning");
    await tabPress(page, send);
    await tabFollow(page, await hrefOf(page, /^Add something to try for:/));
    await tabTo(page, "#obstacle");
    await page.keyboard.type("My wrist");
    await tabType(page, "#what", "Hand class at the health centre");
    await tabChoose(page, "who", "service");
    await tabSelect(page, "#service", "exercise_class");
    await tabDate(page, "by", 14);
    await tabPress(page, send);
    await says(page, "Hand class at the health centre", "In the way:");
    for (const [state, went, words] of [["sent", "", "I rang them."], ["taken_up", "helped", "Six of us. I laughed."]]) {
      await tabFollow(page, await hrefOf(page, /^What happened.*Hand class/));
      await tabChoose(page, "state", state);
      if (went) await tabChoose(page, "went", went);
      await tabType(page, "#words", words);
      await tabPress(page, send);
    }
    await says(page, "Taken up", "Six of us. I laughed.");

    await tabFollow(page, `${at}/plan/return`);
    await tabRetype(page, "#usual_hours", "30");
    for (const day of ["mon", "tue", "wed", "thu"]) await tabTick(page, `input[name=usual_days][value=${day}]`);
    await tabDate(page, "starts", on(7, mon));
    await tabSelect(page, "#template", "four_weeks");
    await tabPress(page, "button[name=act][value=template]");
    await tabPress(page, "button[name=act][value=copy]", 200);
    assert.equal(await page.locator("main fieldset.hr-week").count(), 5);
    await tabSelect(page, "#pay-4", "full");
    await tabPress(page, send, 40);
    for (const week of [1, 2, 3, 4, 5]) assert.equal(await page.locator(`tr#week-${week}`).count(), 1, `week ${week}`);
    assert.equal(await page.locator("svg.hr-picture").count(), 1);
    await isWellMade(page);

    for (const [what, kind, why] of [["A keyboard that is split in two", "equipment", "I can type for a morning"], ["Somebody to check my first month end", "people", "I can do it without fear"]]) {
      await page.goto(`${at}/plan`);
      await tabFollow(page, `${at}/plan/adjustments/new`);
      await tabType(page, "#what", what);
      await tabChoose(page, "kind", kind);
      await tabType(page, "#why", why);
      await tabSelect(page, "#advice_from", "person");
      await tabPress(page, send);
      await says(page, what, "An idea");
    }
    await tabMove(page, at, "A keyboard", "agrees_to_ask");
    await tabMove(page, at, "A keyboard", "asked", { by: "person" });
    await tabMove(page, at, "A keyboard", "agreed", { words: "It comes on Friday." });
    await tabMove(page, at, "A keyboard", "in_place");
    await tabMove(page, at, "Somebody to check", "agrees_to_ask");
    await tabMove(page, at, "Somebody to check", "asked", { by: "person" });
    await tabMove(page, at, "Somebody to check", "partly", { words: "For the first one, not the second." });
    await says(page, "In place", "Partly agreed", "For the first one, not the second.");

    await tabFollow(page, `${at}/plan/agree`);
    await tabChoose(page, "how", "spoken");
    await tabType(page, "#why", "The first one");
    await tabPress(page, send);
    await page.goto(`${at}/plan`);
    await says(page, "Version 1", "nothing has changed");

    // Two notes that overlap: Monday of week 1 to Sunday of week 4, and Wednesday of week 3 to Sunday of week 6.
    await page.goto(at);
    await tabFollow(page, `${at}/fit-notes`);
    await tabNote(page, at, { assessed: on(1, mon), until: on(4, sun), condition: "After an operation on the wrist" });
    await page.goto(`${at}/fit-notes`);
    await tabNote(page, at, { assessed: on(3, wed), until: on(6, sun), condition: "After an operation on the wrist" });
    await page.goto(`${at}/fit-notes`);
    assert.equal(await page.locator("main table").count(), 1, "the two notes are one spell");
    await isWellMade(page);

    // What she tells, in the order in which it happened: the way back, off again, and back for good.
    await page.goto(at);
    await tabFollow(page, `${at}/absence`);
    await tabFollow(page, `${at}/absence/pattern`);
    await tabDate(page, "from", on(0, mon));
    for (const n of [0, 1, 2, 3, 4, 5, 6]) await tabRetype(page, n ? `#hours-${n}` : "#hours", n < 4 ? "7.5" : " ");
    await tabChoose(page, "bank_holidays_off", "no");
    await tabPress(page, send);
    await says(page, "Working days recorded");
    await tabTell(page, at, { what: "off", from: on(0, tue), until: on(0, sun) });
    await tabTell(page, at, { what: "part", from: on(7, mon), until: on(7, sun), hours: ["3.75", "", "3:45"] });
    await tabTell(page, at, { what: "part", from: on(8, mon), until: on(8, sun), hours: ["3.75", "3.75", "3.75", "3.75"] });
    await tabTell(page, at, { what: "part", from: on(9, mon), until: on(9, sun), hours: ["7.5", "7.5", "7.5"] });
    await tabTell(page, at, { what: "back", from: on(10, mon), until: on(12, mon) });
    await tabTell(page, at, { what: "off_again", from: on(12, tue), until: on(13, wed) });
    await tabTell(page, at, { what: "back", from: on(13, thu) });

    const ask = async (basis) => {
      await tabRetype(page, "#from", dayIn(on(0, tue)).join(" "));
      await tabRetype(page, "#until", dayIn(on(19, sun)).join(" "));
      await tabSelect(page, "#basis", basis);
      await tabPress(page, `form[action="${at}/absence"] button`);
    };
    const bases = await page.locator("#basis option").evaluateAll((all) => all.map((o) => o.value));
    await ask(bases[0]);
    assert.deepEqual(await figuresOf(page), counted);
    assert.equal((await page.locator("svg .hr-day__l").allTextContents()).join(""), letters);
    await isWellMade(page);
    // Her referral said “off” until it was sent; what she told later stands, and the page says so.
    await says(page, "Where we were told different things", "Counted as: at work");
    await ask(bases.at(-1));
    const fromNotes = await figuresOf(page);
    for (const [what, said] of Object.entries(countedFromNotes)) assert.equal(fromNotes[what], said, what);

    // What happened stands beside what was planned, and an obstacle eases.
    await page.goto(`${at}/plan`);
    await tabFollow(page, `${at}/plan/return/1`);
    await tabChoose(page, "went", "as_planned");
    for (const day of ["mon", "wed"]) await tabTick(page, `input[name=days][value=${day}]`);
    await tabType(page, "#hours", "7.5");
    await tabPress(page, send);
    await page.goto(`${at}/assessment`);
    await tabFollow(page, await hrefOf(page, new RegExp(`^Review.*${obstacles[0].words}`)));
    await tabChoose(page, "state", "easing");
    await tabChoose(page, "in_the_way", "1");
    await tabPress(page, send);
    await page.goto(`${at}/plan/chain`);
    await says(page, obstacles[0].words, "Hand class at the health centre", "Easing");

    // Every page of a case in which all of this is written down is well made, on a telephone and on a desk.
    const wrong = [];
    for (const path of [at, ...(await pagesOfTheWayBack(page, at))]) {
      assert.equal((await page.goto(path)).status(), 200, path);
      for (const width of [375, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await isWellMade(page).catch((error) => wrong.push(error.message));
      }
    }
    assert.deepEqual(wrong, []);
  },

  "the assessment, the plan, a fit note and time off work with JavaScript off": async (shared) => {
    const name = somebody("Wetherby-Stone");
    await refer(await signIn(shared, "Dr Ruth Adeyemi", { js: false }), name);
    const page = await signIn(shared, "Priya Nair", { js: false });
    const at = await accept(page, name);
    await consent(page, at);

    await page.goto(`${at}/assessment/sections/story`);
    await page.fill("#happened", "Without any script.");
    await press(page, "Save section");
    await says(page, "Section saved", "1 of 6 parts");
    await page.goto(`${at}/assessment/obstacles/new`);
    await page.fill("#words", "The stairs at work");
    await press(page, "Save draft");
    await says(page, "Draft saved");
    await page.goto(`${at}/assessment/obstacles/new`);
    assert.equal(await page.inputValue("#words"), "The stairs at work");
    await choose(page, "kind", "workplace");
    await choose(page, "in_the_way", "2");
    await choose(page, "can_change", "not_known");
    await press(page, "Save");
    await says(page, "Recorded what stands in the way", "The stairs at work");

    await page.goto(`${at}/plan/goals/new`);
    await page.fill("#words", "One whole day");
    await press(page, "Save goal");
    await says(page, "One whole day");
    await page.goto(`${at}/plan/return`);
    await page.fill("#usual_hours", "30");
    for (const day of ["mon", "tue", "wed", "thu"]) await choose(page, "usual_days", day);
    await page.selectOption("#template", "four_weeks");
    await press(page, "Fill in the weeks");
    await press(page, "Add a week like the last");
    await press(page, "Save the way back");
    assert.equal(await page.locator("tr#week-5").count(), 1);
    await says(page, "No date yet. That is a complete plan.");

    await page.goto(`${at}/fit-notes/new`);
    await fillDate(page, "assessed", -13);
    await fillDate(page, "until", 7);
    await choose(page, "fitness", "not_fit");
    await page.selectOption("#profession", "nurse");
    await choose(page, "seen", "nobody");
    await choose(page, "reassess", "not_stated");
    await press(page, "Record fit note");
    await says(page, "Fit note recorded");

    await page.goto(`${at}/absence/new`);
    await choose(page, "what", "part");
    await choose(page, "who", "person");
    await fillDate(page, "from", -1);
    await fillDate(page, "until", 0);
    await press(page, "Record");
    await says(page, "Recorded. The calendar is up to date.", "Where we were told different things");
  },
};
