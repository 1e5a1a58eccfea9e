//! Rounds of questions until nothing new is wanted. What is wanted is not planned here: `next` looks at the
//! facts so
//! far and says what it misses.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;

use futures::StreamExt as _;
use futures::future::{BoxFuture, Either, select};
use futures::stream::FuturesUnordered;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::Request;
use super::facts::{Facts, Gathered};
use crate::model::call::Source;
use crate::model::kind::{Found, Kind, Resource};
use crate::model::scope::Scope;
use crate::model::seen::{Gap, Why};
use crate::model::snapshot::{Ledger, LedgerKey, Snapshot, hex};

/// Fetches at a time in one account and region, and in all.
const IN_ONE_SCOPE: usize = 12;
const IN_ALL: usize = 32;

/// Who answers: collectors behind a live account or a recording.
pub trait Ask: Sync {
    /// Asks, and notes in `into` for every key how it ended: a failure is a fact too.
    fn ask<'a>(&'a self, question: &'a Question<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()>;
}

/// Requests to one source in one scope, as many as it takes together.
pub struct Question<'a> {
    pub source: &'static Source,
    pub scope: &'a Scope,
    pub keys: Vec<&'a str>,
    /// Everything that was read before.
    pub known: &'a Snapshot,
}

/// Who wants to know how far the run is.
pub trait Progress: Sync {
    /// Round `n`, from 1 on, puts so many requests.
    fn round(&self, n: usize, requests: usize);

    /// A fetch that starts with this call has ended.
    fn done(&self, call: &str);
}

/// Nobody wants to know.
impl Progress for () {
    fn round(&self, _n: usize, _requests: usize) {}
    fn done(&self, _call: &str) {}
}

/// Adds to `known` what `first` and then `next` ask for, until `next` asks for nothing that was not asked
/// before.
/// When `stop` ends, what is unanswered is noted as skipped and the facts so far are returned.
pub async fn gather(
    known: Snapshot,
    first: Vec<Request>,
    asker: &dyn Ask,
    mut next: impl FnMut(&Snapshot) -> Vec<Request>,
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
) -> Snapshot {
    let mut known = known;
    let mut stop = pin!(stop);
    let mut stopped = false;
    let mut wanted = unasked(first, &known.ledger);
    for round in 1.. {
        if wanted.is_empty() {
            wanted = unasked(next(&known), &known.ledger);
        }
        if wanted.is_empty() {
            break;
        }
        let batches = batches(&wanted);
        let found = if stopped {
            batches.iter().map(|_| None).collect()
        } else {
            progress.round(round, wanted.len());
            let running = answers(&batches, &known, asker, progress);
            let (found, was_stopped) = until(running, batches.len(), stop.as_mut()).await;
            stopped = was_stopped;
            found
        };
        known = merged(known, &batches, found);
        wanted.clear();
    }
    known.header.needs = needs();
    known
}

/// The snapshot without what these requests told, and without all that was read because of it: asked again, they tell
/// it anew, and nothing old stands beside it. Of the requests, those that can be asked at once, and those about something
/// that was forgotten itself, for when that is back.
#[must_use]
pub fn forget(mut known: Snapshot, requests: Vec<Request>) -> (Snapshot, Vec<Request>, Vec<Request>) {
    let mut asked: BTreeMap<(&str, &Scope), BTreeSet<&str>> = BTreeMap::new();
    for request in &requests {
        asked.entry((request.source.primary(), &request.scope)).or_default().insert(&request.key);
    }
    let told = |resource: &Resource, found: &Found| {
        let (Found::Listed(source) | Found::Within(_, source) | Found::ById(source)) = found;
        asked.get(&(source.primary(), &resource.scope.asked())).is_some_and(|keys| {
            keys.contains("")
                || keys.contains(resource.id.as_str())
                || resource.links().iter().any(|link| keys.contains(link))
        })
    };
    let gone = known.resources.iter().filter(|resource| {
        let meta = resource.kind().meta();
        meta.found.iter().any(|found| told(resource, found))
    });
    let gone = gone.map(|resource| (resource.kind(), resource.id.clone())).collect();
    let before: BTreeSet<String> = known.resources.iter().map(|resource| resource.id.clone()).collect();
    known.take_out(gone);
    for request in &requests {
        for call in request.source.calls {
            let (scope, key) = (request.scope.clone(), request.key.clone());
            known.ledger.remove(&LedgerKey { scope, call: call.id.to_owned(), key });
        }
    }
    let after: BTreeSet<&str> = known.resources.iter().map(|resource| resource.id.as_str()).collect();
    let (now, later) = requests
        .into_iter()
        .partition(|request| !before.contains(&request.key) || after.contains(request.key.as_str()));
    (known, now, later)
}

