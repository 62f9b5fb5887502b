//! The first look at a document: its raw text, in one pass, without recursion.
//!
//! The parser descends into every bracket, so a document that opens ten thousand of them must be refused before
//! the parser sees it. Where this scan and the parser could disagree about the end of a text, the scan refuses.

use super::DocumentError;
use crate::limits::{NESTING_MAX, TOKENS_MAX};

/// Checks the number of tokens and the nesting of brackets.
///
/// # Errors
/// Too many tokens, too many open brackets, or a text that never ends.
pub(crate) fn scan(document: &str) -> Result<(), DocumentError> {
    let mut rest = document.as_bytes();
    let (mut tokens, mut open_brackets) = (0_usize, 0_usize);
    while let Some(&first) = rest.first() {
        let length = match first {
            b' ' | b'\t' | b',' | b'\n' | b'\r' => {
                rest = &rest[1..];
                continue;
            }
            b'#' => {
                rest = &rest[comment_length(rest)..];
                continue;
            }
            b'"' => text_length(rest).ok_or(DocumentError::UnterminatedText)?,
            b'{' | b'[' | b'(' => {
                open_brackets += 1;
                1
            }
            b'}' | b']' | b')' => {
                open_brackets = open_brackets.saturating_sub(1);
                1
            }
            _ if is_word(first) => rest.iter().take_while(|byte| is_word(**byte)).count(),
            _ => 1,
        };
        rest = &rest[length..];
        tokens += 1;
        if tokens > TOKENS_MAX {
            return Err(DocumentError::TooManyTokens);
        }
        if open_brackets > NESTING_MAX {
            return Err(DocumentError::TooDeep);
        }
    }
    Ok(())
}

/// Names, numbers, and the bytes of characters that the parser will refuse or skip.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn comment_length(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()
}

/// The length of the text that begins here, its quotes included; none when it never ends.
fn text_length(rest: &[u8]) -> Option<usize> {
    if rest.starts_with(br#"""""#) {
        return block_text_length(rest);
    }
    let mut at = 1;
    loop {
        match rest.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn block_text_length(rest: &[u8]) -> Option<usize> {
    let mut at = 3;
    loop {
        let ahead = rest.get(at..)?;
        if ahead.starts_with(br#"""""#) {
            return Some(at + 3);
        }
        // An escaped end of text is not the end.
        at += if ahead.starts_with(br#"\""""#) { 4 } else { 1 };
        if ahead.is_empty() {
            return None;
        }
    }
}
