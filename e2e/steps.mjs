// Steps that several journeys share: press a button, send a referral, take it to an open case with consent.
import assert from "node:assert/strict";
import { open, says, tabTo, tabType } from "./hands.mjs";

/** A name that no other journey of the run uses, so that every journey finds its own person. */
let people = 0;
export const somebody = (family) => `${["Olive", "Ned", "Ishbel", "Marek", "Tansy", "Joel", "Wren"][people++ % 7]} ${family}`;

/** Presses a button of the page by its words, and waits for the page that answers. */
export async function press(page, words) {
  const button = page.locator("main").getByRole("button", { name: words, exact: true }).first();
  await Promise.all([page.waitForNavigation(), button.click()]);
}

/** Presses a button with the keyboard alone, and waits for the page that answers. */
export async function tabPress(page, selector, most) {
  await tabTo(page, selector, most);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

/** Follows a link with the keyboard alone. */
export async function tabFollow(page, href) {
  await tabPress(page, `a[href="${href}"]`);
}

/** Reaches a group of radio buttons with Tab and chooses one with the arrow keys. */
export async function tabChoose(page, name, value) {
  await tabTo(page, `input[type=radio][name="${name}"]`);
  await page.keyboard.press("Space");
  for (let n = 0; n < 20; n += 1) {
    const chosen = await page.evaluate((of) => document.querySelector(`input[name="${of}"]:checked`)?.value, name);
    if (chosen === value) return;
    await page.keyboard.press("ArrowDown");
  }
  throw new Error(`${name} has no “${value}” on ${page.url()}`);
}

/** Reaches a box to tick with Tab, and ticks it unless it is ticked. */
export async function tabTick(page, selector) {
  await tabTo(page, selector);
  if (!(await page.locator(selector).isChecked())) await page.keyboard.press("Space");
}

/** Reaches a list with Tab and goes down to a value with the arrow keys. */
export async function tabSelect(page, selector, value) {
  await tabTo(page, selector);
  await page.keyboard.press("Home");
  for (let n = 0; n < 40; n += 1) {
    if ((await page.inputValue(selector)) === value) return;
    await page.keyboard.press("ArrowDown");
  }
  throw new Error(`${selector} has no “${value}” on ${page.url()}`);
}

/** Reaches a field with Tab and types over what stands in it. */
export async function tabRetype(page, selector, words) {
  await tabTo(page, selector);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(words);
}

/** The button that sends the page's main form. */
export const send = "main .hr-acts button[type=submit]:not([name])";

/** Opens a folded part of the page with the keyboard alone. */
export async function tabOpen(page, words) {
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((w) => document.activeElement?.matches("summary") && document.activeElement.textContent.includes(w), words)) {
      await page.keyboard.press("Enter");
      return;
    }
  }
  throw new Error(`“${words}” cannot be reached with the Tab key on ${page.url()}`);
}

/** Ticks a radio button or a box, which nhsuk-frontend draws by its label. */
export async function choose(page, name, value) {
  await page.locator(`main input[name="${name}"][value="${value}"]`).check();
}

export const reference = /HR-[2-9A-Z]{4}-[2-9A-Z]{2}/;

/** The reference that a page shows, as the person would read it out. */
export async function readReference(page) {
  const [found] = (await page.locator("main").innerText()).match(reference) ?? [];
  assert(found, `${page.url()} shows no reference`);
  return found;
}

const british = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London" });

/** A day so many days from today where the service is, as midnight of that day in UTC: clock changes move no day. */
export function dateIn(days) {
  const [day, month, year] = british.format(Date.now()).split("/").map(Number);
  return new Date(Date.UTC(year, month - 1, day + days));
}

/** Day, month and year of a day so many days from today, as people type them. */
export function dayIn(days) {
  const there = dateIn(days);
  return [there.getUTCDate(), there.getUTCMonth() + 1, there.getUTCFullYear()].map(String);
}

export async function fillDate(page, name, days) {
  const [day, month, year] = dayIn(days);
  await page.fill(`[name=${name}_day]`, day);
  await page.fill(`[name=${name}_month]`, month);
  await page.fill(`[name=${name}_year]`, year);
}

/** Consent to take part and to be contacted, and to nothing else, with the keyboard alone, on the page that is open. */
export async function tabConsent(page) {
  await tabTick(page, "#checked_who");
  await tabChoose(page, "safe_to_talk", "yes");
  for (const told of ["privacy_notice", "limits"]) await tabTick(page, `#${told}`);
  for (const asked of ["take_part", "contact"]) await tabChoose(page, asked, "yes");
  for (const asked of ["research", "share_gp", "share_employer"]) await tabChoose(page, asked, "no");
  await tabChoose(page, "mode", "spoken");
  await tabPress(page, "main button[type=submit]:not([name])");
  await says(page, "Consent recorded");
}

export async function tabDate(page, name, days) {
  const [day, month, year] = dayIn(days);
  await tabType(page, `[name=${name}_day]`, day);
  await tabType(page, `[name=${name}_month]`, month);
  await tabType(page, `[name=${name}_year]`, year);
}

/** What every referral by a professional needs, typed into the page that is open. */
export async function fillReferral(page, name, reason) {
  await page.fill("#name", name);
  await page.fill("#born_on", "14 2 1979");
  await page.fill("#phone", "07700 900461");
  await choose(page, "employment", "employed");
  await page.fill("#absent_since", dayIn(-30).join(" "));
  await choose(page, "fit_note", "no");
  await page.fill("#reason", reason);
  await choose(page, "agreed", "yes");
}

/** Refers somebody as the GP who is signed in, and gives the reference. */
export async function refer(page, name, reason = "Off a month and would like to talk it over.") {
  await page.goto("/refer");
  await fillReferral(page, name, reason);
  await press(page, "Send referral");
  await says(page, "Referral sent", name);
  return readReference(page);
}

