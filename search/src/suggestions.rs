//! Suggestions: how a search text may go on, and what may have been meant.

use rusqlite::{Connection, params};
use strsim::osa_distance;

use crate::error::SearchError;
use crate::limits::{COMPLETIONS_MAX, QUERY_WORDS_MAX, SUGGESTIONS_MAX, WORDS_COMPARED_MAX};
use crate::words::{Wanted, folded, words};

/// A search text that finds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The text.
    pub text: String,
    /// Whether a word was replaced that nothing has; else the last word was only completed.
    pub is_correction: bool,
}

/// A word that may stand for another.
struct Candidate {
    word: String,
    is_correction: bool,
}

pub(crate) fn suggestions(connection: &Connection, query: &str, first: usize) -> Result<Vec<Suggestion>, SearchError> {
    let mut asked: Vec<String> = words(query).take(QUERY_WORDS_MAX).collect();
    let Some(last) = asked.pop() else {
        return Ok(Vec::new());
    };
    let mut before = Vec::new();
    let mut is_corrected = false;
    for word in asked {
        let nearest = if is_known(connection, &word)? {
            None
        } else {
            nearest(connection, &word)?.into_iter().next()
        };
        is_corrected |= nearest.is_some();
        before.push(nearest.unwrap_or(word));
    }
    let mut found: Vec<Suggestion> = Vec::new();
    for candidate in candidates(connection, &last)? {
        if found.len() == first.min(SUGGESTIONS_MAX) {
            break;
        }
        let words = before.iter().chain([&candidate.word]);
        let text = words.map(String::as_str).collect::<Vec<_>>().join(" ");
        let is_new = found.iter().all(|known| known.text != text);
        // A word of the vocabulary is found alone; several need not be found together.
        if is_new && (before.is_empty() || finds_something(connection, &text)?) {
            found.push(Suggestion {
                text,
                is_correction: is_corrected || candidate.is_correction,
            });
        }
    }
    Ok(found)
}

/// Completions first, those that most products have before others; then what comes close.
fn candidates(connection: &Connection, word: &str) -> Result<Vec<Candidate>, SearchError> {
    let candidate = |is_correction| move |word| Candidate { word, is_correction };
    let mut candidates: Vec<Candidate> = completions(connection, word)?
        .into_iter()
        .map(candidate(false))
        .collect();
    candidates.extend(nearest(connection, word)?.into_iter().map(candidate(true)));
    Ok(candidates)
}

fn completions(connection: &Connection, word: &str) -> Result<Vec<String>, SearchError> {
    let from = folded(word);
    let sql = "SELECT word FROM word WHERE folded >= ?1 AND folded < ?2
               ORDER BY folded = ?1 DESC, products DESC, word LIMIT ?3";
    let to = format!("{from}\u{10ffff}");
    let limit = i64::try_from(COMPLETIONS_MAX).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let words = statement.query_map(params![from, to, limit], |row| row.get(0))?;
    Ok(words.collect::<Result<_, _>>()?)
}

fn is_known(connection: &Connection, word: &str) -> Result<bool, SearchError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM word WHERE folded = ?1)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![folded(word)], |row| row.get(0))?)
}

/// How many letters of a word may be missing, too many, wrong or swapped with their neighbour.
fn mistakes_max(letters: usize) -> usize {
    match letters {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// The known words that come closest to one that is not, with few mistakes: the closest first, then those that
/// most products have.
fn nearest(connection: &Connection, word: &str) -> Result<Vec<String>, SearchError> {
    let asked = folded(word);
    let letters = asked.chars().count();
    let mistakes = mistakes_max(letters);
    if mistakes == 0 {
        return Ok(Vec::new());
    }
    let sql = "SELECT folded, word, products FROM word WHERE letters BETWEEN ?1 AND ?2 LIMIT ?3";
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let bounds = params![
        number(letters - mistakes),
        number(letters + mistakes),
        number(WORDS_COMPARED_MAX)
    ];
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(bounds)?;
    let mut near: Vec<(usize, i64, String)> = Vec::new();
    while let Some(row) = rows.next()? {
        let known = row.get_ref(0)?.as_str().unwrap_or_default();
        let distance = osa_distance(&asked, known);
        if (1..=mistakes).contains(&distance) {
            let products: i64 = row.get(2)?;
            near.push((distance, -products, row.get(1)?));
        }
    }
    near.sort();
    near.truncate(SUGGESTIONS_MAX);
    Ok(near.into_iter().map(|(_, _, word)| word).collect())
}

fn finds_something(connection: &Connection, text: &str) -> Result<bool, SearchError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM text WHERE text MATCH ?1)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![Wanted::of(text).expression()], |row| row.get(0))?)
}
