"use strict";

// The token is kept nowhere.

const WHY = `query Why($stream: String!) {
  admin { why(stream: $stream) { version at actor begunBy command request event set { field value } gone unreadable } }
}`;
const NUMBERED = "query Numbered($number: String!) { order(number: $number) { uuid } }";

async function ask(query, variables) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${at("token").value.trim()}` },
    body: JSON.stringify({ query, variables }),
  });
  const body = await answer.json();
  const refusal = body.errors?.[0]?.message ?? body.detail;
  if (refusal) throw new Error(refusal);
  return body.data;
}

/** The stream that is meant: an order may be called by its number. */
async function named(text) {
  if (text.includes("/") || text === "shop") return text;
  const { order } = await ask(NUMBERED, { number: text });
  if (!order) throw new Error(`there is no order ${text}`);
  return `order/${order.uuid}`;
}

/** What happened, from the oldest, and which of it is looked at. */
let steps = [];

async function look() {
  at("note").textContent = "Looking …";
  at("story").hidden = true;
  try {
    const stream = await named(at("stream").value.trim());
    const { admin } = await ask(WHY, { stream });
    if (!admin) throw new Error("this is for those who run the shop: an access token of an admin shows it");
    if (admin.why.length === 0) throw new Error(`nothing has happened to ${stream}`);
    steps = admin.why;
    at("note").textContent = "";
    history.replaceState(null, "", `#${stream}`);
    document.title = `Why ${stream}`;
    list();
    at("story").hidden = false;
    show(steps.length - 1);
    at("slider").focus();
  } catch (error) {
    at("note").textContent = error.message;
  }
}

/** A step in a few words. */
function words(step) {
  return step.unreadable ? "cannot be read" : step.event.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

function list() {
  const lines = steps.map((step, index) => {
    const button = element("button");
    button.type = "button";
    button.append(element("span", step.version, "version"), element("span", words(step), "what"),
      element("span", undefined, "leader"), element("span", step.actor.split(":")[0], "actor"));
    button.addEventListener("click", () => show(index));
    const line = element("li");
    line.append(button);
    return line;
  });
  at("steps").replaceChildren(...lines);
  at("slider").max = steps.length;
}

/** The fields after a step, each with the step that set it. */
function stateAfter(index) {
  const fields = new Map();
  for (const step of steps.slice(0, index + 1)) {
    step.gone.forEach((field) => fields.delete(field));
    step.set.forEach(({ field, value }) => fields.set(field, { value, step }));
  }
  return fields;
}

function row(field, { value, step }, kind) {
  const line = element("tr", undefined, kind);
  const by = element("td", `${step.version} · ${words(step)} · ${step.begunBy}`, "by");
  by.title = `command ${step.command}, request ${step.request}`;
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  line.append(element("td", field), element("td", shown, "value"), by);
  return line;
}

function show(index) {
  const step = steps[index];
  at("slider").value = index + 1;
  at("slider").setAttribute("aria-valuetext", `${words(step)}, version ${step.version}`);
  at("moment-title").textContent = words(step);
  const facts = [
    ["when", new Date(step.at).toLocaleString([], { dateStyle: "medium", timeStyle: "medium", hour12: false })],
    ["who", step.begunBy === step.actor ? step.actor : `${step.actor}, for ${step.begunBy}`],
    ["command", step.command], ["request", step.request],
    ["version", `${step.version} of ${steps.at(-1).version}`],
  ];
  if (step.unreadable) facts.push(["unreadable", step.unreadable]);
  at("facts").replaceChildren(...facts.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));

  const before = stateAfter(index - 1);
  const fields = stateAfter(index);
  const inOrder = (one, other) => one[0].localeCompare(other[0], "en", { numeric: true });
  const rows = [...fields].sort(inOrder).map(([field, known]) => row(field, known, known.step === step ? "fresh" : ""));
  const gone = step.gone.map((field) => row(field, before.get(field), "gone"));
  at("fields").replaceChildren(...rows, ...gone);

  [...at("steps").children].forEach((line, number) => {
    line.classList.toggle("later", number > index);
    line.firstChild.toggleAttribute("aria-current", number === index);
    if (number === index) line.scrollIntoView({ block: "nearest" });
  });
}

function takeAddress() {
  const stream = decodeURIComponent(location.hash.slice(1));
  if (stream) at("stream").value = stream;
}

at("asked").addEventListener("submit", (event) => {
  event.preventDefault();
  look();
});
at("slider").addEventListener("input", () => show(at("slider").valueAsNumber - 1));
addEventListener("hashchange", () => {
  takeAddress();
  if (at("token").value) look();
});
takeAddress();
