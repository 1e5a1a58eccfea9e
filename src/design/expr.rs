//! Expressions: CEL, checked at load and evaluated over prepared values. With `cel`, all that names the `cel` crate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ::cel::common::types::{CelBool, CelInt, CelString, CelTimestamp};
use ::cel::common::value::{CowVal, FromVal, Val};
use ::cel::context::VariableResolver;
use ::cel::{Context, ExecutionError, IdedExpr, Value as CelValue};
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::cel::because::because;
use super::cel::check::{Checked, check};
pub use super::cel::check::{Fault, Vocabulary, Want};
use super::cel::functions::shared_environment;
use super::cel::values::{Listing, Pattern, Record, Unseen, convert};

/// What an expression looks at, known from its text alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Members of `r` that it reads; `r.tag(…)` reads `tags`.
    pub fields: BTreeSet<String>,
    /// What it reads of members that are records, as `properties.power`.
    pub parts: BTreeSet<String>,
    /// Members of the elements of `bound`; `None` where it does not look at `bound`.
    pub bound: Option<BTreeSet<String>>,
    /// Attributes of `e`, or of the edges of `out`.
    pub attributes: BTreeSet<String>,
    /// Relations asked for by `out("…")`.
    pub out: BTreeSet<String>,
    pub params: BTreeSet<String>,
}

impl Reads {
    pub fn resource(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Whether it is judged for every resource, or once for the node.
    pub fn per_resource(&self) -> bool {
        self.resource() || !self.out.is_empty()
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.fields.extend(other.fields.iter().cloned());
        self.parts.extend(other.parts.iter().cloned());
        if let Some(members) = &other.bound {
            self.bound.get_or_insert_default().extend(members.iter().cloned());
        }
        self.attributes.extend(other.attributes.iter().cloned());
        self.out.extend(other.out.iter().cloned());
        self.params.extend(other.params.iter().cloned());
    }
}

/// A checked expression.
#[derive(Clone)]
pub struct Expr {
    source: String,
    reads: Reads,
    program: Arc<IdedExpr>,
    patterns: Arc<[Pattern]>,
    /// Empty where there is but one: itself.
    conjuncts: Vec<Expr>,
}

/// What is the same for every evaluation of a run: functions, `env`, `now`, `param`.
pub struct Constants {
    context: Context<'static, 'static>,
}

/// A value ready for evaluation: an object (a resource, an edge's attributes) or a list of them. Made once, used often.
#[derive(Clone)]
pub struct Prepared(Shape);

#[derive(Clone)]
enum Shape {
    Record(Record),
    Listing(Listing),
}

/// What one evaluation may look at; what is absent is unknown to it.
#[derive(Clone, Copy, Default)]
pub struct Inputs<'a> {
    pub r: Option<&'a Prepared>,
    pub bound: Option<&'a Prepared>,
    pub e: Option<&'a Prepared>,
    /// Per relation name, the list of `r`'s edges.
    pub out: Option<&'a BTreeMap<String, Prepared>>,
}

/// Why an expression has no value: in CEL's words, for people. The gaps themselves are known from `Reads`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undecided(pub String);

