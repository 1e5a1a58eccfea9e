use serde_json::json;

use super::*;
use crate::collect::target::{AzureCloud, AzureCredential, KubernetesWay};
use crate::design::{self, Library};

const TEXT: &str = r#"policies = "policies"

[defaults.aws]
regions = ["us-west-1"]
[defaults.design.aws-ecs-fargate]
repositories = ["app/backend"]

[env.dev]
from = "fixtures/dev"
[env.dev.design.aws-ecs-fargate]
hosts = ["app.dev.example.com"]
containers = 3
[env.dev.design.aws-ecs-fargate.select]
vpc = 'r.name == "edge"'

[env.staging]
name = "stage"
[env.staging.aws]
profile = "staging"
[env.staging.aws.account]
id = "111111111111"
[env.staging.aws.account.common]
role_arn = "arn:aws:iam::999999999999:role/stacks-audit"
"#;

fn read(text: &str) -> Result<Config, Diagnostics> {
    load(Path::new("/checkout/stacks-audit.toml"), text)
}

fn shipped() -> Library {
    design::load(&design::builtin()).unwrap_or_else(|wrong| panic!("{wrong}"))
}

#[test]
fn envs_say_where_and_by_which_design() {
    let config = read(TEXT).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(config.policies.as_deref(), Some(Path::new("/checkout/policies")));
    let dev = config.env("dev").expect("there");
    assert_eq!((dev.name.as_str(), dev.from.as_deref()), ("dev", Some(Path::new("/checkout/fixtures/dev"))));
    let staging = config.env("staging").expect("there");
    let aws = staging.aws.as_ref().expect("live");
    assert_eq!((staging.name.as_str(), aws.account.as_deref()), ("stage", Some("111111111111")));
    assert_eq!(aws.regions, ["us-west-1"], "from the defaults");
    assert_eq!(aws.accounts["common"].role_arn, "arn:aws:iam::999999999999:role/stacks-audit");
}

#[test]
fn an_account_alone_needs_no_table() {
    let config = read("[env.x.aws]\naccount = \"111111111111\"\n").unwrap_or_else(|wrong| panic!("{wrong}"));
    let aws = config.envs["x"].aws.as_ref().expect("live");
    assert_eq!((aws.account.as_deref(), aws.accounts.len()), (Some("111111111111"), 0));
}

fn cluster(text: &str) -> KubernetesWay {
    let config = read(&format!("[env.x]\n{text}\n")).unwrap_or_else(|wrong| panic!("{wrong}"));
    config.envs["x"].kubernetes.as_ref().expect("a cluster").way.clone()
}

#[test]
fn a_cluster_has_one_way_in() {
    assert_eq!(cluster("[env.x.kubernetes]"), KubernetesWay::Context(None));
    assert_eq!(cluster("kubernetes.context = \"dev\""), KubernetesWay::Context(Some("dev".into())));
    assert_eq!(cluster("kubernetes.in_cluster = true"), KubernetesWay::InCluster);
    let aks = |file: Option<&str>| KubernetesWay::Aks {
        cluster: "app".into(),
        group: None,
        subscription: String::new(),
        certificate_authority: file.map(Into::into),
    };
    assert_eq!(cluster("kubernetes.aks = \"app\"\n[env.x.azure]"), aks(None));
    let trusted = "kubernetes = { aks = \"app\", certificate_authority = \"ca.pem\" }\n[env.x.azure]";
    assert_eq!(cluster(trusted), aks(Some("/checkout/ca.pem")));
    let further = "azure.subscription.common = \"99999999-9999-9999-9999-999999999999\"\n\
                   kubernetes = { aks = \"app\", group = \"core\", subscription = \"common\" }";
    let expected = KubernetesWay::Aks {
        cluster: "app".into(),
        group: Some("core".into()),
        subscription: "common".into(),
        certificate_authority: None,
    };
    assert_eq!(cluster(further), expected);
    let eks = |region: Option<&str>, role: &str| KubernetesWay::Eks {
        cluster: "app".into(),
        region: region.map(ToOwned::to_owned),
        role: role.into(),
    };
    assert_eq!(cluster("kubernetes.eks = \"app\"\n[env.x.aws]"), eks(None, ""));
    let further = "aws.regions = [\"us-west-1\", \"eu-west-2\"]\n\
                   aws.account.common.role_arn = \"arn:aws:iam::999999999999:role/stacks-audit\"\n\
                   kubernetes = { eks = \"app\", region = \"eu-west-2\", role = \"common\" }";
    assert_eq!(cluster(further), eks(Some("eu-west-2"), "common"));
    assert_eq!(
        cluster("[defaults.kubernetes]\ncontext = \"shared\""),
        KubernetesWay::Context(Some("shared".into()))
    );
    let text =
        "[defaults.kubernetes.scrub]\n\"acme.io\" = \"example.com\"\n[env.x.kubernetes]\ncontext = \"own\"\n";
    let config = read(text).unwrap_or_else(|wrong| panic!("{wrong}"));
    let merged = config.envs["x"].kubernetes.as_ref().expect("a cluster");
    assert_eq!(merged.way, KubernetesWay::Context(Some("own".into())));
    assert_eq!(merged.scrub["acme.io"], "example.com");
}

