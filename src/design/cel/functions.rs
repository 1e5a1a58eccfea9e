//! The functions that policies have beyond standard CEL: their signatures for people, and what they do.

#![expect(clippy::needless_pass_by_value, reason = "`cel` hands every function its arguments as a `Vec`")]

use std::sync::{Arc, LazyLock};

use cel::common::types::{
    CelBool, CelList, CelString, CelTimestamp, DYN_TYPE, LIST_TYPE, NULL_TYPE, STRING_TYPE, Type,
};
use cel::common::value::{CowVal, Val};
use cel::{Env, ExecutionError};

use super::values::{PATTERN, Pattern, RECORD, Record, Unseen};
use crate::model::names;

/// A function of our own, for `design functions`.
#[derive(Debug)]
pub struct Function {
    pub name: &'static str,
    pub signature: &'static str,
    pub about: &'static str,
}

/// Sorted by name.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "answers",
        signature: "r.answers(host: string) -> bool",
        about: "whether a DNS record answers for the host; a wildcard stands for any depth below, but for closer names",
    },
    Function {
        name: "covers",
        signature: "e.covers(host: string) -> bool, covers(list<string>, host: string) -> bool",
        about: "whether a certificate for those names is valid for the host; a wildcard stands for one label",
    },
    Function { name: "distinct", signature: "list.distinct() -> list", about: "the list's items, each once" },
    Function {
        name: "fits",
        signature: "fits(list<string>, host: string) -> bool",
        about: "whether a gateway's listener for those hosts takes the host; `*` stands for any run of characters, `?` for one",
    },
    Function {
        name: "holds",
        signature: "r.holds(host: string) -> bool",
        about: "whether a hosted zone is where a record for the host would stand",
    },
    Function {
        name: "out",
        signature: "out(relation: string) -> list of edges",
        about: "the resource's edges of a relation, with their attributes, `to` and `kind` (empty outside the model)",
    },
    Function {
        name: "same",
        signature: "same(name: string, other: string) -> bool",
        about: "whether two names are the same but for their case, as Azure compares them",
    },
    Function {
        name: "tag",
        signature: "r.tag(key: string) -> string",
        about: "the tag's value; empty where the tags are known and lack it, unknown where they could not be read",
    },
    Function {
        name: "told",
        signature: "told(value) -> value",
        about: "the value; unknown where it is null: for what an answer always says, but for old or cut ones",
    },
];

/// Names that the checker writes into expressions; no policy can, for `@` is no letter of CEL.
pub(super) mod inner {
    pub(in crate::design) const TAG: &str = "@tag";
    pub(in crate::design) const COVERS: &str = "@covers";
    pub(in crate::design) const ANSWERS: &str = "@answers";
    pub(in crate::design) const HOLDS: &str = "@holds";
    pub(in crate::design) const FITS: &str = "@fits";
    pub(in crate::design) const SAME: &str = "@same";
    pub(in crate::design) const DISTINCT: &str = "@distinct";
    pub(in crate::design) const TOLD: &str = "@told";
    pub(in crate::design) const TIME: &str = "@time";
    pub(in crate::design) const MATCHES: &str = "@matches";
    /// True for an item that is there; an error for what may be behind an incomplete list.
    pub(in crate::design) const SEEN: &str = "@seen";
}

/// What expressions are evaluated in; shared, since building it costs more than most evaluations.
pub(in crate::design) fn shared_environment() -> Arc<Env> {
    static SHARED: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(environment()));
    Arc::clone(&SHARED)
}

/// Standard CEL and our functions.
fn environment() -> Env {
    let mut env = Env::stdlib();
    let ours: [(&str, Vec<Type>, cel::common::functions::Function); 11] = [
        (inner::TAG, vec![RECORD, STRING_TYPE], tag),
        (inner::COVERS, vec![LIST_TYPE, STRING_TYPE], covers),
        (inner::ANSWERS, vec![LIST_TYPE, STRING_TYPE], answers),
        (inner::HOLDS, vec![STRING_TYPE, STRING_TYPE], holds),
        (inner::FITS, vec![LIST_TYPE, STRING_TYPE], fits),
        (inner::SAME, vec![STRING_TYPE, STRING_TYPE], same),
        (inner::DISTINCT, vec![LIST_TYPE], distinct),
        (inner::TOLD, vec![DYN_TYPE], told),
        (inner::TIME, vec![DYN_TYPE], time),
        (inner::MATCHES, vec![STRING_TYPE, PATTERN], matches),
        (inner::SEEN, vec![DYN_TYPE], seen),
    ];
    for (name, arguments, function) in ours {
        env.add_overload(name, name, arguments, function).expect("names of our own are declared once");
    }
    env
}