/// Digest over every (call, permission) that collection could take.
fn needs() -> String {
    let sources = Kind::ALL.iter().flat_map(|kind| kind.meta().sources());
    let calls = sources.flat_map(|source| source.calls);
    let mut lines: Vec<String> = calls
        .flat_map(|call| call.permissions.iter().map(|permission| format!("{} {permission}\n", call.id)))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    hex(&Sha256::digest(lines.concat()))
}

/// What the ledger has no answer to yet, each once, in order.
fn unasked(mut requests: Vec<Request>, ledger: &Ledger) -> Vec<Request> {
    requests
        .retain(|request| !ledger.contains_key(&ledger_key(request.source, &request.scope, &request.key)));
    requests.sort_unstable();
    requests.dedup();
    requests
}

fn ledger_key(source: &Source, scope: &Scope, key: &str) -> LedgerKey {
    LedgerKey { scope: scope.clone(), call: source.primary().to_owned(), key: key.to_owned() }
}

struct Batch<'a> {
    source: &'static Source,
    scope: &'a Scope,
    keys: Vec<&'a str>,
}

/// Requests are in order, so those of one source in one scope stand side by side.
fn batches(requests: &[Request]) -> Vec<Batch<'_>> {
    let together = requests.chunk_by(|a, b| a.scope == b.scope && a.source == b.source);
    together
        .flat_map(|same| same.chunks(same[0].source.batch.max(1)))
        .map(|chunk| Batch {
            source: chunk[0].source,
            scope: &chunk[0].scope,
            keys: chunk.iter().map(|request| request.key.as_str()).collect(),
        })
        .collect()
}

type Answer = (usize, Facts);

fn answers<'a>(
    batches: &'a [Batch<'a>],
    known: &'a Snapshot,
    asker: &'a dyn Ask,
    progress: &'a dyn Progress,
) -> FuturesUnordered<BoxFuture<'a, Answer>> {
    let in_all = std::sync::Arc::new(Semaphore::new(IN_ALL));
    let mut in_scope = BTreeMap::new();
    let running = batches.iter().enumerate().map(|(number, batch)| {
        let here = in_scope.entry(batch.scope).or_insert_with(|| Semaphore::new(IN_ONE_SCOPE).into());
        let (here, in_all) = (std::sync::Arc::clone(here), in_all.clone());
        let question = Question { source: batch.source, scope: batch.scope, keys: batch.keys.clone(), known };
        let answer: BoxFuture<'a, Answer> = Box::pin(async move {
            // The scope's own turn first: who waits there holds up nobody elsewhere.
            let _here = here.acquire().await;
            let _in_all = in_all.acquire().await;
            let mut facts = Facts::default();
            asker.ask(&question, &mut facts).await;
            progress.done(question.source.primary());
            (number, facts)
        });
        answer
    });
    running.collect()
}

/// The answers by number, and whether `stop` came before the last of them.
async fn until(
    mut running: FuturesUnordered<BoxFuture<'_, Answer>>,
    count: usize,
    mut stop: std::pin::Pin<&mut impl Future<Output = ()>>,
) -> (Vec<Option<Facts>>, bool) {
    let mut found: Vec<Option<Facts>> = std::iter::repeat_with(|| None).take(count).collect();
    loop {
        match select(stop.as_mut(), running.next()).await {
            Either::Left(_) => return (found, true),
            Either::Right((Some((number, facts)), _)) => found[number] = Some(facts),
            Either::Right((None, _)) => return (found, false),
        }
    }
}

