//! Why a condition came out as it did, in words: the parts that decided it, with the values they saw.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators};
use cel::common::types::CelBool;
use cel::common::value::{CowVal, Val};
use cel::{Context, IdedExpr, Value};

use self::words::{ITEMS, cut, is_null, is_zero, label, none, shown, tail, together, with};
use super::functions::inner;
use super::values::Record;
use crate::design::expr::relation_of;

mod words;

/// An end that is no resource of the model has no kind.
const OUTSIDE: &str = "it is outside of what was scanned";

/// What a condition looks at: words for it, or what is given (a parameter, a text of the policy).
enum Subject {
    Seen(String),
    /// An item that has been named already.
    Named,
    Given,
    /// Computed of several: no one of them is it.
    Mixed,
}

/// `None` where there is nothing plainer to say than the condition itself.
pub(in crate::design) fn because(
    condition: &IdedExpr,
    context: &Context<'_, '_>,
    came: bool,
) -> Option<String> {
    Because { context, items: Vec::new() }.of(condition, came).filter(|told| !told.is_empty())
}

struct Because<'c, 'p, 'v> {
    context: &'c Context<'p, 'v>,
    /// Variables of the comprehensions around, each with what its item has been called.
    items: Vec<(&'c str, String)>,
}

impl<'c, 'v> Because<'c, '_, 'v> {
    fn truth(&self, condition: &IdedExpr) -> Option<bool> {
        let value = Value::resolve_val(condition, self.context).ok()?;
        value.downcast_ref::<CelBool>().map(|value| *value.inner())
    }

    fn value<'e>(&'e self, expr: &'e IdedExpr) -> Option<CowVal<'e, 'v>> {
        Value::resolve_val(expr, self.context).ok()
    }

    fn of(&self, condition: &'c IdedExpr, came: bool) -> Option<String> {
        match &condition.expr {
            Expr::Call(call) => self.call(condition, call, came),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, came),
            _ => self.seen(condition),
        }
    }

    fn call(&self, condition: &'c IdedExpr, call: &'c CallExpr, came: bool) -> Option<String> {
        let all: Vec<&'c IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), all.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => self.of(inner, !came),
            // Of these, what came out so decided it.
            (operators::LOGICAL_AND | operators::LOGICAL_OR, parts) => {
                let decisive = parts.iter().filter(|part| self.truth(part) == Some(came));
                let told: Option<Vec<String>> = decisive.map(|part| self.of(part, came)).collect();
                Some(together(told?))
            }
            (operators::CONDITIONAL, [choice, yes, no]) => {
                self.of(if self.truth(choice)? { yes } else { no }, came)
            }
            (operators::IN, [item, list]) => self.membership(item, list, came),
            (
                operator @ (operators::EQUALS
                | operators::NOT_EQUALS
                | operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS),
                [left, right],
            ) => self.comparison(operator, left, right, came),
            (inner::TAG | inner::TOLD | inner::TIME, _) => self.seen(condition),
            (_, parts) => {
                let told = parts.iter().find_map(|part| match self.subject(part) {
                    Subject::Given => None,
                    _ => self.seen(part),
                });
                told.or_else(|| {
                    parts.iter().any(|part| matches!(self.subject(part), Subject::Named)).then(String::new)
                })
            }
        }
    }

    fn comparison(
        &self,
        operator: &str,
        left: &'c IdedExpr,
        right: &'c IdedExpr,
        came: bool,
    ) -> Option<String> {
        let (of, other, operator) = match (self.subject(left), self.subject(right)) {
            (Subject::Given, Subject::Given) | (Subject::Mixed, _) | (_, Subject::Mixed) => return None,
            (Subject::Given, _) => (right, left, mirrored(operator)),
            (_, Subject::Given) => (left, right, operator),
            _ => return Some(together([self.seen(left)?, self.seen(right)?])),
        };
        let told = self.seen(of)?;
        // What is not the same tomorrow would make another finding of it.
        let moves = reads_now(other);
        let other = self.value(other)?;
        let own = shown(self.value(of)?.as_ref());
        let apart = shown(other.as_ref());
        let bare = own.is_empty() || apart.is_empty() || own == apart;
        let plain = came || moves || told.is_empty() || counted(of).is_some() || bare;
        let than = match operator {
            operators::GREATER if is_zero(other.as_ref()) => return Some(told),
            _ if plain || is_null(other.as_ref()) || other.downcast_ref::<CelBool>().is_some() => {
                return Some(told);
            }
            operators::EQUALS => "not",
            operators::LESS => "not below",
            operators::LESS_EQUALS => "not at most",
            operators::GREATER => "not above",
            operators::GREATER_EQUALS => "not at least",
            _ => return Some(told),
        };
        Some(format!("{told} ({than} {apart})"))
    }

    fn membership(&self, item: &'c IdedExpr, list: &'c IdedExpr, came: bool) -> Option<String> {
        match (self.subject(item), self.subject(list)) {
            (Subject::Given, Subject::Given) | (Subject::Mixed, _) | (_, Subject::Mixed) => None,
            (_, Subject::Given) if came => self.seen(item),
            (_, Subject::Given) => {
                let (told, list) = (self.seen(item)?, self.value(list)?);
                let bare = shown(self.value(item)?.as_ref()).is_empty();
                Some(if told.is_empty() || bare {
                    told
                } else {
                    format!("{told} (none of {})", shown(list.as_ref()))
                })
            }
            (what, _) => {
                let empty = shown(self.value(list)?.as_ref()).is_empty();
                let list = self.seen(list)?;
                if empty {
                    return Some(list);
                }
                let not = if came { "" } else { "not " };
                Some(match what {
                    Subject::Named => format!("{not}among {list}"),
                    _ => format!("{} is {not}among {list}", shown(self.value(item)?.as_ref())),
                })
            }
        }
    }

    /// `all` and `exists`: the items that decided it.
    fn comprehension(&self, of: &'c ComprehensionExpr, came: bool) -> Option<String> {
        let Expr::Literal(LiteralValue::Boolean(starts)) = &of.accu_init.expr else { return None };
        let Expr::Call(step) = &of.loop_step.expr else { return None };
        let (all, condition) = (*starts.inner(), step.args.get(1)?);
        let range = self.value(&of.iter_range)?;
        let mut items: Vec<Box<dyn Val + 'v>> = Vec::new();
        let mut each = range.as_iterable()?.iter();
        while let Some(item) = each.next() {
            items.push(item.clone_as_boxed());
        }
        let subject = self.subject(&of.iter_range);
        if items.is_empty() {
            return match subject {
                Subject::Seen(what) => Some(none(&what)),
                Subject::Named | Subject::Given | Subject::Mixed => None,
            };
        }
        // The other way round, they decide it all together.
        let by_all = all == came;
        let mut told: Vec<(String, String)> = Vec::new();
        let mut more = 0;
        for item in items {
            let label = label(item.as_ref());
            let mut context = self.context.new_inner_scope();
            context.add_variable_as_val(of.iter_var.clone(), item);
            let own = (of.iter_var.as_str(), label.clone());
            let items = self.items.iter().cloned().chain([own]).collect();
            let inside = Because { context: &context, items };
            if inside.truth(condition) != Some(came) {
                continue;
            }
            let one = (label, inside.of(condition, came).unwrap_or_default());
            if told.contains(&one) {
                continue;
            }
            if told.len() == ITEMS {
                more += 1;
            } else {
                told.push(one);
            }
        }
        // What is given needs no telling: only which of it does not hold.
        if let (Subject::Given, [(_, why), ..]) = (&subject, told.as_slice())
            && (by_all || came)
        {
            return Some(why.clone());
        }
        let alike = told.windows(2).all(|pair| pair[0].1 == pair[1].1);
        let rest = (more > 0).then(|| format!("and {more} more"));
        let list = if alike {
            let labels: Vec<String> = told.iter().map(|(label, _)| tail(label)).chain(rest).collect();
            let labels: Vec<String> = labels.into_iter().filter(|label| !label.is_empty()).collect();
            with(&labels.join(", "), &told.first()?.1)
        } else {
            let each = told.iter().map(|(label, why)| with(&tail(label), why));
            each.chain(rest).collect::<Vec<_>>().join("; ")
        };
        Some(match subject {
            Subject::Seen(what) if by_all && !came => format!("only {what} {list}"),
            Subject::Seen(what) => format!("{what} {list}"),
            Subject::Named => list,
            Subject::Given | Subject::Mixed => format!("not for {list}"),
        })
    }

    /// What it looks at, with its value.
    fn seen(&self, expr: &'c IdedExpr) -> Option<String> {
        let what = match self.subject(expr) {
            Subject::Seen(what) => what,
            Subject::Named => return Some(String::new()),
            Subject::Given | Subject::Mixed => return None,
        };
        let of = counted(expr).unwrap_or(expr);
        let value = self.value(of)?;
        let record = value.downcast_ref::<Record>().is_some();
        let list = value.as_iterable().is_some() && !record;
        let text = shown(value.as_ref());
        Some(if text.is_empty() {
            match what.as_str() {
                "kind" => OUTSIDE.to_owned(),
                _ if is_null(value.as_ref()) => format!("{what} is not set"),
                _ if record => format!("{what} is set"),
                tag if tag.starts_with("tag ") => format!("{tag} is empty or missing"),
                _ => none(&what),
            }
        } else if self.items.iter().any(|(_, called)| cut(called) == text) {
            String::new()
        } else if list {
            format!("{what} {text}")
        } else {
            format!("{what} is {text}")
        })
    }

    fn subject(&self, expr: &IdedExpr) -> Subject {
        match &expr.expr {
            // Each of it is told by its own values.
            Expr::Ident(name) if name == "bound" => Subject::Named,
            Expr::Ident(name) if self.items.iter().any(|(item, _)| item == name) => Subject::Named,
            Expr::Ident(name) => match relation_of(name) {
                Some(relation) => Subject::Seen(relation.to_owned()),
                None => Subject::Given,
            },
            Expr::Select(select) => match root(expr) {
                Some("param" | "env" | "now") | None => Subject::Given,
                Some(_) => Subject::Seen(select.field.replace('_', " ")),
            },
            Expr::List(list) => {
                let seen = list.elements.iter().map(|item| self.subject(item));
                seen.into_iter().find(|it| matches!(it, Subject::Seen(_))).unwrap_or(Subject::Given)
            }
            Expr::Comprehension(of) if !matches!(of.accu_init.expr, Expr::List(_)) => Subject::Mixed,
            Expr::Comprehension(of) => match (mapped(of), self.subject(&of.iter_range)) {
                (Some(item), _) => self.subject(item),
                (None, Subject::Seen(what)) => Subject::Seen(format!("such {what}")),
                (None, other) => other,
            },
            Expr::Call(call) => {
                let all: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
                match (call.func_name.as_str(), all.as_slice()) {
                    (inner::TAG, [_, key]) => {
                        let key = self.value(key).map(|key| shown(key.as_ref())).unwrap_or_default();
                        Subject::Seen(format!("tag {key}"))
                    }
                    (operators::CONDITIONAL, [choice, yes, no]) => {
                        self.subject(if self.truth(choice) == Some(false) { no } else { yes })
                    }
                    (
                        operators::ADD
                        | operators::SUBSTRACT
                        | operators::MULTIPLY
                        | operators::DIVIDE
                        | operators::MODULO
                        | operators::NEGATE,
                        parts,
                    ) => {
                        let given = parts.iter().all(|part| matches!(self.subject(part), Subject::Given));
                        if given { Subject::Given } else { Subject::Mixed }
                    }
                    (_, [of, ..]) => self.subject(of),
                    (_, []) => Subject::Given,
                }
            }
            _ => Subject::Given,
        }
    }
}

