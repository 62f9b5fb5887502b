//! The real servers that Tillroll runs on, started without Docker: for tests, measurements, and a person at the
//! keyboard.
