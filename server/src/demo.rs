//! The demo shop, compiled into the binary: products in the format of an import, and their drawings.

/// The products: bring them in with [`crate::import`]. Prices are in euros.
pub const PRODUCTS_CSV: &[u8] = include_bytes!("../../demo/products.csv");

/// The media type of every drawing.
pub const IMAGE_TYPE: &str = "image/svg+xml";

/// The drawing at `/images/<name>`, `name` being a file's name such as `desk-lamp.svg`.
#[must_use]
pub fn image(name: &str) -> Option<&'static [u8]> {
    let found = IMAGES.binary_search_by(|(known, _)| known.cmp(&name)).ok()?;
    IMAGES.get(found).map(|(_, bytes)| *bytes)
}

macro_rules! drawings {
    ($($name:literal)+) => {
        /// By name, sorted.
        const IMAGES: &[(&str, &[u8])] =
            &[$((concat!($name, ".svg"), include_bytes!(concat!("../../demo/images/", $name, ".svg")))),+];
    };
}

drawings! {
    "basket-infuser"
    "beeswax-candle"
    "bottled-ink-forest"
    "bottled-ink-rust"
    "bottled-ink"
    "brass-ballpoint"
    "breakfast-filter"
    "brush-pen-set"
    "bud-vase"
    "butter-dish"
    "cake-stand"
    "cork-board"
    "desk-lamp"
    "eraser-and-sharpener"
    "espresso-cup-pair"
    "evening-decaf"
    "field-notebook"
    "first-flush-darjeeling"
    "fountain-pen"
    "hand-grinder"
    "house-espresso"
    "linen-journal-brick"
    "linen-journal-ink-blue"
    "linen-journal"
    "linen-napkins"
    "market-tote"
    "milk-jug"
    "mint-and-fennel"
    "moka-pot"
    "morning-mug-clay"
    "morning-mug-sea"
    "morning-mug"
    "noodle-bowl"
    "paper-filters"
    "pencil-dozen"
    "plant-pot"
    "pocket-trio"
    "pour-over-dripper"
    "printable-planner-pages"
    "recipe-keeper"
    "reporter-pad"
    "rooibos-and-orange"
    "side-plates"
    "smoky-souchong"
    "spiral-sketchbook"
    "squared-exercise-book"
    "stoneware-teapot"
    "swan-neck-kettle"
    "tea-tin-terracotta"
    "tea-tin"
    "two-ended-pencil"
    "wall-clock"
    "wax-seal-kit"
    "week-planner"
    "wool-blanket"
}

#[cfg(test)]
mod tests;
