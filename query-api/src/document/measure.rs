//! The second look at a document: how much it is once every fragment is put in its place.
//!
//! Fragments that spread one another double with every step, so each fragment is measured once and the sums are
//! multiplied out; the executor's own checks walk the document as it would run and must only see bounded ones.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, FragmentDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};

use super::DocumentError;
use crate::limits::{
    ALIASES_MAX, DEPTH_MAX, DIRECTIVES_MAX, FIELD_DIRECTIVES_MAX, FRAGMENTS_MAX, INTROSPECTION_LISTS_MAX, NESTING_MAX,
    OPERATIONS_MAX, SELECTIONS_MAX,
};

/// The lists of the introspection schema that lead back to types.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// What is in a selection set, fragments put in their place.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    selections: usize,
    aliases: usize,
    directives: usize,
    /// Levels of fields.
    depth: usize,
    /// Levels of fields and fragments: what a recursive walk needs of the stack.
    nesting: usize,
    /// Lists of the introspection schema inside one another.
    introspection_lists: usize,
    introspects: bool,
}

enum Fragment<'a> {
    Unseen(&'a Positioned<FragmentDefinition>),
    BeingMeasured,
    Measured(Size),
}

struct Measure<'a> {
    fragments: HashMap<&'a Name, Fragment<'a>>,
}

/// Measures all operations of a document; answers whether one of them asks for the schema.
///
/// # Errors
/// One of them exceeds a limit, or is a mutation.
pub(super) fn measure(document: &ExecutableDocument) -> Result<bool, DocumentError> {
    if document.fragments.len() > FRAGMENTS_MAX {
        return Err(DocumentError::TooManyFragments);
    }
    if document.operations.iter().len() > OPERATIONS_MAX {
        return Err(DocumentError::TooManyOperations);
    }
    let fragments = document
        .fragments
        .iter()
        .map(|(name, fragment)| (name, Fragment::Unseen(fragment)))
        .collect();
    let mut measure = Measure { fragments };
    // Those that no operation uses are refused by validation, which walks them too: so they are measured as well.
    for name in document.fragments.keys() {
        measure.fragment(name, 1)?;
    }
    let mut introspects = false;
    for (_, operation) in document.operations.iter() {
        if operation.node.ty == OperationType::Mutation {
            return Err(DocumentError::NotAQuery);
        }
        let mut size = measure.selection_set(&operation.node.selection_set.node, 1)?;
        size.add_directives(&operation.node.directives)?;
        for variable in &operation.node.variable_definitions {
            size.add_directives(&variable.node.directives)?;
        }
        size.check()?;
        introspects |= size.introspects;
    }
    Ok(introspects)
}

impl<'a> Measure<'a> {
    /// `level` is how deep the walk is already: bounded, so that the walk itself is.
    fn selection_set(&mut self, set: &'a SelectionSet, level: usize) -> Result<Size, DocumentError> {
        if level > NESTING_MAX {
            return Err(DocumentError::TooDeep);
        }
        let mut size = Size::default();
        for selection in &set.items {
            size.add_directives(selection.node.directives())?;
            let inner = match &selection.node {
                Selection::Field(field) => {
                    size.aliases += usize::from(field.node.alias.is_some());
                    self.field(&field.node, level)?
                }
                Selection::InlineFragment(inline) => self.selection_set(&inline.node.selection_set.node, level + 1)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, level + 1)?,
            };
            size.add(inner);
            size.check()?;
        }
        size.nesting += 1;
        Ok(size)
    }

    fn field(&mut self, field: &'a Field, level: usize) -> Result<Size, DocumentError> {
        let mut size = if field.selection_set.node.items.is_empty() {
            Size::default()
        } else {
            self.selection_set(&field.selection_set.node, level + 1)?
        };
        let name = field.name.node.as_str();
        size.depth += 1;
        size.introspection_lists += usize::from(INTROSPECTION_LISTS.contains(&name));
        if matches!(name, "__schema" | "__type") {
            size.introspects = true;
            if size.introspection_lists > INTROSPECTION_LISTS_MAX {
                return Err(DocumentError::IntrospectionTooDeep);
            }
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &'a Name, level: usize) -> Result<Size, DocumentError> {
        // An unknown fragment is validation's to name.
        let Some(entry) = self.fragments.get_mut(name) else {
            return Ok(Size::default());
        };
        let definition = match std::mem::replace(entry, Fragment::BeingMeasured) {
            Fragment::Unseen(definition) => definition,
            Fragment::BeingMeasured => return Err(DocumentError::FragmentCycle(name.to_string())),
            Fragment::Measured(size) => {
                *entry = Fragment::Measured(size);
                if level + size.nesting > NESTING_MAX {
                    return Err(DocumentError::TooDeep);
                }
                return Ok(size);
            }
        };
        let mut size = self.selection_set(&definition.node.selection_set.node, level)?;
        size.add_directives(&definition.node.directives)?;
        self.fragments.insert(name, Fragment::Measured(size));
        Ok(size)
    }
}

impl Size {
    /// One more selection, with what is in it.
    fn add(&mut self, inner: Self) {
        self.selections = self.selections.saturating_add(inner.selections).saturating_add(1);
        self.aliases = self.aliases.saturating_add(inner.aliases);
        self.directives = self.directives.saturating_add(inner.directives);
        self.depth = self.depth.max(inner.depth);
        self.nesting = self.nesting.max(inner.nesting);
        self.introspection_lists = self.introspection_lists.max(inner.introspection_lists);
        self.introspects |= inner.introspects;
    }

    fn add_directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), DocumentError> {
        self.directives = self.directives.saturating_add(directives.len());
        if directives.len() > FIELD_DIRECTIVES_MAX {
            return Err(DocumentError::TooManyDirectives);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), DocumentError> {
        if self.depth > DEPTH_MAX {
            return Err(DocumentError::TooDeep);
        }
        if self.selections > SELECTIONS_MAX {
            return Err(DocumentError::TooManyFields);
        }
        if self.aliases > ALIASES_MAX {
            return Err(DocumentError::TooManyAliases);
        }
        if self.directives > DIRECTIVES_MAX {
            return Err(DocumentError::TooManyDirectives);
        }
        Ok(())
    }
}