/// What `size()` counts.
fn counted(expr: &IdedExpr) -> Option<&IdedExpr> {
    let Expr::Call(call) = &expr.expr else { return None };
    (call.func_name == "size").then(|| call.target.as_deref().or(call.args.first()))?
}

/// What `map` takes of each item.
fn mapped(of: &ComprehensionExpr) -> Option<&IdedExpr> {
    match &of.loop_step.expr {
        Expr::Call(step) if step.func_name == operators::ADD => match &step.args.get(1)?.expr {
            Expr::List(list) => list.elements.first(),
            _ => None,
        },
        _ => None,
    }
}

fn reads_now(expr: &IdedExpr) -> bool {
    match &expr.expr {
        Expr::Ident(name) => name == "now",
        Expr::Select(select) => reads_now(&select.operand),
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).any(reads_now),
        Expr::List(list) => list.elements.iter().any(reads_now),
        _ => false,
    }
}

fn root(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Ident(name) => Some(name),
        Expr::Select(select) => root(&select.operand),
        Expr::Call(call) => root(call.target.as_deref().or(call.args.first())?),
        _ => None,
    }
}

fn mirrored(operator: &str) -> &str {
    match operator {
        operators::LESS => operators::GREATER,
        operators::LESS_EQUALS => operators::GREATER_EQUALS,
        operators::GREATER => operators::LESS,
        operators::GREATER_EQUALS => operators::LESS_EQUALS,
        same => same,
    }
}
