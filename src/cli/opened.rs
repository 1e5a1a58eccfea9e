//! An env, opened: its designs with their parameters, and the way to its facts.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::Utc;
use serde_json::Value;

use super::check::Selection;
use super::context::Context;
use super::progress::Progress;
use super::trouble::Trouble;
use crate::collect::Request;
use crate::collect::session::Session;
use crate::collect::target::{AwsTarget, AzureEnvironment, AzureTarget, KubernetesTarget, Targets};
use crate::config::{self, Config, Env};
use crate::design::{self, Design, Library, PolicyFile, Waiver};
use crate::engine::{Case, Question, needs, suggest};
use crate::model::run::{Basis, DesignOrigin, PolicyPlace, Status};
use crate::model::scope::{GLOBAL, Provider, Scope};
use crate::model::seen::Gap;
use crate::model::snapshot::{Origin, Snapshot};
use crate::rules::World;

pub(super) struct Opened {
    /// What `env` is in expressions.
    pub(super) name: String,
    pub(super) waivers: Vec<Waiver>,
    chosen: Vec<Chosen>,
    from: Option<PathBuf>,
    aws: Option<AwsTarget>,
    azure: Option<AzureTarget>,
    kubernetes: Option<KubernetesTarget>,
    /// The configuration's name for it.
    asked: String,
}

/// What is to be gathered, asked again and again while the facts grow.
pub(super) struct Plan<'p> {
    /// That the env is scanned where it will be looked.
    pub(super) reach: &'p dyn Fn(&Snapshot) -> anyhow::Result<()>,
    /// What is missed.
    pub(super) wanted: &'p dyn Fn(&Snapshot) -> Vec<Request>,
    /// What moves by the second and is to be read once more.
    pub(super) again: &'p dyn Fn(&Snapshot) -> Vec<Request>,
}

/// A design as this env follows it.
struct Chosen {
    design: Design,
    params: BTreeMap<String, Value>,
    select: BTreeMap<String, String>,
}

impl Opened {
    pub(super) fn open(context: &Context, selection: &Selection) -> anyhow::Result<Self> {
        let config = configuration(context)?;
        let library = library(context, Some(&config))?;
        Self::of(&config, library, selection)
    }

    fn of(config: &Config, mut library: Library, selection: &Selection) -> anyhow::Result<Self> {
        let env = config.env(&selection.env)?;
        let unknown = selection.designs.iter().find(|design| !env.designs.contains_key(*design));
        if let Some(design) = unknown {
            let there: Vec<&str> = env.designs.keys().map(String::as_str).collect();
            let help = format!("its designs: {}", there.join(", "));
            return Err(Trouble::usage(format!("env {} does not follow {design}", selection.env))
                .help(help)
                .into());
        }
        let wanted = |id: &String| selection.designs.is_empty() || selection.designs.contains(id);
        let mut chosen = Vec::new();
        for (id, asked) in env.designs.iter().filter(|(id, _)| wanted(id)) {
            let Some(mut design) = library.designs.remove(id) else {
                let there: Vec<&str> = library.designs.keys().map(String::as_str).collect();
                let trouble = Trouble::usage(format!(
                    "env {} follows {id}, and there is no such design",
                    selection.env
                ));
                return Err(trouble.help(format!("designs there: {}", there.join(", "))).into());
            };
            if let Some(pin) = asked.digest.as_ref().filter(|pin| pin.text != design.digest) {
                let what = format!("{id} is not the design that env {} is pinned to", selection.env);
                let help = format!(
                    "it is {}, the pin is {}: look at what changed, then pin it",
                    design.digest, pin.text
                );
                return Err(Trouble::usage(what).help(help).into());
            }
            for (node, select) in &asked.select {
                design.override_select(node, select)?;
            }
            let params = design::resolve(&design, &asked.params)?;
            let select = asked.select.iter().map(|(node, text)| (node.clone(), text.text.clone())).collect();
            chosen.push(Chosen { design, params, select });
        }
        if chosen.is_empty() {
            let trouble = Trouble::usage(format!("env {} follows no design", selection.env));
            return Err(trouble
                .help(format!("add a table [env.{}.design.aws-ecs-fargate]", selection.env))
                .into());
        }
        let waivers = library.waivers;
        for waiver in waivers.iter().filter(|waiver| !waiver.env.is_empty()) {
            if let Some(meant) = config.unheard(&waiver.env) {
                let PolicyPlace { file, line } = &waiver.place;
                let env = &waiver.env;
                tracing::warn!("{file}:{line}: waives for env `{env}`, and none goes by that name: {meant}");
            }
        }
        Ok(Self { waivers, chosen, ..Self::without_designs(env, selection) })
    }

    /// The env with nothing to judge: for questions beside every design.
    pub(super) fn bare(context: &Context, selection: &Selection) -> anyhow::Result<Self> {
        let config = configuration(context)?;
        Ok(Self::without_designs(config.env(&selection.env)?, selection))
    }

