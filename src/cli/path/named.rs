//! Resources as people name them: `internet`, `KIND/NAME`, `KIND:NAME`, or an id.

use std::str::FromStr;

use super::super::trouble::Trouble;
use crate::design::nearest;
use crate::model::kind::Kind;
use crate::model::path::{self, INTERNET};
use crate::model::scope::{Provider, Scope};
use crate::model::seen::Gap;
use crate::report::clean;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Internet,
    /// By kind, and name or id. What runs in a cluster may be named with its namespace: `shop/api`.
    Of(Kind, String),
    Id(String),
}

/// Names and ids that are listed at most.
const SHOWN: usize = 12;

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == INTERNET {
            return Ok(Self::Internet);
        }
        let Some((kind, name)) = text.split_once(['/', ':']) else {
            return if text.is_empty() {
                Err("name a resource".to_owned())
            } else {
                Ok(Self::Id(text.to_owned()))
            };
        };
        if let Some(kind) = Kind::named(kind) {
            return if name.is_empty() {
                Err(format!("which {kind}? write {kind}/NAME"))
            } else {
                Ok(Self::Of(kind, name.to_owned()))
            };
        }
        if ["aws.", "azure.", "k8s."].iter().any(|provider| kind.starts_with(provider)) {
            let near = nearest(kind, Kind::ALL.iter().map(|kind| kind.name()));
            let help = near.map_or_else(String::new, |near| format!(": did you mean {near}?"));
            return Err(format!("there is no kind {kind}{help}"));
        }
        Ok(Self::Id(text.to_owned()))
    }
}

/// The places that resources of a kind are listed in.
fn places(kind: Kind, world: &World<'_>) -> Vec<Scope> {
    match kind.provider() {
        Provider::Aws => world.places(),
        Provider::Azure => world.subscriptions(),
        Provider::Kubernetes => {
            world.snapshot().header.cluster.iter().map(|cluster| Scope::kubernetes(cluster)).collect()
        }
    }
}

/// Ids of Azure have no case.
fn same_id(one: &str, other: &str) -> bool {
    one == other || (one.starts_with("/subscriptions/") && one.eq_ignore_ascii_case(other))
}

impl Name {
    /// What keeps from knowing which resource is meant.
    pub(super) fn unread(&self, world: &World<'_>) -> Vec<Gap> {
        let Self::Of(kind, name) = self else { return Vec::new() };
        let mut places = places(*kind, world).into_iter();
        let meta = kind.meta();
        // What is never listed may be asked for by its id.
        if meta.listed().is_none() && meta.within().is_none() {
            let found = places.next().map(|near| world.find(*kind, name, &near));
            return match found {
                Some(Err(NotFound::Unread(gap))) => vec![gap],
                _ => Vec::new(),
            };
        }
        places.flat_map(|place| world.list(*kind, &place).gaps).collect()
    }

    /// A resource that packets can start or end at.
    pub(super) fn end<'s>(&self, world: &World<'s>) -> Result<Ref<'s>, Trouble> {
        let placeless = |kind: Kind| {
            let all: Vec<&str> = path::ENDS.iter().map(|end| end.kind.name()).collect();
            Trouble::usage(format!("{kind} has no place in a network that packets start or end at"))
                .help(format!("these have one: {}", all.join(", ")))
        };
        if let Self::Of(kind, _) = self
            && path::end(*kind).is_none()
        {
            return Err(placeless(*kind));
        }
        let found = self.resource(world)?;
        if path::end(found.kind()).is_none() { Err(placeless(found.kind())) } else { Ok(found) }
    }

    /// The one resource that is meant.
    pub(super) fn resource<'s>(&self, world: &World<'s>) -> Result<Ref<'s>, Trouble> {
        let all = world.snapshot().resources.iter().filter(|resource| self.may_be(resource.kind()));
        let found: Vec<Ref<'s>> = all.clone().filter(|resource| self.is(resource)).collect();
        match &found[..] {
            [one] => Ok(one),
            [] => Err(self.unknown(all, world)),
            several => {
                let ids: Vec<_> = several.iter().take(SHOWN).map(|one| clean(&one.id, 256)).collect();
                let more = several.len().saturating_sub(SHOWN);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let what = format!("{self} is the name of {} resources", several.len());
                Err(Trouble::usage(what).help(format!("name one by its id: {}{more}", ids.join(", "))))
            }
        }
    }

    fn may_be(&self, kind: Kind) -> bool {
        match self {
            Self::Of(own, _) => *own == kind,
            Self::Internet | Self::Id(_) => true,
        }
    }

    fn is(&self, resource: Ref<'_>) -> bool {
        match self {
            Self::Internet => false,
            Self::Id(id) => same_id(&resource.id, id),
            Self::Of(kind, name) => {
                let qualified = name.split_once('/').filter(|_| kind.provider() == Provider::Kubernetes);
                // An id is cluster/namespace/kind/name.
                let within = qualified.is_some_and(|(namespace, name)| {
                    resource.name == name && resource.id.rsplit('/').nth(2) == Some(namespace)
                });
                resource.name == *name || same_id(&resource.id, name) || within
            }
        }
    }

    fn unknown<'s>(&self, all: impl Iterator<Item = Ref<'s>>, world: &World<'_>) -> Trouble {
        let unread = self.unread(world);
        let (names, asked): (Vec<&str>, &str) = match self {
            Self::Of(_, name) => (all.map(|one| one.name.as_str()).collect(), name),
            Self::Internet => (Vec::new(), INTERNET),
            Self::Id(id) => {
                let names = all.flat_map(|one| [one.name.as_str(), one.id.as_str()]);
                (names.chain([INTERNET]).collect(), id)
            }
        };
        let what = format!("no {self} was read");
        let near = nearest(asked, names.iter().copied());
        if let (None, Some(gap)) = (near, unread.first()) {
            let help = format!("there may be one: {}", clean(&gap.to_string(), 256));
            return Trouble::no_verdict(what).help(help);
        }
        let help = match (near, self) {
            (Some(near), _) => format!("did you mean {}?", clean(near, 256)),
            (None, Self::Id(_)) => {
                "write KIND/NAME, such as aws.load_balancer/edge, or a whole id".to_owned()
            }
            (None, _) if names.is_empty() => "there is none of this kind".to_owned(),
            (None, _) => {
                let shown: Vec<_> = names.iter().take(SHOWN).map(|name| clean(name, 80)).collect();
                format!("there are {}", shown.join(", "))
            }
        };
        Trouble::usage(what).help(help)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Internet => f.write_str(INTERNET),
            Self::Of(kind, name) => write!(f, "{kind}/{}", clean(name, 256)),
            Self::Id(id) => f.write_str(&clean(id, 256)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_by_their_form() {
        let arn = "arn:aws:ecs:us-west-1:111111111111:service/app/web";
        for (text, name) in [
            ("internet", Name::Internet),
            ("k8s.deployment/shop/api", Name::Of(Kind::K8sDeployment, "shop/api".to_owned())),
            ("aws.subnet:private-a", Name::Of(Kind::Subnet, "private-a".to_owned())),
            ("subnet-1", Name::Id("subnet-1".to_owned())),
            (arn, Name::Id(arn.to_owned())),
            ("/subscriptions/x", Name::Id("/subscriptions/x".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(name));
        }
        for (text, wrong) in [
            ("aws.subnets/a", "did you mean aws.subnet?"),
            ("aws.subnet/", "which aws.subnet?"),
            ("", "name a"),
        ] {
            let error = text.parse::<Name>().expect_err(text);
            assert!(error.contains(wrong), "{error}");
        }
    }
}
