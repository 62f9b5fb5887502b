//! How long a search takes among 100,000 products, beside the bare full-text table in the same file.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use command_api::Request;
use domain::Command;
use domain::catalog::category::Command as CategoryCommand;
use domain::catalog::product::{Command as ProductCommand, Description, OptionValue, VariantFacts};
use domain::value::{Attributes, CategoryId, Currency, LocalizedText, Money, ProductId, Sku, Slug};
use hdrhistogram::Histogram;
use projectors::{SEARCH_FOLDS, SearchFeed, SearchFeedParts};
use read_store::{ActiveGenerations, MemoryStore};
use rusqlite::{Connection, OpenFlags, params};
use search::{Criteria, Filter, Level, SearchFiles, SearchIndex, Slice, Sort};
use tempfile::TempDir;
use uuid::Uuid;

use super::commands_only::CommandSide;
use super::inside::{CALLERS, callers_until, opening};
use super::measure::{Effort, Failure};
use super::report::{against, heading, milliseconds, table, thousands};

mod whole_lists;

/// Products that are searched among.
const PRODUCTS: usize = 100_000;
/// Categories that they are placed in.
const CATEGORIES: usize = 100;
/// Vendors that they are by.
const VENDORS: usize = 500;
/// Words that their titles and descriptions are made of.
const WORDS: usize = 20_000;
/// Searches that are asked in turn.
const SEARCHES: usize = 500;
/// Products of a page.
const PAGE_ROWS: usize = 20;
/// How long folding the whole log may take.
const FOLD_DEADLINE: Duration = Duration::from_secs(600);
/// How much longer than the bare table a search may take.
const RATIO_MAX: f64 = 3.0;

/// How long one kind of question took, in microseconds.
struct Timed {
    what: &'static str,
    all: Histogram<u64>,
}

impl Timed {
    fn new(what: &'static str) -> Result<Self, Failure> {
        Ok(Self {
            what,
            all: Histogram::new(3)?,
        })
    }

    fn note(&mut self, begin: Instant) -> Result<(), Failure> {
        self.all.record(u64::try_from(begin.elapsed().as_micros())?.max(1))?;
        Ok(())
    }

    fn at(&self, quantile: f64) -> f64 {
        self.all.value_at_quantile(quantile) as f64
    }
}

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let data = TempDir::new()?;
    let side = CommandSide::start(data.path(), "http://bench").await?;
    fill(&side).await?;
    let files = SearchFiles::new(data.path(), SEARCH_FOLDS);
    let (feed, index, file, took) = fold(&side, files).await?;
    let raw = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut timed = [
        "the bare table: the best 20",
        "a page of 20 by relevance",
        "the same, narrowed and counted, with facets",
        "a category's page of 20, narrowed",
        "suggestions for a misspelt word",
    ]
    .into_iter()
    .map(Timed::new)
    .collect::<Result<Vec<_>, _>>()?;
    let searches: Vec<String> = (0..SEARCHES).map(search_text).collect();
    for _ in 0..effort.rounds {
        let end = Instant::now() + Duration::from_millis(effort.milliseconds);
        for (number, text) in searches.iter().enumerate().cycle() {
            if Instant::now() > end {
                break;
            }
            ask(&raw, &index, text, number, &mut timed).await?;
        }
    }
    let mut whole = whole_lists::QUESTIONS
        .into_iter()
        .map(Timed::new)
        .collect::<Result<Vec<_>, _>>()?;
    whole_lists::ask(&side, &feed, &index, &mut whole).await?;
    timed.extend(whole);
    side.stop().await?;
    feed.stop();
    print(&timed, took, std::fs::metadata(&file)?.len())
}

