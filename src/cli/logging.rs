//! Logs, to stderr, on request. The SDKs log headers and bodies at their finer levels, credentials among them: whatever is
//! asked for, only their warnings are let through, and no variable of the environment can change that.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::context::Context;

pub(super) fn start(context: &Context) {
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(context.terminal.colour_on_stderr)
        .with_target(context.verbosity > 1)
        .without_time();
    // A second start in one process (tests) keeps the first.
    let _ =
        tracing_subscriber::registry().with(layer).with(targets(context.quiet, context.verbosity)).try_init();
}

fn targets(quiet: bool, verbosity: u8) -> Targets {
    let own = match (quiet, verbosity) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let sdk = if verbosity == 0 { LevelFilter::OFF } else { LevelFilter::WARN };
    Targets::new().with_target("stacks_audit", own).with_target("aws_", sdk)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn no_verbosity_opens_what_may_hold_credentials() {
        for verbosity in 0..5 {
            let targets = targets(false, verbosity);
            for target in ["aws_smithy_runtime::client::http", "aws_config::profile", "aws_sdk_sts"] {
                assert!(!targets.would_enable(target, &Level::INFO), "{target} at {verbosity}");
                assert!(!targets.would_enable(target, &Level::TRACE), "{target} at {verbosity}");
            }
            let whole = ["hyper_util::client", "rustls::client", "h2", "azure_core::policies::transport"];
            for target in whole.into_iter().chain(["azure_identity", "typespec_client_core::http"]) {
                assert!(!targets.would_enable(target, &Level::WARN), "{target} at {verbosity}");
            }
        }
    }

    #[test]
    fn our_own_words_come_with_verbosity() {
        let enabled =
            |quiet, verbosity, level| targets(quiet, verbosity).would_enable("stacks_audit::collect", &level);
        assert!(!enabled(true, 0, Level::WARN));
        assert!(enabled(false, 0, Level::WARN) && !enabled(false, 0, Level::INFO));
        assert!(enabled(false, 1, Level::INFO) && !enabled(false, 1, Level::DEBUG));
        assert!(enabled(false, 2, Level::DEBUG));
    }
}
