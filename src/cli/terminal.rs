//! What the terminal can do. The one place that asks.

use std::io::IsTerminal as _;

use super::arguments::Colour;

/// Columns where nobody can say: what fits a build log.
const WIDTH: usize = 100;

/// What there is to write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combinations occur")]
pub struct Terminal {
    pub width: usize,
    pub colour_on_stdout: bool,
    pub colour_on_stderr: bool,
    pub unicode: bool,
    /// Somebody watches stderr.
    pub watched: bool,
}

impl Terminal {
    pub(super) fn detect(colour: Colour) -> Self {
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (stdout, stderr) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let columns =
            stdout.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
        Self::from(colour, stdout, stderr, columns, environment)
    }

    fn from(
        colour: Colour,
        stdout: bool,
        stderr: bool,
        columns: Option<usize>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let dumb = environment("TERM").is_some_and(|term| term == "dumb");
        let coloured = |terminal: bool| match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !dumb && environment("NO_COLOR").is_none(),
        };
        let asked = environment("COLUMNS").and_then(|columns| columns.parse().ok());
        Self {
            width: columns.or(asked).unwrap_or(WIDTH).clamp(40, 240),
            colour_on_stdout: coloured(stdout),
            colour_on_stderr: coloured(stderr),
            unicode: speaks_unicode(environment),
            watched: stderr && !dumb,
        }
    }
}

/// Unless the locale says otherwise.
fn speaks_unicode(environment: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(environment);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(colour: Colour, tty: bool, set: &[(&str, &str)]) -> Terminal {
        let columns = tty.then_some(132);
        Terminal::from(colour, tty, tty, columns, |name| {
            set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colour_goes_to_terminals_that_want_it() {
        assert!(terminal(Colour::Auto, true, &[]).colour_on_stdout);
        assert!(!terminal(Colour::Auto, false, &[]).colour_on_stdout);
        assert!(!terminal(Colour::Auto, true, &[("NO_COLOR", "1")]).colour_on_stdout);
        assert!(!terminal(Colour::Auto, true, &[("TERM", "dumb")]).colour_on_stdout);
        assert!(terminal(Colour::Always, false, &[("NO_COLOR", "1")]).colour_on_stdout);
        assert!(!terminal(Colour::Never, true, &[]).colour_on_stdout);
    }

    #[test]
    fn the_locale_may_rule_unicode_out() {
        assert!(terminal(Colour::Auto, true, &[]).unicode);
        assert!(terminal(Colour::Auto, true, &[("LANG", "C.UTF-8")]).unicode);
        assert!(!terminal(Colour::Auto, true, &[("LANG", "C")]).unicode);
        assert!(!terminal(Colour::Auto, true, &[("LC_ALL", "POSIX"), ("LANG", "en_GB.UTF-8")]).unicode);
    }

    #[test]
    fn the_width_is_the_terminals_or_what_is_asked_for() {
        assert_eq!(terminal(Colour::Auto, true, &[("COLUMNS", "90")]).width, 132);
        assert_eq!(terminal(Colour::Auto, false, &[("COLUMNS", "90")]).width, 90);
        assert_eq!(terminal(Colour::Auto, false, &[("COLUMNS", "many")]).width, WIDTH);
        assert_eq!(terminal(Colour::Auto, false, &[("COLUMNS", "3")]).width, 40);
    }
}