    fn without_designs(env: &Env, selection: &Selection) -> Self {
        Self {
            name: env.name.clone(),
            waivers: Vec::new(),
            chosen: Vec::new(),
            from: selection.from.clone().or_else(|| env.from.clone()),
            aws: env.aws.clone(),
            azure: env.azure.clone().map(|azure| AzureTarget { environment: environment(), ..azure }),
            kubernetes: env.kubernetes.clone(),
            asked: selection.env.clone(),
        }
    }

    fn targets(&self) -> Targets<'_> {
        Targets { aws: self.aws.as_ref(), azure: self.azure.as_ref(), kubernetes: self.kubernetes.as_ref() }
    }

    pub(super) fn questions(&self, level: Basis) -> Vec<Question<'_>> {
        let questions = self.chosen.iter().map(|chosen| Question {
            design: &chosen.design,
            env: &self.name,
            params: chosen.params.clone(),
            select_overrides: chosen.select.clone(),
            level,
        });
        questions.collect()
    }

    /// The same env, as it is now: whatever recording it names is left aside.
    pub(super) fn live(self) -> Self {
        Self { from: None, ..self }
    }

    /// The facts, from where the env has them, up to what the questions need. With `suggesting`, also what proposals
    /// need. With `record`, the exchanges are kept there.
    pub(super) fn facts(
        &self,
        context: &Context,
        questions: &[Question<'_>],
        suggesting: bool,
        record: Option<&Path>,
    ) -> anyhow::Result<Snapshot> {
        let plan = Plan {
            reach: &|snapshot| in_reach(questions, snapshot),
            wanted: &|snapshot| wanted(questions, snapshot, suggesting),
            again: &|snapshot| moving(questions, snapshot),
        };
        self.gathered(context, &plan, record)
    }

    /// The facts, from where the env has them, up to what a plan wants.
    pub(super) fn gathered(
        &self,
        context: &Context,
        plan: &Plan<'_>,
        record: Option<&Path>,
    ) -> anyhow::Result<Snapshot> {
        if let Some(file) = self.from.as_ref().filter(|from| !from.is_dir() && record.is_none()) {
            let mut snapshot = read(file)?;
            snapshot.header.source = Origin::Snapshot;
            (plan.reach)(&snapshot)?;
            return Ok(snapshot);
        }
        // One thread is enough: the work is waiting.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let snapshot = runtime.block_on(self.scan(context, plan, record));
        // A credential plugin that was given up may run on: whatever it waits for, nobody waits for it.
        runtime.shutdown_background();
        snapshot
    }

    async fn scan(
        &self,
        context: &Context,
        plan: &Plan<'_>,
        record: Option<&Path>,
    ) -> anyhow::Result<Snapshot> {
        let session = match &self.from {
            Some(tape) => Session::replay(tape),
            None if self.targets().is_empty() => {
                let help = format!(
                    "add `from = \"PATH\"`, or a table [env.{0}.aws], [env.{0}.azure] or [env.{0}.kubernetes] (it may be empty)",
                    self.asked
                );
                return Err(Trouble::usage(format!("env {} says nowhere to look", self.asked))
                    .help(help)
                    .into());
            }
            None => Session::live(self.targets(), record.map(Path::to_owned), Utc::now()).await,
        };
        let session = session.map_err(|error| Trouble::no_verdict("nothing could be read").because(error))?;
        let empty =
            Snapshot { header: session.header().clone(), ledger: BTreeMap::new(), resources: Vec::new() };
        (plan.reach)(&empty)?;
        let progress = Progress::new(context);
        let next = |snapshot: &Snapshot| (plan.wanted)(snapshot);
        let stop = || async {
            // Where signals can't be listened to, the process is stopped the hard way.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let mut snapshot = session.gather(next, &progress, stop()).await;
        if session.header().source == Origin::Live {
            let again = (plan.again)(&snapshot);
            if !again.is_empty() {
                tracing::info!(requests = again.len(), "reading once more what moves fast and fails");
                snapshot = session.refresh(snapshot, again, next, &progress, stop()).await;
            }
            snapshot.header.finished_at = Utc::now();
        }
        progress.finish();
        session
            .finish()
            .map_err(|error| Trouble::usage("the recording could not be written").because(error))?;
        Ok(snapshot)
    }
}

/// What the questions miss in a snapshot, as requests.
fn wanted(questions: &[Question<'_>], snapshot: &Snapshot, suggesting: bool) -> Vec<Request> {
    let world = World::new(snapshot);
    let mut gaps = BTreeSet::new();
    for question in questions {
        let case = Case::new(question, &world);
        case.audit();
        if suggesting {
            suggest::suggest(&case, &case.bindings());
        }
        gaps.extend(case.into_wanted());
    }
    gaps.iter().filter_map(Request::closing).collect()
}

/// What fails and may rest on facts that move by the second, to be read once more: what was seen, and what was not there
/// to be seen.
fn moving(questions: &[Question<'_>], snapshot: &Snapshot) -> Vec<Request> {
    let world = World::new(snapshot);
    let mut failing: BTreeSet<&'static str> = BTreeSet::new();
    for question in questions {
        let findings = Case::new(question, &world).audit().findings;
        let failed = findings.iter().filter(|finding| finding.status == Status::Fail);
        failing.extend(failed.flat_map(|finding| needs::moving(question.design, &finding.check)));
    }
    let requests = snapshot.ledger.keys().filter(|key| failing.contains(key.call.as_str()));
    requests.filter_map(|key| Request::closing(&Gap::unread(&key.call, &key.scope, &key.key))).collect()
}

/// What Azure's own tools would read of it.
fn environment() -> AzureEnvironment {
    let plain =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    AzureEnvironment::of(std::env::vars_os().filter_map(plain))
}

/// A design may look only where the env is scanned. A cluster that the env does not name is unknown, and said to be.
fn in_reach(questions: &[Question<'_>], snapshot: &Snapshot) -> anyhow::Result<()> {
    let world = World::new(snapshot);
    let regions = &snapshot.header.regions;
    for question in questions {
        let mut places = Case::new(question, &world).all_places();
        let id = &question.design.id;
        let nowhere = |place: &Scope| place.provider == Provider::Azure && place.account.is_empty();
        if places.iter().any(nowhere) {
            let trouble = Trouble::usage(format!("{id} looks into Azure, and the env names no subscription"));
            return Err(trouble.help("add a table [env.NAME.azure] (it may be empty)").into());
        }
        places.retain(|place| place.provider == Provider::Aws);
        if places.iter().any(|place| place.account.is_empty()) {
            let trouble = Trouble::usage(format!("{id} looks into AWS, and the env names no account"));
            return Err(trouble.help("add a table [env.NAME.aws] (it may be empty)").into());
        }
        let strange = |place: &&Scope| place.region != GLOBAL && !regions.contains(&place.region);
        if let Some(place) = places.iter().find(strange) {
            let what = format!("{id} looks in region {:?}, where the env is not scanned", place.region);
            let help = format!(
                "the env is scanned in {}: add the region to `regions`, or set the design's parameter",
                regions.join(", ")
            );
            return Err(Trouble::usage(what).help(help).into());
        }
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Snapshot> {
    let unreadable = || format!("can't read the snapshot {}", file.display());
    let mut input = BufReader::with_capacity(1 << 16, File::open(file).with_context(unreadable)?);
    let zstd = input.fill_buf().with_context(unreadable)?.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let snapshot = if zstd {
        let plain: Box<dyn Read> = Box::new(zstd::Decoder::with_buffer(input).with_context(unreadable)?);
        Snapshot::read(&mut BufReader::with_capacity(1 << 16, plain))
    } else {
        Snapshot::read(&mut input)
    };
    snapshot.with_context(unreadable)
}

/// The configuration: the file that was named, or the nearest one.
pub(super) fn configuration(context: &Context) -> anyhow::Result<Config> {
    let file = if let Some(file) = &context.config {
        file.clone()
    } else {
        let here = std::env::current_dir().context("can't tell the working directory")?;
        config::discover(&here).ok_or_else(|| config::missing(&here))?
    };
    let text = fs::read_to_string(&file).with_context(|| format!("can't read {}", file.display()))?;
    Ok(config::load(&file, &text)?)
}

/// The shipped designs, and what the policies' folder adds to them.
pub(super) fn library(context: &Context, config: Option<&Config>) -> anyhow::Result<Library> {
    let mut files = design::builtin();
    let folder = context.policies.as_ref().or_else(|| config.and_then(|config| config.policies.as_ref()));
    if let Some(folder) = folder {
        for file in files_below(folder)? {
            files.push(policy_file(&file)?);
        }
    }
    Ok(design::load(&files)?)
}

pub(super) fn policy_file(file: &Path) -> anyhow::Result<PolicyFile> {
    let text = fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    // Told from the working directory where it is below it, as compilers do: reports name no folder of a machine.
    let here = std::env::current_dir().unwrap_or_default();
    let name = file.strip_prefix(here).unwrap_or(file).display().to_string();
    Ok(PolicyFile { name, text, origin: DesignOrigin::File })
}

/// The policy tests beside the policies, or beside the configuration where it names none.
pub(super) fn policy_tests(context: &Context, config: &Config) -> anyhow::Result<Vec<PathBuf>> {
    let beside = || config.file.parent().unwrap_or(Path::new("")).join("policies");
    let folder = context.policies.clone().or_else(|| config.policies.clone()).unwrap_or_else(beside);
    let tests = folder.join("tests");
    if tests.is_dir() { files_below(&tests) } else { Ok(Vec::new()) }
}

/// The policy files of a folder and the folders below, policy tests left out; sorted.
fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("can't read the policies in {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "tests") {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|found| found == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
