//! Image references, taken apart.

use crate::model::aws::partition;

/// What an image is called by.
#[derive(Debug, PartialEq)]
pub(crate) struct Image<'a> {
    /// Only of ECR and of Azure: the others are all the same to us.
    pub(crate) registry: Option<Registry<'a>>,
    pub(crate) repository: &'a str,
    pub(crate) tag: Option<&'a str>,
    pub(crate) digest: Option<&'a str>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Registry<'a> {
    Ecr {
        account: &'a str,
        region: &'a str,
    },
    /// By its login server, as the reference writes it.
    Azure(&'a str),
}

/// Where Azure's registries are served: each by one label of its own, its data by further ones.
const AZURE: &[&str] = &[".azurecr.io", ".azurecr.cn", ".azurecr.us"];

impl<'a> Image<'a> {
    pub(crate) fn parse(reference: &'a str) -> Self {
        let (named, digest) = match reference.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (reference, None),
        };
        // A colon before the last slash is a registry's port.
        let (path, tag) = match named.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (named, None),
        };
        let registry = path.split_once('/').and_then(|(host, rest)| Some((Registry::parse(host)?, rest)));
        match registry {
            Some((registry, repository)) => Self { registry: Some(registry), repository, tag, digest },
            None => Self { registry: None, repository: path, tag, digest },
        }
    }

    pub(crate) fn repository_arn(&self) -> Option<String> {
        let Registry::Ecr { account, region } = self.registry.as_ref()? else { return None };
        let partition = partition(region);
        Some(format!("arn:{partition}:ecr:{region}:{account}:repository/{}", self.repository))
    }
}

impl<'a> Registry<'a> {
    /// `111111111111.dkr.ecr.us-west-1.amazonaws.com`, its FIPS form, `111111111111.dkr-ecr.us-west-1.on.aws`, and
    /// `name.azurecr.io`.
    fn parse(host: &'a str) -> Option<Self> {
        let lower = host.to_ascii_lowercase();
        let name = AZURE.iter().find_map(|domain| lower.strip_suffix(domain));
        if name.is_some_and(|name| !name.is_empty() && !name.contains('.')) {
            return Some(Self::Azure(host));
        }
        let labels: Vec<&str> = host.split('.').collect();
        let (account, region) = match labels.as_slice() {
            [account, "dkr", "ecr" | "ecr-fips", region, "amazonaws", "com"]
            | [account, "dkr", "ecr", region, "amazonaws", "com", "cn"]
            | [account, "dkr-ecr" | "dkr-ecr-fips", region, "on", "aws"] => (*account, *region),
            _ => return None,
        };
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then_some(Self::Ecr { account, region })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str = "999999999999.dkr.ecr.us-west-1.amazonaws.com/app/backend:1.2";
    const REPOSITORY: &str = "arn:aws:ecr:us-west-1:999999999999:repository/app/backend";

    #[test]
    fn references_are_taken_apart() {
        let digest = "sha256:0f";
        for (reference, arn, tag, has_digest) in [
            (IMAGE.to_owned(), Some(REPOSITORY), Some("1.2"), false),
            (format!("{IMAGE}@{digest}"), Some(REPOSITORY), Some("1.2"), true),
            (
                format!("111111111111.dkr.ecr-fips.us-gov-west-1.amazonaws.com/a@{digest}"),
                Some("arn:aws-us-gov:ecr:us-gov-west-1:111111111111:repository/a"),
                None,
                true,
            ),
            (
                "111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/a".into(),
                Some("arn:aws-cn:ecr:cn-north-1:111111111111:repository/a"),
                None,
                false,
            ),
            (
                "111111111111.dkr-ecr.us-west-1.on.aws/a:x".into(),
                Some("arn:aws:ecr:us-west-1:111111111111:repository/a"),
                Some("x"),
                false,
            ),
            ("nginx".into(), None, None, false),
            ("docker.io/library/nginx:1".into(), None, Some("1"), false),
            ("localhost:5000/nginx".into(), None, None, false),
            ("public.ecr.aws/nginx/nginx:1".into(), None, Some("1"), false),
            ("111111111111.dkr.ecr.us-west-1.amazonaws.com.evil.example/a".into(), None, None, false),
        ] {
            let image = Image::parse(&reference);
            let found = (image.repository_arn(), image.tag, image.digest.is_some());
            assert_eq!(found, (arn.map(str::to_owned), tag, has_digest), "{reference}");
        }
    }

    #[test]
    fn a_registry_of_azure_has_one_label_of_its_own() {
        for (reference, host, tag) in [
            ("menu.azurecr.io/api/menu:1.2", Some("menu.azurecr.io"), Some("1.2")),
            ("Menu-Ab12.azurecr.us/api@sha256:0f", Some("Menu-Ab12.azurecr.us"), None),
            ("menu.azurecr.cn/api", Some("menu.azurecr.cn"), None),
            ("menu.westeurope.data.azurecr.io/api", None, None),
            ("azurecr.io/api", None, None),
            ("menu.azurecr.io.example.com/api:1", None, Some("1")),
        ] {
            let image = Image::parse(reference);
            let found = image.registry.as_ref().map(|registry| match registry {
                Registry::Azure(host) => *host,
                Registry::Ecr { account, .. } => *account,
            });
            assert_eq!((found, image.tag, image.repository_arn()), (host, tag, None), "{reference}");
        }
    }
}
