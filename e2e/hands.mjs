// What journeys do with a browser: sign in, look for words, check a page with axe.
import axe from "axe-core";
import assert from "node:assert/strict";

/** The rules that axe looks at: WCAG 2.2 A and AA, and its own good practice. It is asked in the page itself, and only for what is wrong: all it could tell takes it twice as long. */
const rules = {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  resultTypes: ["violations"],
};

/** A page at a telephone's or a desk's width, with or without JavaScript. */
export async function open({ browser, address }, { width = 1280, js = true } = {}) {
  const context = await browser.newContext({ baseURL: address, viewport: { width, height: 900 }, javaScriptEnabled: js });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => {
    throw new Error(`a script failed on ${page.url()}: ${error.message}`);
  });
  return page;
}

/** The demonstration's account of a role, or of a name. */
export function account({ accounts }, who) {
  const found = accounts.find((a) => a.name === who || a.role === who);
  assert(found, `no account for ${who}`);
  return found;
}

export async function signIn(shared, who, how = {}) {
  const page = await open(shared, how);
  const { email, password } = account(shared, who);
  await page.goto("/sign-in");
  await page.fill("#email", email);
  await page.fill("#password", password);
  await page.click("main button[type=submit]");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return page;
}

export async function says(page, ...words) {
  const text = await page.locator("body").innerText();
  for (const word of words) assert(text.includes(word), `${page.url()} does not say “${word}”:\n${text.slice(0, 1500)}`);
}

export async function doesNotSay(page, ...words) {
  const html = await page.content();
  for (const word of words) assert(!html.includes(word), `${page.url()} says “${word}” and must not`);
}

/** Axe finds nothing, nothing scrolls sideways, there is one h1, and it comes before the other headings. */
export async function isWellMade(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate((asked) => window.axe.run(asked), rules);
  const found = violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join("; ")})`);
  assert.deepEqual(found, [], `axe on ${page.url()}`);
  const headings = await page.locator("main h1").count();
  assert.equal(headings, 1, `${page.url()} has ${headings} first headings`);
  // A desk's page zoomed to 200% and to 400% has as much room as 640 and 320 pixels (WCAG 1.4.4 and 1.4.10).
  const usual = page.viewportSize();
  for (const width of [usual.width, 640, 320]) {
    if (width !== page.viewportSize().width) await page.setViewportSize({ ...usual, width });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert(wide <= 0, `${page.url()} scrolls sideways by ${wide} pixels at ${width}`);
  }
  await page.setViewportSize(usual);
}

/** Goes to an element with the Tab key alone. */
export async function tabTo(page, selector, most = 80) {
  for (let n = 0; n < most; n += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
  }
  throw new Error(`${selector} cannot be reached with the Tab key on ${page.url()}`);
}

/** Types into a field that was reached with the Tab key. */
export async function tabType(page, selector, words) {
  await tabTo(page, selector);
  await page.keyboard.type(words);
}
