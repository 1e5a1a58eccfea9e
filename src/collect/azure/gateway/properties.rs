//! How a gateway is set up. Its parts refer to each other by id; facts keep the name, as the part that is meant writes
//! it. Keys and passwords of certificates are not looked at.

use std::net::IpAddr;

use serde_json::Value;

use super::super::members::domain;
use super::super::part::{Part, Unfit, names, spelt};
use crate::model::azure::gateway::{
    BackendSettings, Frontend, GatewayCertificate, GatewayListener, GatewayProperties, GatewayRule, PathMap,
    PathRule, Pool, Probe, Redirect,
};

/// The names of what is referred to.
struct Named {
    frontends: Vec<String>,
    /// Ports are referred to as well, and are a number.
    ports: Vec<(String, Option<i64>)>,
    listeners: Vec<String>,
    certificates: Vec<String>,
    pools: Vec<String>,
    settings: Vec<String>,
    probes: Vec<String>,
    path_maps: Vec<String>,
    redirects: Vec<String>,
}

pub(super) fn read(found: Part<'_>) -> Result<GatewayProperties, Unfit> {
    let frontends = found.parts("properties.frontendIPConfigurations")?;
    let listeners = found.parts("properties.httpListeners")?;
    let rules = found.parts("properties.requestRoutingRules")?;
    let path_maps = found.parts("properties.urlPathMaps")?;
    let pools = found.parts("properties.backendAddressPools")?;
    let settings = found.parts("properties.backendHttpSettingsCollection")?;
    let probes = found.parts("properties.probes")?;
    let redirects = found.parts("properties.redirectConfigurations")?;
    let certificates = found.parts("properties.sslCertificates")?;
    let ports = found.parts("properties.frontendPorts")?.into_iter();
    let named = Named {
        frontends: names(&frontends)?,
        ports: ports
            .map(|it| Ok((it.must("name")?, it.number("properties.port")?)))
            .collect::<Result<_, Unfit>>()?,
        listeners: names(&listeners)?,
        certificates: names(&certificates)?,
        pools: names(&pools)?,
        settings: names(&settings)?,
        probes: names(&probes)?,
        path_maps: names(&path_maps)?,
        redirects: names(&redirects)?,
    };
    let scaling = found.part("properties.autoscaleConfiguration")?;
    let capacity = found.number("properties.sku.capacity")?;
    let subnets = found.parts("properties.gatewayIPConfigurations")?.into_iter();
    let subnets = subnets.map(|it| it.lower("properties.subnet.id"));
    let own_policy = found.part("properties.sslPolicy")?.is_there();
    let named_by =
        if own_policy { "properties.sslPolicy.policyName" } else { "properties.defaultPredefinedSslPolicy" };
    Ok(GatewayProperties {
        state: found.text("properties.provisioningState")?,
        operation: found.text("properties.operationalState")?,
        tier: found.text("properties.sku.tier")?,
        capacity: capacity.filter(|_| !scaling.is_there()),
        min_capacity: scaling.number("minCapacity")?,
        max_capacity: scaling.number("maxCapacity")?,
        tls_policy: found.text(named_by)?,
        tls_policy_type: found.text("properties.sslPolicy.policyType")?,
        tls_minimum: found.text("properties.sslPolicy.minProtocolVersion")?,
        subnets: subnets.filter_map(Result::transpose).collect::<Result<_, _>>()?,
        frontends: each(frontends, frontend)?,
        listeners: each(listeners, |it| listener(it, &named))?,
        rules: each(rules, |it| rule(it, &named))?,
        path_maps: each(path_maps, |it| path_map(it, &named))?,
        pools: each(pools, pool)?,
        settings: each(settings, |it| backend_settings(it, &named))?,
        probes: each(probes, probe)?,
        redirects: each(redirects, |it| redirect(it, &named))?,
        certificates: each(certificates, certificate)?,
        firewall_policy: found.lower("properties.firewallPolicy.id")?,
    })
}

fn each<T>(parts: Vec<Part<'_>>, read: impl Fn(Part<'_>) -> Result<T, Unfit>) -> Result<Vec<T>, Unfit> {
    parts.into_iter().map(read).collect()
}

/// The name of what the part refers to.
fn reference(found: Part<'_>, path: &'static str, names: &[String]) -> Result<Option<String>, Unfit> {
    Ok(found.text(path)?.map(|id| spelt(&id, names)))
}

fn frontend(found: Part<'_>) -> Result<Frontend, Unfit> {
    Ok(Frontend {
        name: found.must("name")?,
        public_ip: found.lower("properties.publicIPAddress.id")?,
        private_address: found.lower("properties.privateIPAddress")?,
    })
}

