//! Operators and functions in the checker: which types they take and give.

use std::sync::Arc;

use cel::common::ast::{Expr, LiteralValue, SelectExpr, operators as op};
use cel::{Context, IdedExpr, Value};

use super::check::{Checker, Outcome, Paths, call, node, path};
use super::functions::{FUNCTIONS, inner, shared_environment};
use super::types::{Origin, Type};
use super::values::Pattern;
use crate::design::expr::out_variable;
use crate::design::nearest::suggestion;
use crate::model::relation::{RELATIONS, relation};

/// Functions of standard CEL that policies use.
const STANDARD: &[&str] = &[
    "all",
    "contains",
    "duration",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "int",
    "map",
    "matches",
    "size",
    "startsWith",
    "string",
    "timestamp",
];

impl Checker<'_> {
    pub(super) fn call(&mut self, expr: &mut IdedExpr, known: &Paths) -> Outcome {
        let id = expr.id;
        let Expr::Call(parts) = &mut expr.expr else { return Type::Anything.into() };
        let name = parts.func_name.clone();
        if parts.target.is_none()
            && let [left, right] = parts.args.as_mut_slice()
        {
            match name.as_str() {
                op::LOGICAL_AND => {
                    let a = self.expression(left, known);
                    let b = self.expression(right, &(known | &a.yes));
                    let (left, right) = (left.clone(), right.clone());
                    return self.and(&left, &a, &right, &b);
                }
                op::LOGICAL_OR => {
                    let a = self.expression(left, known);
                    let b = self.expression(right, &(known | &a.no));
                    let (left, right) = (left.clone(), right.clone());
                    self.require(&left, &a, &Type::Bool);
                    self.require(&right, &b, &Type::Bool);
                    return Outcome {
                        r#type: Type::Bool,
                        yes: &a.yes & &(&a.no | &b.yes),
                        no: &a.no | &b.no,
                    };
                }
                _ => {}
            }
        }
        match name.as_str() {
            op::CONDITIONAL => return self.conditional(expr, known),
            op::OPT_INDEX | op::OPT_SELECT => {
                let span = self.spans.of(id);
                return self.fault(span, "optional selection would take what was not read for absent", None);
            }
            "out" if parts.target.is_none() => return self.out(expr),
            _ => {}
        }
        let mut arguments: Vec<IdedExpr> = parts.target.iter().map(|target| (**target).clone()).collect();
        arguments.append(&mut parts.args);
        let is_member = parts.target.is_some();
        let outcomes: Vec<Outcome> =
            arguments.iter_mut().map(|argument| self.expression(argument, known)).collect();
        if outcomes.iter().any(|outcome| outcome.r#type == Type::Anything) && !self.faults.is_empty() {
            return Type::Anything.into();
        }
        let outcome = if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.function(id, &name, is_member, &mut arguments, &outcomes)
        } else {
            self.operator(id, &name, &arguments, &outcomes)
        };
        match self.rewritten(id, &name, &mut arguments) {
            Some(rewritten) => *expr = rewritten,
            None => {
                if let Expr::Call(parts) = &mut expr.expr {
                    parts.target = is_member.then(|| Box::new(arguments.remove(0)));
                    parts.args = arguments;
                }
            }
        }
        outcome
    }

    /// The call that evaluation understands, for functions of our own.
    fn rewritten(&mut self, id: u64, name: &str, arguments: &mut Vec<IdedExpr>) -> Option<IdedExpr> {
        let inner = match name {
            "tag" => inner::TAG,
            "covers" => inner::COVERS,
            "answers" => inner::ANSWERS,
            "fits" => inner::FITS,
            "holds" => inner::HOLDS,
            "same" => inner::SAME,
            "distinct" => inner::DISTINCT,
            "told" => inner::TOLD,
            "matches" => {
                let [_, pattern] = arguments.as_mut_slice() else { return None };
                let Expr::Literal(LiteralValue::String(text)) = &pattern.expr else { return None };
                let compiled = regex::Regex::new(text.inner()).ok()?;
                *pattern = node(pattern.id, Expr::Ident(format!("@{}", self.patterns.len())));
                self.patterns.push(Pattern(compiled));
                inner::MATCHES
            }
            _ => return None,
        };
        Some(call(id, inner, std::mem::take(arguments)))
    }

    pub(super) fn and(&mut self, left: &IdedExpr, a: &Outcome, right: &IdedExpr, b: &Outcome) -> Outcome {
        self.require(left, a, &Type::Bool);
        self.require(right, b, &Type::Bool);
        Outcome { r#type: Type::Bool, no: &a.no & &(&a.yes | &b.no), yes: &a.yes | &b.yes }
    }

    fn conditional(&mut self, expr: &mut IdedExpr, known: &Paths) -> Outcome {
        let id = expr.id;
        let Expr::Call(parts) = &mut expr.expr else { return Type::Anything.into() };
        let [condition, then, otherwise] = parts.args.as_mut_slice() else { return Type::Anything.into() };
        let test = self.expression(condition, known);
        self.require(&condition.clone(), &test, &Type::Bool);
        let a = self.expression(then, &(known | &test.yes)).r#type;
        let b = self.expression(otherwise, &(known | &test.no)).r#type;
        if let Some(joined) = a.join(&b) {
            return joined.into();
        }
        let span = self.spans.of(id);
        self.fault(span, format!("one side is {a}, the other {b}"), None)
    }

    fn operator(&mut self, id: u64, name: &str, arguments: &[IdedExpr], outcomes: &[Outcome]) -> Outcome {
        use Type::{Bool, Double, Duration, Int, List, Map, Text, Time};
        let span = self.spans.of(id);
        match (name, arguments, outcomes) {
            (op::LOGICAL_NOT, [operand], [of]) => {
                self.require(operand, of, &Bool);
                Outcome { r#type: Bool, yes: of.no.clone(), no: of.yes.clone() }
            }
            (op::EQUALS, [_, _], [_, _]) => self.equality(id, arguments, outcomes),
            (op::NOT_EQUALS, [_, _], [_, _]) => {
                let equal = self.equality(id, arguments, outcomes);
                Outcome { r#type: equal.r#type, yes: equal.no, no: equal.yes }
            }
            (op::IN, [item, list], [of, within]) => {
                let items = match &within.r#type {
                    List(items) => (**items).clone(),
                    Map(_) => Text,
                    Type::Nullable(_) => return self.null(list),
                    other => return self.fault(span, format!("{other} is no list"), None),
                };
                if of.r#type.holds_records() || items.holds_records() {
                    let help = "compare their ids".to_owned();
                    return self.fault(span, "whole records can't be compared", Some(help));
                }
                if of.r#type.bare().join(items.bare()).is_none() {
                    return self.fault(span, format!("a list of {items} never holds {}", of.r#type), None);
                }
                let yes = if items.is_nullable() { None } else { path(item) };
                Outcome { r#type: Bool, yes: yes.into_iter().collect(), no: Paths::new() }
            }
            (op::NEGATE, [operand], [of]) => {
                if !matches!(of.r#type, Int | Double) {
                    self.require(operand, of, &Int);
                }
                of.r#type.clone().into()
            }
            (op::INDEX, [of, at], [list, index]) => {
                self.require(at, index, &Int);
                match &list.r#type {
                    List(items) => match &**items {
                        Type::Record(record) if matches!(record.origin, Origin::Bound | Origin::Edge) => {
                            self.fault(span, "this list has no order", None)
                        }
                        items => items.clone().into(),
                    },
                    Type::Nullable(_) => self.null(of),
                    other => self.fault(span, format!("{other} is no list"), None),
                }
            }
            (_, [left, right], [a, b]) => {
                for (operand, outcome) in [(left, a), (right, b)] {
                    if outcome.r#type.is_nullable() {
                        return self.null(operand);
                    }
                }
                let r#type = match (name, &a.r#type, &b.r#type) {
                    (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, a, b)
                        if a == b && matches!(a, Int | Double | Text | Time | Duration) =>
                    {
                        Bool
                    }
                    (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE, Double, Double) => Double,
                    (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, Int, Int) => Int,
                    (op::ADD, Text, Text) => Text,
                    (op::ADD, List(x), List(y)) if !x.holds_records() && x.join(y).is_some() => {
                        a.r#type.clone()
                    }
                    (op::ADD | op::SUBSTRACT, Time, Duration) | (op::ADD, Duration, Time) => Time,
                    (op::SUBSTRACT, Time, Time) | (op::ADD | op::SUBSTRACT, Duration, Duration) => Duration,
                    (name, a, b) => {
                        let sign = name.trim_matches('_').to_owned();
                        return self.fault(span, format!("`{sign}` does not take {a} and {b}"), None);
                    }
                };
                r#type.into()
            }
            _ => self.fault(span, format!("`{name}` is no operator of policies"), None),
        }
    }

    fn equality(&mut self, id: u64, arguments: &[IdedExpr], outcomes: &[Outcome]) -> Outcome {
        let ([left, right], [a, b]) = (arguments, outcomes) else { return Type::Bool.into() };
        let span = self.spans.of(id);
        let (left, right) = ((left, &a.r#type), (right, &b.r#type));
        for ((one, other), expr) in [((left.1, right.1), right.0), ((right.1, left.1), left.0)] {
            if *one == Type::Null {
                if !other.is_nullable() {
                    let what = path(expr).map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
                    return self.fault(span, format!("{what} is never null"), None);
                }
                return Outcome {
                    r#type: Type::Bool,
                    yes: Paths::new(),
                    no: path(expr).into_iter().collect(),
                };
            }
        }
        if left.1.holds_records() || right.1.holds_records() {
            return self.fault(span, "whole records can't be compared", Some("compare their ids".to_owned()));
        }
        if left.1.bare().join(right.1.bare()).is_none() {
            return self.fault(span, format!("{} and {} are never equal", left.1, right.1), None);
        }
        let sides = [(left, right.1), (right, left.1)];
        let known = sides.into_iter().filter(|(_, other)| !other.is_nullable());
        let yes = known.filter_map(|((expr, _), _)| path(expr)).collect();
        Outcome { r#type: Type::Bool, yes, no: Paths::new() }
    }

    fn function(
        &mut self,
        id: u64,
        name: &str,
        is_member: bool,
        arguments: &mut [IdedExpr],
        outcomes: &[Outcome],
    ) -> Outcome {
        let span = self.spans.function(id, name);
        let takes = match name {
            "size" | "string" | "int" | "duration" | "timestamp" | "distinct" | "told" => 1,
            "startsWith" | "endsWith" | "contains" | "matches" | "tag" | "covers" | "answers" | "holds"
            | "fits" | "same" => 2,
            _ => {
                let ours = FUNCTIONS.iter().map(|function| function.name);
                let help = suggestion(name, STANDARD.iter().copied().chain(ours));
                return self.fault(span, format!("there is no function `{name}`"), help);
            }
        };
        if arguments.len() != takes {
            let wants = takes - usize::from(is_member);
            return self.fault(span, format!("`{name}` takes {wants} argument(s) here"), None);
        }
        for (argument, outcome) in arguments.iter().zip(outcomes) {
            if outcome.r#type.is_nullable() && name != "told" {
                return self.null(argument);
            }
        }
        let of = &outcomes[0].r#type;
        if takes == 2 {
            self.require(&arguments[1], &outcomes[1], &Type::Text);
        }
        match name {
            "size" if matches!(of, Type::List(_) | Type::Map(_) | Type::Text) => Type::Int.into(),
            "startsWith" | "endsWith" | "contains" if is_member && *of == Type::Text => Type::Bool.into(),
            "fits" if *of == Type::list(Type::Text) => Type::Bool.into(),
            "same" if *of == Type::Text => Type::Bool.into(),
            "matches" if *of == Type::Text => self.pattern(&arguments[1]),
            "string" if !of.holds_records() && !matches!(of, Type::List(_) | Type::Map(_)) => {
                Type::Text.into()
            }
            "int" if matches!(of, Type::Int | Type::Double | Type::Text | Type::Time) => Type::Int.into(),
            "duration" if *of == Type::Text => self.literal(id, name, &arguments[0], Type::Duration),
            "timestamp" if *of == Type::Text => self.literal(id, name, &arguments[0], Type::Time),
            "distinct" if matches!(of, Type::List(items) if !items.holds_records()) => of.clone().into(),
            "told" => of.bare().clone().into(),
            "tag" => self.through(id, name, "tags", &Type::Map(Arc::new(Type::Text)), &mut arguments[0], of),
            "covers" => self.through(id, name, "domains", &Type::list(Type::Text), &mut arguments[0], of),
            "answers" => self.through(id, name, "names", &Type::list(Type::Text), &mut arguments[0], of),
            "holds" => self.through(id, name, "domain", &Type::Text, &mut arguments[0], of),
            _ => self.fault(span, format!("`{name}` does not take {of}"), None),
        }
    }

    /// A function of a record that looks at one of its members.
    fn through(
        &mut self,
        id: u64,
        name: &str,
        member: &str,
        wanted: &Type,
        subject: &mut IdedExpr,
        of: &Type,
    ) -> Outcome {
        let gives = if name == "tag" { Type::Text } else { Type::Bool };
        match of {
            Type::Record(record) if record.members.get(member) == Some(wanted) => {
                let record = Arc::clone(record);
                self.member(&record, member);
                let operand = Box::new(std::mem::take(subject));
                let select = SelectExpr { operand, field: member.to_owned(), test: false };
                *subject = node(id, Expr::Select(select));
                gives.into()
            }
            of if name != "tag" && of.join(wanted).is_some() => gives.into(),
            of => {
                let span = self.spans.function(id, name);
                self.fault(span, format!("`{name}` asks for `{member}`, and {of} has none"), None)
            }
        }
    }

    fn pattern(&mut self, pattern: &IdedExpr) -> Outcome {
        if let Expr::Literal(LiteralValue::String(text)) = &pattern.expr
            && let Err(error) = regex::Regex::new(text.inner())
        {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            let span = self.spans.of(pattern.id);
            return self.fault(span, format!("not a regular expression: {why}"), None);
        }
        Type::Bool.into()
    }

    /// A literal argument is tried out at once.
    fn literal(&mut self, id: u64, name: &str, argument: &IdedExpr, gives: Type) -> Outcome {
        if matches!(argument.expr, Expr::Literal(_)) {
            let tried = call(id, name, vec![argument.clone()]);
            if Value::resolve_val(&tried, &Context::with_env(shared_environment())).is_err() {
                let example = if name == "duration" { "\"720h\"" } else { "\"2026-11-01T00:00:00Z\"" };
                let span = self.spans.of(argument.id);
                return self.fault(span, format!("not a {name}"), Some(format!("write it as {example}")));
            }
        }
        gives.into()
    }

    fn out(&mut self, expr: &mut IdedExpr) -> Outcome {
        let id = expr.id;
        let Expr::Call(parts) = &expr.expr else { return Type::Anything.into() };
        let [IdedExpr { id: at, expr: Expr::Literal(LiteralValue::String(name)) }] = parts.args.as_slice()
        else {
            let span = self.spans.function(id, "out");
            let help = "write `out(\"placed-in\")`".to_owned();
            return self.fault(span, "`out` takes the name of one relation, as it stands", Some(help));
        };
        let span = self.spans.of(*at);
        let name = name.inner().to_owned();
        if !self.names.out {
            let span = self.spans.function(id, "out");
            return self.fault(span, "edges can't be looked at here", None);
        }
        let Some(relation) = relation(&name) else {
            let help = suggestion(&name, RELATIONS.iter().map(|known| known.name));
            return self.fault(span, format!("there is no relation `{name}`"), help);
        };
        if let Some(kind) = self.names.resource.iter().find(|kind| !relation.from.contains(kind)) {
            let from: Vec<&str> = relation.from.iter().map(|kind| kind.name()).collect();
            let help = format!("it starts at {}", from.join(", "));
            return self.fault(span, format!("`{name}` never starts at {kind}"), Some(help));
        }
        self.reads.out.insert(name.clone());
        *expr = node(id, Expr::Ident(out_variable(&name)));
        Type::list(super::types::edge(relation)).into()
    }
}
