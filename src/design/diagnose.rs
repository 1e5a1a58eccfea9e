//! What is wrong with a file of the user's, shown where it stands, with what was probably meant.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use regex::{Captures, Regex};

use crate::model::run::PolicyPlace;

/// A file as it was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    pub fn new(name: &str, text: &str) -> Arc<Self> {
        Arc::new(Self { name: name.to_owned(), text: text.to_owned() })
    }

    /// Line and column (in characters) of a byte, both from 1.
    pub fn line_column(&self, byte: usize) -> (u64, u64) {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let line = before.matches('\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
        (line, column)
    }

    pub fn place(&self, byte: usize) -> PolicyPlace {
        PolicyPlace { file: self.name.clone(), line: self.line_column(byte).0 }
    }
}

/// A value that is a secret by its key's name. None belongs into these files, and what is wrong with them is logged.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(([a-z0-9_-]*(?:secret|password|token|access_?key|credential)[a-z0-9_-]*)["']?\s*=\s*)("[^"\n]*"|'[^'\n]*')"#,
    )
    .expect("a fixed pattern")
});

/// A key of the configuration that goes by such a word, and holds the name of a way to log in.
pub const WAY_IN: &str = "credential";

/// A text without its secrets, of the same length: everything else stays where it is.
fn shown(text: &str) -> std::borrow::Cow<'_, str> {
    SECRET.replace_all(text, |found: &Captures<'_>| {
        if &found[2] == WAY_IN {
            return found[0].to_owned();
        }
        format!("{}{}", &found[1], "*".repeat(found[3].len()))
    })
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub message: String,
    pub help: Option<String>,
    /// Absent where no file says it.
    pub at: Option<(Arc<Source>, Range<usize>)>,
}

impl Diagnostic {
    pub fn new(
        source: &Arc<Source>,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Self {
        Self { message: message.into(), help, at: Some((Arc::clone(source), span)) }
    }

    /// Something that no place of a file is to blame for.
    pub fn placeless(message: impl Into<String>, help: Option<String>) -> Self {
        Self { message: message.into(), help, at: None }
    }

    /// `file:line:col`, the line, what of it, and the help.
    pub fn render(&self, colour: bool) -> String {
        let at = self.at.as_ref().map(|(source, span)| (&source.name, shown(&source.text), span));
        let mut group =
            Level::ERROR.primary_title(&*self.message).elements(at.iter().map(|(name, text, span)| {
                let annotation = AnnotationKind::Primary.span((*span).clone());
                Snippet::source(&**text).path(name.as_str()).annotation(annotation)
            }));
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(&**help));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// Everything that is wrong, in the order of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    pub fn render(&self, colour: bool) -> String {
        self.0.iter().map(|diagnostic| diagnostic.render(colour)).collect::<Vec<_>>().join("\n\n")
    }

    /// `value` if nothing is wrong.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self(vec![one])
    }
}
