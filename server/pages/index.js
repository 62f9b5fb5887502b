"use strict";

/** Products on one page of the shelf. */
const PAGE_PRODUCTS = 24;
/** Lines of the past that the receipt begins with. */
const LINES_FIRST = 60;
/** Lines that the receipt keeps; older ones are torn off. */
const LINES_MAX = 300;
/** How far from its end the receipt may be scrolled and still follow what is printed, in pixels. */
const NEAR_END_PX = 40;
/** How long to wait before the roll is asked for again. */
const AGAIN_MS = 3000;

// --- the shelf ---------------------------------------------------------------------------------------------------

const SHELF = `query Shelf($first: Int!, $after: String) {
  products(first: $first, after: $after) {
    nodes { title slug availability featuredImage { url alt } priceRange { min { amount currency } max { amount } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

const AVAILABILITY = {
  IN_STOCK: "in stock", LOW_STOCK: "few left", BACKORDER: "comes later", OUT_OF_STOCK: "sold out",
};

async function ask(query, variables) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const body = await answer.json();
  if (!body.data) throw new Error(body.errors?.[0]?.message ?? body.detail ?? `status ${answer.status}`);
  return body.data;
}

function price(range) {
  if (!range) return "";
  const money = new Intl.NumberFormat(undefined, { style: "currency", currency: range.min.currency });
  const least = money.format(range.min.amount);
  return range.min.amount === range.max.amount ? least : `from ${least}`;
}

/** An address that may stand in an `img`: of this server, or of the web. */
function imageAddress(url) {
  const address = new URL(url, location.href);
  return ["http:", "https:"].includes(address.protocol) ? address.href : undefined;
}

function card(product) {
  const item = element("li");
  const address = product.featuredImage && imageAddress(product.featuredImage.url);
  if (address) {
    const image = element("img");
    image.src = address;
    image.alt = product.featuredImage.alt;
    image.loading = "lazy";
    item.append(image);
  } else {
    item.append(element("div", undefined, "blank"));
  }
  item.append(element("h3", product.title));
  const facts = element("p");
  facts.append(element("span", price(product.priceRange), "price"));
  facts.append(element("span", AVAILABILITY[product.availability] ?? ""));
  item.append(facts);
  return item;
}

let cursor = null;

async function stockShelf() {
  try {
    const { products } = await ask(SHELF, { first: PAGE_PRODUCTS, after: cursor });
    products.nodes.forEach((product) => at("shelf").append(card(product)));
    cursor = products.pageInfo.endCursor;
    at("more").hidden = !products.pageInfo.hasNextPage;
    at("products-note").textContent = at("shelf").children.length > 0 ? "" : "There is nothing on the shelf yet.";
  } catch (error) {
    at("products-note").textContent = `The shelf cannot be seen just now: ${error.message}`;
  }
}

// --- the roll ----------------------------------------------------------------------------------------------------

function say(text, isLive = false) {
  at("roll-state").textContent = text;
  at("roll-state").classList.toggle("live", isLive);
}

/** A text that ends in an amount, as "2 × Notebook at 9.50 EUR": what comes before it, and the amount. */
const PRICED = /^(.*?)(?:,| at| costs|:)? (\d+(?:\.\d+)? [A-Z]{3})$/;

/** "order/0190a1b2-…-4f2a12c3d4e5" is "order …d4e5"; a name that a person gave stays, the usual location goes. */
function shortened(subject) {
  return subject.replace("/main/", " ").replace("/", " ").replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){4}[0-9a-f]{4}([0-9a-f]{4})/g, "…$1");
}

function print(event, isNew) {
  const lines = at("lines");
  const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < NEAR_END_PX;
  const name = event.type.split(".").at(-1);
  const line = element("li", undefined, name === "OrderPlaced" ? "line order" : "line");
  if (isNew) line.classList.add("new");
  const time = element("time", new Date(event.time).toLocaleTimeString([], { hour12: false }));
  time.dateTime = event.time;
  const [, what, amount] = event.summary.match(PRICED) ?? [event.summary, event.summary];
  const right = amount ? element("span", amount, "amount") : element("span", shortened(event.subject), "whose");
  const said = element("a", what, "what");
  said.href = `/why#${encodeURI(event.subject)}`;
  line.append(time, said, element("span", undefined, "leader"), right);
  line.title = `${event.type}\n${event.subject}, version ${event.streamversion}`;
  line.dataset.id = event.id;
  lines.append(line);
  while (lines.children.length > LINES_MAX) lines.firstChild.remove();
  if (isAtEnd) lines.scrollTop = lines.scrollHeight;
}

/** Why the roll is not shown, in the words of the server. */
async function explain() {
  const answer = await fetch("/v1/events?limit=1");
  if (answer.ok) return false;
  if (answer.status === 401 || answer.status === 403) {
    say("The roll is not public here.");
    at("roll-end").textContent = "Where the shop runs, `tillroll log tail` prints it. With TILLROLL_PUBLIC_ROLL=true, a "
      + "browser on the same machine sees it here.";
  } else if (answer.status === 404) {
    say("This shop does not show its roll.");
  } else {
    say("The roll cannot be read just now.");
    return false;
  }
  return true;
}

/** Behind the last event that was printed. */
let place;

function follow() {
  // Whoever was here before goes on there; who has just come sees what happened last.
  const from = place ? `after=${encodeURIComponent(place)}` : `last=${LINES_FIRST}`;
  const source = new EventSource(`/v1/events?${from}`);
  const openedAt = Date.now();
  source.onopen = () => say("Live", true);
  source.onmessage = (message) => {
    place = message.lastEventId;
    const event = JSON.parse(message.data);
    print(event, Date.parse(event.time) >= openedAt);
  };
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED) {
      say("Waiting for the shop …");
      return;
    }
    // The server has said no: find out why, and try again unless it is for good. Maybe it is another shop by now.
    const isFinal = await explain().catch(() => false);
    if (isFinal) return;
    place = undefined;
    at("lines").replaceChildren();
    setTimeout(follow, AGAIN_MS);
  };
}

at("more").addEventListener("click", stockShelf);
stockShelf();
follow();
