"use strict";

// Everything the server says is set as text, never as HTML.

/** Products on one page of the shelf. */
const PAGE_PRODUCTS = 24;
/** Lines that the receipt keeps; older ones are torn off. */
const LINES_MAX = 200;
/** How long to wait before the roll is asked for again. */
const AGAIN_MS = 3000;

const at = (id) => document.getElementById(id);

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

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

function say(text) {
  at("roll-state").textContent = text;
}

function print(event) {
  const lines = at("lines");
  const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
  const line = element("li", undefined, "new");
  const time = element("time", new Date(event.time).toLocaleTimeString());
  time.dateTime = event.time;
  line.append(time, element("span", event.summary ?? event.type, "what"), element("span", event.subject, "whose"));
  line.title = event.type;
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

function follow() {
  const source = new EventSource("/v1/events");
  source.onopen = () => say("Live");
  source.onmessage = (message) => {
    if (message.data) print(JSON.parse(message.data));
  };
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED) {
      say("Waiting for the shop …");
      return;
    }
    // The server has said no: find out why, and try again unless it is for good.
    const isFinal = await explain().catch(() => false);
    if (!isFinal) setTimeout(follow, AGAIN_MS);
  };
}

at("more").addEventListener("click", stockShelf);
stockShelf();
follow();
