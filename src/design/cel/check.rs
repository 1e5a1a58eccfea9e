//! The static checker. It also rewrites what it checked into calls that evaluation understands: `r.tag(k)` reads the
//! member `tags`, `out("x")` a variable, a date becomes a time, and an item of an incomplete list is never mistaken
//! for one that is there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, SourceInfo, operators};

use super::functions::inner;
use super::spans::{self, Spans};
use super::types::{self, Origin, Record, Type};
use super::values::Pattern;
use crate::design::ParamType;
use crate::design::expr::Reads;
use crate::design::nearest::suggestion;
use crate::model::kind::Kind;
use crate::model::relation::RelationMeta;

/// What an expression may name.
#[derive(Clone, Copy)]
pub struct Vocabulary<'a> {
    /// Kinds of `r`; empty where there is no `r`.
    pub resource: &'a [Kind],
    /// Kinds of the items of `bound`; empty where there is no `bound`.
    pub bound: &'a [Kind],
    /// Whether `r`'s edges may be asked for.
    pub out: bool,
    /// The relation of `e`.
    pub edge: Option<&'static RelationMeta>,
    pub params: &'a BTreeMap<String, ParamType>,
}

impl<'a> Vocabulary<'a> {
    /// Parameters, `env` and `now` alone.
    pub fn of_params(params: &'a BTreeMap<String, ParamType>) -> Self {
        Self { resource: &[], bound: &[], out: false, edge: None, params }
    }

    /// Of one resource, before anything is bound.
    pub fn of_resource(kinds: &'a [Kind], params: &'a BTreeMap<String, ParamType>) -> Self {
        Self { resource: kinds, ..Self::of_params(params) }
    }

    /// Of a node: its resources one by one, and all together.
    pub fn of_node(kinds: &'a [Kind], bound: &'a [Kind], params: &'a BTreeMap<String, ParamType>) -> Self {
        Self { resource: kinds, bound, out: true, ..Self::of_params(params) }
    }

    /// Of an arrow.
    pub fn of_edge(relation: &'static RelationMeta, params: &'a BTreeMap<String, ParamType>) -> Self {
        Self { edge: Some(relation), ..Self::of_params(params) }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        let resource = (!self.resource.is_empty()).then_some("r");
        let bound = (!self.bound.is_empty()).then_some("bound");
        let edge = self.edge.map(|_| "e");
        resource.into_iter().chain(bound).chain(edge).chain(["param", "env", "now"])
    }
}

/// What is wrong with an expression, and where in its text (bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub span: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

/// What an expression has to come out as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    Condition,
    Number,
    Text,
}

impl Want {
    fn r#type(self) -> Type {
        match self {
            Self::Condition => Type::Bool,
            Self::Number => Type::Int,
            Self::Text => Type::Text,
        }
    }
}

pub(in crate::design) struct Checked {
    pub expression: IdedExpr,
    pub reads: Reads,
    pub patterns: Vec<Pattern>,
    /// The conjuncts at the top, in order, each with what it reads.
    pub conjuncts: Vec<(IdedExpr, Reads)>,
}