fn text<'a>(value: &'a CowVal<'_, '_>) -> Result<&'a str, ExecutionError> {
    value
        .downcast_ref::<CelString>()
        .map(CelString::inner)
        .ok_or_else(|| unexpected(value.as_ref(), "string"))
}

fn unexpected(value: &dyn Val, want: &str) -> ExecutionError {
    ExecutionError::UnexpectedType { got: value.get_type().name().to_owned(), want: want.to_owned() }
}

fn bool<'b, 'v>(value: bool) -> CowVal<'b, 'v> {
    CowVal::owned(CelBool::from(value))
}

fn tag<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let tags = arguments[0].downcast_ref::<Record>().ok_or_else(|| unexpected(&*arguments[0], "tags"))?;
    let value = tags.member(text(&arguments[1])?).map(Val::clone_as_boxed);
    Ok(value.map_or_else(|| CowVal::owned(CelString::from("")), CowVal::Owned))
}

fn covers<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    any_pattern(&arguments, names::covers)
}

fn fits<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    any_pattern(&arguments, names::fits)
}

/// Whether one of the patterns that the first argument lists is for the host that is the second.
fn any_pattern<'b, 'v>(
    arguments: &[CowVal<'b, 'v>],
    is_for: fn(&str, &str) -> bool,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let host = text(&arguments[1])?;
    let list = arguments[0].as_iterable().ok_or_else(|| unexpected(&*arguments[0], "list"))?;
    let mut items = list.iter();
    while let Some(item) = items.next() {
        let pattern = item.downcast_ref::<CelString>().ok_or_else(|| unexpected(item, "string"))?;
        if is_for(pattern.inner(), host) {
            return Ok(bool(true));
        }
    }
    Ok(bool(false))
}

fn same<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    Ok(bool(text(&arguments[0])?.eq_ignore_ascii_case(text(&arguments[1])?)))
}

fn told<'b, 'v>(mut arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = arguments.swap_remove(0);
    if *value.get_type() == NULL_TYPE {
        return Err(ExecutionError::function_error("told", "the answer does not say"));
    }
    Ok(value)
}

fn answers<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let host = text(&arguments[1])?;
    let list = arguments[0].as_iterable().ok_or_else(|| unexpected(&*arguments[0], "list"))?;
    let (mut items, mut known) = (list.iter(), Vec::new());
    while let Some(item) = items.next() {
        let name = item.downcast_ref::<CelString>().ok_or_else(|| unexpected(item, "string"))?;
        known.push(name.inner().to_owned());
    }
    let others = known.iter().skip(1).map(String::as_str);
    Ok(bool(known.first().is_some_and(|record| names::answers_beside(record, others, host))))
}

fn holds<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    Ok(bool(names::holds(text(&arguments[0])?, text(&arguments[1])?)))
}

fn distinct<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let list = arguments[0].as_iterable().ok_or_else(|| unexpected(&*arguments[0], "list"))?;
    let mut kept: Vec<Box<dyn Val + 'v>> = Vec::new();
    let mut items = list.iter();
    while let Some(item) = items.next() {
        if !kept.iter().any(|known| known.equals(item)) {
            kept.push(item.clone_as_boxed());
        }
    }
    Ok(CowVal::owned(CelList::from(kept)))
}

fn time<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let Some(value) = arguments.into_iter().next() else {
        return Err(ExecutionError::MissingArgumentOrTarget);
    };
    let Some(written) = value.downcast_ref::<CelString>() else {
        return Ok(value);
    };
    let parsed = chrono::DateTime::parse_from_rfc3339(written.inner())
        .map_err(|error| ExecutionError::function_error("timestamp", error))?;
    Ok(CowVal::owned(CelTimestamp::from(parsed)))
}

fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let pattern =
        arguments[1].downcast_ref::<Pattern>().ok_or_else(|| unexpected(&*arguments[1], "pattern"))?;
    Ok(bool(pattern.is_match(text(&arguments[0])?)))
}

fn seen<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    if arguments[0].downcast_ref::<Unseen>().is_some() { Err(Unseen::error()) } else { Ok(bool(true)) }
}
