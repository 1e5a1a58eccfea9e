//! `stacks-audit.toml`: the envs of a checkout, which designs they follow, and where they are scanned.

mod azure;
mod kubernetes;
mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::collect::target::{AwsTarget, AzureTarget, KubernetesTarget};
use crate::design::diagnose::{Diagnostic, Diagnostics};
use crate::design::nearest::{nearest, suggestion};
use crate::design::{Given, Written};
pub use read::load;

/// The file's name, in the working directory or above it.
pub const FILE: &str = "stacks-audit.toml";

pub struct Config {
    pub file: PathBuf,
    /// A folder of policies beside the shipped ones.
    pub policies: Option<PathBuf>,
    pub envs: BTreeMap<String, Env>,
}

pub struct Env {
    /// What `env` is in expressions.
    pub name: String,
    /// A snapshot (a file) or a recording (a folder); absent: live.
    pub from: Option<PathBuf>,
    pub designs: BTreeMap<String, DesignConfig>,
    pub aws: Option<AwsTarget>,
    pub azure: Option<AzureTarget>,
    pub kubernetes: Option<KubernetesTarget>,
}

/// A design as an env follows it.
#[derive(Clone, Debug, Default)]
pub struct DesignConfig {
    pub params: Given,
    /// Per node, the `select` that replaces the design's.
    pub select: BTreeMap<String, Written>,
    /// The digest that the design must have.
    pub digest: Option<Written>,
}

impl Config {
    /// The env of this name; an unknown one is an error that lists those there are.
    pub fn env(&self, name: &str) -> Result<&Env, Diagnostics> {
        self.envs.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.envs.keys().map(String::as_str).collect();
            let near = nearest(name, names.iter().copied()).map(|near| format!("did you mean `{near}`? "));
            let all = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let help = format!("{}envs there: {all}", near.unwrap_or_default());
            let message = format!("there is no env `{name}` in {}", self.file.display());
            Diagnostic::placeless(message, Some(help)).into()
        })
    }

    /// What a waiver may have meant by the name of an env that none goes by; `None` if one does.
    pub fn unheard(&self, name: &str) -> Option<String> {
        if self.envs.values().any(|env| env.name == name) {
            return None;
        }
        Some(match self.envs.get(name) {
            Some(env) => format!("[env.{name}] goes by `{}`", env.name),
            None => suggestion(name, self.envs.values().map(|env| env.name.as_str())).unwrap_or_default(),
        })
    }
}

/// The file in `start`, or in the nearest folder above that has one.
pub fn discover(start: &Path) -> Option<PathBuf> {
    places(start).into_iter().find(|file| file.is_file())
}

/// That no file was found, and where it was looked for.
pub fn missing(start: &Path) -> Diagnostics {
    let looked: Vec<String> = places(start).iter().map(|file| file.display().to_string()).collect();
    let help = format!("looked at {}; or name one with `--config FILE`", looked.join(", "));
    Diagnostic::placeless(format!("there is no `{FILE}`"), Some(help)).into()
}

fn places(start: &Path) -> Vec<PathBuf> {
    start.ancestors().map(|folder| folder.join(FILE)).collect()
}

#[cfg(test)]
mod tests;
