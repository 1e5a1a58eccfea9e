//! The values that expressions look at: converted from JSON once, shared by reference count, read in place.

use std::any::Any;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{self, Container, Indexer, Iterable, Sizer};
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelString, LIST_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use serde_json::Value;

use crate::model::seen::GAP_KEY;

pub(super) const RECORD: Type = Type::new_unspecified_type("record");
pub(super) const PATTERN: Type = Type::new_unspecified_type("pattern");
static RECORD_TYPE: Type = RECORD;
static PATTERN_TYPE: Type = PATTERN;
static UNSEEN_TYPE: Type = Type::new_unspecified_type("unseen");

type Shared = Box<dyn Val>;

/// Named members, sorted: an object of JSON. A member that is not known is not there, and reading it is an error.
#[derive(Clone, Debug)]
pub(in crate::design) struct Record(Arc<[(CelString<'static>, Shared)]>);

impl Record {
    pub(in crate::design) fn new(members: impl IntoIterator<Item = (String, Value)>) -> Self {
        let known = members.into_iter().filter(|(_, value)| !is_gap(value));
        let mut members: Vec<_> =
            known.map(|(name, value)| (CelString::from(name), convert(value))).collect();
        members.sort_by(|(a, _), (b, _)| a.inner().cmp(b.inner()));
        Self(members.into())
    }

    pub(super) fn member(&self, name: &str) -> Option<&(dyn Val + 'static)> {
        let at = self.0.binary_search_by(|(known, _)| known.inner().cmp(name)).ok()?;
        Some(self.0[at].1.as_ref())
    }
}

/// A list of records, and whether there may be more of them.
#[derive(Clone, Debug)]
pub(in crate::design) struct Listing {
    items: Arc<[Record]>,
    open: bool,
}

impl Listing {
    pub(in crate::design) fn new(items: Vec<Record>, open: bool) -> Self {
        Self { items: items.into(), open }
    }
}

/// What was not read: an item that an incomplete list may still have. Whatever is asked of it is an error.
#[derive(Clone, Copy, Debug)]
pub(in crate::design) struct Unseen;

impl Unseen {
    pub(in crate::design) const WHY: &str = "the list is incomplete";

    pub(super) fn error() -> ExecutionError {
        ExecutionError::function_error("list", Self::WHY)
    }
}

/// A regular expression, compiled with the expression it stands in.
#[derive(Clone, Debug)]
pub(in crate::design) struct Pattern(pub(in crate::design) regex::Regex);

impl Pattern {
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// A gap, or a list that has one among its items: neither has a value.
fn is_gap(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.len() == 1 && object.get(GAP_KEY).is_some_and(Value::is_object),
        Value::Array(items) => items.iter().any(is_gap),
        _ => false,
    }
}

/// The value that expressions see. Dates stay texts: the checker knows which members are times.
pub(in crate::design) fn convert(value: Value) -> Shared {
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(bool) => Box::new(CelBool::from(bool)),
        Value::Number(number) => match number.as_i64() {
            Some(int) => Box::new(CelInt::from(int)),
            None => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Value::String(text) => Box::new(CelString::from(text)),
        Value::Array(items) => {
            Box::new(CelList::from(items.into_iter().map(convert).collect::<Vec<Shared>>()))
        }
        Value::Object(members) => Box::new(Record::new(members)),
    }
}

impl Val for Record {
    fn get_type(&self) -> &Type {
        &RECORD_TYPE
    }

    fn cel_type() -> &'static Type {
        &RECORD_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Record {}

impl Container for Record {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(value.downcast_ref::<CelString>().is_some_and(|name| self.member(name.inner()).is_some()))
    }
}

impl Indexer for Record {
    fn get<'b, 'v>(&'b self, name: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = name.downcast_ref::<CelString>().map_or("", CelString::inner);
        self.member(name).map(CowVal::Borrowed).ok_or_else(|| ExecutionError::no_such_key(name))
    }

    fn steal<'v>(self: Box<Self>, name: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(name).map(CowVal::into_owned)
    }
}

struct Names<'b>(std::slice::Iter<'b, (CelString<'static>, Shared)>);

impl<'b, 'v> traits::Iterator<'b, 'v> for Names<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|(name, _)| name as &(dyn Val + 'v))
    }
}

impl Iterable for Record {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Names(self.0.iter()))
    }
}

impl Val for Listing {
    fn get_type(&self) -> &Type {
        &LIST
    }

    fn cel_type() -> &'static Type {
        &LIST
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    /// An open list has no size.
    fn as_sizer(&self) -> Option<&dyn Sizer> {
        if self.open { None } else { Some(self) }
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

static LIST: Type = LIST_TYPE;

impl StaticVal for Listing {}

impl Sizer for Listing {
    fn size(&self) -> CelInt {
        i64::try_from(self.items.len()).unwrap_or(i64::MAX).into()
    }
}

struct Items<'b> {
    known: std::slice::Iter<'b, Record>,
    open: bool,
}

impl<'b, 'v> traits::Iterator<'b, 'v> for Items<'b> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        if let Some(item) = self.known.next() {
            return Some(item);
        }
        std::mem::take(&mut self.open).then_some(&Unseen as &(dyn Val + 'v))
    }
}

impl Iterable for Listing {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Items { known: self.items.iter(), open: self.open })
    }
}

impl Val for Unseen {
    fn get_type(&self) -> &Type {
        &UNSEEN_TYPE
    }

    fn cel_type() -> &'static Type {
        &UNSEEN_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Unseen {}

impl Indexer for Unseen {
    fn get<'b, 'v>(&'b self, _: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Err(Self::error())
    }

    fn steal<'v>(self: Box<Self>, _: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Err(Self::error())
    }
}

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &PATTERN_TYPE
    }

    fn cel_type() -> &'static Type {
        &PATTERN_TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}
