use super::super::canned::{CLUSTER, Canned, Found, NAMESPACE, list};
use super::*;
use crate::model::kind::Facet;
use crate::model::snapshot::Outcome;

async fn read(source: &'static Source, kind: &str, items: &str) -> Found {
    let key = if source == &INGRESS_CLASSES { "" } else { NAMESPACE };
    let found = Canned::new(&[(200, &list(kind, items))]).fetch(&Network, source, key).await;
    let entry = found.entry(source.calls[0], key);
    assert_eq!(entry.outcome, Outcome::Complete, "{}", entry.detail);
    found
}

fn facts<T: Facet>(found: &Found, name: &str) -> T {
    let kind = T::META.name.trim_start_matches("k8s.");
    let id = format!("{CLUSTER}/dev-api/{kind}/{name}");
    found.resource(&id).as_kind::<T>().expect("of that kind").clone()
}

#[tokio::test]
async fn classes_tell_their_controller_and_which_is_the_default() {
    let items = r#"{"metadata":{"name":"nginx","annotations":{"ingressclass.kubernetes.io/is-default-class":"true"}},
            "spec":{"controller":"k8s.io/ingress-nginx"}},
        {"metadata":{"name":"alb","annotations":{"ingressclass.kubernetes.io/is-default-class":"false"}}}"#;
    let found = read(&INGRESS_CLASSES, "IngressClassList", items).await;
    let class = |name: &str| {
        let id = format!("{CLUSTER}/ingress_class/{name}");
        found.resource(&id).as_kind::<IngressClass>().expect("a class").clone()
    };
    let nginx = IngressClass { controller: Some("k8s.io/ingress-nginx".into()), default: true };
    assert_eq!(class("nginx"), nginx);
    assert_eq!(class("alb"), IngressClass { controller: None, default: false });
}

#[tokio::test]
async fn an_ingress_tells_hosts_paths_backends_and_where_it_is_reached() {
    let items = r#"{"metadata":{"name":"menu","namespace":"dev-api","uid":"u-1","labels":{"app":"menu"},
            "annotations":{"kubernetes.io/ingress.class":"nginx","nginx.ingress.kubernetes.io/ssl-redirect":"true",
                "kubectl.kubernetes.io/last-applied-configuration":"{\"kind\":\"Ingress\"}"}},
        "spec":{"ingressClassName":"nginx",
            "defaultBackend":{"resource":{"apiGroup":"k8s.example.com","kind":"Bucket","name":"static"}},
            "tls":[{"hosts":["B.example.com","a.example.com"]},{"secretName":"wildcard"}],
            "rules":[{"host":"Menu.Example.com","http":{"paths":[
                    {"path":"/v1","pathType":"Prefix","backend":{"service":{"name":"menu","port":{"number":80}}}},
                    {"pathType":"ImplementationSpecific","backend":{"service":{"name":"menu","port":{"name":"http"}}}}]}},
                {}]},
        "status":{"loadBalancer":{"ingress":[{"hostname":"Web-1.elb.eu-west-2.amazonaws.com"},{"ip":"198.51.100.7"}]}}}"#;
    let found = read(&INGRESSES, "IngressList", items).await;
    let ingress: Ingress = facts(&found, "menu");
    assert_eq!(ingress.namespace, NAMESPACE);
    assert_eq!((ingress.class.as_deref(), ingress.legacy_class.as_deref()), (Some("nginx"), Some("nginx")));
    let annotations: Vec<_> = ingress.annotations.keys().map(String::as_str).collect();
    assert_eq!(annotations, ["kubernetes.io/ingress.class", "nginx.ingress.kubernetes.io/ssl-redirect"]);
    let default = ingress.default_backend.expect("one is named");
    assert_eq!((default.service, default.resource.as_deref()), (None, Some("Bucket/static")));
    assert_eq!(ingress.tls[0].hosts, ["a.example.com", "b.example.com"]);
    assert_eq!((ingress.tls[1].hosts.len(), ingress.tls[1].secret.as_deref()), (0, Some("wildcard")));
    assert_eq!(ingress.rules[0].host.as_deref(), Some("menu.example.com"));
    let backend = |name: Option<&str>, number| Backend {
        service: Some("menu".into()),
        port_name: name.map(str::to_owned),
        port_number: number,
        resource: None,
    };
    let path = |path: Option<&str>, r#type: &str, backend| IngressPath {
        path: path.map(str::to_owned),
        path_type: r#type.into(),
        backend,
    };
    let paths = [
        path(Some("/v1"), "Prefix", backend(None, Some(80))),
        path(None, "ImplementationSpecific", backend(Some("http"), None)),
    ];
    assert_eq!(ingress.rules[0].paths, paths);
    assert_eq!(ingress.rules[1], IngressRule { host: None, paths: Vec::new() });
    assert_eq!(ingress.addresses, ["198.51.100.7", "web-1.elb.eu-west-2.amazonaws.com"]);
}

