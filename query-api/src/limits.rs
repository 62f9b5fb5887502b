//! Every limit on what a query may ask for. Exceeding one is always an error with a code of its own.

/// Most bytes of a request's body, and of the query string of a GET.
pub const BODY_BYTES_MAX: usize = 128 * 1024;
/// Most tokens (names, values, punctuation) in a document. The introspection query of common tools has about 400.
pub const TOKENS_MAX: usize = 4_000;
/// Most brackets that may be open at once in a document: selection sets, arguments, lists and objects together.
pub const NESTING_MAX: usize = 32;
/// Most fragments in a document.
pub const FRAGMENTS_MAX: usize = 100;
/// Most operations in a document; only one of them runs.
pub const OPERATIONS_MAX: usize = 20;
/// Most selections (fields and fragments) once every fragment is put in its place.
pub const SELECTIONS_MAX: usize = 1_000;
/// Most aliases once every fragment is put in its place.
pub const ALIASES_MAX: usize = 100;
/// Most directives in a document.
pub const DIRECTIVES_MAX: usize = 50;
/// Most directives on one field.
pub const FIELD_DIRECTIVES_MAX: usize = 5;
/// Most levels of fields. The introspection query of common tools has 14.
pub const DEPTH_MAX: usize = 16;
/// Most lists of fields or types inside one another in an introspection query, the same number as in `graphql-js`.
pub const INTROSPECTION_LISTS_MAX: usize = 3;
/// Most fields that an answer may have, every connection counted with its page size.
pub const COMPLEXITY_MAX: usize = 10_000;
/// What a plain list (variants, lines, images) is taken to hold when complexity is counted.
pub const LIST_WEIGHT: usize = 5;
/// What a list of a text's translations, or of the currencies of a price, is taken to hold.
pub const TRANSLATIONS_WEIGHT: usize = 2;
/// What looking one thing up by its name costs beside its fields.
pub const LOOKUP_WEIGHT: usize = 20;
/// What counting a whole list costs, for each row of the page beside it.
pub const COUNT_WEIGHT: usize = 5;
/// What the facets of a list cost, for each row of the page beside them.
pub const FACETS_WEIGHT: usize = 15;
/// How often one request may ask the search index: pages, counts, facets, suggestions and related products.
pub const SEARCHES_MAX: usize = 20;
/// What suggestions cost beside their fields.
pub const SUGGESTIONS_WEIGHT: usize = 200;
/// Suggestions when the query does not say how many.
pub const SUGGESTIONS_DEFAULT: usize = 5;
/// Related products when the query does not say how many.
pub const RELATED_DEFAULT: usize = 4;
/// What asking for the stock of one variant costs.
pub const STOCK_WEIGHT: usize = 2;
/// Most values in the variables of a request, lists and objects counted with what is in them.
pub const VARIABLE_VALUES_MAX: usize = 1_000;
/// Most errors in one answer; what comes after them says nothing new.
pub const ERRORS_MAX: usize = 20;
/// Most rows on one page of a connection.
pub const PAGE_ROWS_MAX: usize = 100;
/// Rows on a page when the query does not say.
pub const PAGE_ROWS_DEFAULT: usize = 20;
/// Most characters of a cursor.
pub const CURSOR_CHARS_MAX: usize = 1_024;
/// Most characters of an id, a slug or an order number in an argument.
pub const KEY_CHARS_MAX: usize = 256;
/// Most bytes of a header that says how to answer (language, currency, country, token).
pub const HEADER_BYTES_MAX: usize = 8 * 1024;
/// Most languages of `Accept-Language` that are looked at.
pub const LANGUAGES_MAX: usize = 20;
/// How long all resolvers of one request together wait for what its consistency token asks for.
pub const CONSISTENCY_WAIT_MS_MAX: u64 = 2_000;
/// How long a client may take to send a request's body.
pub const BODY_MS_MAX: u64 = 10_000;
/// Most personal fields that may wait for the store of keys at once; further ones wait for them.
pub const KEYS_READ_AT_ONCE_MAX: usize = 32;
/// How long all personal fields of a request may wait for their turn to ask the store of keys.
pub const KEY_WAIT_MS_MAX: u64 = 2_000;
/// How long one query may take.
pub const QUERY_MS_MAX: u64 = 10_000;
/// Most documents that are kept parsed.
pub const DOCUMENTS_KEPT_MAX: usize = 512;
/// Longest document that is kept parsed.
pub const DOCUMENT_KEPT_BYTES_MAX: usize = 16 * 1024;
/// Most categories of which one list shows the products together, and most that are listed side by side.
pub const CATEGORIES_MERGED_MAX: usize = 500;
/// Most bytes of all answers that are kept.
pub const ANSWERS_KEPT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Largest answer that is kept.
pub const ANSWER_KEPT_BYTES_MAX: usize = 128 * 1024;
/// Most days that sales are summed over: a year.
pub const SALES_DAYS_MAX: usize = 366;
/// Most orders that are read to sum sales; they are read anew for each question.
pub const SALES_ORDERS_MAX: usize = 200_000;
/// Partitions of sales, a day each, that are read at once for one question.
pub const SALES_PARTITIONS_AT_ONCE: usize = 8;
/// What summing sales costs beside its fields: a request can do it a few times.
pub const SALES_WEIGHT: usize = 2_000;
/// What a list of days is taken to hold when complexity is counted.
pub const SALES_DAYS_WEIGHT: usize = 31;
/// Most products in a list of those that were sold most.
pub const TOP_PRODUCTS_MAX: usize = 100;
/// Products in a list of those that were sold most when the query does not say.
pub const TOP_PRODUCTS_DEFAULT: usize = 10;
/// Most open carts that are counted.
pub const OPEN_CARTS_MAX: usize = 100_000;
/// What counting open carts costs.
pub const OPEN_CARTS_WEIGHT: usize = 1_000;

