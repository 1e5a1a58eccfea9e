//! How far collection is, on stderr, for somebody who watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::context::Context;

/// A bar a round: how many requests there are is known round by round only, as facts ask for further facts.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Shows nothing where nobody watches, where quiet was asked for, or where logs run instead.
    pub(super) fn new(context: &Context) -> Self {
        let shown = context.terminal.watched && !context.quiet && context.verbosity == 0;
        let bar = if shown {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        let (template, chars) = if context.terminal.unicode {
            ("{prefix:.dim} {bar:24} {pos}/{len} {wide_msg:.dim}", "━━ ")
        } else {
            ("{prefix:.dim} [{bar:24}] {pos}/{len} {wide_msg:.dim}", "=> ")
        };
        let style = ProgressStyle::with_template(template).expect("a template that the tests have seen");
        bar.set_style(style.progress_chars(chars));
        Self { bar }
    }

    /// Takes the bar away, so that what follows has the terminal for itself.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl crate::collect::runner::Progress for Progress {
    fn round(&self, n: usize, requests: usize) {
        self.bar.set_prefix(format!("reading, round {n}"));
        self.bar.set_length(u64::try_from(requests).unwrap_or(u64::MAX));
        self.bar.set_position(0);
    }

    fn done(&self, call: &str) {
        self.bar.set_message(call.to_owned());
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::Colour;
    use crate::cli::terminal::Terminal;
    use crate::collect::runner::Progress as _;

    #[test]
    fn counts_within_a_round() {
        for unicode in [true, false] {
            let terminal = Terminal { unicode, watched: false, ..Terminal::detect(Colour::Never) };
            let context = Context { config: None, policies: None, verbosity: 0, quiet: false, terminal };
            let progress = Progress::new(&context);
            progress.round(1, 3);
            progress.done("ec2:DescribeVpcs");
            progress.done("ec2:DescribeSubnets");
            assert_eq!((progress.bar.position(), progress.bar.length()), (2, Some(3)));
            progress.round(2, 5);
            assert_eq!((progress.bar.position(), progress.bar.length()), (0, Some(5)));
        }
    }
}