/// One search in every way.
async fn ask(
    raw: &Connection,
    index: &SearchIndex,
    text: &str,
    number: usize,
    timed: &mut [Timed],
) -> Result<(), Failure> {
    let [bare, page, facets, category, suggestions] = timed else {
        return Err("there are five questions".into());
    };
    let slice = Slice {
        limit: PAGE_ROWS + 1,
        ..Slice::default()
    };
    let begin = Instant::now();
    let words: Vec<String> = text.split(' ').map(|word| format!("\"{word}\"*")).collect();
    let mut statement = raw.prepare_cached("SELECT rowid FROM text WHERE text MATCH ?1 ORDER BY rank LIMIT ?2")?;
    let rows = statement.query_map(params![words.join(" AND "), i64::try_from(PAGE_ROWS + 1)?], |row| {
        row.get::<_, i64>(0)
    })?;
    let _ = rows.collect::<Result<Vec<_>, _>>()?;
    bare.note(begin)?;

    let begin = Instant::now();
    let _ = index
        .page(criteria(Some(text), Filter::default()), slice.clone())
        .await?;
    page.note(begin)?;

    let narrowed = || Filter {
        availability: vec![Level::InStock],
        vendors: vec![vendor(number)],
        ..Filter::default()
    };
    let begin = Instant::now();
    let asked = criteria(Some(text), narrowed());
    let _ = index.page(asked.clone(), slice.clone()).await?;
    let _ = index.count(asked.clone()).await?;
    let _ = index.facets(asked).await?;
    facets.note(begin)?;

    let begin = Instant::now();
    let in_category = Filter {
        category: Some(category_id(number % CATEGORIES)),
        ..narrowed()
    };
    let _ = index.page(criteria(None, in_category), slice).await?;
    category.note(begin)?;

    let begin = Instant::now();
    let misspelt: String = word(number).chars().rev().skip(1).collect();
    let _ = index.suggestions(misspelt, 5).await?;
    suggestions.note(begin)
}

fn criteria(query: Option<&str>, filter: Filter) -> Criteria {
    Criteria {
        query: query.map(str::to_owned),
        filter,
        sort: Sort::Relevance,
        currency: Currency::EUR,
        low_stock_threshold: 5,
    }
}

/// Writes categories and products to the log, a commit each.
async fn fill(side: &CommandSide) -> Result<(), Failure> {
    let next = Cell::new(0);
    let number = || next.replace(next.get() + 1);
    callers_until(&side.commands, CALLERS, CATEGORIES, &|| category_opened(number())).await?;
    next.set(0);
    callers_until(&side.commands, CALLERS, PRODUCTS, &|| product_published(number())).await
}

/// Folds the whole log into a new index, and says how long it took.
async fn fold(side: &CommandSide, files: SearchFiles) -> Result<(SearchFeed, SearchIndex, PathBuf, Duration), Failure> {
    let begin = Instant::now();
    let opened = files.open()?;
    let (index, file) = (opened.index.clone(), files.path(opened.writer.generation()));
    let feed = SearchFeed::start(SearchFeedParts {
        opened,
        files,
        log: side.log.clone(),
        follower: side.follower.clone(),
        store: Arc::new(MemoryStore::new()),
        active: ActiveGenerations::new(),
    })?;
    tokio::time::timeout(FOLD_DEADLINE, feed.wait_until_caught_up()).await?;
    Ok((feed, index, file, begin.elapsed()))
}

fn category_opened(number: usize) -> Request {
    let command = CategoryCommand::Open {
        slug: slug(&format!("category-{number}")),
        name: LocalizedText::of("en", &format!("Category {number}")),
        parent: None,
    };
    request(vec![Command::Category(category_id(number), command)])
}

