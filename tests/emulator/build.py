"""Fill a running emulator with an environment: `build.py --endpoint URL --variant dev`.

Prints the ids of what it built, as JSON.
"""

import argparse
import json
import urllib.request
from types import SimpleNamespace

from environment import account, compute, decoys, delivery, entry, faults, network, registry, roles
from environment.account import Environment, Naming
from environment.aks import access as aks_access
from environment.aks import balancer, gateway, monitoring, names
from environment.aks import cluster as aks_cluster
from environment.aks import decoys as aks_decoys
from environment.aks import faults as aks_faults
from environment.aks import network as aks_network
from environment.aks import plan as aks_plan
from environment.aks import registry as aks_registry
from environment.aks import storage as aks_storage
from environment.aks import system as aks_system
from environment.aks import variations as aks_variations
from environment.eks import application, cluster, plan, storage, system
from environment.eks import decoys as eks_decoys
from environment.eks import entry as eks_entry
from environment.eks import faults as eks_faults
from environment.eks import network as eks_network
from environment.eks import roles as eks_roles

BARE = Naming(tags={"Environment": "development"}, tiers=False)
CONFORMANT = (network, entry, roles, registry, compute, delivery)
CROWD = {"subnets": 2500, "load_balancers": 200}
ON_EKS = (eks_network, eks_roles, cluster, eks_entry, storage, system, application, eks_decoys)
"""The parts of the EKS design's environment: AWS, then what runs in the cluster."""
ON_AKS = (aks_network, monitoring, aks_registry, aks_cluster, aks_access, balancer, gateway, names, aks_storage)
ON_AKS += (aks_system, application, aks_decoys)
"""The parts of the AKS design's environment: Azure, then what runs in the cluster."""
VARIANTS = ["dev", "broken", "bare-tags", "crowd"]
EKS_VARIANTS = ["eks", "eks-broken", "eks-as-templates"]
AKS_VARIANTS = ["aks", "aks-broken", "aks-as-templates"]


def build(endpoint: str, naming: Naming) -> Environment:
    """The environment as the design wants it, among things of others."""
    env = account.start(endpoint, naming)
    for part in (*CONFORMANT, decoys):
        part.build(env)
    return env


def build_eks(endpoint: str, variant: str, broken: list[str]) -> plan.Eks:
    """The EKS design's environment with these faults, among things of others."""
    if variant == "eks-broken":
        broken = [*eks_faults.PLANNED, *(fault.__name__ for fault in eks_faults.EVERY)]
    planned = plan.AS_TEMPLATES if variant == "eks-as-templates" else eks_faults.plan_with(broken)
    env = plan.start(endpoint, planned)
    for part in ON_EKS:
        part.build(env)
    for name in broken:
        if name in eks_faults.BY_NAME:
            eks_faults.BY_NAME[name](env)
    return env


def build_aks(endpoint: str, variant: str, changed: list[str]) -> aks_plan.Aks:
    """The AKS design's environment with these faults and variations, among things of others."""
    planned = aks_plan.AS_TEMPLATES if variant == "aks-as-templates" else aks_plan.CONFORMANT
    env = aks_plan.start(endpoint, planned)
    for part in ON_AKS:
        part.build(env)
    named = [(aks_faults.BY_NAME | aks_variations.BY_NAME)[name] for name in changed]
    for change in (*(aks_faults.EVERY if variant == "aks-broken" else ()), *named):
        change(env)
    return env


def crowd(endpoint: str) -> None:
    """Adds what thousands of requests would."""
    request = urllib.request.Request(f"{endpoint}/emulator/crowd", json.dumps(CROWD).encode(), method="POST")
    urllib.request.urlopen(request).close()


def told(env: SimpleNamespace) -> str:
    """The ids of what was built."""
    ids = {key: value for key, value in vars(env).items() if isinstance(value, str | list | dict)}
    for whole in ("objects", "pods", "resources"):
        ids.pop(whole, None)
    return json.dumps(ids, indent=2, sort_keys=True)


def main() -> None:
    """Builds the variant that was asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--endpoint", required=True)
    arguments.add_argument("--variant", choices=[*VARIANTS, *EKS_VARIANTS, *AKS_VARIANTS], default="dev")
    arguments.add_argument(
        "--fault",
        action="append",
        default=[],
        choices=[*faults.BY_NAME, *eks_faults.NAMES, *aks_faults.BY_NAME],
        help="break one thing; may be repeated",
    )
    arguments.add_argument(
        "--variation",
        action="append",
        default=[],
        choices=aks_variations.BY_NAME,
        help="build AKS in another way that is the design too; may be repeated",
    )
    chosen = arguments.parse_args()

    if chosen.variant in EKS_VARIANTS:
        print(told(build_eks(chosen.endpoint, chosen.variant, chosen.fault)))
        return
    if chosen.variant in AKS_VARIANTS:
        print(told(build_aks(chosen.endpoint, chosen.variant, [*chosen.variation, *chosen.fault])))
        return
    env = build(chosen.endpoint, BARE if chosen.variant == "bare-tags" else Naming())
    if chosen.variant == "crowd":
        crowd(chosen.endpoint)
    named = [faults.BY_NAME[name] for name in chosen.fault]
    for fault in faults.EVERY if chosen.variant == "broken" else named:
        fault(env)
    print(told(env))


if __name__ == "__main__":
    main()
