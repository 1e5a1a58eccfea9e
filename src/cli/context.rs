//! What every command is told besides its own arguments.

use std::path::PathBuf;

use super::terminal::Terminal;
use crate::report::Style;

/// The arguments that stand everywhere, and the terminal.
#[derive(Clone, Debug)]
pub struct Context {
    pub config: Option<PathBuf>,
    pub policies: Option<PathBuf>,
    pub verbosity: u8,
    pub quiet: bool,
    pub terminal: Terminal,
}

impl Context {
    /// How a report on stdout should look.
    pub fn style(&self) -> Style {
        Style {
            width: self.terminal.width,
            colour: self.terminal.colour_on_stdout,
            unicode: self.terminal.unicode,
            verbose: self.verbosity > 0,
        }
    }

    /// How a report in a file should look: the same wherever it was made.
    pub fn style_of_file(&self) -> Style {
        Style { width: 120, colour: false, unicode: true, ..self.style() }
    }
}