#[test]
fn a_clusters_mistakes_are_refused_in_their_place() {
    for (text, message) in [
        ("kubernetes = { context = \"a\", eks = \"b\" }\n[env.x.aws]", "a cluster has one way in"),
        ("kubernetes = { aks = \"a\", in_cluster = true }\n[env.x.azure]", "a cluster has one way in"),
        ("kubernetes.in_cluster = false", "`in_cluster` is `true` or not there"),
        ("kubernetes.context = \"\"", "this is no name"),
        (
            "kubernetes = { aks = \"app\", subscription = \"common\" }\n[env.x.azure]",
            "this env has no subscription role `common`",
        ),
        ("kubernetes = { aks = \"app\", group = \"\" }\n[env.x.azure]", "this is no name"),
        ("kubernetes.aks = \"app\"", "a cluster of AKS is entered with Azure credentials"),
        (
            "kubernetes = { context = \"a\", certificate_authority = \"x\" }",
            "there is no key `certificate_authority`",
        ),
        ("kubernetes.eks = \"app\"", "a cluster of EKS is entered with AWS credentials"),
        (
            "kubernetes = { eks = \"app\", role = \"common\" }\n[env.x.aws]",
            "this env has no account role `common`",
        ),
        (
            "aws.regions = [\"us-west-1\"]\nkubernetes = { eks = \"app\", region = \"eu-west-2\" }",
            "this env is not scanned in `eu-west-2`",
        ),
        ("kubernetes = { context = \"a\", region = \"eu-west-2\" }", "there is no key `region`"),
        ("kubernetes.contxt = \"a\"", "there is no key `contxt`"),
        ("kubernetes = { context = \"a\", token = \"x\" }", "secrets never stand in this file"),
    ] {
        let wrong = read(&format!("[env.x]\n{text}\n")).err().unwrap_or_else(|| panic!("accepted: {text}"));
        assert!(wrong.0[0].message.starts_with(message), "{message}\n{wrong}");
        assert!(wrong.0[0].at.is_some(), "{wrong}");
    }
}

fn subscriptions(text: &str) -> AzureTarget {
    let config = read(&format!("[env.x]\n{text}\n")).unwrap_or_else(|wrong| panic!("{wrong}"));
    config.envs["x"].azure.clone().expect("subscriptions")
}

#[test]
fn subscriptions_lie_in_a_cloud_and_are_entered_by_a_way() {
    assert_eq!(subscriptions("[env.x.azure]"), AzureTarget::default());
    let alone = subscriptions("azure.subscription = \"11111111-1111-1111-1111-111111111111\"");
    assert_eq!(alone.subscription.as_deref(), Some("11111111-1111-1111-1111-111111111111"));
    let several = subscriptions(
        "[env.x.azure]\ncloud = \"usgov\"\ncredential = \"azure_cli\"\n\
         tenant = \"AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA\"\nscrub.\"acme.io\" = \"example.com\"\n\
         [env.x.azure.subscription]\nid = \"11111111-1111-1111-1111-111111111111\"\n\
         common = \"99999999-9999-9999-9999-999999999999\"",
    );
    assert_eq!(several.subscriptions["common"], "99999999-9999-9999-9999-999999999999");
    assert_eq!(several.tenant.as_deref(), Some("aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"));
    assert_eq!((several.cloud, several.credential), (AzureCloud::UsGov, Some(AzureCredential::AzureCli)));
    assert_eq!(several.scrub["acme.io"], "example.com");
    let own = subscriptions(
        "azure.cloud = { arm = \"https://arm.example.com/\", authority = \"https://login.example.com\" }",
    );
    assert_eq!(
        (own.cloud.arm(), own.cloud.authority()),
        ("https://arm.example.com", "https://login.example.com")
    );
}