/** Accepts the referral of somebody who waits, and gives the path of their case. */
export async function accept(page, name) {
  await page.goto("/waiting");
  await Promise.all([page.waitForURL(/\/referrals\//), page.locator("main").getByRole("link", { name }).click()]);
  await press(page, "Accept");
  assert.match(new URL(page.url()).pathname, /^\/cases\/[^/]+$/);
  return new URL(page.url()).pathname;
}

/** Records consent to take part, and to share with the GP or not. */
export async function consent(page, at, { gp = "no", employer } = {}) {
  await page.goto(`${at}/consent`);
  await choose(page, "checked_who", "yes");
  await choose(page, "safe_to_talk", "yes");
  await choose(page, "privacy_notice", "yes");
  await choose(page, "limits", "yes");
  await choose(page, "take_part", "yes");
  await choose(page, "contact", "yes");
  await choose(page, "share_gp", gp);
  if (employer) await choose(page, "share_employer", employer);
  await choose(page, "mode", "spoken");
  await press(page, "Save consent");
  await says(page, "Consent recorded");
}

/** Records a contact with what is given. */
export async function recordContact(page, at, { outcome, minutes = "10", shared = "", working = "", next = "" }) {
  await page.goto(`${at}/contacts/new`);
  await choose(page, "outcome", outcome);
  await page.fill("#minutes", minutes);
  await page.fill("#shared_note", shared);
  await page.fill("#working_note", working);
  await page.fill("#next_step", next);
  await press(page, "Save contact");
  await says(page, "Contact recorded");
}

/** Where a referral is, as its sender reads it. */
export async function whereItIs(page, code) {
  await page.goto("/sent");
  return page.locator("main tr", { hasText: code }).locator("td[data-label='Where it is']").innerText();
}

/** The paths of the links of main and of the navigation, without what stands behind # and what leaves the service. */
export async function linksOf(page) {
  const found = await page.locator("main a[href]:not([download]), nav a[href], header a[href]").evaluateAll((all) => all.map((a) => a.href));
  const { origin } = new URL(page.url());
  return found.map((href) => new URL(href)).filter((url) => url.origin === origin && url.pathname !== "/sign-out").map((url) => url.pathname + url.search);
}

/** The pages of a case about the assessment, questionnaires, the plan, fit notes and time off: those that are always there, and one of each kind that its lists lead to. */
export async function pagesOfTheWayBack(page, at) {
  const paths = [
    ...["", "/print", "/sections/story", "/obstacles/new", "/strengths/new", "/rulers", "/demands"].map((part) => `/assessment${part}`),
    ...["", "/new/phq-8", "/new/gad-7", "/new/wpai-gh"].map((part) => `/questionnaires${part}`),
    ...["", "/about", "/goals/new", "/actions/new", "/adjustments/new", "/return", "/changes", "/chain", "/print", "/conversation", "/conversation/words"].map((part) => `/plan${part}`),
    ...["", "/new", "/import"].map((part) => `/fit-notes${part}`),
    ...["", "/new", "/settle", "/pattern", "/sheet"].map((part) => `/absence${part}`),
    ...["/documents", "/documents/new", "/access", "/portal", "/messages", "/checkins"],
  ].map((part) => at + part);
  const id = "[0-9a-f-]{36}";
  const behind = {
    "/assessment": [`/sections/[a-z]+/history`, `/obstacles/${id}`, `/obstacles/${id}/review`, `/strengths/${id}/change`],
    "/assessment/rulers": [`/take-back/reading/${id}`],
    "/questionnaires": [`/questionnaires/${id}`],
    "/plan": ["/agree", `/goals/${id}`, `/actions/${id}`, `/actions/${id}/step`, `/adjustments/${id}`, `/adjustments/${id}/step`, "/return/\\d+", "/versions/\\d+"],
    "/fit-notes": [`/fit-notes/${id}`],
    "/documents": [`/documents/${id}`],
    "/absence": [`/facts/${id}/take-back`],
  };
  for (const [list, kinds] of Object.entries(behind)) {
    await page.goto(at + list);
    const links = await linksOf(page);
    for (const kind of kinds) paths.push(...links.filter((path) => new RegExp(`${kind}$`).test(path)).slice(0, 1));
  }
  return paths;
}

/** Opens the case of somebody whom the worker supports, and gives its address. */
export async function caseOf(page, name) {
  await page.goto("/people");
  await page.getByRole("link", { name, exact: true }).first().click();
  await says(page, name, "The story so far");
  return new URL(page.url()).pathname;
}

/** What the newest message of a kind says, as the demonstration keeps it. */
export async function captured(page, address, kind) {
  await page.goto(`${address}/messages`);
  const row = page.locator("tbody tr", { hasText: kind }).first();
  if (!(await row.locator("details").evaluate((d) => d.open))) await row.locator("summary").click();
  return row.locator(".nhsuk-details__text").innerText();
}

/** The path of the link to own pages that a message has in it. */
export const linkIn = (text) => text.match(/\/p\/\S+/)[0].replace(/[.)]$/, "");

/** Sets somebody's word, which another journey may have changed. */
export async function setWord(page, address, word) {
  await page.goto(`${address}/portal`);
  await page.locator("#checked_who").check();
  await page.fill("#word", word);
  await page.locator("main form[action$='/portal'] button[type=submit]").click();
  await says(page, "The word is set");
}

/** Opens own pages with a link and the word, in a browser that was never there. */
export async function openOwnPages(shared, link, word, how) {
  const phone = await open(shared, { width: 375, ...how });
  await phone.goto(link);
  await press(phone, "Open my pages");
  await phone.fill("#word", word);
  await press(phone, "Go on");
  return phone;
}
