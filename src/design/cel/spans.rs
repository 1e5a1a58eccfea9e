//! Where in its text an expression stands: `cel` counts code points, diagnostics count bytes.

use std::ops::Range;

use cel::common::ast::SourceInfo;
use cel::parser::ParseError;

pub(super) struct Spans<'a> {
    source: &'a str,
    info: &'a SourceInfo,
}

impl<'a> Spans<'a> {
    pub(super) fn new(source: &'a str, info: &'a SourceInfo) -> Self {
        Self { source, info }
    }

    /// The token that the parser keeps for an expression: an operator, a literal, a name.
    pub(super) fn of(&self, id: u64) -> Range<usize> {
        let Some((first, last)) = self.info.offset_for(id) else { return 0..self.source.len() };
        byte_at(self.source, first as usize)..byte_at(self.source, last as usize + 1)
    }

    /// The member's name; the token kept for it is the dot.
    pub(super) fn member(&self, id: u64, name: &str) -> Range<usize> {
        let dot = self.of(id);
        match self.source[dot.start..].find(name) {
            Some(at) => dot.start + at..dot.start + at + name.len(),
            None => dot,
        }
    }

    /// The function's name; the token kept for a call is the parenthesis.
    pub(super) fn function(&self, id: u64, name: &str) -> Range<usize> {
        let parenthesis = self.of(id);
        match self.source[..parenthesis.start].rfind(name) {
            Some(at) => at..at + name.len(),
            None => parenthesis,
        }
    }
}

/// Where a parser's error points.
pub(super) fn of_error(source: &str, error: &ParseError) -> Range<usize> {
    let (line, column) = (error.pos.0.max(1).unsigned_abs(), error.pos.1.max(1).unsigned_abs());
    let start: usize = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let at = start + byte_at(&source[start..], column - 1);
    at..source[at..].chars().next().map_or(at, |c| at + c.len_utf8())
}

fn byte_at(text: &str, code_point: usize) -> usize {
    text.char_indices().nth(code_point).map_or(text.len(), |(at, _)| at)
}