impl Expr {
    /// Parses and checks; every fault it finds, with its place in `source`.
    pub fn compile(source: &str, want: Want, names: &Vocabulary<'_>) -> Result<Self, Vec<Fault>> {
        let Checked { expression, reads, patterns, conjuncts } = check(source, want, names)?;
        let patterns: Arc<[Pattern]> = patterns.into();
        let texts = conjunct_texts(source);
        let one = |(text, (program, reads)): (&str, (IdedExpr, Reads))| Self {
            source: text.to_owned(),
            reads,
            program: Arc::new(program),
            patterns: Arc::clone(&patterns),
            conjuncts: Vec::new(),
        };
        let conjuncts = if texts.len() > 1 && texts.len() == conjuncts.len() {
            texts.into_iter().zip(conjuncts).map(one).collect()
        } else {
            Vec::new()
        };
        Ok(Self { source: source.to_owned(), reads, program: Arc::new(expression), patterns, conjuncts })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    pub fn boolean(&self, constants: &Constants, inputs: Inputs<'_>) -> Result<bool, Undecided> {
        self.evaluate(constants, inputs, |value: &CelBool| *value.inner())
    }

    pub fn integer(&self, constants: &Constants, inputs: Inputs<'_>) -> Result<i64, Undecided> {
        self.evaluate(constants, inputs, |value: &CelInt| *value.inner())
    }

    pub fn text(&self, constants: &Constants, inputs: Inputs<'_>) -> Result<String, Undecided> {
        let scope = Variables { inputs, patterns: &self.patterns };
        let value = resolve(&self.program, constants, &scope)?;
        let text = value.downcast_ref::<CelString>().map(|text| text.inner().to_owned());
        text.ok_or_else(|| Undecided("not a text".into()))
    }

    /// Why a condition is false, in words; `None` where its text itself says it best.
    pub fn why_false(&self, constants: &Constants, inputs: Inputs<'_>) -> Option<String> {
        let scope = Variables { inputs, patterns: &self.patterns };
        let outer: &Context<'_, '_> = &constants.context;
        let mut context = outer.new_inner_scope();
        context.set_variable_resolver(&scope);
        because(&self.program, &context, false)
    }

    /// The conjuncts of a condition (`a && b && c`), each an expression with its own text: for near misses.
    pub fn conjuncts(&self) -> Vec<Self> {
        if self.conjuncts.is_empty() { vec![self.clone()] } else { self.conjuncts.clone() }
    }

    fn evaluate<V, T>(
        &self,
        constants: &Constants,
        inputs: Inputs<'_>,
        take: impl Fn(&V) -> T,
    ) -> Result<T, Undecided>
    where
        V: for<'b, 'v> FromVal<'b, 'v>,
    {
        let scope = Variables { inputs, patterns: &self.patterns };
        let value = resolve(&self.program, constants, &scope)?;
        value
            .downcast_ref::<V>()
            .map(take)
            .ok_or_else(|| Undecided("not of the type it was checked for".into()))
    }
}

fn resolve<'a>(
    program: &'a IdedExpr,
    constants: &'a Constants,
    scope: &'a Variables<'a>,
) -> Result<Box<dyn Val + 'a>, Undecided> {
    let outer: &'a Context<'a, 'a> = &constants.context;
    let mut context = outer.new_inner_scope();
    context.set_variable_resolver(scope);
    CelValue::resolve_val(program, &context).map(CowVal::into_owned).map_err(|error| undecided(&error))
}

fn undecided(error: &ExecutionError) -> Undecided {
    Undecided(match error {
        ExecutionError::NoSuchKey(name) | ExecutionError::UndeclaredReference(name) => {
            format!("`{}` is not known", name.strip_prefix(OUT).unwrap_or(name))
        }
        ExecutionError::FunctionError { message, .. } => message.clone(),
        // Types were checked; what is left without a size is an incomplete list.
        ExecutionError::UnexpectedType { want, .. } if want.ends_with("Sizer") => Unseen::WHY.to_owned(),
        other => other.to_string(),
    })
}

const OUT: &str = "@out ";

/// What `out("…")` is called inside expressions.
pub(super) fn out_variable(relation: &str) -> String {
    format!("{OUT}{relation}")
}

/// The relation that a variable of `out("…")` is of.
pub(super) fn relation_of(variable: &str) -> Option<&str> {
    variable.strip_prefix(OUT)
}

struct Variables<'a> {
    inputs: Inputs<'a>,
    patterns: &'a [Pattern],
}