fn product_published(number: usize) -> Request {
    let product = ProductId(Uuid::from_u128(1_000_000 + number as u128));
    let sku: Sku = format!("BENCH-{number}")
        .parse()
        .expect("the SKUs of the measurement are well formed");
    let facts = VariantFacts {
        options: vec![OptionValue {
            name: "Size".to_owned(),
            value: ["S", "M", "L", "XL"][number % 4].to_owned(),
        }],
        barcode: String::new(),
        weight_grams: 100,
        requires_shipping: true,
        tax_class: "standard".to_owned(),
        // Half of them are always there, the others are sold out.
        tracks_stock: number.is_multiple_of(2),
        image: None,
    };
    let price = Money {
        amount: i64::try_from(number % 5_000).unwrap_or(0) + 100,
        currency: Currency::EUR,
    };
    let commands = [
        ProductCommand::Draft {
            description: description(number),
        },
        ProductCommand::AddVariant {
            sku: sku.clone(),
            facts,
        },
        ProductCommand::SetPrice {
            sku,
            price,
            compare_at: None,
        },
        ProductCommand::PlaceInCategory {
            category: category_id(number % CATEGORIES),
        },
        ProductCommand::Publish,
    ];
    request(commands.map(|command| Command::Product(product, command)).into())
}

fn description(number: usize) -> Description {
    let words = |count: usize| {
        (0..count)
            .map(|place| word(number * 31 + place * 7))
            .collect::<Vec<_>>()
    };
    Description {
        slug: slug(&format!("bench-{number}")),
        title: LocalizedText::of("en", &words(4).join(" ")),
        description_html: LocalizedText::of("en", &format!("<p>{}</p>", words(40).join(" "))),
        vendor: vendor(number),
        attributes: Attributes::from([("Material".to_owned(), word(number % 50))]),
        tags: vec![word(number % 200), word(200 + number % 30)],
        seo_title: String::new(),
        seo_description: String::new(),
    }
}

/// A word; small numbers come back often, as in any language.
fn word(number: usize) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "ku", "ra", "le", "mi",
        "no", "tu",
    ];
    let scattered = number.wrapping_mul(2_654_435_761) % WORDS;
    // Squared: half of all words are among the first quarter.
    let mut rest = scattered * scattered / WORDS;
    let mut word = String::new();
    for _ in 0..4 {
        word.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    word
}

/// One word, or two of the same title.
fn search_text(number: usize) -> String {
    let product = number * (PRODUCTS / SEARCHES);
    if number.is_multiple_of(2) {
        word(product * 31)
    } else {
        format!("{} {}", word(product * 31), word(product * 31 + 7))
    }
}

fn vendor(number: usize) -> String {
    format!("Vendor {}", number % VENDORS)
}

fn category_id(number: usize) -> CategoryId {
    CategoryId(Uuid::from_u128(1 + number as u128))
}

fn slug(text: &str) -> Slug {
    text.parse().expect("the slugs of the measurement are well formed")
}

fn request(commands: Vec<Command>) -> Request {
    Request {
        commands,
        actor: "admin:bench".to_owned(),
        ..opening()
    }
}

fn print(timed: &[Timed], took: Duration, bytes: u64) -> Result<(), Failure> {
    let rate = PRODUCTS as f64 / took.as_secs_f64();
    let megabytes = bytes as f64 / (1 << 20) as f64;
    heading(
        "Search",
        &format!(
            "A log of {PRODUCTS} published products is folded into an empty search index at {} products, which takes \
             {megabytes:.0} MB. Then {SEARCHES} texts of one or two words are asked in turn, one at a time; beside \
             the index the bare full-text table of the same file, ordered by its own rank.",
            thousands(rate)
        ),
    )?;
    let mut lines = vec![
        ["question", "p50", "p99", "p50 against the bare table"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let bare = timed.first().map_or(f64::NAN, |bare| bare.at(0.5));
    for (place, one) in timed.iter().enumerate() {
        let ratio = one.at(0.5) / bare;
        let last = match place {
            0 => String::new(),
            1 => against(ratio, &format!("≤ {RATIO_MAX}"), ratio <= RATIO_MAX),
            _ => format!("{ratio:.2}×"),
        };
        lines.push(vec![
            one.what.to_owned(),
            milliseconds(one.at(0.5)),
            milliseconds(one.at(0.99)),
            last,
        ]);
    }
    table(&lines)
}
