//! Categories in a cell of a product file: paths of names from the top of the tree downwards, separated by commas:
//! `Clothing > Caps, Sale`. An address that does not follow from the name stands behind it in brackets: `Caps [hats]`.
//! A backslash takes the meaning off the character after it.

use domain::value::{SLUG_CHARS_MAX, Slug};

/// Characters that mean something between names.
const SIGNS: [char; 5] = ['\\', ',', '>', '[', ']'];

/// A category on the way down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its address.
    pub(crate) slug: String,
    /// Its name.
    pub(crate) name: String,
}

/// The cell of these paths.
pub(crate) fn written(paths: &[Vec<Step>]) -> String {
    let path = |path: &Vec<Step>| path.iter().map(step_written).collect::<Vec<_>>().join(" > ");
    paths.iter().map(path).collect::<Vec<_>>().join(", ")
}

fn step_written(step: &Step) -> String {
    let mut text = String::new();
    for character in step.name.chars() {
        if SIGNS.contains(&character) {
            text.push('\\');
        }
        text.push(character);
    }
    if slug::slugify(&step.name) != step.slug {
        text.push_str(" [");
        text.push_str(&step.slug);
        text.push(']');
    }
    text
}

/// The paths of a cell; those in which a step has no address that can be one are passed over.
pub(crate) fn read(cell: &str, line: impl Fn(&str) -> String) -> Vec<Vec<Step>> {
    let mut paths = vec![vec![Written::default()]];
    let mut is_in_brackets = false;
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        let Some(path) = paths.last_mut() else { continue };
        match character {
            ',' => paths.push(vec![Written::default()]),
            '>' => path.push(Written::default()),
            '[' | ']' => {}
            _ => {
                let meant = if character == '\\' {
                    characters.next()
                } else {
                    Some(character)
                };
                if let Some(step) = path.last_mut() {
                    let text = if is_in_brackets { &mut step.slug } else { &mut step.name };
                    text.extend(meant);
                }
            }
        }
        is_in_brackets = match character {
            '[' => true,
            ']' | ',' | '>' => false,
            _ => is_in_brackets,
        };
    }
    let path = |path: Vec<Written>| {
        let steps: Option<Vec<Step>> = path.into_iter().map(|step| step.step(&line)).collect();
        steps.filter(|steps| !steps.is_empty())
    };
    paths.into_iter().filter_map(path).collect()
}

/// A step as it stands there.
#[derive(Clone, Debug, Default)]
struct Written {
    name: String,
    slug: String,
}

impl Written {
    fn step(&self, line: impl Fn(&str) -> String) -> Option<Step> {
        let name = line(&self.name);
        let own = self.slug.trim();
        let slug = match own.parse::<Slug>() {
            Ok(_) => own.to_owned(),
            Err(_) => slug::slugify(&name),
        };
        let is_address = !name.is_empty() && !slug.is_empty() && slug.len() <= SLUG_CHARS_MAX;
        is_address.then_some(Step { slug, name })
    }
}

#[cfg(test)]
mod tests;
