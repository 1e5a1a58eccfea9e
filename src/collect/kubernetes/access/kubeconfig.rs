//! By a context of the kubeconfig. kube reads it, wherever `KUBECONFIG` or the user's home says it is.

use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::{Way, failed};
use crate::collect::transport::record::Closed;

pub(super) async fn way(context: Option<&str>) -> Result<Way, Closed> {
    of(Kubeconfig::read().map_err(|error| refusal(&error))?, context).await
}

pub(super) async fn of(kubeconfig: Kubeconfig, context: Option<&str>) -> Result<Way, Closed> {
    let name = context.or(kubeconfig.current_context.as_deref());
    let named = kubeconfig.contexts.iter().find(|one| Some(one.name.as_str()) == name);
    let principal = named.and_then(|named| named.context.as_ref()).and_then(|context| context.user.clone());
    let options = KubeConfigOptions { context: name.map(ToOwned::to_owned), ..KubeConfigOptions::default() };
    let config =
        Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| refusal(&error))?;
    Ok(Way { config, bearer: None, principal })
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