pub(in crate::design) fn check(
    source: &str,
    want: Want,
    names: &Vocabulary<'_>,
) -> Result<Checked, Vec<Fault>> {
    let program = super::functions::shared_environment().compile(source).map_err(|errors| {
        let faults = errors.errors.iter().map(|error| Fault {
            span: spans::of_error(source, error),
            message: plain(&error.msg),
            help: None,
        });
        faults.take(1).collect::<Vec<_>>()
    })?;
    let mut expression = program.expression().clone();
    let mut checker = Checker::new(source, program.source_info(), names);
    let outcome = checker.conjunction(&mut expression, &Paths::new());
    checker.require(&expression, &outcome, &want.r#type());
    if checker.faults.is_empty() {
        let Checker { reads, patterns, conjuncts, .. } = checker;
        Ok(Checked { expression, reads, patterns, conjuncts })
    } else {
        Err(checker.faults)
    }
}

/// The parser's words, without its grammar.
fn plain(message: &str) -> String {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let message = message.split(" expecting ").next().unwrap_or(message);
    match message.strip_prefix("token recognition error at: ") {
        Some(token) if token.starts_with("'= ") || token == "'='" => {
            "`=` is no operator: compare with `==`".into()
        }
        Some(token) => format!("not understood: {token}"),
        None => ["mismatched input", "extraneous input"]
            .iter()
            .fold(message.replace("'<EOF>'", "end"), |message, words| message.replace(words, "unexpected")),
    }
}

/// Members that are known not to be null, as `r.scheme`.
pub(super) type Paths = BTreeSet<String>;

/// An expression's type, and which members can't be null once it is true, or false.
pub(super) struct Outcome {
    pub r#type: Type,
    pub yes: Paths,
    pub no: Paths,
}

impl From<Type> for Outcome {
    fn from(r#type: Type) -> Self {
        Self { r#type, yes: Paths::new(), no: Paths::new() }
    }
}

pub(super) struct Checker<'a> {
    pub names: &'a Vocabulary<'a>,
    pub spans: Spans<'a>,
    pub faults: Vec<Fault>,
    pub reads: Reads,
    pub patterns: Vec<Pattern>,
    conjuncts: Vec<(IdedExpr, Reads)>,
    /// Variables of the comprehensions around.
    pub locals: Vec<(String, Type)>,
}

impl<'a> Checker<'a> {
    fn new(source: &'a str, info: &'a SourceInfo, names: &'a Vocabulary<'a>) -> Self {
        Self {
            names,
            spans: Spans::new(source, info),
            faults: Vec::new(),
            reads: Reads::default(),
            patterns: Vec::new(),
            conjuncts: Vec::new(),
            locals: Vec::new(),
        }
    }

    pub(super) fn fault(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Outcome {
        self.faults.push(Fault { span, message: message.into(), help });
        Type::Anything.into()
    }

    /// The conjuncts at the top are noted one by one.
    fn conjunction(&mut self, expr: &mut IdedExpr, known: &Paths) -> Outcome {
        if let Expr::Call(CallExpr { func_name, args, .. }) = &mut expr.expr
            && func_name == operators::LOGICAL_AND
            && let [left, right] = args.as_mut_slice()
        {
            let a = self.conjunction(left, known);
            let b = self.conjunction(right, &(known | &a.yes));
            let (left, right) = (left.clone(), right.clone());
            return self.and(&left, &a, &right, &b);
        }
        let before = std::mem::take(&mut self.reads);
        let outcome = self.expression(expr, known);
        let own = std::mem::replace(&mut self.reads, before);
        self.reads.extend(&own);
        self.conjuncts.push((expr.clone(), own));
        outcome
    }

    pub(super) fn expression(&mut self, expr: &mut IdedExpr, known: &Paths) -> Outcome {
        match &mut expr.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Type::Bool.into(),
                LiteralValue::Double(_) => Type::Double.into(),
                LiteralValue::Int(_) => Type::Int.into(),
                LiteralValue::Null => Type::Null.into(),
                LiteralValue::String(_) => Type::Text.into(),
                LiteralValue::Bytes(_) | LiteralValue::UInt(_) => {
                    let span = self.spans.of(expr.id);
                    self.fault(span, "nothing in the model has this type", None)
                }
            },
            Expr::Ident(name) => {
                let name = name.clone();
                self.identifier(expr.id, &name, known)
            }
            Expr::Select(_) => self.select(expr, known),
            Expr::Call(_) => self.call(expr, known),
            Expr::Comprehension(comprehension) => self.comprehension(expr.id, comprehension, known),
            Expr::List(list) => {
                let mut items = Type::Anything;
                for item in &mut list.elements {
                    let outcome = self.expression(item, known);
                    let Some(joined) = items.join(&outcome.r#type) else {
                        let span = self.spans.of(item.id);
                        let message = format!("a list of {items} can't hold {}", outcome.r#type);
                        return self.fault(span, message, None);
                    };
                    items = joined;
                }
                Type::list(items).into()
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                let span = self.spans.of(expr.id);
                self.fault(span, "policies don't build records", None)
            }
        }
    }

    fn identifier(&mut self, id: u64, name: &str, known: &Paths) -> Outcome {
        if let Some((_, r#type)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            let bare = known.contains(name);
            return if bare { r#type.bare().clone() } else { r#type.clone() }.into();
        }
        match name {
            "r" if !self.names.resource.is_empty() => {
                types::resource(self.names.resource, Origin::Resource).into()
            }
            "bound" if !self.names.bound.is_empty() => {
                self.reads.bound.get_or_insert_default();
                Type::list(types::resource(self.names.bound, Origin::Bound)).into()
            }
            "e" if let Some(relation) = self.names.edge => types::edge(relation).into(),
            "param" => {
                let members =
                    self.names.params.iter().map(|(name, declared)| (name.clone(), Type::from(*declared)));
                let members = members.collect();
                Type::Record(Arc::new(Record { name: "param".into(), origin: Origin::Param, members })).into()
            }
            "env" => Type::Text.into(),
            "now" => Type::Time.into(),
            _ => {
                let span = self.spans.of(id);
                let in_scope: Vec<String> = self
                    .names
                    .names()
                    .map(str::to_owned)
                    .chain(self.locals.iter().map(|(n, _)| n.clone()))
                    .collect();
                let help = suggestion(name, in_scope.iter().map(String::as_str));
                let message = match name {
                    "r" | "e" | "bound" => format!("there is no `{name}` to look at here"),
                    _ => format!("nothing here is called `{name}`"),
                };
                self.fault(span, message, help)
            }
        }
    }

    fn select(&mut self, expr: &mut IdedExpr, known: &Paths) -> Outcome {
        let path = path(expr);
        let id = expr.id;
        let Expr::Select(select) = &mut expr.expr else { return Type::Anything.into() };
        if select.test {
            let help =
                "compare with null where a member may be absent; what was not read is unknown by itself";
            let span = self.spans.function(id, "has");
            return self.fault(span, "has() would take what was not read for absent", Some(help.into()));
        }
        let field = select.field.clone();
        let of = self.expression(&mut select.operand, known).r#type;
        let span = self.spans.member(id, &field);
        if of.is_nullable() {
            let operand = select.operand.as_ref().clone();
            return self.null(&operand);
        }
        let record = match of {
            Type::Record(record) => record,
            Type::Anything => return of.into(),
            Type::Map(_) => {
                let help = "write `r.tag(\"key\")`: it is empty where the key is not there".to_owned();
                return self.fault(span, "the keys of a map are no members", Some(help));
            }
            other => return self.fault(span, format!("{other} has no members"), None),
        };
        let Some(r#type) = self.member(&record, &field) else {
            let help = self.member_help(&record, &field);
            return self.fault(span, format!("{} has no `{field}`", record.name), help);
        };
        if record.origin == Origin::Nested {
            self.reads
                .parts
                .extend(path.as_deref().and_then(|path| path.strip_prefix("r.")).map(str::to_owned));
        }
        let narrowed = path.is_some_and(|path| known.contains(&path));
        if r#type.is_time() && record.origin != Origin::Param {
            let inner = std::mem::take(expr);
            *expr = call(id, inner::TIME, vec![inner]);
        }
        if narrowed { r#type.bare().clone().into() } else { r#type.into() }
    }

    /// A member's type; that it is read is noted.
    pub(super) fn member(&mut self, record: &Record, field: &str) -> Option<Type> {
        let r#type = record.members.get(field)?.clone();
        let field = field.to_owned();
        match record.origin {
            Origin::Resource => _ = self.reads.fields.insert(field),
            Origin::Bound => _ = self.reads.bound.get_or_insert_default().insert(field),
            Origin::Edge => _ = self.reads.attributes.insert(field),
            Origin::Param => _ = self.reads.params.insert(field),
            Origin::Nested => {}
        }
        Some(r#type)
    }

    fn member_help(&self, record: &Record, field: &str) -> Option<String> {
        let kinds = match record.origin {
            Origin::Resource => self.names.resource,
            Origin::Bound => self.names.bound,
            _ => &[],
        };
        let having: Vec<_> = kinds.iter().filter(|kind| types::members(**kind).contains_key(field)).collect();
        match having.first() {
            Some(kind) => Some(format!("only {kind} has it as such: say `when_kind = [\"{kind}\"]`")),
            None => suggestion(field, record.members.keys().map(String::as_str)),
        }
    }

    /// What to point at for an expression: its last member, or its operator.
    fn place(&self, expr: &IdedExpr) -> Range<usize> {
        match &expr.expr {
            Expr::Select(select) => self.spans.member(expr.id, &select.field),
            Expr::Call(call) if call.func_name == inner::TIME => self.place(&call.args[0]),
            _ => self.spans.of(expr.id),
        }
    }

    /// That a value is of the type its place needs, and not null.
    pub(super) fn require(&mut self, expr: &IdedExpr, outcome: &Outcome, want: &Type) {
        let found = &outcome.r#type;
        if matches!(found, Type::Nullable(of) if of.join(want).is_some()) {
            self.null(expr);
        } else if found.is_nullable() || found.join(want).is_none() {
            let span = self.place(expr);
            self.fault(span, format!("this is {found}, but {want} is needed"), None);
        }
    }

    pub(super) fn null(&mut self, expr: &IdedExpr) -> Outcome {
        let span = self.place(expr);
        match path(expr) {
            Some(path) => {
                let help = format!(
                    "say first what holds without it: `{path} != null && …` or `{path} == null || …`"
                );
                self.fault(span, format!("`{path}` may be null"), Some(help))
            }
            None => self.fault(span, "this may be null", None),
        }
    }
}

pub(super) fn node(id: u64, expr: Expr) -> IdedExpr {
    IdedExpr { id, expr }
}

pub(super) fn call(id: u64, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    node(id, Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
}

/// `r.scheme` for a chain of members that starts at a name.
pub(super) fn path(expr: &IdedExpr) -> Option<String> {
    match &expr.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => Some(format!("{}.{}", path(&select.operand)?, select.field)),
        Expr::Call(call) if call.func_name == inner::TIME => path(call.args.first()?),
        _ => None,
    }
}