#[tokio::test]
async fn an_ingress_that_says_nothing_has_nothing() {
    let found =
        read(&INGRESSES, "IngressList", r#"{"metadata":{"name":"bare","namespace":"dev-api"}}"#).await;
    let ingress: Ingress = facts(&found, "bare");
    assert_eq!((ingress.class, ingress.legacy_class, ingress.default_backend), (None, None, None));
    assert!(ingress.rules.is_empty() && ingress.tls.is_empty() && ingress.addresses.is_empty());
}

#[tokio::test]
async fn a_backend_that_leads_nowhere_is_not_read_as_one() {
    for backend in ["{}", r#"{"service":{}}"#, r#"{"resource":{"kind":"Bucket"}}"#] {
        let item = format!(
            r#"{{"metadata":{{"name":"x","namespace":"dev-api"}},"spec":{{"defaultBackend":{backend}}}}}"#
        );
        let service = Canned::new(&[(200, &list("IngressList", &item))]);
        let found = service.fetch(&Network, &INGRESSES, NAMESPACE).await;
        assert!(found.ids().is_empty(), "{backend}");
        assert_eq!(found.entry(&LIST_INGRESSES, NAMESPACE).outcome, Outcome::Failed);
    }
}

#[tokio::test]
async fn services_tell_whom_they_select_and_where_they_are_reached() {
    let items = r#"{"metadata":{"name":"menu","namespace":"dev-api",
            "annotations":{"service.beta.kubernetes.io/aws-load-balancer-type":"nlb",
                "kapp.k14s.io/original":"{}"}},
        "spec":{"type":"LoadBalancer","selector":{"app":"menu"},"clusterIP":"10.96.44.129",
            "ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":"web","nodePort":30080},
                {"port":8080,"targetPort":8081},{"port":9090}]},
        "status":{"loadBalancer":{"ingress":[{"hostname":"N-1.elb.eu-west-2.amazonaws.com"}]}}},
        {"metadata":{"name":"db","namespace":"dev-api"},
            "spec":{"type":"ExternalName","externalName":"DB.example.com"},"status":{"loadBalancer":{}}}"#;
    let found = read(&SERVICES, "ServiceList", items).await;
    let menu: Service = facts(&found, "menu");
    assert_eq!((&*menu.namespace, menu.r#type.as_deref()), (NAMESPACE, Some("LoadBalancer")));
    assert_eq!(menu.selector["app"], "menu");
    assert_eq!(menu.addresses, ["n-1.elb.eu-west-2.amazonaws.com"]);
    let annotations: Vec<_> = menu.annotations.keys().collect();
    assert_eq!(annotations, ["service.beta.kubernetes.io/aws-load-balancer-type"]);
    let ports: Vec<_> = menu.ports.iter().map(|it| (it.port, it.target.as_deref(), it.node_port)).collect();
    assert_eq!(ports, [(80, Some("web"), Some(30080)), (8080, Some("8081"), None), (9090, None, None)]);
    let names =
        (menu.ports[0].name.as_deref(), menu.ports[0].protocol.as_deref(), menu.ports[1].name.as_deref());
    assert_eq!(names, (Some("http"), Some("TCP"), None));
    let db: Service = facts(&found, "db");
    assert_eq!(db.external_name.as_deref(), Some("db.example.com"));
    assert!(db.selector.is_empty() && db.ports.is_empty() && db.addresses.is_empty());
}

#[tokio::test]
async fn slices_tell_whose_endpoints_they_are_and_which_pods() {
    let items = r#"{"metadata":{"name":"menu-x7k","namespace":"dev-api",
            "labels":{"kubernetes.io/service-name":"menu"}},
        "addressType":"IPv4","ports":[{"name":"","port":8080,"protocol":"TCP"},{"name":"any"}],
        "endpoints":[
            {"addresses":["10.0.1.9"],"conditions":{"ready":false,"serving":true,"terminating":true},
                "targetRef":{"kind":"Pod","namespace":"dev-api","name":"menu-1"}},
            {"addresses":["10.0.1.10"],"conditions":{},"targetRef":{"kind":"Node","name":"n-1"}},
            {"addresses":["10.0.1.11"],"targetRef":{"kind":"Pod","namespace":"other","name":"menu-2"}}]},
        {"metadata":{"name":"bare","namespace":"dev-api"},"addressType":"FQDN","endpoints":null,"ports":null}"#;
    let found = read(&ENDPOINT_SLICES, "EndpointSliceList", items).await;
    let slice: EndpointSlice = facts(&found, "menu-x7k");
    assert_eq!((&*slice.namespace, &*slice.address_type), (NAMESPACE, "IPv4"));
    assert_eq!(slice.service, Some(format!("{CLUSTER}/dev-api/service/menu")));
    let ports: Vec<_> = slice.ports.iter().map(|it| (it.name.as_deref(), it.port)).collect();
    assert_eq!(ports, [(None, Some(8080)), (Some("any"), None)]);
    let endpoint = |address: &str, ready, terminating, pod| Endpoint {
        addresses: vec![address.into()],
        ready,
        terminating,
        pod,
    };
    let endpoints = [
        endpoint("10.0.1.9", Some(false), Some(true), Some(format!("{CLUSTER}/dev-api/pod/menu-1"))),
        endpoint("10.0.1.10", None, None, None),
        endpoint("10.0.1.11", None, None, None),
    ];
    assert_eq!(slice.endpoints, endpoints);
    let bare: EndpointSlice = facts(&found, "bare");
    assert_eq!((bare.service, bare.endpoints.len(), bare.ports.len()), (None, 0, 0));
}
