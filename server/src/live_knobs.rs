//! The knobs of live updates: who may listen.

use std::net::SocketAddr;

use clap::Args;
use clap::builder::BoolishValueParser;
use query_api::limits::SOCKETS_MAX;

/// The knobs of live updates.
#[derive(Clone, Debug, Args)]
pub(crate) struct LiveKnobs {
    /// Whether anybody on this machine may watch what happens, as headlines without fields [default: yes for the demo
    /// shop on a loopback address with secrets of its own making, else no]
    #[arg(long, global = true, env = "TILLROLL_PUBLIC_ROLL", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    pub(crate) public_roll: Option<bool>,
    /// Pages of which other origins may listen, for example `https://shop.example`, separated by commas
    #[arg(
        long,
        global = true,
        env = "TILLROLL_ORIGINS",
        value_name = "ORIGINS",
        value_delimiter = ','
    )]
    pub(crate) origins: Vec<String>,
    /// Sockets and streams of events at once; who comes later is refused
    #[arg(
        long,
        global = true,
        env = "TILLROLL_SOCKETS",
        value_name = "COUNT",
        default_value_t = SOCKETS,
        value_parser = clap::value_parser!(u16).range(1..=i64::from(SOCKETS))
    )]
    pub(crate) sockets: u16,
}

/// As many as there may be.
#[expect(clippy::cast_possible_truncation, reason = "the next line looks at it")]
const SOCKETS: u16 = SOCKETS_MAX as u16;
const _: () = assert!(SOCKETS as usize == SOCKETS_MAX, "the knob holds the limit");

/// What the shop is otherwise, as far as it decides who may watch.
pub(crate) struct Setting {
    pub(crate) listen: SocketAddr,
    pub(crate) is_embedded: bool,
    pub(crate) is_demo: bool,
    pub(crate) has_configured_secrets: bool,
}

impl LiveKnobs {
    /// Whether the roll is public. Unless it is told, only that of a shop that somebody tries out on their own machine:
    /// one that other machines reach, that has secrets somebody cared for, or that begins empty, is meant to be used.
    pub(crate) fn is_roll_public(&self, setting: &Setting) -> bool {
        self.public_roll.unwrap_or(
            setting.listen.ip().is_loopback()
                && setting.is_embedded
                && setting.is_demo
                && !setting.has_configured_secrets,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried_out() -> Setting {
        Setting {
            listen: ([127, 0, 0, 1], 8080).into(),
            is_embedded: true,
            is_demo: true,
            has_configured_secrets: false,
        }
    }

    #[test]
    fn only_the_roll_of_a_shop_that_is_tried_out_is_public_unless_somebody_says_so() {
        let knobs = |public_roll| LiveKnobs {
            public_roll,
            origins: Vec::new(),
            sockets: SOCKETS,
        };
        let used = [
            Setting {
                listen: ([0, 0, 0, 0], 8080).into(),
                ..tried_out()
            },
            Setting {
                is_embedded: false,
                ..tried_out()
            },
            Setting {
                is_demo: false,
                ..tried_out()
            },
            Setting {
                has_configured_secrets: true,
                ..tried_out()
            },
        ];
        assert!(knobs(None).is_roll_public(&tried_out()));
        assert!(!knobs(Some(false)).is_roll_public(&tried_out()));
        for setting in used {
            assert!(!knobs(None).is_roll_public(&setting));
            assert!(knobs(Some(true)).is_roll_public(&setting));
        }
    }
}