fn listener(found: Part<'_>, named: &Named) -> Result<GatewayListener, Unfit> {
    let mut hosts = found.texts("properties.hostNames")?;
    hosts.extend(found.text("properties.hostName")?);
    let mut hosts: Vec<String> = hosts.iter().map(|host| domain(host)).collect();
    hosts.sort();
    hosts.dedup();
    let port = found.text("properties.frontendPort.id")?;
    let port = port.and_then(|id| {
        let last = id.rsplit('/').next()?.to_owned();
        named.ports.iter().find(|(name, _)| name.eq_ignore_ascii_case(&last))?.1
    });
    Ok(GatewayListener {
        name: found.must("name")?,
        frontend: reference(found, "properties.frontendIPConfiguration.id", &named.frontends)?,
        port,
        protocol: found.text("properties.protocol")?,
        hosts,
        certificate: reference(found, "properties.sslCertificate.id", &named.certificates)?,
    })
}

fn rule(found: Part<'_>, named: &Named) -> Result<GatewayRule, Unfit> {
    Ok(GatewayRule {
        name: found.must("name")?,
        priority: found.number("properties.priority")?,
        listener: reference(found, "properties.httpListener.id", &named.listeners)?,
        pool: reference(found, "properties.backendAddressPool.id", &named.pools)?,
        settings: reference(found, "properties.backendHttpSettings.id", &named.settings)?,
        path_map: reference(found, "properties.urlPathMap.id", &named.path_maps)?,
        redirect: reference(found, "properties.redirectConfiguration.id", &named.redirects)?,
    })
}

fn path_map(found: Part<'_>, named: &Named) -> Result<PathMap, Unfit> {
    let path = |it: Part<'_>| {
        Ok(PathRule {
            paths: it.texts("properties.paths")?,
            pool: reference(it, "properties.backendAddressPool.id", &named.pools)?,
            settings: reference(it, "properties.backendHttpSettings.id", &named.settings)?,
            redirect: reference(it, "properties.redirectConfiguration.id", &named.redirects)?,
        })
    };
    Ok(PathMap {
        name: found.must("name")?,
        default_pool: reference(found, "properties.defaultBackendAddressPool.id", &named.pools)?,
        default_settings: reference(found, "properties.defaultBackendHttpSettings.id", &named.settings)?,
        default_redirect: reference(found, "properties.defaultRedirectConfiguration.id", &named.redirects)?,
        rules: each(found.parts("properties.pathRules")?, path)?,
    })
}

/// Azure takes addresses as names too, and gives some back as bare texts: what is an address tells itself.
fn pool(found: Part<'_>) -> Result<Pool, Unfit> {
    const BACKENDS: &str = "properties.backendAddresses";
    let mut pool =
        Pool { name: found.must("name")?, addresses: Vec::new(), hosts: Vec::new(), members: Vec::new() };
    for backend in found.list(BACKENDS)? {
        let named = match backend {
            Value::String(named) => vec![named.clone()],
            Value::Object(_) => {
                let backend = Part::of(backend)?;
                [backend.text("ipAddress")?, backend.text("fqdn")?].into_iter().flatten().collect()
            }
            _ => return Err(found.garbled(BACKENDS)),
        };
        for name in named.iter().map(|name| domain(name)) {
            let kept = if name.parse::<IpAddr>().is_ok() { &mut pool.addresses } else { &mut pool.hosts };
            kept.push(name);
        }
    }
    for member in found.parts("properties.backendIPConfigurations")? {
        pool.members.push(member.need("id", member.lower("id")?)?);
    }
    Ok(pool)
}

fn backend_settings(found: Part<'_>, named: &Named) -> Result<BackendSettings, Unfit> {
    Ok(BackendSettings {
        name: found.must("name")?,
        port: found.number("properties.port")?,
        protocol: found.text("properties.protocol")?,
        host: found.text("properties.hostName")?.map(|host| domain(&host)),
        host_of_backend: found.flag("properties.pickHostNameFromBackendAddress")?,
        probe: reference(found, "properties.probe.id", &named.probes)?,
    })
}

fn probe(found: Part<'_>) -> Result<Probe, Unfit> {
    Ok(Probe {
        name: found.must("name")?,
        protocol: found.text("properties.protocol")?,
        host: found.text("properties.host")?.map(|host| domain(&host)),
        path: found.text("properties.path")?,
        port: found.number("properties.port")?,
    })
}

fn redirect(found: Part<'_>, named: &Named) -> Result<Redirect, Unfit> {
    Ok(Redirect {
        name: found.must("name")?,
        listener: reference(found, "properties.targetListener.id", &named.listeners)?,
        url: found.text("properties.targetUrl")?,
    })
}

fn certificate(found: Part<'_>) -> Result<GatewayCertificate, Unfit> {
    Ok(GatewayCertificate {
        name: found.must("name")?,
        from_vault: found.text("properties.keyVaultSecretId")?.is_some(),
        public: found.text("properties.publicCertData")?,
    })
}
