"use strict";

const welcome = `# Ask the shop. Ctrl-Enter runs what the cursor
# is in; the book at the left has the whole schema.
#
# Carts and orders are shown to who sends the cart's
# secret as the header Cart-Secret. What a command
# has just written is in the answer when its
# Consistency-Token is sent along.
# Commands are at /docs.

query Shelf {
  products(first: 5) {
    nodes {
      title
      slug
      availability
      priceRange { min { amount currency } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const live = `# Subscriptions go on until they are stopped. Run
# this one, let somebody buy something in a terminal
# (tillroll demo buy), and watch.
#
# Where the roll is not public it is for admins, with
# { "Authorization": "Bearer …" } as headers. What
# came meanwhile comes after a message's cursor:
# events(after: "…").

subscription Roll {
  events {
    name
    summary
    stream
    cursor
  }
}
`;

/** The questions of a storefront's pages, with their variables in their heads. */
const PAGES = ["product-page", "category-page", "cart-drawer", "checkout", "order"];

/** A document as a tab; the variables that its head names are put where they belong. */
async function tab(name) {
  const answer = await fetch(`/graphql/page/${name}.graphql`);
  const query = await answer.text();
  const variables = query.match(/^# Variables: (.*)$/m)?.[1];
  const needsSecret = ["cart-drawer", "checkout", "order"].includes(name);
  return { query, variables, headers: needsSecret ? '{ "Cart-Secret": "" }' : undefined };
}

/** This server, for WebSockets. */
function socketOrigin() {
  return location.origin.replace(/^http/, "ws");
}

async function open() {
  const pages = await Promise.all(PAGES.map(tab));
  const editor = React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql", subscriptionUrl: new URL("/graphql", socketOrigin()).href }),
    defaultTabs: [{ query: welcome }, ...pages, { query: live }],
    // A secret that was typed here is not to be found in the browser's store later.
    shouldPersistHeaders: false,
  });
  ReactDOM.createRoot(document.getElementById("ide")).render(editor);
}

open();
