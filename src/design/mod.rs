//! Reference designs: what a policy file says, once it was read and checked. Nothing here looks at an account.

use std::collections::BTreeMap;

use crate::model::kind::Kind;
use crate::model::path::{Block, Expect, PortRange, Protocol};
use crate::model::relation::RelationMeta;
use crate::model::run::{Basis, DesignOrigin, GroupForm, PolicyPlace, Severity};
use crate::model::scope::Provider;

mod cel;
mod check;
pub mod diagnose;
mod edges;
pub mod expr;
mod extension;
mod load;
pub(crate) mod nearest;
mod nodes;
mod params;
mod paths;
mod requirement;
pub(crate) mod table;
#[cfg(test)]
pub(crate) mod testing;
pub mod trial;
mod waivers;

pub use cel::functions::{FUNCTIONS, Function};
use diagnose::{Diagnostic, Diagnostics};
use expr::{Expr, Vocabulary, Want};
pub use load::{BUILTIN, Library, PolicyFile, builtin, load};
pub(crate) use nearest::nearest;
pub use params::{Given, GivenValue, resolve};
pub use table::Written;
pub use waivers::Waiver;

/// One reference design, checked: every name in it exists and every expression has its type.
pub struct Design {
    pub id: String,
    pub version: String,
    pub title: String,
    pub source: String,
    /// SHA-256 of the policy file, and of the files that extend it.
    pub digest: String,
    pub origin: DesignOrigin,
    pub params: BTreeMap<String, Param>,
    pub scopes: BTreeMap<String, Scope>,
    /// What its nodes say they are drawn in, by id.
    pub groups: BTreeMap<String, Group>,
    /// In the order of the file.
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub paths: Vec<Path>,
    pub rules: Vec<Rule>,
    pub unassessed: Vec<Unassessed>,
}

pub struct Param {
    pub r#type: ParamType,
    pub default: Option<serde_json::Value>,
    pub about: String,
    pub place: PolicyPlace,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    String,
    Int,
    Bool,
    Strings,
}

/// A frame around nodes of the drawing.
pub struct Group {
    pub title: String,
    pub form: GroupForm,
}

/// Where a node is looked for, and what of it belongs to the env.
pub struct Scope {
    /// The account role; empty for the env's main account.
    pub account: String,
    /// A text: the region, or `global`. Absent: every region of the env.
    pub region: Option<Expr>,
    /// A condition over `r`.
    pub filter: Option<Expr>,
    /// Of Kubernetes things: the node that binds the cluster they run in.
    pub cluster: Option<String>,
}

/// What every requirement says of itself.
#[derive(Clone)]
pub struct Requirement {
    pub says: String,
    pub cite: String,
    pub basis: Basis,
    pub severity: Severity,
    /// What goes wrong where it does not hold.
    pub why: String,
    pub fix: String,
    /// Over parameters alone; false: not applicable.
    pub when: Option<Expr>,
    pub place: PolicyPlace,
    pub groups: Vec<String>,
}

/// A box of the drawing.
pub struct Node {
    pub id: String,
    pub kinds: Vec<Kind>,
    /// Key of `Design::scopes`.
    pub scope: String,
    /// A condition over `r`.
    pub select: Option<Expr>,
    /// The arrow whose other end binds this node.
    pub via: Option<String>,
    /// The node whose bound resources hold this node's (the records of a zone, the containers of a service): only
    /// those are looked at. For kinds that are listed per parent.
    pub within: Option<String>,
    pub count: Count,
    pub asserts: Vec<Assert>,
    pub formerly: Vec<String>,
    pub requirement: Requirement,
}

/// How many resources a node may bind.
pub struct Count {
    /// As written.
    pub text: String,
    pub least: CountEnd,
    /// Absent where any number is fine.
    pub most: Option<CountEnd>,
}

#[derive(Clone)]
pub enum CountEnd {
    Fixed(u64),
    /// Over parameters.
    Computed(Box<Expr>),
}

pub struct Assert {
    pub id: String,
    pub that: Expr,
    /// Empty: all kinds of the node.
    pub kinds: Vec<Kind>,
    pub requirement: Requirement,
}

