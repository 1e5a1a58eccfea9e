//! Errors as people read them: what was wrong, why, and what to do next.

use std::fmt;

use super::context::Context;
use super::exit::Exit;
use crate::design::diagnose::Diagnostics;

/// An error that says what to do, and how the process ends. Any other error ends it as wrong usage, configuration or
/// policy does.
#[derive(Debug)]
pub struct Trouble {
    what: String,
    help: String,
    exit: Exit,
    source: Option<anyhow::Error>,
}

impl Trouble {
    /// Wrong usage, configuration or policy.
    pub fn usage(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: String::new(), exit: Exit::Usage, source: None }
    }

    /// Nothing can be judged: no credentials, another account.
    pub fn no_verdict(what: impl Into<String>) -> Self {
        Self { exit: Exit::NoVerdict, ..Self::usage(what) }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// What led to it.
    #[must_use]
    pub fn because(self, source: impl Into<anyhow::Error>) -> Self {
        Self { source: Some(source.into()), ..self }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Trouble {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(AsRef::as_ref)
    }
}

/// Writes the error to stderr, and says how the process ends.
pub(super) fn report(error: &anyhow::Error, context: &Context) -> Exit {
    use std::io::Write as _;
    let text = render(error, context.terminal.colour_on_stderr);
    // Nobody is left to tell when stderr is gone; the exit code still says it.
    let _ = std::io::stderr().write_all(text.as_bytes());
    error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Trouble>())
        .map_or(Exit::Usage, |trouble| trouble.exit)
}

fn render(error: &anyhow::Error, colour: bool) -> String {
    let painted = |code: &str, word: &str| {
        if colour { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
    };
    // Diagnostics come with their own head and their own layout.
    if let Some(diagnostics) = error.downcast_ref::<Diagnostics>() {
        return format!("{}\n", shown(diagnostics.render(colour).trim_end(), colour));
    }
    let mut text = format!("{}: {}\n", painted("1;31", "error"), indented(&error.to_string()));
    let mut last = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Many errors print their source with themselves: said once is enough.
        if !last.contains(&cause) {
            text = format!("{text}  {}\n", indented(&cause));
        }
        last = cause;
    }
    let helps = error.chain().filter_map(|cause| cause.downcast_ref::<Trouble>());
    for help in helps.map(|trouble| &trouble.help).filter(|help| !help.is_empty()) {
        text = format!("{text}  {}: {}\n", painted("1;36", "help"), indented(help));
    }
    text
}

/// Lines stay lines, and colours that were asked for stay colours; any other control character is written out.
fn shown(text: &str, colour: bool) -> String {
    let kept = |c: char| c == '\n' || (colour && c == '\u{1b}');
    let each = text.chars().map(|c| match c {
        c if c.is_control() && !kept(c) => c.escape_default().to_string(),
        c => c.to_string(),
    });
    each.collect()
}

fn indented(text: &str) -> String {
    shown(text.trim_end(), false).replace('\n', "\n  ")
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn says_what_why_and_what_to_do() {
        let io = std::io::Error::other("permission denied");
        let error =
            anyhow::Error::from(Trouble::usage("can't read a.toml").because(io).help("chmod +r a.toml"));
        assert_eq!(
            render(&error, false),
            "error: can't read a.toml\n  permission denied\n  help: chmod +r a.toml\n"
        );
    }

    #[test]
    fn trouble_is_found_below_what_was_being_done() {
        let error = Err::<(), _>(Trouble::no_verdict("no credentials").help("run aws sso login"))
            .context("collecting env dev")
            .expect_err("an error");
        assert_eq!(
            render(&error, false),
            "error: collecting env dev\n  no credentials\n  help: run aws sso login\n"
        );
        let exit = error.chain().find_map(|cause| cause.downcast_ref::<Trouble>()).expect("there").exit;
        assert_eq!(exit, Exit::NoVerdict);
    }

    #[test]
    fn what_a_service_answered_does_not_reach_the_terminal_raw() {
        let error = anyhow::anyhow!("answered \u{1b}[2J\nand more");
        assert_eq!(render(&error, false), "error: answered \\u{1b}[2J\n  and more\n");
    }
}