#[test]
fn a_subscriptions_mistakes_are_refused_in_their_place() {
    for (text, message) in [
        ("azure.subscription = \"production\"", "a subscription id is a GUID"),
        ("azure.subscription.common = \"1111\"", "a subscription id is a GUID"),
        ("azure.tenant = \"example.com\"", "a tenant id is a GUID"),
        ("azure.cloud = \"germany\"", "there is no cloud `germany`"),
        ("azure.cloud.arm = \"https://arm.example.com\"", "`authority` is missing"),
        (
            "azure.cloud = { arm = \"http://arm.example.com\", authority = \"https://a.example.com\" }",
            "this is no address of a host",
        ),
        ("azure.credential = \"azurecli\"", "there is no way to log in called `azurecli`"),
        ("azure.client_secret = \"x\"", "secrets never stand in this file"),
        ("azure.credentials = \"x\"", "secrets never stand in this file"),
        ("azure.subscripton = \"x\"", "there is no key `subscripton`"),
    ] {
        let wrong = read(&format!("[env.x]\n{text}\n")).err().unwrap_or_else(|| panic!("accepted: {text}"));
        assert!(wrong.0[0].message.starts_with(message), "{message}\n{wrong}");
        assert!(wrong.0[0].at.is_some(), "{wrong}");
    }
}

#[test]
fn a_secret_that_stands_in_the_file_is_not_printed() {
    for text in ["azure.client_secret = \"hunter2é\"", "azure = { tenant = 'x', client_secret = 'hunter2é' }"]
    {
        let wrong = read(&format!("[env.x]\n{text}\n")).err().expect("refused").to_string();
        assert!(wrong.contains("client_secret = *****") && !wrong.contains("hunter2"), "{wrong}");
    }
    for key in ["credentials", "secret_value", "token_file"] {
        let wrong =
            read(&format!("[env.x]\nazure.{key} = \"hunter2\"\n")).err().expect("refused").to_string();
        assert!(wrong.contains(&format!("{key} = *****")) && !wrong.contains("hunter2"), "{wrong}");
    }
    let way = read("[env.x]\nazure.credential = \"azurecli\"\n").err().expect("refused").to_string();
    assert!(way.contains("credential = \"azurecli\""), "it is no secret: {way}");
}

#[test]
fn parameters_are_given_defaulted_or_missing() {
    let (config, mut library) = (read(TEXT).unwrap_or_else(|wrong| panic!("{wrong}")), shipped());
    let design = library.designs.get_mut("aws-ecs-fargate").expect("shipped");
    let dev = &config.envs["dev"].designs["aws-ecs-fargate"];
    let params = design::resolve(design, &dev.params).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(params["hosts"], json!(["app.dev.example.com"]));
    assert_eq!(params["repositories"], json!(["app/backend"]), "from the defaults");
    assert_eq!((&params["containers"], &params["zones"]), (&json!(3), &json!(2)));
    design.override_select("vpc", &dev.select["vpc"]).unwrap_or_else(|wrong| panic!("{wrong}"));
    let select = design.node("vpc").and_then(|node| node.select.as_ref()).map(design::expr::Expr::source);
    assert_eq!(select, Some("r.name == \"edge\""));
    let staging = &config.envs["staging"].designs["aws-ecs-fargate"];
    let wrong = design::resolve(design, &staging.params).expect_err("hosts are unset");
    assert_eq!(
        wrong.0[0].message,
        "`aws-ecs-fargate` wants a value for its parameter `hosts`: the public names that the application is reached by"
    );
}

