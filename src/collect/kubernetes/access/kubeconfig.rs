//! By a context of the kubeconfig. kube reads it, wherever `KUBECONFIG` or the user's home says it is.

use hyper_util::client::proxy::matcher::Matcher;
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::{Advice, Way, failed};
use crate::collect::transport::record::Closed;

pub(super) async fn way(context: Option<&str>) -> Result<Way, Closed> {
    of(Kubeconfig::read().map_err(|error| refusal(&error))?, context).await
}

pub(super) async fn of(kubeconfig: Kubeconfig, context: Option<&str>) -> Result<Way, Closed> {
    let name = context.or(kubeconfig.current_context.as_deref());
    let named = kubeconfig.contexts.iter().find(|one| Some(one.name.as_str()) == name);
    let principal = named.and_then(|named| named.context.as_ref()).and_then(|context| context.user.clone());
    let options = KubeConfigOptions { context: name.map(ToOwned::to_owned), ..KubeConfigOptions::default() };
    let cluster = named.and_then(|named| named.context.as_ref()).map(|context| &context.cluster);
    let cluster = kubeconfig.clusters.iter().find(|one| Some(&one.name) == cluster);
    let cluster = cluster.and_then(|one| one.cluster.as_ref());
    let own_proxy = cluster.is_some_and(|it| it.proxy_url.as_ref().is_some_and(|url| !url.is_empty()));
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    let mut config = config.map_err(|error| refusal(&error))?;
    if !own_proxy {
        without_needless_proxy(&mut config, &Matcher::from_env());
    }
    Ok(Way { config, bearer: None, principal, advice: Advice::default() })
}

/// kube holds the environment's proxy itself against `NO_PROXY`, and not the server behind it.
fn without_needless_proxy(config: &mut Config, environment: &Matcher) {
    if environment.intercept(&config.cluster_url).is_none() {
        config.proxy_url = None;
    }
}

/// A parser shows the lines that it stumbles over, and tokens may stand there.
fn refusal(error: &KubeconfigError) -> Closed {
    failed(&match error {
        KubeconfigError::Parse(_) => "the kubeconfig is no valid YAML, or no kubeconfig".to_owned(),
        KubeconfigError::ReadConfig(error, path) => {
            format!("the kubeconfig {} can't be read: {error}", path.display())
        }
        KubeconfigError::LoadContext(name) => format!("the kubeconfig has no context {name:?}"),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_needs_no_proxy_is_asked_without_one() {
        let through = |server: &'static str| {
            let mut config = Config::new(http::Uri::from_static(server));
            config.proxy_url = Some(http::Uri::from_static("http://proxy.example.com:3128"));
            let environment = Matcher::builder().https("http://proxy.example.com:3128");
            let environment = environment.no("10.0.0.0/8,.internal.example.com").build();
            without_needless_proxy(&mut config, &environment);
            config.proxy_url.is_some()
        };
        assert!(through("https://k8s.example.com"));
        assert!(!through("https://k8s.internal.example.com:6443"));
        assert!(!through("https://10.1.2.3"));
    }
}
