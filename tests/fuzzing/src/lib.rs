//! Inputs for decoders that are nearly good: known ones, changed in a few places, so that they get far inside.
//!
//! `near!(seeds, runs, |bytes| ...)` is a whole test: it runs the property on every seed as it is, then on `runs`
//! changed ones. Under `cargo test` those are always the same, so that a commit that is good stays good, unless
//! `TILLROLL_FUZZ_SEED` and `TILLROLL_FUZZ_RUNS` ask for others and for more; under `cargo bolero test` the same target
//! is driven by coverage. What was found once becomes a seed: a file in the `fuzz/<name>` folder of the package.

use std::fmt;
use std::io::Write;
use std::ops::{Deref, RangeInclusive};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

pub use bolero;
use bolero::generator::bolero_generator::driver::{Options, Rng};
use bolero::generator::bolero_generator::{Driver, ValueGenerator};
use rand_xoshiro::Xoroshiro128PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// Whether a fuzzer that sees what code runs draws the inputs.
pub const DRIVEN_BY_COVERAGE: bool = cfg!(fuzzing);

/// Draws other inputs: a number, 0 unless said.
const SEED_VARIABLE: &str = "TILLROLL_FUZZ_SEED";
/// Draws as many inputs as it says instead of what each test asks for.
const RUNS_VARIABLE: &str = "TILLROLL_FUZZ_RUNS";

/// Most changes to one seed: further from it, decoders give up at once.
const CHANGES_MAX: usize = 8;
/// Most bytes that one change takes out, repeats or brings in.
const PIECE_BYTES_MAX: usize = 64;
/// Bytes at which decoders decide something: ends of ranges, signs of CSV, JSON and base64url.
const DECIDING: &[u8] = b"\x00\x01\x02\x7f\x80\xfe\xff\"',;:.-_=\t\r\n {}[]\\09AZaz";

/// One input. It is shown as bytes that can be written into a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Input(Vec<u8>);

impl Deref for Input {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Generates what is near known inputs.
#[derive(Clone, Debug)]
pub struct Near {
    seeds: Vec<Vec<u8>>,
}

impl Near {
    /// What is near these.
    ///
    /// # Panics
    /// When there are none: nothing would be tested.
    #[must_use]
    pub fn new(seeds: Vec<Vec<u8>>) -> Self {
        assert!(!seeds.is_empty(), "there is nothing to be near to");
        Self { seeds }
    }

    /// The inputs as they are.
    #[must_use]
    pub fn seeds(&self) -> &[Vec<u8>] {
        &self.seeds
    }

    /// Runs the property on `runs` changed inputs; one at which it panics is shown.
    ///
    /// # Panics
    /// When the property does, and when a variable is not a number.
    pub fn run(&self, runs: u64, property: fn(&[u8])) {
        let first = number(SEED_VARIABLE).unwrap_or(0) << 32;
        for place in first..first + number(RUNS_VARIABLE).unwrap_or(runs) {
            let mut driver = Rng::new(Xoroshiro128PlusPlus::seed_from_u64(place), &Options::default());
            let input = self.generate(&mut driver).expect("chance does not run out");
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| property(&input))) {
                writeln!(std::io::stderr(), "{input:?}").expect("the input can be shown");
                resume_unwind(panic);
            }
        }
    }

    fn seed<D: Driver>(&self, driver: &mut D) -> Option<&[u8]> {
        let last = self.seeds.len() - 1;
        Some(&self.seeds[one_of(0..=last, driver)?])
    }

    /// One change. A place may be the end, where only something new can come.
    fn change<D: Driver>(&self, bytes: &mut Vec<u8>, driver: &mut D) -> Option<()> {
        let place = one_of(0..=bytes.len(), driver)?;
        let end = (place + one_of(1..=PIECE_BYTES_MAX, driver)?).min(bytes.len());
        match one_of(0..=7, driver)? {
            0 => bytes.truncate(place),
            1 => drop(bytes.drain(place..end)),
            2 => {
                let piece = bytes[place..end].to_vec();
                bytes.splice(place..place, piece);
            }
            3 => {
                let other = self.seed(driver)?;
                let from = one_of(0..=other.len(), driver)?;
                let to = (from + PIECE_BYTES_MAX).min(other.len());
                bytes.splice(place..place, other[from..to].iter().copied());
            }
            4 => bytes.insert(place, deciding(driver)?),
            5 if place < end => bytes[place] = deciding(driver)?,
            6 if place < end => bytes[place] ^= 1 << one_of(0..=7, driver)?,
            _ if place < end => bytes[place] = driver.produce()?,
            _ => bytes.push(driver.produce()?),
        }
        Some(())
    }
}

/// What a variable says.
fn number(variable: &str) -> Option<u64> {
    let said = std::env::var(variable).ok()?;
    Some(
        said.parse()
            .unwrap_or_else(|_| panic!("{variable}={said} is not a number")),
    )
}

fn one_of<D: Driver>(range: RangeInclusive<usize>, driver: &mut D) -> Option<usize> {
    range.generate(driver)
}

fn deciding<D: Driver>(driver: &mut D) -> Option<u8> {
    let last = DECIDING.len() - 1;
    Some(DECIDING[one_of(0..=last, driver)?])
}

impl ValueGenerator for Near {
    type Output = Input;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Input> {
        let mut bytes = self.seed(driver)?.to_vec();
        for _ in 0..one_of(1..=CHANGES_MAX, driver)? {
            self.change(&mut bytes, driver)?;
        }
        Some(Input(bytes))
    }
}

/// What lies in a folder of a package, in the order of the names.
///
/// # Panics
/// When it cannot be read, or is empty.
#[must_use]
pub fn files(package: &str, folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(package).join("fuzz").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    let read = |path| std::fs::read(path).expect("a seed can be read");
    paths.iter().map(read).collect()
}

/// Runs `decode` and gives what it gave; it must not have held more memory at any moment than `fixed` bytes and
/// `each` for every byte of the input.
///
/// # Panics
/// When it held more.
#[track_caller]
pub fn within_memory<T>(input: &[u8], fixed: u64, each: u64, decode: impl FnOnce() -> T) -> T {
    let mut decoded = None;
    let held = allocation_counter::measure(|| decoded = Some(decode())).bytes_max;
    let allowed = fixed + each * input.len() as u64;
    assert!(
        held <= allowed,
        "{} bytes of input took {held} bytes of memory, more than {allowed}",
        input.len()
    );
    decoded.expect("it was decoded")
}

/// A whole test: a property of every seed, and of `runs` inputs near them.
#[macro_export]
macro_rules! near {
    ($seeds:expr, $runs:expr, $property:expr) => {{
        let near = $crate::Near::new($seeds);
        let property: fn(&[u8]) = $property;
        for seed in near.seeds() {
            property(seed);
        }
        if $crate::DRIVEN_BY_COVERAGE {
            let target = $crate::bolero::check!().with_generator(near);
            target.for_each(move |input: &$crate::Input| property(input));
        } else {
            near.run($runs, property);
        }
    }};
}

#[cfg(test)]
mod tests;