/// Most events of one stream that `why` tells of.
pub const WHY_STEPS_MAX: usize = 1_000;
/// What asking why costs beside its fields.
pub const WHY_WEIGHT: usize = 500;
/// Longest text of an `asOf`.
pub const AS_OF_CHARS_MAX: usize = 64;
/// Most sockets and streams of events at once; who comes later is refused. A stream holds its connection, so there are
/// fewer of them than connections: requests still get in when all listen that may.
pub const SOCKETS_MAX: usize = 6_144;
/// Most subscriptions of one WebSocket at once.
pub const SUBSCRIPTIONS_MAX: usize = 32;
/// Most bytes of a message that a WebSocket takes.
pub const MESSAGE_BYTES_MAX: usize = 128 * 1024;
/// Most bytes of the name that a client gives to a subscription.
pub const SUBSCRIPTION_ID_BYTES_MAX: usize = 128;
/// How long a WebSocket may take to say who it is.
pub const INIT_MS_MAX: u64 = 5_000;
/// How often a WebSocket is asked whether it is still there; one that says nothing for two of these is closed.
pub const PING_MS: u64 = 25_000;
/// How long one message may take to be taken by the other side.
pub const SEND_MS_MAX: u64 = 20_000;
/// How long a subscription waits for the read models to pass an event; then it ends, and goes on from its cursor.
pub const EVENT_WAIT_MS_MAX: u64 = 10_000;
/// Most SKUs that one subscription follows.
pub const SKUS_MAX: usize = 100;
/// Most characters of a cursor of live updates: it names a place in each shard that is followed.
pub const LIVE_CURSOR_CHARS_MAX: usize = 48 * 1024;
/// Most commits that wait in memory for one reader of live updates; who is further behind is told so and begins again
/// at its cursor.
pub const FEED_COMMITS_MAX: usize = 256;
/// Most readers that read the log from a cursor at once; further ones wait for them.
pub const REPLAYS_AT_ONCE_MAX: usize = 8;
/// Most commits that a cursor of a subscription may lie back, in all its shards together; admins may read everything
/// again with `GET /v1/events`.
pub const REPLAY_COMMITS_MAX: u64 = 1_000_000;
/// How long a reader of live updates waits for a shop that has just been started.
pub const LIVE_READY_MS_MAX: u64 = 5_000;
/// Most lines on one page of `GET /v1/stock/{sku}/ledger`.
pub const LEDGER_PAGE_MAX: usize = 1_000;
/// Lines on a page of a ledger when the request does not say.
pub const LEDGER_PAGE_DEFAULT: usize = 100;
/// Most events on one page of `GET /v1/events`.
pub const EVENTS_PAGE_MAX: usize = 1_000;
/// Events on a page of `GET /v1/events` when the request does not say.
pub const EVENTS_PAGE_DEFAULT: usize = 100;
/// Most events from which `GET /v1/events?last=` begins; so many records of each shard are read for it at most.
pub const EVENTS_LAST_MAX: usize = 100;
/// Bytes of data after which a page of `GET /v1/events` ends, whatever its limit.
pub const EVENTS_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// How long a page of `GET /v1/events` is read for; then it ends with what there is.
pub const EVENTS_PAGE_MS_MAX: u64 = 5_000;
/// How often a stream of events without any says that it is still there.
pub const EVENTS_ALIVE_MS: u64 = 15_000;
