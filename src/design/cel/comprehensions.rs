//! `all`, `exists`, `map` and `filter` in the checker: what their macros made of them is taken apart again.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators};

use super::check::{Checker, Outcome, Paths, call, node};
use super::functions::inner;
use super::types::{Origin, Type};

impl Checker<'_> {
    pub(super) fn comprehension(
        &mut self,
        id: u64,
        comprehension: &mut ComprehensionExpr,
        known: &Paths,
    ) -> Outcome {
        let range = self.expression(&mut comprehension.iter_range, known).r#type;
        let item = match range {
            Type::List(item) => (*item).clone(),
            Type::Map(_) => Type::Text,
            Type::Anything => Type::Anything,
            Type::Nullable(_) => {
                let operand = comprehension.iter_range.clone();
                return self.null(&operand);
            }
            other => {
                let span = self.spans.of(id);
                return self.fault(span, format!("{other} is no list"), None);
            }
        };
        let variable = comprehension.iter_var.clone();
        let may_be_open =
            matches!(&item, Type::Record(record) if matches!(record.origin, Origin::Bound | Origin::Edge));
        let inside: Paths = known.iter().filter(|path| root(path) != variable).cloned().collect();
        self.locals.push((variable.clone(), item));
        let outcome = self.body(comprehension, &inside);
        self.locals.pop();
        if may_be_open && let Some(first) = first_of_body(comprehension) {
            let body = std::mem::take(first);
            let id = body.id;
            let seen = call(id, inner::SEEN, vec![node(id, Expr::Ident(variable))]);
            let never = node(id, Expr::Literal(LiteralValue::Boolean(false.into())));
            *first = call(id, operators::CONDITIONAL, vec![seen, body, never]);
        }
        outcome.into()
    }

    /// The parts of a comprehension that the policy wrote; the rest is the macro's.
    fn body(&mut self, comprehension: &mut ComprehensionExpr, known: &Paths) -> Type {
        let collects = matches!(comprehension.accu_init.expr, Expr::List(_));
        let Expr::Call(step) = &mut comprehension.loop_step.expr else { return Type::Anything };
        let guarded = step.func_name == operators::CONDITIONAL;
        if !collects {
            let condition = if guarded { step.args.first_mut() } else { step.args.get_mut(1) };
            let Some(condition) = condition else { return Type::Anything };
            let outcome = self.expression(condition, known);
            self.require(&condition.clone(), &outcome, &Type::Bool);
            return Type::Bool;
        }
        let mut inside = known.clone();
        if guarded && let Some(condition) = step.args.first_mut() {
            let outcome = self.expression(condition, known);
            self.require(&condition.clone(), &outcome, &Type::Bool);
            inside.extend(outcome.yes);
        }
        let item = collected(step).map(|item| self.expression(item, &inside).r#type);
        Type::list(item.unwrap_or(Type::Anything))
    }
}

fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// What `map` and `filter` add to their result.
fn collected(step: &mut CallExpr) -> Option<&mut IdedExpr> {
    let add = if step.func_name == operators::CONDITIONAL {
        match &mut step.args.get_mut(1)?.expr {
            Expr::Call(add) => add,
            _ => return None,
        }
    } else {
        step
    };
    match &mut add.args.get_mut(1)?.expr {
        Expr::List(list) => list.elements.first_mut(),
        _ => None,
    }
}

/// What is evaluated first for each item.
fn first_of_body(comprehension: &mut ComprehensionExpr) -> Option<&mut IdedExpr> {
    let collects = matches!(comprehension.accu_init.expr, Expr::List(_));
    let Expr::Call(step) = &mut comprehension.loop_step.expr else { return None };
    if step.func_name == operators::CONDITIONAL {
        step.args.first_mut()
    } else if collects {
        collected(step)
    } else {
        step.args.get_mut(1)
    }
}