impl Variables<'_> {
    fn named(&self, name: &str) -> Option<&dyn Val> {
        let prepared = match name {
            "r" => self.inputs.r?,
            "bound" => self.inputs.bound?,
            "e" => self.inputs.e?,
            _ => {
                let special = name.strip_prefix('@')?;
                if let Some(relation) = name.strip_prefix(OUT) {
                    self.inputs.out?.get(relation)?
                } else {
                    return self
                        .patterns
                        .get(special.parse::<usize>().ok()?)
                        .map(|pattern| pattern as &dyn Val);
                }
            }
        };
        Some(match &prepared.0 {
            Shape::Record(record) => record,
            Shape::Listing(listing) => listing,
        })
    }
}

impl VariableResolver for Variables<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        self.named(name).map(CowVal::Borrowed)
    }
}

impl Constants {
    pub fn new(env: &str, now: DateTime<Utc>, params: &BTreeMap<String, Value>) -> Self {
        let mut context = Context::with_env(shared_environment());
        context.add_variable_as_val("env", Box::new(CelString::from(env.to_owned())));
        context.add_variable_as_val("now", Box::new(CelTimestamp::from(now.fixed_offset())));
        let params = params.iter().map(|(name, value)| (name.clone(), value.clone()));
        context.add_variable_as_val("param", convert(Value::Object(params.collect())));
        Self { context }
    }
}

impl Prepared {
    /// An object. Members that are gaps are left out by the caller; gaps nested deeper are dropped here.
    pub fn object(members: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self(Shape::Record(Record::new(members)))
    }

    /// A list of objects. `open`: there may be more, so that nothing may be concluded from absence.
    pub fn list(items: Vec<Self>, open: bool) -> Self {
        let records = items.into_iter().filter_map(|item| match item.0 {
            Shape::Record(record) => Some(record),
            Shape::Listing(_) => None,
        });
        Self(Shape::Listing(Listing::new(records.collect(), open)))
    }
}

/// The texts of the conjuncts at the top, without the parentheses around them.
fn conjunct_texts(source: &str) -> Vec<&str> {
    let text = source.trim();
    let marks = top_level(text);
    if let [(0, "("), (end, ")")] = marks.as_slice()
        && end + 1 == text.len()
    {
        return conjunct_texts(&text[1..*end]);
    }
    if marks.iter().any(|(_, mark)| matches!(*mark, "||" | "?")) {
        return vec![text];
    }
    let ands: Vec<usize> = marks.iter().filter(|(_, mark)| *mark == "&&").map(|(at, _)| *at).collect();
    if ands.is_empty() {
        return vec![text];
    }
    let starts = std::iter::once(0).chain(ands.iter().map(|at| at + 2));
    let ends = ands.iter().copied().chain([text.len()]);
    starts.zip(ends).flat_map(|(start, end)| conjunct_texts(&text[start..end])).collect()
}

/// Logical operators and parentheses outside of all brackets and texts.
fn top_level(text: &str) -> Vec<(usize, &str)> {
    let mut marks = Vec::new();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let mut step = c.len_utf8();
        match c {
            '"' | '\'' => step = literal_length(rest, c, text[..at].ends_with(['r', 'R'])),
            '(' | '[' | '{' => {
                if depth == 0 {
                    marks.push((at, &rest[..1]));
                }
                depth += 1;
            }
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    marks.push((at, &rest[..1]));
                }
            }
            '&' | '|' if depth == 0 && rest[1..].starts_with(c) => {
                marks.push((at, &rest[..2]));
                step = 2;
            }
            '?' if depth == 0 => marks.push((at, &rest[..1])),
            _ => {}
        }
        at += step;
    }
    marks
}

fn literal_length(text: &str, quote: char, raw: bool) -> usize {
    let triple = [quote; 3].iter().collect::<String>();
    let end = if text.starts_with(&triple) { triple } else { quote.to_string() };
    let mut at = end.len();
    while at < text.len() && !text[at..].starts_with(&end) {
        let escaped = !raw && text[at..].starts_with('\\');
        let skipped = text[at..].chars().take(if escaped { 2 } else { 1 });
        at += skipped.map(char::len_utf8).sum::<usize>();
    }
    (at + end.len()).min(text.len())
}

#[cfg(test)]
mod tests;