impl Node {
    /// Whether it binds what runs in a cluster; a node's kinds are all of one provider.
    pub(crate) fn in_kubernetes(&self) -> bool {
        self.kinds.iter().any(|kind| kind.provider() == Provider::Kubernetes)
    }

    pub(crate) fn in_azure(&self) -> bool {
        self.kinds.iter().any(|kind| kind.provider() == Provider::Azure)
    }
}

impl Assert {
    /// Whether it is judged for every resource, or once for the node.
    pub fn per_resource(&self) -> bool {
        self.that.reads().per_resource()
    }
}

/// An arrow of the drawing.
pub struct Edge {
    pub id: String,
    pub from: String,
    pub relation: &'static RelationMeta,
    pub to: String,
    /// Over `e`: which edges count.
    pub filter: Option<Expr>,
    /// Over `e`: what must hold of an edge that counts.
    pub that: Option<Expr>,
    /// Every edge that counts ends in `to` (and holds).
    pub only: bool,
    /// Every resource bound to `to` has such an edge as well.
    pub cover: bool,
    /// No edge that counts may end in `to`.
    pub forbid: bool,
    pub formerly: Vec<String>,
    pub requirement: Requirement,
}

/// A proof about packets: whether they come from one end to the other, by what is drawn between.
pub struct Path {
    pub id: String,
    /// Two at least: the ends, and in between what packets pass, in this order.
    pub via: Vec<Stop>,
    /// What does not count as a way.
    pub avoid: Vec<String>,
    pub packet: Asked,
    pub expect: Expect,
    pub formerly: Vec<String>,
    pub requirement: Requirement,
}

/// Where a path leads by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Everything outside; at one end alone.
    Internet,
    Node(String),
}

/// The packets that a path is about.
#[derive(Default)]
pub struct Asked {
    pub protocol: Protocol,
    /// Empty: the target's own where they must arrive, all where none may.
    pub ports: Vec<Ports>,
    pub sources: Vec<Block>,
    pub destinations: Vec<Block>,
}

pub enum Ports {
    Range(PortRange),
    /// Over parameters.
    Computed(Box<Expr>),
}

/// A check of the user's own.
pub struct Rule {
    /// `org/name`
    pub id: String,
    /// The node whose resources it judges.
    pub node: String,
    pub that: Expr,
    /// A text over what `that` may read.
    pub message: Option<Expr>,
    pub requirement: Requirement,
}

/// What the document asks and this version does not judge.
pub struct Unassessed {
    pub id: String,
    pub says: String,
    pub cite: String,
    pub why: String,
    pub place: PolicyPlace,
}

impl Design {
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    pub fn edge(&self, id: &str) -> Option<&Edge> {
        self.edges.iter().find(|edge| edge.id == id)
    }

    pub fn path(&self, id: &str) -> Option<&Path> {
        self.paths.iter().find(|path| path.id == id)
    }

    /// The node that binds the cluster which the design's Kubernetes things run in.
    pub fn cluster(&self) -> Option<&Node> {
        self.scopes.values().find_map(|scope| self.node(scope.cluster.as_deref()?))
    }

    /// Replaces a node's `select` by an env's own.
    pub fn override_select(&mut self, node: &str, select: &Written) -> Result<(), Diagnostics> {
        let params = self.params.iter().map(|(name, param)| (name.clone(), param.r#type)).collect();
        let Some(found) = self.nodes.iter_mut().find(|known| known.id == node) else {
            let help = nearest::suggestion(node, self.nodes.iter().map(|node| node.id.as_str()));
            let message = format!("`{}` has no node `{node}`", self.id);
            return Err(Diagnostic::new(&select.source, select.span.clone(), message, help).into());
        };
        let names = Vocabulary::of_resource(&found.kinds, &params);
        let expr =
            table::compile(select, 0..select.text.len(), Want::Condition, &names).map_err(Diagnostics)?;
        found.select = Some(expr);
        Ok(())
    }

    /// That this is the design an env pinned by its digest.
    pub fn pinned(&self, digest: &Written) -> Result<(), Diagnostics> {
        if self.digest == digest.text {
            return Ok(());
        }
        let message = format!("`{}` is not the design that was pinned", self.id);
        let help = format!("its digest is now {}", self.digest);
        Err(Diagnostic::new(&digest.source, digest.span.clone(), message, Some(help)).into())
    }
}