/// Merges in the order of the questions, whatever the order of the answers was.
fn merged(known: Snapshot, batches: &[Batch<'_>], found: Vec<Option<Facts>>) -> Snapshot {
    // The batches may borrow from requests alone, never from `known`, which is taken apart here.
    let Snapshot { header, ledger, resources } = known;
    let resources = resources.into_iter().map(|it| ((it.kind(), it.id.clone()), it)).collect();
    let mut gathered = Gathered { resources, ledger };
    for (batch, facts) in batches.iter().zip(found) {
        let stopped = facts.is_none();
        gathered.merge(facts.unwrap_or_default());
        let mut unanswered = Facts::default();
        for key in &batch.keys {
            if gathered.ledger.contains_key(&ledger_key(batch.source, batch.scope, key)) {
                continue;
            }
            let (why, detail) = if stopped {
                (Why::Skipped, "stopped")
            } else {
                (Why::Failed, "the collector noted no answer")
            };
            let gap =
                Gap { why, detail: detail.into(), ..Gap::unread(batch.source.primary(), batch.scope, key) };
            unanswered.failed(&gap, 0, 0);
        }
        gathered.merge(unanswered);
    }
    let Gathered { resources, ledger } = gathered;
    Snapshot { header, ledger, resources: resources.into_values().collect() }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chrono::DateTime;

    use super::*;
    use crate::model::aws::{ec2, ecs, elbv2};
    use crate::model::kind::Head;
    use crate::model::seen::Seen;

    /// Answers everything but what it was told to leave open, and remembers what it was asked.
    #[derive(Default)]
    struct Answers {
        asked: Mutex<Vec<(String, Vec<String>)>>,
        silent_on: Option<&'static str>,
        never_on: Option<&'static str>,
    }

    impl Ask for Answers {
        fn ask<'a>(&'a self, question: &'a Question<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
            Box::pin(async move {
                let call = question.source.calls[0];
                let keys = question.keys.iter().map(|&key| key.to_owned()).collect();
                self.asked.lock().expect("one thread").push((call.id.to_owned(), keys));
                if self.never_on == Some(call.id) {
                    std::future::pending::<()>().await;
                }
                for key in question.keys.iter().filter(|_| self.silent_on != Some(call.id)) {
                    if call == &ecs::LIST_CLUSTERS {
                        into.add(cluster(question.scope));
                    }
                    into.complete(call, question.scope, key, 1, 1);
                }
            })
        }
    }

    fn scope() -> Scope {
        Scope::aws("111111111111", "us-west-1")
    }

    fn cluster(scope: &Scope) -> Resource {
        let head = Head {
            id: "arn:aws:ecs:us-west-1:111111111111:cluster/app".into(),
            name: "app".into(),
            scope: scope.clone(),
            tags: Seen::Known(BTreeMap::new()),
            read_at: DateTime::UNIX_EPOCH,
        };
        let facts = ecs::Cluster {
            status: "ACTIVE".into(),
            capacity_providers: Vec::new(),
            container_insights: None,
        };
        Resource::new(head, facts)
    }

    fn request(source: &'static Source, key: &str) -> Request {
        Request { source, scope: scope(), key: key.into() }
    }

    /// Clusters first, then the services of each; always the same questions, as rules ask them.
    fn services_of_clusters(known: &Snapshot) -> Vec<Request> {
        let services = known.of_kind(Kind::EcsCluster).iter().map(|it| request(&ecs::SERVICES, &it.id));
        services.chain([request(&ecs::CLUSTERS, "")]).collect()
    }

    fn entry(known: &Snapshot, source: &'static Source, key: &str) -> Result<(), Gap> {
        known.complete(source, &scope(), key)
    }

    #[tokio::test]
    async fn asks_until_nothing_new_is_wanted() {
        let answers = Answers::default();
        let known =
            gather(Snapshot::empty(), vec![], &answers, services_of_clusters, &(), std::future::pending())
                .await;
        let asked = answers.asked.into_inner().expect("one thread");
        let calls: Vec<_> = asked.iter().map(|(call, _)| call.as_str()).collect();
        assert_eq!(calls, ["ecs:ListClusters", "ecs:ListServices"]);
        assert_eq!(known.resources.len(), 1);
        assert_eq!(entry(&known, &ecs::SERVICES, &known.resources[0].id), Ok(()));
        assert_eq!(known.header.needs.len(), 64);
    }

    #[tokio::test]
    async fn a_source_gets_as_many_keys_as_it_takes() {
        let answers = Answers::default();
        let keys: Vec<String> = (0..25).map(|n| format!("lb-{n:02}")).collect();
        let first = keys.iter().rev().chain(&keys).map(|key| request(&elbv2::TAGS, key)).collect();
        gather(Snapshot::empty(), first, &answers, |_| vec![], &(), std::future::pending()).await;
        let asked = answers.asked.into_inner().expect("one thread");
        let batches: Vec<_> = asked.into_iter().map(|(_, keys)| keys).collect();
        assert_eq!(batches, [&keys[..20], &keys[20..]]);
    }

    #[tokio::test]
    async fn a_collector_that_notes_nothing_leaves_a_failure() {
        let answers = Answers { silent_on: Some("ec2:DescribeVpcs"), ..Answers::default() };
        let want = |_: &Snapshot| vec![request(&ec2::VPCS, "")];
        let known = gather(Snapshot::empty(), vec![], &answers, want, &(), std::future::pending()).await;
        assert_eq!(entry(&known, &ec2::VPCS, "").expect_err("no answer").why, Why::Failed);
    }

    #[tokio::test]
    async fn a_stop_keeps_what_is_there_and_notes_the_rest() {
        let answers = Answers { never_on: Some("ecs:ListServices"), ..Answers::default() };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let mut stop = Some(stop);
        let want = |known: &Snapshot| {
            if !known.resources.is_empty() {
                stop.take().into_iter().for_each(|stop| stop.send(()).expect("awaited"));
            }
            services_of_clusters(known)
        };
        let stopped = async { stopped.await.expect("sent") };
        let known = gather(Snapshot::empty(), vec![], &answers, want, &(), stopped).await;
        assert_eq!(entry(&known, &ecs::CLUSTERS, ""), Ok(()));
        let gap = entry(&known, &ecs::SERVICES, &known.resources[0].id).expect_err("never answered");
        assert_eq!((gap.why, gap.detail.as_str()), (Why::Skipped, "stopped"));
    }

    #[tokio::test]
    async fn what_is_forgotten_is_asked_anew() {
        let answers = Answers::default();
        let known =
            gather(Snapshot::empty(), vec![], &answers, services_of_clusters, &(), std::future::pending())
                .await;
        let of_it = request(&ecs::SERVICES, &known.resources[0].id);
        let (known, again, later) = forget(known, vec![of_it.clone(), request(&ecs::CLUSTERS, "")]);
        assert_eq!(later, [of_it], "asked when its cluster is back");
        assert!(known.resources.is_empty());
        assert_eq!(again, [request(&ecs::CLUSTERS, "")], "nobody can be asked about what is not there now");
        let known = gather(known, again, &answers, services_of_clusters, &(), std::future::pending()).await;
        assert_eq!(known.resources.len(), 1);
        let asked = answers.asked.into_inner().expect("one thread");
        assert_eq!(asked.iter().filter(|(call, _)| call == "ecs:ListClusters").count(), 2);
        assert_eq!(
            asked.iter().filter(|(call, _)| call == "ecs:ListServices").count(),
            2,
            "of a new cluster"
        );
    }
}
