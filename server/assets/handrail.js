// Small help on top of pages that work without it: drafts save themselves, a timer counts minutes, a warning comes before time-out.
import { initAll } from "./nhsuk.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("nhsuk-frontend-supported");
initAll();

const post = (address, body) =>
  fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin", keepalive: true });

// Drafts: a second after typing stops.
for (const form of document.querySelectorAll("form[data-draft]")) {
  const said = form.querySelector(".hr-saved");
  let waiting;
  let sent = false;
  const save = async () => {
    waiting = undefined;
    if (sent) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("draft_path", location.pathname);
    try {
      const answer = await post(`/drafts/${form.dataset.draft}`, body);
      if (said) said.textContent = answer.ok ? `Draft saved at ${new Date().toTimeString().slice(0, 5)}` : "Draft not saved. What you typed is still here.";
    } catch {
      if (said) said.textContent = "No connection. What you typed is still here.";
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 1000);
  });
  form.addEventListener("submit", () => {
    sent = true;
    clearTimeout(waiting);
  });
  addEventListener("pagehide", () => waiting && save());
}

// The timer of a contact: counts up while the page is open, from the minutes that stand there, and stops when somebody types minutes.
// Each minute is written into its field as it passes, and the rest when the page is left: so they are in the draft, and not lost.
for (const button of document.querySelectorAll("[data-timer]")) {
  const field = document.getElementById(button.dataset.timer);
  const shown = button.parentElement.querySelector(".hr-timer");
  let before;
  let started;
  let ticking;
  const minutes = () => before + Math.max(1, Math.round((Date.now() - started) / 60000));
  const write = () => {
    if (field.value === String(minutes())) return;
    field.value = minutes();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const stop = () => {
    clearInterval(ticking);
    ticking = undefined;
    button.textContent = "Start timer";
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (ticking) {
      write();
      return stop();
    }
    before = Math.max(0, parseInt(field.value, 10) || 0);
    started = Date.now();
    button.textContent = "Stop timer";
    ticking = setInterval(() => {
      const s = Math.floor((Date.now() - started) / 1000);
      shown.textContent = `${before ? `${before} + ` : ""}${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
      if (s >= 60) write();
    }, 1000);
  });
  field.addEventListener("input", (event) => event.isTrusted && ticking && stop());
  button.form?.addEventListener("submit", () => ticking && (field.value = minutes()));
  // Before the draft's own listener, which saves what is waiting.
  addEventListener("pagehide", () => ticking && write(), { capture: true });
}

// Follow-up prompts under a ruler.
for (const ruler of document.querySelectorAll("[data-ruler]")) {
  const prompts = JSON.parse(ruler.dataset.ruler);
  const said = ruler.querySelector("[data-prompt]");
  ruler.addEventListener("change", (event) => {
    if (said && event.target.type === "radio") said.textContent = prompts[event.target.value] ?? "";
  });
}

// Questionnaires: a question that an earlier answer leaves out is put away, and an answer that may mean danger says at once what to do.
const answerOf = (form, name) => {
  const fields = [...form.elements].filter((f) => f.name === name && !f.matches(":disabled"));
  const one = fields.find((f) => (f.type === "radio" ? f.checked : true));
  return one ? one.value.trim() : "";
};
for (const form of document.querySelectorAll("form[data-draft]")) {
  const questions = form.querySelectorAll(".hr-q");
  if (!questions.length) continue;
  const look = () => {
    for (const question of questions) {
      if (question.dataset.when) {
        const asked = JSON.parse(question.dataset.when).every(([name, want]) => {
          const is = answerOf(form, name);
          return typeof want === "number" ? is !== "" && Number(is) > want : is === want;
        });
        question.hidden = !asked;
        for (const field of question.querySelectorAll("input, textarea")) field.disabled = !asked;
      }
      if (question.dataset.danger) {
        const name = question.querySelector("input").name;
        const said = question.querySelector("[data-danger-words]");
        said.hidden = !question.dataset.danger.split(" ").includes(answerOf(form, name));
      }
    }
  };
  form.addEventListener("change", (event) => {
    // An answer and "No answer" do not stand together.
    const blank = event.target.dataset.blank;
    if (blank && event.target.checked)
      for (const field of form.elements)
        if (field.name === blank) {
          if (field.type === "radio") field.checked = false;
          else field.value = "";
        }
    if (!blank && event.target.name?.startsWith("a_")) {
      const box = form.elements[`blank_${event.target.name.slice(2)}`];
      if (box) box.checked = false;
    }
    look();
  });
  form.addEventListener("input", look);
  look();
}

// A warning two minutes before a session ends, with a way to stay: not where it ends in any case, after many hours.
const warning = document.querySelector("[data-timeout-minutes]");
if (warning) {
  const limit = Number(warning.dataset.timeoutMinutes) * 60000;
  const end = Date.now() + Number(warning.dataset.endsInMinutes) * 60000;
  let last = Date.now();
  let ending = false;
  let shown = false;
  const stay = async () => {
    await post("/session/stay", new URLSearchParams());
    last = Date.now();
    warning.hidden = true;
    shown = false;
  };
  warning.querySelector("button").addEventListener("click", stay);
  document.addEventListener("input", () => {
    if (Date.now() - last > 60000 && !shown) stay();
  });
  setInterval(() => {
    if (ending) return;
    if (Date.now() > end - 120000) {
      ending = true;
      shown = true;
      warning.querySelector("[data-ending]").hidden = false;
      warning.querySelector("button").hidden = true;
      warning.hidden = false;
      warning.focus();
    } else if (!shown && Date.now() - last > limit - 120000) {
      shown = true;
      warning.hidden = false;
      warning.querySelector("button").focus();
    }
  }, 5000);
}
