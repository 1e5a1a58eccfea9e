//! Whom a rule of a network security group means: prefixes, and the names that Azure keeps sets of addresses under.

use std::cell::OnceCell;

use crate::model::azure::network::{RouteTable, Subnet, VirtualNetwork};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// Azure's probes come from here, and nothing else does.
const PROBES: &str = "168.63.129.16/32";

/// Whoever may ask from outside: nobody there has the address of the probes.
pub(super) fn internet() -> Addresses {
    let mut probes = Addresses::default();
    probes.add(&Cidr::parse(PROBES).expect("a constant"));
    Addresses::public().without(&probes)
}

/// The addresses that one side of a rule is for.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    pub(super) sure: Addresses,
    /// All of those, and others that it may be for: the gap says why.
    pub(super) may: Addresses,
    pub(super) gap: Option<Gap>,
}

impl Side {
    fn add(&mut self, block: &Cidr) {
        self.sure.add(block);
        self.may.add(block);
    }

    fn add_all(&mut self, other: &Self) {
        self.sure.add_all(&other.sure);
        self.may.add_all(&other.may);
        self.gap = self.gap.take().or_else(|| other.gap.clone());
    }

    fn perhaps(&mut self, addresses: &Addresses, gap: Gap) {
        self.may.add_all(addresses);
        self.gap.get_or_insert(gap);
    }
}

/// What the names stand for in one subnet.
pub(super) struct Tags<'w, 's> {
    group: Ref<'s>,
    subnet: Ref<'s>,
    world: &'w World<'s>,
    network: OnceCell<Side>,
}

impl<'w, 's> Tags<'w, 's> {
    pub(super) fn of(group: Ref<'s>, subnet: Ref<'s>, world: &'w World<'s>) -> Self {
        Self { group, subnet, world, network: OnceCell::new() }
    }

    /// Whom one side of a rule names. One that names nobody is for members of application groups.
    pub(super) fn side(&self, said: &[String]) -> Side {
        let mut side = Side::default();
        let everybody = Addresses::everything();
        if said.is_empty() {
            let why = "whom its application groups hold is not read";
            side.perhaps(&everybody, undecided(self.group, why));
        }
        for name in said {
            if let Some(block) = Cidr::parse(name) {
                side.add(&block);
                continue;
            }
            match name.to_ascii_lowercase().as_str() {
                "*" | "any" => {
                    side.add_all(&Side { sure: everybody.clone(), may: everybody.clone(), gap: None });
                }
                "virtualnetwork" => side.add_all(self.network()),
                "internet" => {
                    let (public, own) = (Addresses::public(), self.network());
                    let (sure, may) = (public.without(&own.may), public.without(&own.sure));
                    side.add_all(&Side { gap: own.gap.clone().filter(|_| sure != may), sure, may });
                }
                "azureloadbalancer" => side.add(&Cidr::parse(PROBES).expect("a constant")),
                // All that Azure keeps names for are its own public addresses.
                _ => {
                    let why = format!("which addresses the service tag {name} holds is not read");
                    side.perhaps(&Addresses::public(), undecided(self.group, why));
                }
            }
        }
        side
    }

    /// The network's own addresses, and those of networks that are peered with it. The tag holds what the subnet's own
    /// routes name, too, and Azure's documentation does not say when.
    fn network(&self) -> &Side {
        self.network.get_or_init(|| {
            let mut side = Side::default();
            let id = World::facts::<Subnet>(self.subnet).network.as_str();
            self.add_network(id, true, &mut side);
            self.add_routes(&mut side);
            side
        })
    }

    fn add_network(&self, id: &str, own: bool, side: &mut Side) {
        let everybody = Addresses::everything();
        let network = match self.world.find(Kind::VirtualNetwork, id, &self.subnet.scope) {
            Ok(network) => network,
            Err(NotFound::Unread(gap)) => return side.perhaps(&everybody, gap),
            Err(NotFound::Absent) => {
                let why = format!("{id} is not there to be read");
                return side.perhaps(&everybody, undecided(self.subnet, why));
            }
        };
        let facts = World::facts::<VirtualNetwork>(network);
        let mut blocks = Addresses::default();
        match blocks.add_blocks(&facts.prefixes, network) {
            Ok(()) => side.add_all(&Side { sure: blocks.clone(), may: blocks, gap: None }),
            Err(gap) => side.perhaps(&everybody, gap),
        }
        if !own {
            return;
        }
        for peering in &facts.peerings {
            match (peering.state.as_deref(), peering.access) {
                (Some("Connected"), Some(true)) => self.add_network(&peering.network, false, side),
                (Some("Connected") | None, Some(true) | None) => {
                    let why = format!("not told whether the peering {} works", peering.name);
                    side.perhaps(&everybody, undecided(network, why));
                }
                _ => {}
            }
        }
    }

    fn add_routes(&self, side: &mut Side) {
        let Some(id) = World::facts::<Subnet>(self.subnet).route_table.as_deref() else { return };
        let everybody = Addresses::everything();
        let table = match self.world.find(Kind::AzureRouteTable, id, &self.subnet.scope) {
            Ok(table) => table,
            Err(NotFound::Unread(gap)) => return side.perhaps(&everybody, gap),
            Err(NotFound::Absent) => {
                let why = format!("{id} is not there to be read");
                return side.perhaps(&everybody, undecided(self.subnet, why));
            }
        };
        let mut named = Addresses::default();
        let routes = World::facts::<RouteTable>(table).routes.iter();
        routes.filter_map(|route| Cidr::parse(&route.destination)).for_each(|block| named.add(&block));
        if !named.without(&side.sure).is_empty() {
            let why = "whether the tag VirtualNetwork holds what its routes name is not told";
            side.perhaps(&named, undecided(table, why));
        }
    }
}