#[test]
fn what_an_env_says_of_a_design_is_checked_in_its_place() {
    let mut library = shipped();
    let design = library.designs.get_mut("aws-ecs-fargate").expect("shipped");
    let wrong = |part: &str, replacement: &str| {
        let config = read(&TEXT.replacen(part, replacement, 1)).unwrap_or_else(|wrong| panic!("{wrong}"));
        config.envs["dev"].designs["aws-ecs-fargate"].clone()
    };
    let misspelt = wrong("containers = 3", "container = 3");
    let misspelt = design::resolve(design, &misspelt.params).expect_err("refused");
    insta::assert_snapshot!(misspelt.to_string(), @r"
    error: `aws-ecs-fargate` has no parameter `container`
      --> /checkout/stacks-audit.toml:12:1
       |
    12 | container = 3
       | ^^^^^^^^^
       |
       = help: did you mean `containers`?
    ");
    let pinned = wrong("containers = 3", "digest = \"0\"").digest.expect("read");
    assert!(
        design.pinned(&pinned).expect_err("another").0[0].message.contains("not the design that was pinned")
    );
    assert!(design.pinned(&Written { text: design.digest.clone(), ..pinned }).is_ok());
    let mistyped = wrong("containers = 3", "containers = \"3\"");
    let mistyped = design::resolve(design, &mistyped.params).expect_err("refused");
    assert_eq!(mistyped.0[0].message, "`containers` is declared as int");
    let select = wrong("r.name == \"edge\"", "r.nmae == \"edge\"");
    let select = design.override_select("vpc", &select.select["vpc"]).expect_err("refused");
    insta::assert_snapshot!(select.to_string(), @r#"
    error: aws.vpc has no `nmae`
      --> /checkout/stacks-audit.toml:14:10
       |
    14 | vpc = 'r.nmae == "edge"'
       |          ^^^^
       |
       = help: did you mean `name`?
    "#);
}

#[test]
fn mistakes_are_refused() {
    for (part, replacement, message) in [
        ("[env.dev]", "[env.dev]\nnmae = \"x\"", "there is no key `nmae`"),
        ("policies = \"policies\"", "policy = \"policies\"", "there is no key `policy`"),
        ("profile = \"staging\"", "secret_access_key = \"x\"", "secrets never stand in this file"),
        ("\"111111111111\"", "\"1111\"", "an account id has twelve digits"),
        ("role_arn =", "role_arm =", "there is no key `role_arm`"),
        ("arn:aws:iam::999999999999:role/stacks-audit", "stacks-audit", "this is no ARN of a role"),
        ("regions = [\"us-west-1\"]", "region = \"us-west-1\"", "there is no key `region`"),
        ("name = \"stage\"", "name = ", "string values must be quoted"),
    ] {
        let text = TEXT.replacen(part, replacement, 1);
        assert_ne!(text, TEXT);
        let wrong = read(&text).err().unwrap_or_else(|| panic!("accepted: {replacement}"));
        assert!(wrong.0.iter().any(|one| one.message.starts_with(message)), "{message}\n{wrong}");
    }
    let twice = read(&TEXT.replacen("regions =", "region =", 1)).err().expect("refused");
    assert_eq!(twice.0.len(), 1, "a default's mistake is said once: {twice}");
    let nowhere = read("[env.dev]\n").err().expect("refused");
    assert_eq!(nowhere.0[0].message, "env `dev` does not say where its facts come from");
}

#[test]
fn an_unknown_env_lists_those_there_are() {
    let config = read(TEXT).unwrap_or_else(|wrong| panic!("{wrong}"));
    let wrong = config.env("satging").err().expect("unknown");
    assert_eq!(wrong.0[0].message, "there is no env `satging` in /checkout/stacks-audit.toml");
    assert_eq!(wrong.0[0].help.as_deref(), Some("did you mean `staging`? envs there: dev, staging"));
}

#[test]
fn the_file_is_found_above() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("a/b");
    std::fs::create_dir_all(&below).expect("folders");
    assert!(missing(&below).to_string().contains("a/b/stacks-audit.toml"));
    std::fs::write(folder.path().join(FILE), TEXT).expect("written");
    assert_eq!(discover(&below), Some(folder.path().join(FILE)));
}
