/// Most pieces in one line of a cart, and in all lines of one SKU together.
pub const LINE_QUANTITY_MAX: u32 = 9_999;
/// Most lines in one cart.
pub const CART_LINES_MAX: usize = 100;
/// Most attributes on one cart line (an engraving, a gift wrap).
pub const LINE_ATTRIBUTES_MAX: usize = 20;
/// Most characters in the name or the value of an attribute.
pub const ATTRIBUTE_CHARS_MAX: usize = 255;
/// Most variants of one product.
pub const PRODUCT_VARIANTS_MAX: usize = 100;
/// Most option dimensions of one product (size, colour, material).
pub const PRODUCT_OPTIONS_MAX: usize = 3;
/// Most images of one product.
pub const PRODUCT_IMAGES_MAX: usize = 250;
/// Most categories one product may be placed in.
pub const PRODUCT_CATEGORIES_MAX: usize = 50;
/// Most tags of one product.
pub const PRODUCT_TAGS_MAX: usize = 250;
/// Most free attributes of one product.
pub const PRODUCT_ATTRIBUTES_MAX: usize = 100;
/// Most levels of the category tree.
pub const CATEGORY_DEPTH_MAX: usize = 10;
/// Most characters of a SKU.
pub const SKU_CHARS_MAX: usize = 64;
/// Most characters of a slug.
pub const SLUG_CHARS_MAX: usize = 255;
/// Most characters of a title or a name.
pub const TITLE_CHARS_MAX: usize = 255;
/// Most bytes of a product's description.
pub const DESCRIPTION_BYTES_MAX: usize = 64 * 1024;
/// Most characters of a web address.
pub const URL_CHARS_MAX: usize = 2_048;
/// Most locales in one text.
pub const TEXT_LOCALES_MAX: usize = 20;
/// Most pieces of one SKU at one location, and the bound of every delta.
pub const STOCK_QUANTITY_MAX: i64 = 1_000_000_000;
/// Most characters of a reason, a note or another short remark.
pub const REASON_CHARS_MAX: usize = 500;
/// Largest price or amount in minor units: sums of 100 lines of 9,999 pieces stay far below `i64::MAX`.
pub const AMOUNT_MINOR_MAX: i64 = 1_000_000_000_000;
/// Most characters of a key: a tax class, a shipping method's code, a time zone's name, a barcode.
pub const CODE_CHARS_MAX: usize = 64;
/// Most characters of a description for search engines.
pub const SEO_DESCRIPTION_CHARS_MAX: usize = 2_000;
/// Largest weight of a variant with its packing: ten tonnes.
pub const WEIGHT_GRAMS_MAX: u32 = 10_000_000;
/// Most currencies a shop sells in.
pub const SHOP_CURRENCIES_MAX: usize = 50;
/// Most countries a shop sells to: all of them.
pub const SHOP_COUNTRIES_MAX: usize = 249;
/// Most tax rates: eight classes in every country.
pub const SHOP_TAX_RATES_MAX: usize = 8 * SHOP_COUNTRIES_MAX;
/// Most ways to send parcels.
pub const SHOP_SHIPPING_METHODS_MAX: usize = 50;
/// Largest tax rate: 100 %.
pub const BASIS_POINTS_MAX: u32 = 10_000;
/// Longest time for which a checkout holds stock: a day.
pub const HOLDING_SECONDS_MAX: u32 = 24 * 60 * 60;
/// Longest life of a cart that nobody touches: a year.
pub const CART_SECONDS_MAX: u32 = 365 * 24 * 60 * 60;
/// Most generations of one projection that are kept at a time.
pub const GENERATIONS_KEPT_MAX: usize = 100;

/// Commits of one shard that an operator may decide to do without.
pub const SKIPPED_COMMITS_MAX: usize = 1_000;
