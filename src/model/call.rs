//! The calls that exist: each at once a permission, a fixture name and an entry of the transport's allow-list.

use super::kind::Kind;
use super::scope::Provider;

/// One read operation of one service.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// `service:Operation`, the name in ledger, gaps, fixtures and reports. The service is the IAM prefix.
    pub id: &'static str,
    /// The service as the SDK names it in its metadata ("Elastic Load Balancing v2").
    pub sdk_service: &'static str,
    /// The permissions the call takes; mostly its own id.
    pub permissions: &'static [&'static str],
    /// How the call looks on the wire, checked apart from the SDK's word for it.
    pub wire: Wire,
}

impl Call {
    /// The call of this id, among those that tell something of a kind.
    pub fn named(id: &str) -> Option<&'static Self> {
        let sources = Kind::ALL.iter().flat_map(|kind| kind.meta().sources());
        sources.flat_map(|source| source.calls).copied().find(|call| call.id == id)
    }

    pub fn provider(&self) -> Provider {
        // AWS's go by the service.
        let prefix = self.id.split_once(':').map_or("", |(prefix, _)| prefix);
        Provider::of_prefix(prefix).unwrap_or(Provider::Aws)
    }

    pub fn operation(&self) -> &'static str {
        self.id.split_once(':').map_or(self.id, |(_, operation)| operation)
    }
}

/// What a request must look like for the HTTP seam to let it pass.
#[derive(Debug, PartialEq, Eq)]
pub enum Wire {
    /// POST, form body with `Action=<operation>` (EC2, ELBv2, IAM, RDS, STS).
    Query,
    /// POST with `x-amz-target: <prefix>.<operation>`.
    Target(&'static str),
    /// GET; the path starts so and the query has this key, if one is named.
    Get { path: &'static str, key: Option<&'static str> },
    /// GET of exactly this path; a `*` stands for one segment, whatever it is.
    Rest(&'static str),
    /// GET of this path of Azure Resource Manager, whose segments have no case; a `*` stands for one segment.
    Arm {
        path: &'static str,
        /// The `api-version`s that collectors can read, the one to ask with first: clouds of their own lag behind.
        versions: &'static [&'static str],
        /// The `$filter` it must have.
        filter: Option<&'static str>,
    },
}

/// One thing that can be asked for: a listing, the children of a parent, one resource, or one resource's detail.
/// It may take several calls; the first is the primary one, by which ledger and gaps know the source.
#[derive(Debug)]
pub struct Source {
    pub calls: &'static [&'static Call],
    /// How many keys one fetch may take together.
    pub batch: usize,
    /// Changes by the second: a FAIL that rests on it is read once more in live mode.
    pub volatile: bool,
}

impl Source {
    pub const fn of(calls: &'static [&'static Call]) -> Self {
        Self { calls, batch: 1, volatile: false }
    }

    pub const fn batched(calls: &'static [&'static Call], batch: usize) -> Self {
        Self { calls, batch, volatile: false }
    }

    #[must_use]
    pub const fn volatile(self) -> Self {
        Self { volatile: true, ..self }
    }

    pub fn primary(&self) -> &'static str {
        self.calls[0].id
    }
}

/// Two are the same source when they start with the same call.
impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.primary() == other.primary()
    }
}
impl Eq for Source {}
